// Owns the end of a run: what was done, what is left, and whether that is a success.
import type { Paint } from '../../client/verb.ts';
import { isStuck } from '../../domain/schedule.ts';
import type { State } from '../../domain/state.ts';
import type { Task } from '../../domain/task.ts';
import { sanitise } from '../../domain/text.ts';

export interface RunSummary {
  readonly completed: number;
  /** Tasks that failed, are blocked, or wait for one that can't be completed. */
  readonly stuck: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: string;
    readonly reason: string;
  }[];
  readonly paused: readonly { readonly id: string; readonly title: string }[];
  readonly total: number;
}

/** Sums up the tasks of the epic, or of all. */
export function summarise(state: State, epicId: string | null): RunSummary {
  const tasks = [...state.tasks.values()].filter((task) => epicId === null || task.epicId === epicId);
  return {
    completed: tasks.filter((task) => task.status === 'completed').length,
    stuck: tasks.flatMap((task) => stuckTask(state, task)),
    paused: tasks.filter(({ status }) => status === 'paused').map(({ id, title }) => ({ id, title })),
    total: tasks.length,
  };
}

function stuckTask(state: State, task: Task): RunSummary['stuck'] {
  const { id, title, status } = task;
  if (status === 'failed') return [{ id, title, status, reason: task.lastError ?? '' }];
  if (status === 'blocked') return [{ id, title, status, reason: task.blockedReason?.message ?? '' }];
  if (status === 'ready' && isStuck(state, task))
    return [{ id, title, status, reason: 'it waits for a task that failed or was cancelled' }];
  return [];
}

/** `All 12 tasks are completed.`, or the tasks that are stuck, a line each, and how many are paused, with what to type next. */
export function renderSummary({ completed, stuck, paused, total }: RunSummary, paint: Paint): string {
  const counted = `${completed} of ${total} tasks are completed`;
  const lines = stuck.map(
    ({ id, title, status, reason }) =>
      `  ${paint('bad', sanitise(id))}  ${status}  ${sanitise(title)}${reason === '' ? '' : `: ${sanitise(reason)}`}`,
  );
  const [first] = stuck;
  const needs =
    first === undefined ? [] : [`${counted}; these need you:`, ...lines, `  next: drover why ${sanitise(first.id)}`];
  const rests = renderPaused(paused);
  if (needs.length > 0 || rests.length > 0)
    return [...(needs.length > 0 ? needs : [`${counted}.`]), ...rests, ''].join('\n');
  if (total === 1 && completed === 1) return 'The task is completed.\n';
  return total === completed ? `All ${total} tasks are completed.\n` : `Nothing is left to do: ${counted}.\n`;
}

/** They take up no worker, and no session waits for them. */
function renderPaused(paused: RunSummary['paused']): string[] {
  const [first] = paused;
  if (first === undefined) return [];
  const [who, resume] =
    paused.length === 1
      ? [`${sanitise(first.id)} is paused`, `drover resume ${sanitise(first.id)}`]
      : [`${paused.length} tasks are paused`, 'drover resume --all'];
  return [`${who}; to go on: ${resume} && drover run`];
}
