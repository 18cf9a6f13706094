// Owns the queue while it has the keys: the filter, the list around the selected task, what is known of that task, and the keys that act on it.
import { formatAge } from '../../domain/duration.ts';
import { dependencies } from '../../domain/schedule.ts';
import { isAtWork, isInterrupted } from '../../domain/status.ts';
import { isActive, type Task } from '../../domain/task.ts';
import { printable } from '../../domain/text.ts';
import { wrap } from '../../domain/text-width.ts';
import { isNothing, usageOfTree, usageWords } from '../../domain/usage.ts';
import { needsSomeone, stateWord } from '../../domain/worker.ts';
import { keyOf } from '../keys/key-map.ts';
import type { Model } from '../model.ts';
import { actionWords } from '../queue/queue-actions.ts';
import { listedTasks, type QueueRow, queueRows, selectedTask } from '../queue/queue-rows.ts';
import { keyRow, keyRows } from './key-row.ts';
import { fitLine, type Line, plainText, type Span, span, spreadLine } from './line.ts';
import { shortId, stateStyle } from './pane-title.ts';
import { queueMarks, statusWord, stopWords } from './queue-marks.ts';

/** Rows below which the selected task is told by its row alone. */
const ROOM_FOR_DETAILS = 14;
const MOST_TITLE_ROWS = 2;
const MOST_TROUBLE_ROWS = 3;

/** `height` rows of `width` cells. */
export function queuePanelLines(model: Model, width: number, height: number): Line[] {
  const inner = Math.max(1, width - 2);
  const rows = queueRows(model);
  const selected = selectedTask(model, rows);
  const filter = filterRow(model, rows);
  const foot = footRows(model, selected, inner);
  const details = selected && height >= ROOM_FOR_DETAILS ? detailRows(model, selected, inner) : [];
  const room = Math.max(1, height - filter.length - details.length - foot.length);
  const list = listLines(model, rows, selected, inner, room);
  if (rows.length === 0) list.push([span('dim', emptyWords(model))]);
  while (list.length < room) list.push([]);
  const lines = [...filter, ...list, ...details, ...foot].slice(0, height);
  return lines.map((line) => {
    const [first] = line;
    // The bar of the selected row reaches from edge to edge.
    const fill = first?.style === 'candidateSelected' ? 'candidateSelected' : 'text';
    return fitLine([span(fill, ' '), ...line], width, fill);
  });
}

function emptyWords(model: Model): string {
  return model.state.tasks.size === 0 ? 'no tasks yet' : 'no task has these words';
}

function filterRow(model: Model, rows: readonly QueueRow[]): Line[] {
  const { filter, filterEdit } = model.queue;
  if (filterEdit === null && filter === '') return [];
  const found = rows.filter((row) => row.kind === 'task').length;
  const count = span('dim', ` ${found} of ${model.state.tasks.size}`);
  if (filterEdit === null) return [[span('key', ' / '), span('text', ` ${printable(filter)}`), count]];
  const before = printable(filterEdit.text.slice(0, filterEdit.cursor));
  const after = printable(filterEdit.text.slice(filterEdit.cursor));
  return [[span('key', ' / '), span('input', ` ${before}▏${after} `), count]];
}

/** As many rows as there is room for, the selected one among them, in the middle where that is possible. Headings at their end would head nothing: how many tasks follow stands in their place. */
function listLines(
  model: Model,
  rows: readonly QueueRow[],
  selected: Task | null,
  width: number,
  room: number,
): Line[] {
  const at = rows.findIndex((row) => row.kind === 'task' && row.task.id === selected?.id);
  const start = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const shown = rows.slice(start, start + room);
  const end = shown.findLastIndex(({ kind }) => kind === 'task') + 1;
  const lines = shown.slice(0, end).map((row) => rowLine(model, row, selected, width));
  const hidden = listedTasks(rows.slice(start + end)).length;
  return end < shown.length ? [...lines, [span('dim', `  … ${hidden} more`)]] : lines;
}

function rowLine(model: Model, row: QueueRow, selected: Task | null, width: number): Line {
  switch (row.kind) {
    case 'heading':
      return spreadLine([span(row.style, row.text)], [span('dim', String(row.count))], width, 'text');
    case 'epic':
      return spreadLine([span('dim', printable(row.title))], [span('dim', `${row.done}/${row.total}`)], width, 'text');
    case 'task': {
      const isSelected = row.task.id === selected?.id;
      const mark = isSelected ? '▸' : ' ';
      const left: Span[] = [
        span('text', `${mark} `),
        span('dim', `${shortId(row.task.id)} `),
        span('dim', row.lead),
        span('text', printable(row.task.title)),
      ];
      const line = spreadLine(left, marksOf(model, row.task), width, 'text');
      return isSelected ? [span('candidateSelected', plainText(line))] : line;
    }
  }
}

