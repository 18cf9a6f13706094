// Owns where the conformance tests run: an outer terminal of the same kind each time, whose cells are what is judged.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createSandbox, MAIN } from './sandbox.mjs';

const { Terminal } = createRequire(import.meta.url)('@xterm/headless');
const { spawnPty } = await import(join(dirname(MAIN), 'terminal/pty.js'));

/** The size that esctest wants; it cannot resize a pane. A zoomed pane leaves one row above it and one below. */
const SIZE = { cols: 80, rows: 25 };
const ABOVE = 1;
/** ms after which a screen that has not come is a fault. */
const PATIENCE = 20_000;
const PREFIX = '\x07';

/** A program in an @xterm/headless as it comes, whose rows from `top` on are what the tests see. */
class OuterTerminal {
  #terminal;
  #pty;
  #top;
  #shape = 0;
  #waits = new Set();
  exited;

  constructor(argv, { rows = SIZE.rows, top = 0, cwd, env }) {
    const windowOptions = {
      getWinSizePixels: true,
      getCellSizePixels: true,
      getWinSizeChars: true,
      pushTitle: true,
      popTitle: true,
    };
    const size = { cols: SIZE.cols, rows };
    this.#top = top;
    this.#terminal = new Terminal({ ...size, allowProposedApi: true, logLevel: 'off', windowOptions });
    this.#terminal.parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([shape]) => {
      this.#shape = shape;
      return false;
    });
    this.#pty = spawnPty({ argv, ...size, cwd, env });
    this.#pty.onData((bytes) => {
      // They are valid during the call only.
      this.#terminal.write(Buffer.from(bytes), () => {
        for (const wait of this.#waits) wait();
      });
    });
    this.#terminal.onData((text) => this.#pty.write(text));
    this.exited = this.#pty.exited;
  }

  type(keys) {
    this.#pty.write(keys);
  }

  codeAt(x, y) {
    const { active } = this.#terminal.buffer;
    return (
      active
        .getLine(active.baseY + this.#top + y)
        ?.getCell(x)
        ?.getCode() ?? 0
    );
  }

  text() {
    const { active } = this.#terminal.buffer;
    const row = (_, y) => active.getLine(active.baseY + y).translateToString(true);
    return Array.from({ length: this.#terminal.rows }, row).join('\n');
  }

  /**
   * Resolves when the cursor has the shape that the tests have set last: it comes after all that was printed before it, through the server, the
   * client and tmux too.
   */
  fence(shape) {
    return this.until(() => this.#shape === shape, `the cursor of shape ${shape}`);
  }

  until(isSo, what) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE);
      const look = () => {
        if (!isSo()) return;
        clearTimeout(late);
        this.#waits.delete(look);
        resolve();
      };
      this.#waits.add(look);
      look();
    });
  }

  async close() {
    this.#pty.kill('SIGTERM');
    await this.exited;
  }
}

/** The emulator alone. */
export function startBare(argv) {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm-256color' };
  const outer = new OuterTerminal(argv, { cwd: '/', env });
  return Object.assign(outer, { name: 'bare @xterm/headless' });
}

/** A zoomed pane of an attached Drover; `isInTmux` puts a tmux between it and the outer terminal. */
export async function startInDrover(argv, { isInTmux = false } = {}) {
  const { root, folder, env: own, drover, stop } = createSandbox();
  drover('panes', '--json', '--', ...argv);
  const env = { ...own, TERM: 'xterm-256color', COLORTERM: 'truecolor' };
  const attach = [process.execPath, MAIN, 'attach'];
  const conf = join(folder, 'tmux.conf');
  writeFileSync(conf, 'set -g status off\nset -sg escape-time 0\n');
  const tmux = ['tmux', '-S', join(folder, 't'), '-f', conf];
  const words = isInTmux ? [...tmux, 'new-session', ...attach] : attach;
  const outer = new OuterTerminal(words, { rows: SIZE.rows + 2, top: ABOVE, cwd: root, env });
  const close = async () => {
    if (isInTmux) execFileSync(tmux[0], [...tmux.slice(1), 'kill-server']);
    else await OuterTerminal.prototype.close.call(outer);
    await outer.exited;
    stop();
  };
  const begin = async () => {
    await outer.until(() => outer.text().includes('▶ 101'), 'the pane');
    outer.type(`${PREFIX}z`);
  };
  return Object.assign(outer, { name: isInTmux ? 'a pane, inside tmux' : 'a pane', begin, close });
}
