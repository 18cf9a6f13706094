// Owns what is to be seen to before a task's branch can start anew or go on in a slot.
import { refuse } from '../domain/refusal.ts';
import { isAncestor, keepRef, keptBy } from '../git/refs.ts';
import { checkoutsOf, type Repository } from '../git/repository.ts';
import { detachHead } from '../git/worktree.ts';
import { type KeepParts, keepWork } from './safe-keeping.ts';
import type { Slot } from './slot.ts';

interface FreshBranch {
  readonly taskId: string;
  readonly branch: string;
  /** The attempt that begins. */
  readonly attempt: number;
  /** Where it starts. */
  readonly commit: string;
}

/** Keeps the tip that an earlier attempt left on the branch, unless a ref holds it or the branch starts from it. */
export async function keepTip(repository: Repository, fresh: FreshBranch, tip: string): Promise<void> {
  if (await isAncestor(repository, tip, fresh.commit)) return;
  if ((await keptBy(repository, tip, `refs/heads/${fresh.branch}`)) !== null) return;
  await keepRef(repository, { task: fresh.taskId, attempt: Math.max(1, fresh.attempt - 1), commit: tip });
}

/** No two working trees may have one branch: slots that nobody holds leave it. Refuses `not-allowed` for any other working tree. */
export async function freeBranch(parts: KeepParts, slots: readonly Slot[], slot: Slot, branch: string): Promise<void> {
  const { repository } = parts;
  for (const { path } of await checkoutsOf(repository, branch)) {
    const other = slots.find((each) => each.path === path);
    if (other === undefined || (other !== slot && other.taskId !== null)) {
      refuse('not-allowed', `${branch} is checked out in ${path}`, `git -C ${path} switch --detach`);
    }
    const { head } = await keepWork(parts, other, { attempt: 1 });
    await detachHead(repository, path, head);
  }
}
