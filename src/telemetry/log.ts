// Owns the server's log file: one line an entry, bounded in size.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RefusalError } from '../domain/refusal.ts';

export interface Log {
  info(message: string): void;
  /** With the stack and the causes of the error; a refusal is a sentence already, and where it was thrown tells nothing. */
  error(message: string, error: unknown): void;
}

/** 8 MiB, and one older file of the same size beside it. */
const MAX_LOG = 8 * 1024 * 1024;

/** Causes of causes that are told; an error may be its own cause. */
const MOST_CAUSES = 5;

/** Opens a log that appends to a file. Control characters in messages are escaped, so that a line stays a line. Writing never throws: a full disk must not end the server by way of its log. */
export function openLog(file: string, now: () => number): Log {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const append = (level: string, message: string): void => {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG) renameSync(file, `${file}.1`);
    const text = message.replace(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16)}`,
    );
    appendFileSync(file, `${new Date(now()).toISOString()} ${level} ${text.replaceAll('\n', '\n    ')}\n`, {
      mode: 0o600,
    });
  };
  const write = (level: string, message: () => string): void => {
    try {
      append(level, message());
    } catch {
      // There is nowhere left to tell it.
    }
  };
  return {
    info: (message) => write('info', () => message),
    error: (message, error) => write('error', () => `${message}: ${describeError(error, MOST_CAUSES)}`),
  };
}

/** An error with its stack and the stacks of its causes. */
function describeError(error: unknown, causes: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof RefusalError) return error.message;
  const own = error.stack ?? error.message;
  return error.cause === undefined || causes === 0
    ? own
    : `${own}\ncaused by ${describeError(error.cause, causes - 1)}`;
}
