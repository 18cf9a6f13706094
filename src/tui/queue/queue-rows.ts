// Owns the list that the queue shows: tasks by status, the queued ones by epic, sub-tasks under their parents, those that the filter's words name.
import { compareClaims } from '../../domain/schedule.ts';
import { type Standing, standings } from '../../domain/status.ts';
import { type ListedTask, underParents } from '../../domain/subtask.ts';
import type { Task } from '../../domain/task.ts';
import type { Model } from '../model.ts';
import type { StyleName } from '../theme/theme.ts';
import { shortId } from '../view/pane-title.ts';

export type QueueRow =
  | { readonly kind: 'heading'; readonly text: string; readonly style: StyleName; readonly count: number }
  | { readonly kind: 'epic'; readonly title: string; readonly done: number; readonly total: number }
  | ({ readonly kind: 'task' } & ListedTask);

interface SectionRule {
  readonly text: string;
  readonly style: StyleName;
  readonly standings: readonly Standing[];
}

/** In the order in which a person looks. */
const SECTIONS: readonly SectionRule[] = [
  { text: 'running', style: 'strong', standings: ['running'] },
  { text: 'failed or blocked', style: 'trouble', standings: ['failed', 'blocked'] },
  { text: 'queued', style: 'strong', standings: ['queued', 'paused'] },
  { text: 'done', style: 'done', standings: ['done'] },
  { text: 'cancelled', style: 'dim', standings: ['cancelled'] },
];

/** All rows; a section without tasks has none. */
export function queueRows(model: Model): QueueRow[] {
  const words = (model.queue.filterEdit?.text ?? model.queue.filter).toLowerCase().split(/\s+/).filter(Boolean);
  const tasks = [...model.state.tasks.values()].filter((task) => hasWords(model, task, words));
  const standingOf = standings(model.state);
  return SECTIONS.flatMap(({ text, style, standings: own }): QueueRow[] => {
    const members = tasks.filter((task) => own.includes(standingOf(task)));
    if (members.length === 0) return [];
    const heading: QueueRow = { kind: 'heading', text, style, count: members.length };
    return [heading, ...(text === 'queued' ? byEpic(model, members) : sorted(model, members, text === 'running'))];
  });
}

/** The tasks among the rows, from the top. */
export function listedTasks(rows: readonly QueueRow[]): Task[] {
  return rows.flatMap((row) => (row.kind === 'task' ? [row.task] : []));
}

/** The selected task; the first one while none is, or while it is not listed. */
export function selectedTask(model: Model, rows: readonly QueueRow[]): Task | null {
  const tasks = listedTasks(rows);
  return tasks.find(({ id }) => id === model.queue.selected) ?? tasks[0] ?? null;
}

function hasWords(model: Model, task: Task, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const epic = task.epicId === null ? '' : (model.state.epics.get(task.epicId)?.title ?? '');
  // Every id begins with `task-`: that must not make every task one about tasks.
  const text = [shortId(task.id), task.title, task.status, task.type, epic, ...task.labels].join(' ').toLowerCase();
  return words.every((word) => text.includes(word) || (/^task-./.test(word) && task.id.startsWith(word)));
}

function sorted(model: Model, tasks: readonly Task[], isRunning: boolean): QueueRow[] {
  const workerOf = (task: Task): number => (task.runId === null ? 0 : (model.state.runs.get(task.runId)?.worker ?? 0));
  const order = (a: Task, b: Task): number => (isRunning ? workerOf(a) - workerOf(b) : b.updatedAt - a.updatedAt);
  return taskRows([...tasks].sort(order));
}

/** Tasks without an epic first, then epics in the order of their first task; within one, as they are claimed. */
function byEpic(model: Model, tasks: readonly Task[]): QueueRow[] {
  const claims = [...tasks].sort(compareClaims);
  const rows = taskRows(claims.filter(({ epicId }) => epicId === null));
  const epics = new Set(claims.flatMap(({ epicId }) => (epicId === null ? [] : [epicId])));
  for (const id of epics) {
    const all = [...model.state.tasks.values()].filter(({ epicId }) => epicId === id);
    const done = all.filter(({ status }) => status === 'completed').length;
    rows.push({ kind: 'epic', title: model.state.epics.get(id)?.title ?? id, done, total: all.length });
    rows.push(...taskRows(claims.filter(({ epicId }) => epicId === id)));
  }
  return rows;
}

function taskRows(tasks: readonly Task[]): QueueRow[] {
  return underParents(tasks).map((listed) => ({ kind: 'task', ...listed }));
}
