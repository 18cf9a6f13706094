// Owns a program on a pseudo-terminal: started with nothing inherited, read to its last byte, written with patience, ended as a group.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import path from 'node:path';
import { ReadStream } from 'node:tty';
import { refuse } from '../domain/refusal.ts';
import { PtyWriter } from './pty-writer.ts';

const require = createRequire(import.meta.url);

/**
 * The part of node-pty that is used: its native module, which its index exports without calling it public API. Its own `open` keeps a descriptor of
 * the slave for ever, and its `spawn` loses output at exit.
 */
interface NativePty {
  open(cols: number, rows: number): { readonly master: number; readonly slave: number; readonly pty: string };
  resize(fd: number, cols: number, rows: number): void;
}

interface Pair {
  readonly native: NativePty;
  /** Non-blocking. */
  readonly masterFd: number;
  readonly master: ReadStream;
  /** Path of the slave. */
  readonly slave: string;
  /** A descriptor of the slave that stays open to the end: with the last one gone, the kernel drops output that has not been read yet. */
  readonly hold: number;
  /** Takes what was read. */
  onBytes: (bytes: Buffer) => void;
}

export interface PtyLaunch {
  /** The program and its arguments; the program is looked up in `env.PATH` unless it has a slash. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment. TERM and COLORTERM are added when missing. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cols: number;
  readonly rows: number;
}

export interface PtyExit {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Pty {
  readonly pid: number;
  /** Resolves after the last byte of the program's output was handed to `onData`. Never rejects. */
  readonly exited: Promise<PtyExit>;
  /** One listener; set it before the next turn of the event loop. The bytes are valid during the call. */
  onData(listener: (bytes: Buffer) => void): void;
  /** Queues input. Returns false, and takes nothing, after the exit or when 16 MiB already wait for a program that does not read. */
  write(data: string | Uint8Array): boolean;
  resize(cols: number, rows: number): void;
  /** Stops reading, so that the program blocks once the kernel's buffer is full. */
  pause(): void;
  /** Reads once, while paused: hands on what the kernel has, some 4 kB at the most. Returns how many bytes that was. */
  poll(): number;
  resume(): void;
  /** Signals the process group. Does nothing after the exit. */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Masters that are open in this process. node-pty opens them without FD_CLOEXEC and Node cannot set it, so that each child would inherit them
 * and could read and type into other panes. `maskMasters` covers them.
 */
const openMasters = new Set<number>();

/** Becomes a session of its own whose controlling terminal is $0: opening a terminal as a session leader makes it so. */
const LAUNCHER = 'exec 0<>"$0" 1>&0 2>&0 && exec "$@"';
/** All ptys are read into it; what a read brings goes to its listener before the next one. The kernel gives less than 4 kB at a time. */
const READ_BUFFER = Buffer.allocUnsafeSlow(16 * 1024);
/** Views of it up to this length are kept: to make one is most of the work of reading a spinner. */
const MOST_KEPT = 128;
const keptViews: (Buffer | undefined)[] = [];

/** The first `count` bytes of what was read. */
function bytesRead(count: number): Buffer {
  if (count > MOST_KEPT) return READ_BUFFER.subarray(0, count);
  keptViews[count] ??= READ_BUFFER.subarray(0, count);
  return keptViews[count];
}

/** How long a program's last output may stay away, in ms, when it cannot be fenced: the terminal is stopped (^S) or revoked. */
const QUIET_MS = 300;
const RETRY_MS = 5;

/**
 * `stdio` for a child process, in which every pty master of this process is covered by `nullFd` (of /dev/null): whatever the child does, it
 * does not hold another pane's terminal.
 */
function maskMasters<T>(stdio: readonly T[], nullFd: number): (T | number | 'ignore')[] {
  const masked: (T | number | 'ignore')[] = [...stdio];
  for (const fd of openMasters) {
    while (masked.length <= fd) masked.push('ignore');
    masked[fd] = nullFd;
  }
  return masked;
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program's absolute path. Refuses one that is not there or not executable, and a working folder that is not there. */
function resolveProgram(launch: PtyLaunch): string {
  const program = launch.argv[0] ?? '';
  if (!fs.statSync(launch.cwd, { throwIfNoEntry: false })?.isDirectory()) {
    refuse('no-agent', `${JSON.stringify(program)} cannot be started in ${launch.cwd}: there is no such folder`);
  }
  const folders = program.includes('/') ? [launch.cwd] : (launch.env['PATH'] ?? '').split(path.delimiter);
  for (const folder of folders) {
    const file = path.resolve(launch.cwd, folder, program);
    if (program !== '' && isProgram(file)) return file;
  }
  const place = program.includes('/') ? 'there is no such executable file' : 'no such program is in PATH';
  return refuse('no-agent', `${JSON.stringify(program)} cannot be started: ${place}`, 'drover doctor');
}

function startChild(launch: PtyLaunch, program: string, slave: string): ChildProcess & { pid: number } {
  const nullFd = fs.openSync('/dev/null', 'r+');
  try {
    const child = spawn('/bin/sh', ['-c', LAUNCHER, slave, program, ...launch.argv.slice(1)], {
      cwd: launch.cwd,
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', ...launch.env },
      detached: true,
      stdio: maskMasters(['ignore', 'ignore', 'ignore'], nullFd),
    });
    child.on('error', () => {});
    if (child.pid === undefined)
      throw new Error(`${program} could not be started: the system gives no process or descriptor`);
    return child as ChildProcess & { pid: number };
  } finally {
    fs.closeSync(nullFd);
  }
}

/** The native module, loaded at the first call: some 5 ms. */
export function loadPty(): NativePty {
  const { native } = require('node-pty') as { native?: NativePty };
  if (typeof native?.open !== 'function' || typeof native.resize !== 'function') {
    throw new Error('node-pty is not the version Drover is made for: native.open or native.resize is missing');
  }
  return native;
}

function openPair(cols: number, rows: number): Pair {
  const native = loadPty();
  const { master: masterFd, slave: slaveFd, pty: slave } = native.open(cols, rows);
  openMasters.add(masterFd);
  // Opened anew, because a descriptor from Node is not inherited by children, and one from node-pty is.
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;
  const hold = fs.openSync(slave, O_RDWR | O_NOCTTY | O_NONBLOCK);
  fs.closeSync(slaveFd);
  const callback = (count: number): boolean => {
    pair.onBytes(bytesRead(count));
    return true;
  };
  // Its types leave out what it hands on to net.Socket.
  const options: SocketConstructorOpts & { onread: OnReadOpts } = { onread: { buffer: READ_BUFFER, callback } };
  const master = new ReadStream(masterFd, options);
  const pair: Pair = { native, masterFd, master, slave, hold, onBytes: () => {} };
  return pair;
}

function closePair(pair: Pair): void {
  fs.closeSync(pair.hold);
  openMasters.delete(pair.masterFd);
  pair.master.destroy();
}

/** Starts a program on a new pseudo-terminal. Refuses ('no-agent', naming the program) when it or the folder is not there. */
export function spawnPty(launch: PtyLaunch): Pty {
  const program = resolveProgram(launch);
  const pair = openPair(launch.cols, launch.rows);
  try {
    return new OpenPty(pair, startChild(launch, program, pair.slave));
  } catch (error) {
    closePair(pair);
    throw error;
  }
}

class OpenPty implements Pty {
  readonly pid: number;
  readonly exited: Promise<PtyExit>;
  readonly #pair: Pair;
  readonly #writer: PtyWriter;
  #listener: (bytes: Buffer) => void = () => {};
  #isExited = false;
  #isClosed = false;
  /** After the exit: bytes that may be the beginning of the fence. */
  #carry: Buffer = Buffer.alloc(0);
  #fence: Buffer | null = null;
  #onFence: () => void = () => {};
  #lastDataAt = 0;

  constructor(pair: Pair, child: ChildProcess & { pid: number }) {
    this.#pair = pair;
    this.pid = child.pid;
    this.#writer = new PtyWriter(pair.masterFd);
    pair.onBytes = (bytes) => this.#read(bytes);
    // EIO is how Linux says that the other side is gone; the exit is what counts.
    pair.master.on('error', () => this.#onFence());
    pair.master.on('close', () => this.#onFence());
    pair.master.resume();
    this.exited = new Promise((resolve) => {
      child.once('exit', (exitCode, signal) => {
        this.#isExited = true;
        void this.#drain().then(() => resolve({ exitCode, signal }));
      });
    });
  }

  onData(listener: (bytes: Buffer) => void): void {
    this.#listener = listener;
  }

  write(data: string | Uint8Array): boolean {
    return !this.#isExited && this.#writer.write(typeof data === 'string' ? Buffer.from(data) : data);
  }

  resize(cols: number, rows: number): void {
    if (!this.#isClosed) this.#pair.native.resize(this.#pair.masterFd, cols, rows);
  }

  pause(): void {
    // What is left after the exit is small, and it must come out.
    if (!this.#isExited) this.#pair.master.pause();
  }

  resume(): void {
    if (!this.#isClosed) this.#pair.master.resume();
  }

  poll(): number {
    if (this.#isClosed) return 0;
    try {
      const count = fs.readSync(this.#pair.masterFd, READ_BUFFER);
      if (count > 0) this.#read(bytesRead(count));
      return count;
    } catch {
      // EAGAIN: nothing is there. Whatever else is wrong, the next proper read tells.
      return 0;
    }
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#isExited) return;
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  #read(bytes: Buffer): void {
    this.#lastDataAt = performance.now();
    if (this.#fence === null) {
      this.#listener(bytes);
      return;
    }
    const all = Buffer.concat([this.#carry, bytes]);
    const at = all.indexOf(this.#fence);
    const end = at >= 0 ? at : Math.max(all.length - this.#fence.length + 1, 0);
    if (end > 0) this.#listener(all.subarray(0, end));
    this.#carry = at >= 0 ? Buffer.alloc(0) : all.subarray(end);
    if (at >= 0) this.#onFence();
  }

  /**
   * After the exit all output is in the kernel, but not yet here. A random word written behind it comes out last: when it is read, all has been
   * delivered, also when a grandchild still holds the terminal.
   */
  async #drain(): Promise<void> {
    const fence = Buffer.from(randomBytes(16).toString('hex'));
    const passed = new Promise<void>((resolve) => {
      this.#onFence = resolve;
    });
    this.#lastDataAt = performance.now();
    this.#fence = fence;
    this.#pair.master.resume();
    const quiet = setInterval(() => {
      if (performance.now() - this.#lastDataAt > QUIET_MS) this.#onFence();
    }, QUIET_MS / 3);
    const isWriting = { value: true };
    void passed.then(() => {
      isWriting.value = false;
    });
    await Promise.all([passed, this.#writeFence(fence, isWriting)]);
    clearInterval(quiet);
    if (this.#carry.length > 0) this.#listener(this.#carry);
    this.#close();
  }

  async #writeFence(fence: Buffer, isWriting: { readonly value: boolean }): Promise<void> {
    let at = 0;
    while (at < fence.length && isWriting.value) {
      try {
        at += fs.writeSync(this.#pair.hold, fence, at);
      } catch (error) {
        // EAGAIN: the kernel's buffer is full until we have read. Anything else: no fence can be had, silence decides.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      }
      if (at < fence.length) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #close(): void {
    this.#isClosed = true;
    this.#writer.close();
    closePair(this.#pair);
  }
}
