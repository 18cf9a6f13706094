// Owns the methods that look something up and change nothing: the difference that a task makes, the last events.
import { resolveTask } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import { isFinished, type Task } from '../../domain/task.ts';
import { commitWithParents, diffText, forkPoint } from '../../git/diff.ts';
import type { RepositoryViews } from '../../git/views.ts';
import type { TaskDiff } from '../../protocol/methods.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';

export type LookMethods = 'task.diff' | 'events.recent';

/** Bytes of a difference: more is not read in a terminal, and a control frame holds 16 times that even when every byte is escaped. */
const MOST_DIFF = 1024 * 1024;

/** As many events as a tall feed shows, and some to scroll back to. */
const RECENT = 200;

/** The handlers of what is only looked at. */
export function lookHandlers(core: Core, views: RepositoryViews): Pick<Handlers, LookMethods> {
  return {
    'task.diff': ({ task }) => diffOf(core, views, resolveTask(core.state, task)),
    'events.recent': async ({ limit = RECENT }) => ({ events: await core.store.history(() => true, limit) }),
  };
}

async function diffOf(core: Core, views: RepositoryViews, task: Task): Promise<TaskDiff> {
  const { root } = core.paths;
  const base = [...core.state.runs.values()].findLast((run) => run.taskId === task.id)?.baseCommit;
  const tip = await tipOf(root, views, task);
  if (base === undefined || tip === null) {
    return refuse('nothing-to-do', `${task.id} has no work to show: ${noWork(task)}.`, `drover why ${task.id}`);
  }
  // A landing is a merge: against its first parent it shows what came in, whatever else has landed before it.
  const [first, second] = tip.parents;
  const isLanding = task.landedCommit !== null && first !== undefined && second !== undefined;
  const from = isLanding ? first : await forkPoint(root, base, tip.commit);
  return { task, from, to: tip.commit, ...(await diffText({ root, from, to: tip.commit, limit: MOST_DIFF })) };
}

function noWork(task: Task): string {
  if (task.status === 'completed') return 'it was completed without a commit';
  return task.branch === null ? 'it was never begun' : 'its branch is gone and nothing was kept of it';
}

/** Where its work ends: the commit that landed, else its branch, else what was kept of its last attempt. */
async function tipOf(root: string, views: RepositoryViews, task: Task) {
  if (task.landedCommit !== null) return commitWithParents(root, task.landedCommit);
  const branch = task.branch === null ? null : await commitWithParents(root, `refs/heads/${task.branch}`);
  if (branch !== null && !isFinished(task.status)) return branch;
  const kept = (await views.kept(task.id)).at(-1);
  return kept === undefined ? branch : commitWithParents(root, kept.commit);
}
