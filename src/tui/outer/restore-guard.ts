// Owns the promise that the terminal is given back: one synchronous write and cooked mode, on every way out of the process.
import { writeSync } from 'node:fs';

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
  const bound: [string, (error: unknown) => void][] = [
    ...EXIT_SIGNALS.map((signal): [string, () => void] => [signal, () => events.onSignal(signal)]),
    ['SIGTSTP', events.onStop],
    ['SIGCONT', events.onContinue],
    ['uncaughtException', events.onFatal],
    ['unhandledRejection', events.onFatal],
    ['exit', events.restore],
  ];
  for (const [name, listener] of bound) emitter.on(name, listener);
  return () => {
    for (const [name, listener] of bound) emitter.removeListener(name, listener);
  };
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
