// Owns where the work of a task lies, for whoever looks at it: in the worktree that it holds, in the commit that landed, on its branch, or in what was kept.
import { RefusalError } from '../domain/refusal.ts';
import { isFinished, type Task } from '../domain/task.ts';
import type { Worktree } from '../domain/worker.ts';
import { LANDED_BRANCH } from '../git/base-branch.ts';
import { commitWithParents, forkPoint } from '../git/diff.ts';
import { readBranch, readRef } from '../git/refs.ts';
import { type Repository, resolveBase } from '../git/repository.ts';
import { slotBranch } from '../git/slot-branch.ts';
import type { RepositoryViews } from '../git/views.ts';
import type { Core } from './core.ts';

export interface WorkParts {
  readonly core: Core;
  readonly views: RepositoryViews;
  readonly repository: Repository;
}

export interface TaskWork {
  /** What it is compared with: a full id. */
  readonly from: string;
  /** Its last commit: a full id. */
  readonly tip: string;
  /** The path of the worktree where it is worked on; null when it holds none. */
  readonly worktree: string | null;
}

/** The work of a task; null when there is none, and `whyNoWork` says why. */
export async function workOf(parts: WorkParts, task: Task): Promise<TaskWork | null> {
  const { root } = parts.core.paths;
  const base = [...parts.core.state.runs.values()].findLast((run) => run.taskId === task.id)?.baseCommit;
  const tip = await tipOf(parts, task);
  if (base === undefined || tip === null) return null;
  // A landing is a merge: against its first parent it shows what came in, whatever else has landed before it.
  const [first, second] = tip.parents;
  const isLanding = task.landedCommit !== null && first !== undefined && second !== undefined;
  const from = isLanding ? first : await forkPoint(root, tip.commit, await othersOf(parts, task, base));
  return { from, tip: tip.commit, worktree: tip.worktree };
}

/** Commits whose history is not a task's own work: the one that its last run began from and, until it has landed, the base branch and what waits beside that, which its agent may have merged. */
export async function othersOf(
  { core, repository }: Pick<WorkParts, 'core' | 'repository'>,
  task: Task,
  base: string,
): Promise<[string, ...string[]]> {
  if (task.landedCommit !== null) return [base];
  // A repository without a base branch has none to compare with, and its work is shown all the same.
  const known = await resolveBase(repository, core.config.baseBranch).catch((error: unknown) => {
    if (error instanceof RefusalError) return null;
    throw error;
  });
  const names = known === null ? [LANDED_BRANCH] : [known.branch, LANDED_BRANCH];
  const tips = await Promise.all(names.map((name) => readBranch(repository, name)));
  return [base, ...tips.filter((tip) => tip !== null)];
}

/** The full name of the branch on which a task is worked: for a moment after the claim that is its worktree's own. null when there is none. */
export async function branchOf({ core, repository }: WorkParts, task: Task): Promise<string | null> {
  if (task.branch === null) return null;
  const named = `refs/heads/${task.branch}`;
  if ((await readRef(repository, named)) !== null) return named;
  const held = worktreeOf(core, task);
  return held === null ? null : `refs/heads/${slotBranch(held.id)}`;
}

function worktreeOf(core: Core, task: Task): Worktree | null {
  return [...core.state.worktrees.values()].find(({ taskId }) => taskId === task.id) ?? null;
}

/** In words that follow `it has no work to show: `. */
export function whyNoWork(task: Task): string {
  if (task.status === 'completed') return 'it was completed without a commit';
  return task.branch === null ? 'it was never begun' : 'its branch is gone and nothing was kept of it';
}

interface Tip {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly worktree: string | null;
}

/** Where its work ends: the commit that landed, else its branch while it goes on, else what was kept of its last attempt. */
async function tipOf(parts: WorkParts, task: Task): Promise<Tip | null> {
  const { core, views } = parts;
  const { root } = core.paths;
  const read = async (name: string, worktree: string | null = null): Promise<Tip | null> => {
    const found = await commitWithParents(root, name);
    return found && { ...found, worktree };
  };
  if (task.landedCommit !== null) return read(task.landedCommit);
  const name = await branchOf(parts, task);
  const branch = name === null ? null : await read(name, worktreeOf(core, task)?.path ?? null);
  if (branch !== null && !isFinished(task.status)) return branch;
  const kept = (await views.kept(task.id)).at(-1);
  return kept === undefined ? branch && { ...branch, worktree: null } : read(kept.commit);
}
