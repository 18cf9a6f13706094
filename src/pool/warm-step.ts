// Owns the step that makes a slot ready: its tree at a commit, its dependencies in it, its own branch checked out.
import type { Repository } from '../git/repository.ts';
import type { Pace } from '../git/runner.ts';
import { attachSlotBranch, slotBranch } from '../git/slot-branch.ts';
import { isReset, isUsable, moveSlot } from '../git/worktree.ts';
import type { SlotTrees } from './backend/slot-trees.ts';
import type { Provisioner } from './provisioner.ts';
import { keepWork } from './safe-keeping.ts';
import { isAsLeft, markReady, type ReadyMark, type Slot } from './slot.ts';

export interface WarmParts {
  readonly repository: Repository;
  readonly trees: SlotTrees;
  readonly provisioner: Provisioner;
  readonly onProblem: (problem: string) => void;
}

/**
 * Makes a slot ready at a commit by the cheapest way that is safe, adding it when it is not there; what lies in one of an unknown past is kept
 * first. A dependency that cannot be had is a problem that is told; a setup command that fails makes it throw, and the slot is not ready.
 */
export async function makeReady(parts: WarmParts, slot: Slot, commit: string, pace: Pace): Promise<ReadyMark> {
  const { repository, trees, provisioner } = parts;
  const isUnused = await standAt(parts, slot, commit, pace);
  slot.isSuspect = false;
  const { generation, problems } = await provisioner.provision(slot.path, { isUnused, signal: pace.signal });
  trees.provisioned(slot.id, commit, generation);
  for (const problem of problems) parts.onProblem(`${slot.id}: ${problem}`);
  await attachSlotBranch(repository, { id: slot.id, path: slot.path, commit });
  slot.ready = markReady(slot, commit, generation);
  if (slot.ready === null) throw new Error(`the worktree ${slot.path} has lost its index`);
  return slot.ready;
}

/** ms for which what was kept at a release is all that lies in the slot; later a person may have left something there. */
const KEPT_FOR = 10_000;

/** True when nobody has worked in the slot since it was given its dependencies, or the golden tree that it is a copy of was. */
async function standAt(parts: WarmParts, slot: Slot, commit: string, pace: Pace): Promise<boolean> {
  const { repository, trees, provisioner } = parts;
  const { id, path, ready } = slot;
  const isUntouched = ready !== null && (await isAsLeft(repository, slot));
  slot.ready = null;
  if (!isUsable(path)) return trees.place(id, commit, pace);
  if (isUntouched && ready.commit === commit) return true;
  if (isUntouched && (await trees.isNear(id, commit)) && (await moveSlot(repository, path, commit, pace))) return true;
  const spare = provisioner.roots(path);
  if (!isUntouched && (await isReset(repository, path, commit, { branch: slotBranch(id), spare }))) {
    await repository.guard.check(repository.root);
    return false;
  }
  const isKept = !slot.isSuspect && ready === null && performance.now() - slot.keptAt < KEPT_FOR;
  if (!isKept) await keepWork(parts, slot, { attempt: 1, safe: commit });
  return trees.place(id, commit, { spare, ...pace });
}
