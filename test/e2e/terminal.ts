// Owns a person's terminal: a real pty with an emulator that knows what is on its screen, and keys typed into it.

import { closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Terminal as Emulator } from '@xterm/headless';
import { type IPty, spawn } from 'node-pty';

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as { Terminal: typeof Emulator };

/** ms after which a screen that never came fails the test; a machine with two busy cores is slow, not broken. */
const PATIENCE = 60_000;

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** A program in a terminal of its own. */
export class PersonTerminal {
  readonly #pty: IPty;
  readonly #emulator: Emulator;
  readonly #waiting = new Set<() => void>();
  /** The rows before the picture that is being drawn: as in any terminal that knows DEC 2026, it is seen when it is whole. null between two. */
  #whole: string[] | null = null;
  /** All bytes that the program wrote. */
  raw = '';
  exitCode: number | null = null;
  readonly exited: Promise<number>;

  constructor(argv: readonly [string, ...string[]], options: Size & { cwd: string; env: Record<string, string> }) {
    const { cols, rows, cwd, env } = options;
    this.#emulator = new Terminal({ cols, rows, allowProposedApi: true, scrollback: 200 });
    const [file, ...args] = argv;
    this.#pty = spawn(file, args, { cols, rows, cwd, env: { TERM: 'xterm-256color', ...env } });
    // node-pty may drop the last output of a program that exits; not while somebody else holds the terminal open.
    const slave = (this.#pty as unknown as { _pty: string })._pty;
    const held = openSync(slave, constants.O_RDWR | constants.O_NOCTTY);
    const onMode = (final: 'h' | 'l', act: () => void) =>
      this.#emulator.parser.registerCsiHandler({ prefix: '?', final }, ([mode]) => {
        if (mode === 2026) act();
        return false;
      });
    onMode('h', () => {
      this.#whole = this.#now();
    });
    onMode('l', () => {
      this.#whole = null;
    });
    // A terminal answers what it is asked.
    this.#emulator.onData((answer) => this.#pty.write(answer));
    this.#pty.onData((bytes) => {
      this.raw += bytes;
      this.#emulator.write(bytes, () => this.#look());
    });
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        closeSync(held);
        // After all that came before.
        this.#emulator.write('', () => {
          this.exitCode = exitCode;
          this.#whole = null;
          this.#look();
          resolve(exitCode);
        });
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The visible rows, trailing blanks cut. */
  lines(): string[] {
    return this.#whole ?? this.#now();
  }

  #now(): string[] {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: this.#emulator.rows }, (_, y) =>
      (active.getLine(active.viewportY + y)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  text(): string {
    return this.lines().join('\n');
  }

  /** What a screen has beside its text: where the cursor stands, and the cells of each row that are drawn inverse. */
  marks(): { cursor: string; inverse: string } {
    const { active } = this.#emulator.buffer;
    const { cols, rows } = this.#emulator;
    const inverse = Array.from({ length: rows }, (_, y) => {
      const line = active.getLine(active.viewportY + y);
      const row = Array.from({ length: cols }, (_cell, x) => (line?.getCell(x)?.isInverse() ? 'x' : ' ')).join('');
      return [...row.matchAll(/x+/g)].map(({ index, 0: run }) => `${y}:${index}-${index + run.length - 1}`).join(' ');
    });
    const cursor = this.modes.cursorHidden ? 'hidden' : `${active.cursorX},${active.cursorY}`;
    return { cursor, inverse: inverse.filter(Boolean).join(' ') };
  }

  /** The foreground of the first cell of a text on the screen: `#rrggbb`, `palette` with its number, `default`; null when it isn't there. */
  colourOf(text: string): string | null {
    const { active } = this.#emulator.buffer;
    for (let y = 0; y < this.#emulator.rows; y += 1) {
      const line = active.getLine(active.viewportY + y);
      const at = line?.translateToString(false).indexOf(text) ?? -1;
      // Cells and characters are the same as long as no wide one stands before it.
      const cell = at < 0 ? undefined : line?.getCell(at);
      if (!cell) continue;
      if (cell.isFgRGB()) return `#${cell.getFgColor().toString(16).padStart(6, '0')}`;
      return cell.isFgPalette() ? `palette ${cell.getFgColor()}` : 'default';
    }
    return null;
  }

  /** True while the program is on the alternate screen. */
  get isAlternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  /** The modes that a program can leave switched on behind it. */
  get modes(): { mouse: string; paste: boolean; focus: boolean; cursorHidden: boolean } {
    const { mouseTrackingMode, bracketedPasteMode, sendFocusMode } = this.#emulator.modes;
    const core = (this.#emulator as unknown as { _core: { coreService: { isCursorHidden: boolean } } })._core;
    return {
      mouse: mouseTrackingMode,
      paste: bracketedPasteMode,
      focus: sendFocusMode,
      cursorHidden: core.coreService.isCursorHidden,
    };
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** Writes over the screen as another program would. */
  spoil(bytes: string): Promise<void> {
    return new Promise((resolve) => this.#emulator.write(bytes, resolve));
  }

  resize(cols: number, rows: number): void {
    this.#emulator.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  kill(signal: NodeJS.Signals): void {
    this.#pty.kill(signal);
  }

  /** Hangs the line up, as a lost connection does. */
  hangUp(): void {
    (this.#pty as unknown as { destroy(): void }).destroy();
  }

  /** Resolves when the screen shows the text or matches; fails with the screen as it is. */
  async see(what: string | RegExp | ((screen: string) => boolean), note = ''): Promise<string> {
    const matches = (screen: string): boolean =>
      typeof what === 'function' ? what(screen) : typeof what === 'string' ? screen.includes(what) : what.test(screen);
    if (matches(this.text())) return this.text();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`the screen never showed ${note || what}; it shows\n${this.text()}`));
      }, PATIENCE);
      const check = (): void => {
        if (!matches(this.text())) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
    return this.text();
  }

  #look(): void {
    for (const check of [...this.#waiting]) check();
  }
}
