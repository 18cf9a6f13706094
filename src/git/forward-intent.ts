// Owns the note that a fast-forward of the user's checkout is under way; a start that finds one knows what was cut off.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * Writes the note. It is whole after any kill. It is not forced to the disk: that takes up to 11 ms, half a landing, and
 * git doesn't do it for the files of a checkout either. After a power cut in these milliseconds it can be missing, and
 * then a half-moved checkout is left as any git leaves it.
 */
export function writeIntent(repository: Repository, intent: ForwardIntent): void {
  writeFileSync(intentPath(repository), JSON.stringify(intent), { mode: 0o600 });
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
