// Owns the promise that a terminal is given back on every way out, in a real pty.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as pty from 'node-pty';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** All that the guest loads, so that the test needs no build. */
const SOURCES = [
  'test/integration/tui-outer/guest.ts',
  'src/tui/outer-terminal.ts',
  'src/tui/outer/capabilities.ts',
  'src/tui/outer/modes.ts',
  'src/tui/outer/restore-guard.ts',
  'src/tui/input/parser.ts',
  'src/tui/input/sequence.ts',
  'src/tui/input/key-codes.ts',
  'src/tui/input/pane-input.ts',
  'src/protocol/cells.ts',
  'src/protocol/write-at-once.ts',
];
let program: string;
const SCREEN = /\x1b\[\?(1049|25|7|2004|1004|1000|1002|1003|1006|2026)([hl])/g;
let folder: string;
let open: Guest[] = [];

/** What a shell does: run the program, then look at the terminal it got back. */
const SHELL = '"$@"; code=$?; stty -a > "$0"; exit $code';

/** The guest in a pty, under a shell. */
class Guest {
  readonly #report = join(folder, 'report');
  readonly #found = join(folder, 'found');
  output = '';
  readonly #process: pty.IPty;
  readonly exited: Promise<{ exitCode: number; signal?: number | undefined }>;
  readonly #waiting = new Set<() => void>();

  constructor(mode: string) {
    const guest = join(program, 'test/integration/tui-outer/guest.js');
    this.#process = pty.spawn('/bin/sh', ['-c', SHELL, this.#found, process.execPath, guest, this.#report, mode], {
      cols: 80,
      rows: 24,
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
    });
    this.#process.onData((text) => {
      this.output += text;
      for (const check of this.#waiting) check();
    });
    this.exited = new Promise((resolve) => this.#process.onExit(resolve));
    open.push(this);
  }

  get pid(): number {
    return Number(/READY (\d+);/.exec(this.output)?.[1]);
  }

  write(text: string): void {
    this.#process.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#process.resize(cols, rows);
  }

  /** Resolves when the output holds the text. */
  shows(text: string): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!this.output.includes(text)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** What stty says of the line now, in short. */
  modes(): string[] {
    const path = (this.#process as unknown as { _pty: string })._pty;
    const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    try {
      return shortModes(execFileSync('stty', ['-a'], { stdio: [slave, 'pipe', 'pipe'], encoding: 'utf8' }));
    } finally {
      closeSync(slave);
    }
  }

  /** What the shell found after the guest had ended. */
  modesAfter(): string[] {
    return shortModes(readFileSync(this.#found, 'utf8'));
  }

  reported(): string[] {
    return existsSync(this.#report) ? readFileSync(this.#report, 'utf8').trim().split('\n') : [];
  }

  /** The terminal hangs up: the master side goes away. */
  hangUp(): void {
    (this.#process as unknown as { _socket: { destroy(): void } })._socket.destroy();
  }

  close(): void {
    for (const pid of [this.pid, this.#process.pid]) {
      try {
        if (pid > 0) process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended, as it should.
      }
    }
  }
}

function shortModes(stty: string): string[] {
  return stty.match(/-?\b(icanon|echo|isig)\b/g) ?? [];
}

/** Which of the screen's modes the last word switched on. */
function leftOn(output: string): string[] {
  const state = new Map<string, string>();
  for (const [, number, value] of output.matchAll(SCREEN)) state.set(number ?? '', value ?? '');
  return [...state]
    .filter(([number, value]) => (number === '25' || number === '7' ? value === 'l' : value === 'h'))
    .map(([number]) => number);
}

beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'drover-guest-'));
  writeFileSync(join(program, 'package.json'), '{"type":"module"}');
  for (const path of SOURCES) {
    const compilerOptions = {
      module: ts.ModuleKind.ES2022,
      target: ts.ScriptTarget.ES2023,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    };
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, path), 'utf8'), {
      compilerOptions,
      fileName: join(program, path),
    });
    mkdirSync(join(program, dirname(path)), { recursive: true });
    writeFileSync(join(program, path.replace(/ts$/, 'js')), outputText);
  }
});

afterAll(() => rmSync(program, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-restore-'));
});

