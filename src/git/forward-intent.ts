// Owns the notes that files of a working tree are being moved from one commit to another; a start that finds one knows what was cut off.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isBranchName } from './names.ts';
import type { Repository } from './repository.ts';

export interface ForwardIntent {
  /** The working tree. */
  readonly path: string;
  readonly branch: string;
  readonly from: string;
  readonly to: string;
}

/** The note of the user's checkout; there is one landing at a time. */
const FORWARD = 'forwarding.json';
/** The note of a worktree of the pool, which is brought to a newer base. */
export const moveNote = (path: string): string => `moving-${basename(path)}.json`;

const notePath = (repository: Repository, note: string) => join(repository.worktreesFolder, '..', note);

/** The notes of all worktrees of the pool. */
export function moveNotes(repository: Repository): string[] {
  return readdirSync(join(repository.worktreesFolder, '..')).filter((name) => /^moving-[\w-]+\.json$/.test(name));
}

/**
 * Writes the note. It is whole after any kill. It is not forced to the disk: that takes up to 11 ms, half a landing, and
 * git doesn't do it for the files of a checkout either. After a power cut in these milliseconds it can be missing, and
 * then a half-moved checkout is left as any git leaves it.
 */
export function writeIntent(repository: Repository, intent: ForwardIntent, note = FORWARD): void {
  writeFileSync(notePath(repository, note), JSON.stringify(intent), { mode: 0o600 });
}

/** Removes the note: nothing is under way. */
export function dropIntent(repository: Repository, note = FORWARD): void {
  rmSync(notePath(repository, note), { force: true });
}

/** The note, or null. One that cannot be read was itself cut off, before git was started. */
export function readIntent(repository: Repository, note = FORWARD): ForwardIntent | null {
  try {
    const content = JSON.parse(readFileSync(notePath(repository, note), 'utf8')) as Partial<Record<string, unknown>>;
    const { path, branch, from, to } = content;
    const isId = (text: unknown): text is string =>
      typeof text === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
    if (typeof path !== 'string' || typeof branch !== 'string' || !isBranchName(branch)) return null;
    return isId(from) && isId(to) ? { path, branch, from, to } : null;
  } catch {
    return null;
  }
}
