// Owns an index beside a worktree's own: git may write what it likes into it, and the agent's git meets neither its lock nor what it holds.
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminFolder } from './worktree.ts';

/** Lends the environment of a git that works on a copy of the worktree's index; the copy is gone when the work is done. */
export async function withOwnIndex<T>(
  worktree: string,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-index-'));
  try {
    // A lock that a killed agent left beside its own does not hinder it.
    const copy = join(folder, 'index');
    const index = join(adminFolder(worktree) ?? worktree, 'index');
    if (existsSync(index)) {
      // A file that was written to after this time is compared by its content ("racy git"): the copy must not look younger.
      // A Date is rounded to the next millisecond.
      const before = new Date(Math.floor(statSync(index).mtimeMs) - 1);
      copyFileSync(index, copy);
      utimesSync(copy, before, before);
    }
    return await work({ GIT_INDEX_FILE: copy });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