function marksOf(model: Model, task: Task): Span[] {
  const age = (since: number | null): Span => span('dim', since === null ? '' : formatAge(model.now - since));
  const run = task.runId === null ? undefined : model.state.runs.get(task.runId);
  const isCutOff = isInterrupted(model.state, task);
  if (isAtWork(model.state, task)) {
    const word = run ? stateWord(run) : task.status;
    return [span(run ? stateStyle(run.state) : 'quiet', word), span('text', ' '), age(run?.stateSince ?? null)];
  }
  if (isCutOff || task.status === 'ready' || task.status === 'paused' || task.status === 'decomposed') {
    const marks = queueMarks(model, task);
    const since = isCutOff && run ? run.stateSince : task.createdAt;
    return [...marks, ...(marks.length > 0 ? [span('text', ' ')] : []), age(since)];
  }
  const style = task.status === 'completed' ? 'done' : task.status === 'cancelled' ? 'quiet' : 'trouble';
  return [span(style, task.status === 'completed' ? '✓' : task.status), span('text', ' '), age(task.updatedAt)];
}

/** What is known of the selected task, under a rule. */
function detailRows(model: Model, task: Task, width: number): Line[] {
  const title = wrap(printable(task.title), width).slice(0, MOST_TITLE_ROWS);
  const epic = task.epicId === null ? null : (model.state.epics.get(task.epicId)?.title ?? task.epicId);
  const parent = task.parentId === null ? [] : [`part of ${shortId(task.parentId)}`];
  const facts = [
    statusWord(model, task),
    ...(task.priority === 0 ? [] : [`priority ${task.priority}`]),
    ...(epic === null ? [] : [printable(epic)]),
    ...parent,
    `added ${formatAge(model.now - task.createdAt)} ago`,
  ];
  const rows: Line[] = [
    [span('border', '─'.repeat(width))],
    ...title.map((row): Line => [span('strong', row)]),
    ...wrap(facts.join(' · '), width)
      .slice(0, 2)
      .map((row): Line => [span('dim', row)]),
  ];
  const used = usageOfTree(model.state, task.id);
  if (!isNothing(used)) rows.push([span('dim', `used ${usageWords(used)}`)]);
  const blockers = blockerWords(model, task);
  if (blockers !== '') rows.push([span('text', blockers)]);
  const run = task.runId === null ? null : (model.state.runs.get(task.runId) ?? null);
  if (isActive(task.status) && run && needsSomeone(run) && run.stateDetail !== '')
    rows.push([span('attention', ` ${printable(run.stateDetail)} `)]);
  const trouble = wrap(printable(stopWords(task)), width).slice(0, MOST_TROUBLE_ROWS);
  rows.push(...trouble.filter((row) => row !== '').map((row): Line => [span('trouble', row)]));
  return rows;
}

function blockerWords(model: Model, task: Task): string {
  const { waiting, dead } = dependencies(model.state, task);
  if (waiting.length + dead.length === 0) return '';
  const name = ({ id, title }: Task): string => `${shortId(id)} ${printable(title)}`;
  return `waits for ${[...dead, ...waiting].map(name).join(', ')}`;
}

/** What can be done without a task too, and its word. */
const ALWAYS = [
  ['queue-filter', 'filter'],
  ['activity', 'feed'],
  ['queue', 'panes'],
] as const;

/** The question before a task is cancelled, or the keys in as many rows as they take. */
function footRows(model: Model, selected: Task | null, width: number): Line[] {
  const { confirming, filterEdit } = model.queue;
  if (filterEdit !== null)
    return [
      keyRow([
        ['Enter', 'keeps'],
        ['Esc', 'all'],
      ]),
    ];
  if (selected && confirming === selected.id) {
    const cost = isAtWork(model.state, selected) ? ' Its agent is ended, its work is kept.' : '';
    const question = wrap(`Cancel ${shortId(selected.id)}?${cost}`, width - 2).slice(0, 3);
    const keys = keyRow([
      ['y', 'yes'],
      ['n', 'no'],
    ]);
    return [...question.map((row): Line => [span('attention', ` ${row} `)]), keys];
  }
  const always = ALWAYS.flatMap(([command, word]): [string, string][] => {
    const key = keyOf(model.keys, 'queue', command);
    return key === null ? [] : [[key, word]];
  });
  return keyRows([...(selected ? actionWords(model, selected) : []), ...always], width);
}
