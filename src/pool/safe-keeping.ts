// Owns the promise that no work is lost: what lies in a slot, uncommitted work included, becomes a commit that a ref holds.
import type { Checkpoint } from '../domain/pause.ts';
import { checkpoint } from '../git/commit.ts';
import { changedFiles } from '../git/diff.ts';
import type { Identity } from '../git/names.ts';
import { isAncestor, keepRef, keptBy } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import { slotBranch } from '../git/slot-branch.ts';
import { isUsable } from '../git/worktree.ts';
import type { SlotTrees } from './backend/slot-trees.ts';
import type { Slot } from './slot.ts';

export interface KeepParts {
  readonly repository: Repository;
  readonly trees: Pick<SlotTrees, 'changedPlaces'>;
}

/** Who signs a commit that only keeps work safe. */
const KEEPER: Identity = { name: 'Drover', email: 'drover@localhost' };

export type Comparison =
  /** The files that differ, beneath the worktree. */
  | { readonly kind: 'there'; readonly changed: readonly string[] }
  | { readonly kind: 'gone' }
  /** HEAD stands on a commit that does not hold what it held. */
  | { readonly kind: 'moved'; readonly head: string };

/**
 * Keeps what the slot holds, which stays as it is: the ref that was made for it, or null when another one holds it already, and the commit
 * of HEAD. `safe` is a commit that some ref holds.
 */
export async function keepWork(
  parts: KeepParts,
  slot: Slot,
  { attempt, safe }: { attempt: number; safe?: string | undefined },
): Promise<{ ref: string | null; head: string }> {
  slot.isSuspect = true;
  const { repository } = parts;
  const { commit, head, branch } = await snapshot(parts, slot);
  const own = `refs/heads/${slotBranch(slot.id)}`;
  // A commit that was made just now is on no ref.
  const mayBeKept = commit === head;
  if (mayBeKept && (commit === safe || (await keptBy(repository, commit, own)) !== null)) return { ref: null, head };
  const owner = branch?.startsWith('drover/') ? branch.slice('drover/'.length) : slot.taskId;
  return { ref: await keepRef(repository, { task: owner ?? slot.id, attempt, commit }), head };
}

/** Keeps all that lies in a task's worktree under a ref; the worktree stays as it is, and the task's. */
export async function checkpointWork(
  parts: KeepParts,
  slot: Slot,
  keep: { task: string; attempt: number },
): Promise<Checkpoint> {
  const { commit, head } = await snapshot(parts, slot);
  const ref = await keepRef(parts.repository, { ...keep, commit });
  return { ref, commit, head };
}

/** What became of a checkpointed worktree since. */
export async function compareWork(parts: KeepParts, slot: Slot, before: Checkpoint): Promise<Comparison> {
  if (!isUsable(slot.path)) return { kind: 'gone' };
  const { repository } = parts;
  const { commit, head } = await snapshot(parts, slot);
  if (!(await isAncestor(repository, before.head, head))) return { kind: 'moved', head };
  return { kind: 'there', changed: await changedFiles(repository.root, before.commit, commit) };
}

async function snapshot(
  { repository, trees }: KeepParts,
  slot: Slot,
): Promise<{ commit: string; head: string; branch: string | null }> {
  const message = `Kept from ${slot.id}: uncommitted work`;
  const places = await trees.changedPlaces(slot.id);
  const { commit, head, branch } = await checkpoint(repository, {
    worktree: slot.path,
    message,
    author: KEEPER,
    places,
  });
  return { commit, head: head ?? commit, branch };
}
