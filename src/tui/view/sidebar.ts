// Owns the sidebar: the queue by status and epic, as much of it as its height takes.
import { formatAge } from '../../domain/duration.ts';
import { compareClaims, dependencies, stuckFinder } from '../../domain/schedule.ts';
import { countStatus, standings } from '../../domain/status.ts';
import { type ListedTask, underParents } from '../../domain/subtask.ts';
import type { Task } from '../../domain/task.ts';
import { printable } from '../../domain/text.ts';
import { wrap } from '../../domain/text-width.ts';
import { needsSomeone } from '../../domain/worker.ts';
import { askedWords, type Model } from '../model.ts';
import type { StyleName } from '../theme/theme.ts';
import { fitLine, type Line, type Span, span, spreadLine } from './line.ts';
import { shortId, shortStateWord, stateStyle } from './pane-title.ts';
import { queueMarks, stopWords } from './queue-marks.ts';
import { queuePanelLines } from './queue-panel.ts';
import { layOut, type Row, row, type Section } from './sections.ts';

/** Narrower, the age of a queued task would take the room of its title. */
const ROOM_FOR_AGE = 42;

/** Rows of a question. */
const MOST_ASKED_ROWS = 3;

/** Rows of `width` cells, `height` of them. With the keys on it, it is a list that scrolls. */
export function sidebarLines(model: Model, width: number, height: number): Line[] {
  if (model.queue.on === 'queue') return queuePanelLines(model, width, height);
  const inner = Math.max(1, width - 2);
  const sections = [
    running(model, inner),
    attention(model, inner),
    stopped(model, inner),
    queued(model, inner),
    finished(model, inner),
  ];
  const filled = sections.filter((section) => section !== null);
  const lines = layOut(filled, height);
  if (model.hasState && filled.length === 0) lines.push([span('dim', 'no tasks yet')]);
  const rows = lines.map((line) => fitLine([span('text', ' '), ...line], width, 'text'));
  while (rows.length < height) rows.push(fitLine([], width, 'text'));
  return rows.slice(0, height);
}

function heading(style: StyleName, text: string, count: number, width: number): Line {
  return spreadLine([span(style, text)], [span('dim', String(count))], width, 'text');
}

function taskLine({ task, lead }: ListedTask, mark: Span, right: readonly Span[], width: number): Line {
  const left = [mark, span('dim', ` ${shortId(task.id)} ${lead}`), span('text', printable(task.title))];
  return spreadLine(left, right, width, 'text');
}

function activeTasks(model: Model): { task: Task; worker: number }[] {
  const active: { task: Task; worker: number }[] = [];
  for (const worker of model.state.workers.values()) {
    const run = worker.runId === null ? undefined : model.state.runs.get(worker.runId);
    const task = run ? model.state.tasks.get(run.taskId) : undefined;
    if (task) active.push({ task, worker: worker.number });
  }
  return active.sort((a, b) => a.worker - b.worker);
}

function attention(model: Model, width: number): Section | null {
  const rows: Row[] = [];
  for (const { task, worker } of activeTasks(model)) {
    const run = runOf(model, task);
    if (!run || !needsSomeone(run)) continue;
    const age = [span('attention', formatAge(model.now - run.stateSince))];
    rows.push(row('task', taskLine({ task, lead: '' }, span('attention', `${worker}`), age, width)));
    const asked = wrap(printable(askedWords(run)), Math.max(1, width - 2)).slice(0, MOST_ASKED_ROWS);
    rows.push(...asked.filter((text) => text !== '').map((text) => row('detail', [span('dim', `  ${text}`)])));
  }
  const count = activeTasks(model).filter(({ task }) => needsSomeone(runOf(model, task) ?? null)).length;
  return count > 0 ? { heading: heading('attention', ' needs you ', count, width), rows } : null;
}

function runOf(model: Model, task: Task) {
  return task.runId === null ? undefined : model.state.runs.get(task.runId);
}

