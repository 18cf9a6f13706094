// Owns the decision about what an agent has used up: it is counted, and the tree of tasks that comes to its cap is paused.
import type { DroverEvent } from '../event.ts';
import type { Context, Intent } from '../intent.ts';
import { canPause } from '../pause.ts';
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { ancestorsOf, descendantsOf } from '../subtask.ts';
import { isActive, type Task } from '../task.ts';
import { addUsage, capReached, isNothing, usageOfTree } from '../usage.ts';
import { pauseTask, whyNotPausing } from './pause.ts';

/** Counts what a run has used since it was last told. With a cap, all that stands under the same task of a person is paused when they come to it together; what cannot be paused (it lands, or is a command) goes on. No event for nothing. */
export function useTokens(
  state: State,
  { runId, usage }: Extract<Intent, { type: 'run.use' }>,
  context: Context,
): DroverEvent[] {
  const run = state.runs.get(runId) ?? refuse('unknown-run', `There is no run ${quote(runId)}.`, 'drover list');
  if (isNothing(usage)) return [];
  const used: DroverEvent = { type: 'run.used', runId, taskId: run.taskId, usage };
  const task = state.tasks.get(run.taskId);
  const { maxTokens, maxCost } = context.subtasks;
  if (task === undefined || (maxTokens === null && maxCost === null)) return [used];
  const root = ancestorsOf(state, task).at(-1) ?? task;
  const before = usageOfTree(state, root.id);
  const reason = capReached(before, addUsage(before, usage), context.subtasks);
  if (reason === null) return [used];
  const why = `${root.id} and its sub-tasks ${reason}`;
  const pauses = [root, ...descendantsOf(state, root.id)].flatMap((each) => pauseOf(state, each, context));
  return [used, ...pauses.map((event) => because(event, why))];
}

function because(event: DroverEvent, reason: string): DroverEvent {
  return event.type === 'task.paused' || event.type === 'task.pause-asked' ? { ...event, reason } : event;
}

function pauseOf(state: State, task: Task, context: Context) {
  const isRefused = isActive(task.status) && whyNotPausing(state, task) !== null;
  if (!canPause(task) || isRefused) return [];
  return pauseTask(state, { type: 'task.pause', taskId: task.id, isNow: false }, context);
}
