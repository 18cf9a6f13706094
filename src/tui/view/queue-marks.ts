// Owns how a task's status is called, why a stopped one stopped, and the marks of a queued one: its priority, and why it doesn't start.
import { formatAge } from '../../domain/duration.ts';
import { dependencies, stuckFinder } from '../../domain/schedule.ts';
import { isInterrupted } from '../../domain/status.ts';
import type { Task } from '../../domain/task.ts';
import type { Model } from '../model.ts';
import { type Span, span } from './line.ts';

/** `↑5 waits 1`; none for a task that only waits for its turn. `isStuck` says that it can never start. */
export function queueMarks(model: Model, task: Task, isStuck = stuckFinder(model.state)(task)): Span[] {
  const marks: Span[] = [];
  if (task.priority !== 0)
    marks.push(
      span(task.priority > 0 ? 'strong' : 'dim', `${task.priority > 0 ? '↑' : '↓'}${Math.abs(task.priority)}`),
    );
  const { waiting, dead } = dependencies(model.state, task);
  // Nothing that it waits for lets a paused task start.
  if (task.status === 'paused') marks.push(span('quiet', task.status));
  else if (isStuck || dead.length > 0) marks.push(span('trouble', 'never'));
  else if (waiting.length > 0) marks.push(span('dim', `waits ${waiting.length}`));
  else if (task.retryAt !== null && task.retryAt > model.now)
    marks.push(span('quiet', `retry ${formatAge(task.retryAt - model.now)}`));
  else if (task.status !== 'ready') marks.push(span('quiet', statusWord(model, task)));
  return marks.flatMap((mark, index) => (index > 0 ? [span('text', ' '), mark] : [mark]));
}

/** The status of any task in words: `in progress`, `interrupted`. */
export function statusWord({ state }: Model, task: Task): string {
  return isInterrupted(state, task) ? 'interrupted' : task.status.replace('_', ' ');
}

/** Why a failed or blocked task stands where it stands: the words of its agent, where it was the agent that could not go on. Not sanitised; empty for another task. */
export function stopWords({ status, lastError, blockedReason }: Task): string {
  if (status === 'failed') return lastError ?? '';
  if (status !== 'blocked' || blockedReason === null) return '';
  const { code, message, detail } = blockedReason;
  return code === 'agent-blocked' && detail !== '' ? detail : message;
}
