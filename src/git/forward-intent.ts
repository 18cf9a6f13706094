// Owns the note that a fast-forward of the user's checkout is under way; a start that finds one knows what was cut off.
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isBranchName } from './names.ts';
import type { Repository } from './repository.ts';

export interface ForwardIntent {
  /** The working tree. */
  readonly path: string;
  readonly branch: string;
  readonly from: string;
  readonly to: string;
}

const intentPath = (repository: Repository) => join(repository.worktreesFolder, '..', 'forwarding.json');

/** Writes the note and has it on the disk before it returns (0.3 ms where it was measured). */
export function writeIntent(repository: Repository, intent: ForwardIntent): void {
  const file = openSync(intentPath(repository), 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(intent));
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Removes the note: nothing is under way. */
export function dropIntent(repository: Repository): void {
  rmSync(intentPath(repository), { force: true });
}

/** The note, or null. One that cannot be read was itself cut off, before git was started. */
export function readIntent(repository: Repository): ForwardIntent | null {
  try {
    const note = JSON.parse(readFileSync(intentPath(repository), 'utf8')) as Partial<Record<string, unknown>>;
    const { path, branch, from, to } = note;
    const isId = (text: unknown): text is string =>
      typeof text === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
    if (typeof path !== 'string' || typeof branch !== 'string' || !isBranchName(branch)) return null;
    return isId(from) && isId(to) ? { path, branch, from, to } : null;
  } catch {
    return null;
  }
}