afterEach(async () => {
  for (const guest of open) guest.close();
  await Promise.all(open.map((guest) => guest.exited));
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

async function started(mode = ''): Promise<Guest> {
  const guest = new Guest(mode);
  await guest.shows(';');
  expect(guest.modes()).toEqual(['-isig', '-icanon', '-echo']);
  expect(leftOn(guest.output).sort()).toEqual(['1002', '1004', '1006', '1049', '2004', '25', '7']);
  return guest;
}

describe('the terminal is given back', () => {
  it.each<[string, (guest: Guest) => void, string[]]>([
    ['left', (guest: Guest) => guest.write('q'), ['closed left']],
    ['TERM', (guest: Guest) => process.kill(guest.pid, 'SIGTERM'), ['terminate SIGTERM', 'closed signal']],
    ['INT', (guest: Guest) => process.kill(guest.pid, 'SIGINT'), ['terminate SIGINT', 'closed signal']],
    ['QUIT', (guest: Guest) => process.kill(guest.pid, 'SIGQUIT'), ['terminate SIGQUIT', 'closed signal']],
    ['HUP', (guest: Guest) => process.kill(guest.pid, 'SIGHUP'), ['terminate SIGHUP', 'closed signal']],
    ['uncaughtException', (guest: Guest) => guest.write('t'), ['fatal thrown', 'closed fatal']],
    ['unhandledRejection', (guest: Guest) => guest.write('r'), ['fatal rejected', 'closed fatal']],
    ['process.exit', (guest: Guest) => guest.write('x'), []],
  ])('after %s', async (_name, end, reported) => {
    const guest = await started();
    end(guest);
    await guest.exited;
    expect(guest.reported()).toEqual(reported);
    expect(leftOn(guest.output)).toEqual([]);
    expect(guest.modesAfter()).toEqual(['isig', 'icanon', 'echo']);
  });

  it('ends when the terminal hangs up, although nothing can be written', async () => {
    const guest = await started();
    guest.hangUp();
    await guest.exited;
    // The shell may be gone before its child has ended.
    while (existsSync(`/proc/${guest.pid}`) && !guest.reported().some((line) => line.startsWith('closed')))
      await new Promise((next) => setImmediate(next));
    expect(guest.reported().at(-1)).toMatch(/^closed (hang-up|signal)$/);
  });

  it('gives it back when stopped, and takes and repaints it when continued', async () => {
    const guest = await started();
    process.kill(guest.pid, 'SIGTSTP');
    await guest.shows('\x1b[?1049l');
    while (!/^State:\s+T/m.test(readFileSync(`/proc/${guest.pid}/status`, 'utf8')))
      await new Promise((next) => setImmediate(next));
    expect(leftOn(guest.output)).toEqual([]);
    expect(guest.modes()).toEqual(['isig', 'icanon', 'echo']);
    process.kill(guest.pid, 'SIGCONT');
    await guest.shows('REPAINTED');
    expect(leftOn(guest.output)).toContain('1049');
    expect(guest.modes()).toEqual(['-isig', '-icanon', '-echo']);
    guest.write('q');
    expect((await guest.exited).exitCode).toBe(0);
  });
});

describe('the terminal is read', () => {
  it('resolves a lone ESC by itself, and tells the size after a resize', async () => {
    const guest = await started();
    guest.write('\x1b');
    await guest.shows('KEY Escape;');
    guest.resize(100, 30);
    await guest.shows('SIZE 100x30;');
  });

  it('learns from the answers to its probe and types none of them', async () => {
    const guest = await started('probe');
    await guest.shows('\x1b[c');
    guest.write('\x1bP>|kitty(0.36)\x1b\\\x1b[?2026;2$y\x1b[?2027;0$y\x1b[?0u\x1b[?62;c');
    await guest.shows('FOUND kitty(0.36) true rgb;');
    guest.write('k');
    await guest.shows('KEY k;');
    expect(guest.output.match(/KEY [^;]*;/g)).toEqual(['KEY k;']);
  });

  it('leaves with its answers, not before them: the shell gets none as typed text', async () => {
    const guest = await started('probe');
    await guest.shows('\x1b[c');
    guest.write('q');
    // The answer comes when leaving has begun: the guest has read the key by then.
    await new Promise((next) => setTimeout(next, 60));
    guest.write('\x1bP>|kitty(0.36)\x1b\\\x1b[?62;c');
    expect((await guest.exited).exitCode).toBe(0);
    expect(guest.reported()).toEqual(['closed left']);
    expect(guest.output).not.toMatch(/\^\[|62;c/);
    expect(guest.modesAfter()).toEqual(['isig', 'icanon', 'echo']);
  });

  it('leaves soon although no answer comes', async () => {
    const guest = await started('probe');
    await guest.shows('\x1b[c');
    guest.write('q');
    expect((await guest.exited).exitCode).toBe(0);
    expect(leftOn(guest.output)).toEqual([]);
  });

  it('has a terminal with the kitty protocol tell keys apart, through any stop, and takes back all that it has set', async () => {
    const guest = await started('probe');
    await guest.shows('\x1b[c');
    guest.write('\x1bP>|kitty(0.36)\x1b\\\x1b[?0u\x1b[?62;c');
    await guest.shows('FOUND');
    guest.write('\x1b[13;2u');
    await guest.shows('KEY S-Enter;');
    for (const stop of ['SIGTSTP', 'SIGSTOP'] as const) {
      const repaints = guest.output.split('REPAINTED').length;
      process.kill(guest.pid, stop);
      while (!/^State:\s+T/m.test(readFileSync(`/proc/${guest.pid}/status`, 'utf8')))
        await new Promise((next) => setImmediate(next));
      process.kill(guest.pid, 'SIGCONT');
      while (guest.output.split('REPAINTED').length === repaints) await new Promise((next) => setImmediate(next));
    }
    guest.write('q');
    await guest.exited;
    const settings = guest.output.match(/\x1b\[(?:>5|<)u/g);
    expect(settings).toEqual(['\x1b[>5u', '\x1b[<u', '\x1b[>5u', '\x1b[<u', '\x1b[>5u', '\x1b[<u']);
  });

  it('takes silence for no', async () => {
    const guest = await started('probe');
    await guest.shows('FOUND xterm-256color false 256;');
  });
});