function running(model: Model, width: number): Section | null {
  const standingOf = standings(model.state);
  const active = activeTasks(model).filter(({ task }) => standingOf(task) === 'running');
  if (active.length === 0) return null;
  const workers = new Map(active.map(({ task, worker }) => [task.id, worker]));
  const rows = underParents(active.map(({ task }) => task)).map((listed) => {
    const { task } = listed;
    const run = runOf(model, task);
    const word =
      task.landing !== null && task.landing !== 'returned' ? 'landing' : run ? shortStateWord(run) : task.status;
    const style = word === 'landing' ? 'done' : run ? stateStyle(run.state) : 'quiet';
    const mark = span('strong', String(workers.get(task.id) ?? ''));
    return row('task', taskLine(listed, mark, [span(style, word)], width));
  });
  return { heading: heading('strong', 'running', active.length, width), rows };
}

/** Failed and blocked tasks: those that only a person can move on. */
function stopped(model: Model, width: number): Section | null {
  const standingOf = standings(model.state);
  const tasks = [...model.state.tasks.values()].filter((task) => ['failed', 'blocked'].includes(standingOf(task)));
  if (tasks.length === 0) return null;
  const isStuck = stuckFinder(model.state);
  const rows = tasks.flatMap((task) => {
    const why = whyStopped(task);
    const first = taskLine({ task, lead: '' }, span('trouble', '!'), [span('trouble', standingOf(task))], width);
    if (why === '') return [row('task', first)];
    return [row('task', first), row('detail', [span('dim', `  ${printable(why)}`)])];
  });
  return { heading: heading('trouble', 'failed or blocked', tasks.length, width), rows };

  function whyStopped(task: Task): string {
    const words = stopWords(task);
    if (words !== '') return words;
    const { dead, waiting } = dependencies(model.state, task);
    const [blocker] = [...dead, ...waiting.filter(isStuck)];
    if (blocker === undefined) return '';
    return `waits for ${shortId(blocker.id)} (${standingOf(blocker)})`;
  }
}

function queued(model: Model, width: number): Section | null {
  const standingOf = standings(model.state);
  const tasks = [...model.state.tasks.values()].filter((task) => ['queued', 'paused'].includes(standingOf(task)));
  if (tasks.length === 0) return null;
  const isStuck = stuckFinder(model.state);
  const rows: Row[] = [];
  for (const [epic, members] of byEpic(model, tasks)) {
    if (epic !== null) rows.push(row('group', [span('dim', printable(epic))]));
    for (const listed of underParents(members)) {
      const { task } = listed;
      const right = [...queueMarks(model, task, isStuck(task)), ...age(task)];
      rows.push(row('task', taskLine(listed, span('dim', ' '), right, width)));
    }
  }
  return { heading: heading('strong', 'queued', tasks.length, width), rows };

  function age(task: Task): Span[] {
    return width < ROOM_FOR_AGE ? [] : [span('dim', ` ${formatAge(model.now - task.createdAt)}`)];
  }
}

/** Epics in the order of their first task, tasks in the order in which they are claimed; those without an epic come first. */
function byEpic(model: Model, tasks: readonly Task[]): Map<string | null, Task[]> {
  const groups = new Map<string | null, Task[]>();
  const sorted = [...tasks].sort(compareClaims);
  const ordered = [...sorted.filter((task) => task.epicId === null), ...sorted.filter((task) => task.epicId !== null)];
  for (const task of ordered) {
    const epic = task.epicId === null ? null : (model.state.epics.get(task.epicId)?.title ?? task.epicId);
    const group = groups.get(epic);
    if (group) group.push(task);
    else groups.set(epic, [task]);
  }
  return groups;
}

function finished(model: Model, width: number): Section | null {
  const { done, cancelled } = countStatus(model.state);
  if (done + cancelled === 0) return null;
  const rows = cancelled > 0 ? [row('task', heading('dim', 'cancelled', cancelled, width))] : [];
  return { heading: heading('done', 'done', done, width), rows };
}
