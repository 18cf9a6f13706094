// Owns the promise that the terminal is given back: one synchronous write and cooked mode, on every way out of the process.
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

export type ExitSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP';
const EXIT_SIGNALS: readonly ExitSignal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'];

export interface GuardEvents {
  /** Cooked mode and the restore string; must be safe to call again. */
  readonly restore: () => void;
  readonly onSignal: (signal: ExitSignal) => void;
  readonly onFatal: (error: unknown) => void;
  readonly onStop: () => void;
  readonly onContinue: () => void;
}

/** Installs the handlers of the process. Returns what takes them away again. */
export function guardProcess(events: GuardEvents): () => void {
  const emitter: NodeJS.EventEmitter = process;
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  const bound: [string, (error: unknown) => void][] = [
    ...EXIT_SIGNALS.map((signal): [string, () => void] => [signal, () => events.onSignal(signal)]),
    ['SIGTSTP', events.onStop],
    ['SIGCONT', events.onContinue],
    ['uncaughtException', events.onFatal],
    ['unhandledRejection', events.onFatal],
    [
      'exit',
      () => {
        events.restore();
        closeGone(terminals);
      },
    ],
  ];
  for (const [name, listener] of bound) emitter.on(name, listener);
  return () => {
    for (const [name, listener] of bound) emitter.removeListener(name, listener);
  };
}

/** Node before 24.2 sets the modes of its terminals anew when it exits, and aborts with a core dump over one that is gone (nodejs/node #51519). */
function closeGone(terminals: readonly number[]): void {
  for (const fd of terminals) {
    try {
      if (!isatty(fd)) closeSync(fd);
    } catch {
      // Closed already.
    }
  }
}

/**
 * Stops all of our job as C-z does for any program, and returns when it goes on: at once where nobody could let it go on (the kernel
 * passes a stop over in an orphaned process group, such as that of a window's only program).
 */
export function stopJob(): void {
  const handlers = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  // Group 0 is our own: what started us (npx, a script) must stop with us, or the shell would wait for it.
  process.kill(0, 'SIGTSTP');
  for (const handler of handlers) process.on('SIGTSTP', handler);
}

/**
 * Writes to a terminal without waiting for the event loop. A terminal that takes nothing now (EAGAIN: stopped by C-s) is tried a few
 * times and then left: a process that cannot end is worse. One that is gone (EIO, EPIPE, EBADF) needs no restoring.
 */
export function writeNow(fd: number, text: string): void {
  let rest = Buffer.from(text, 'latin1');
  for (let attempt = 0; attempt < 50 && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // A wait without the event loop, which may never turn again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * Reads what our terminal says, without the event loop, until `isEnough` of what came or for so many ms. By a description of its own: that of
 * standard input may be one that blocks, and is shared with the shell.
 */
export function readNow(ms: number, isEnough: (bytes: Uint8Array) => boolean): void {
  let fd: number;
  try {
    fd = openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return;
  }
  const buffer = Buffer.alloc(4096);
  for (const end = Date.now() + ms; Date.now() < end; ) {
    try {
      const length = readSync(fd, buffer);
      if (length === 0 || isEnough(buffer.subarray(0, length))) break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  closeSync(fd);
}
