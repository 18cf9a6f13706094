// Owns the methods that look something up and change nothing: the difference that a task makes, the last events.
import { resolveTask } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import { isFinished, type Task } from '../../domain/task.ts';
import { checkpoint } from '../../git/commit.ts';
import { commitWithParents, diffText, forkPoint } from '../../git/diff.ts';
import type { Repository } from '../../git/repository.ts';
import type { RepositoryViews } from '../../git/views.ts';
import type { TaskDiff } from '../../protocol/methods.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';

export type LookMethods = 'task.diff' | 'events.recent';

/** Bytes of a difference: more is not read in a terminal, and a control frame holds 16 times that even when every byte is escaped. */
const MOST_DIFF = 1024 * 1024;

/** No ref ever leads to what it signs. */
const LOOKER = { name: 'Drover', email: 'drover@localhost' };

/** As many events as a tall feed shows, and some to scroll back to. */
const RECENT = 200;

export interface LookParts {
  readonly core: Core;
  readonly views: RepositoryViews;
  readonly repository: Repository;
}

/** The handlers of what is only looked at. */
export function lookHandlers(parts: LookParts): Pick<Handlers, LookMethods> {
  const { core } = parts;
  return {
    'task.diff': ({ task }) => diffOf(parts, resolveTask(core.state, task)),
    'events.recent': async ({ limit = RECENT }) => ({ events: await core.store.history(() => true, limit) }),
  };
}

async function diffOf(parts: LookParts, task: Task): Promise<TaskDiff> {
  const { core } = parts;
  const { root } = core.paths;
  const base = [...core.state.runs.values()].findLast((run) => run.taskId === task.id)?.baseCommit;
  const tip = await tipOf(parts, task);
  if (base === undefined || tip === null) {
    return refuse('nothing-to-do', `${task.id} has no work to show: ${noWork(task)}.`, `drover why ${task.id}`);
  }
  // A landing is a merge: against its first parent it shows what came in, whatever else has landed before it.
  const [first, second] = tip.parents;
  const isLanding = task.landedCommit !== null && first !== undefined && second !== undefined;
  const from = isLanding ? first : await forkPoint(root, base, tip.commit);
  const text = await diffText({ root, from, to: tip.commit, limit: MOST_DIFF });
  return { task, from, to: tip.commit, hasUncommitted: tip.hasUncommitted ?? false, ...text };
}

function noWork(task: Task): string {
  if (task.status === 'completed') return 'it was completed without a commit';
  return task.branch === null ? 'it was never begun' : 'its branch is gone and nothing was kept of it';
}

interface Tip {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly hasUncommitted?: boolean;
}

/** Where its work ends: the commit that landed, else what lies in its worktree, else its branch, else what was kept of its last attempt. */
async function tipOf(parts: LookParts, task: Task): Promise<Tip | null> {
  const { root } = parts.core.paths;
  if (task.landedCommit !== null) return commitWithParents(root, task.landedCommit);
  const branch = task.branch === null ? null : await commitWithParents(root, `refs/heads/${task.branch}`);
  if (branch !== null && !isFinished(task.status)) return (await uncommitted(parts, task, branch)) ?? branch;
  const kept = (await parts.views.kept(task.id)).at(-1);
  return kept === undefined ? branch : commitWithParents(root, kept.commit);
}

/** A commit, beside every branch, of all that lies in the worktree that the task holds; null when it holds none. */
async function uncommitted({ core, repository }: LookParts, task: Task, branch: Tip): Promise<Tip | null> {
  const worktree = [...core.state.worktrees.values()].find(({ taskId }) => taskId === task.id);
  if (worktree === undefined) return null;
  const words = { message: `Uncommitted work of ${task.id}`, author: LOOKER };
  const commit = await checkpoint(repository, { ...words, worktree: worktree.path });
  const tip = await commitWithParents(core.paths.root, commit);
  return tip && { ...tip, hasUncommitted: commit !== branch.commit };
}
