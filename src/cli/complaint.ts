// Owns what an error becomes: its exit code and the sentence that is told.
import { appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FaultError, NoServerError } from '../client/client.ts';
import { sessionPaths } from '../config/paths.ts';
import { type RefusalCode, RefusalError } from '../domain/refusal.ts';
import type { Complaint } from './render.ts';
import { UsageError } from './usage.ts';

/** architecture: refusal 1, usage 2, no server 3, fault 70 (EX_SOFTWARE of sysexits.h). */
export const EXIT = { ok: 0, refused: 1, usage: 2, noServer: 3, fault: 70 } as const;

/** Refusals of what was typed, whoever looked at it: the same words are never right, as when they are no command at all. */
const MISTYPED: readonly RefusalCode[] = ['bad-params', 'bad-title', 'too-large'];

export interface Outcome {
  readonly exitCode: number;
  readonly complaint: Complaint;
}

/** What to tell of an error. A fault of this program is logged with its stack: see logFault. */
export function outcomeOf(error: unknown, log: (error: unknown) => string): Outcome {
  if (error instanceof RefusalError) {
    const { refusal } = error;
    return { exitCode: MISTYPED.includes(refusal.code) ? EXIT.usage : EXIT.refused, complaint: refusal };
  }
  if (error instanceof UsageError)
    return { exitCode: EXIT.usage, complaint: { code: 'usage', message: error.message, next: error.next } };
  if (error instanceof NoServerError) {
    return { exitCode: EXIT.noServer, complaint: { code: 'no-server', message: error.message, next: 'drover run' } };
  }
  const message = error instanceof Error ? error.message : String(error);
  const path = error instanceof FaultError ? error.log : log(error);
  return { exitCode: EXIT.fault, complaint: { code: 'fault', message: `${message} (the log is ${path})`, next: '' } };
}

/** Appends the error with its stack and causes to the client's log, beside the server's where there is a session, and gives its path. */
export function logFault(error: unknown, folder: string, now: number): string {
  const text = `${new Date(now).toISOString()} ${describe(error)}\n`;
  for (const path of [logPath(folder), join(tmpdir(), `drover-${process.getuid?.() ?? 'user'}-client.log`)]) {
    if (path !== null && append(path, text)) return path;
  }
  return 'nowhere: no log could be written';
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${describe(error.cause)}`;
}

function logPath(folder: string): string | null {
  try {
    const { id, log } = sessionPaths(folder, { create: false });
    return id === '' ? null : join(dirname(log), 'client.log');
  } catch {
    return null;
  }
}

function append(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, text, { mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}
