// Owns a slot of the pool as this process knows it, and the look whether a ready one is still as it was left.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identityOf } from '../git/index-file.ts';
import { readBranch } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import { slotBranch } from '../git/slot-branch.ts';
import { adminFolder } from '../git/worktree.ts';

export interface Slot {
  readonly id: string;
  readonly path: string;
  /** The task that holds it, or is about to. */
  taskId: string | null;
  /** What it looks like while it is ready; null for one that is not. */
  ready: ReadyMark | null;
  /** May hold work of an unknown past: a killed server, a release that failed. It is kept before the slot is used. */
  isSuspect: boolean;
  /** performance.now() of when all that lay in it was kept. */
  keptAt: number;
  /** Could not be made ready; it is not tried again in this session. */
  isDamaged: boolean;
  /** What is being done to it that a claim waits for; null when nothing is. */
  work: Promise<unknown> | null;
  /** The naming of its branch, whose end goes on beside its agent. */
  naming: Promise<void>;
}

export interface ReadyMark {
  /** Where it stands. */
  readonly commit: string;
  readonly generation: string | null;
  /** Of its index: another one when any git has written it since. */
  readonly index: string;
}

export function newSlot(id: string, path: string, more: Partial<Slot> = {}): Slot {
  const fresh = { taskId: null, ready: null, isSuspect: false, isDamaged: false, keptAt: -Infinity, work: null };
  return { id, path, ...fresh, naming: Promise.resolve(), ...more };
}

/** The mark of a slot that stands at the commit on its own branch; null when its index cannot be seen. */
export function markReady(slot: Slot, commit: string, generation: string | null): ReadyMark | null {
  const index = indexOf(slot);
  return index === null ? null : { commit, generation, index };
}

/**
 * True when a ready slot has its own branch checked out at the commit, its link to the repository is whole and no git has
 * written its index since. Looks at a handful of files whatever the size of the tree: nobody is told of a free slot, and
 * what an agent leaves running is ended with it.
 */
export async function isAsLeft(repository: Repository, slot: Slot): Promise<boolean> {
  const admin = adminFolder(slot.path);
  if (slot.ready === null || admin === null || dirname(admin) !== join(repository.gitDir, 'worktrees')) return false;
  const branch = slotBranch(slot.id);
  const head = readFileSync(join(admin, 'HEAD'), 'utf8').trim();
  if (head !== `ref: refs/heads/${branch}` || existsSync(join(admin, 'index.lock'))) return false;
  return indexOf(slot) === slot.ready.index && (await readBranch(repository, branch)) === slot.ready.commit;
}

function indexOf(slot: Slot): string | null {
  const admin = adminFolder(slot.path);
  const stat = admin === null ? undefined : statSync(join(admin, 'index'), { throwIfNoEntry: false });
  return stat === undefined ? null : identityOf(stat);
}
