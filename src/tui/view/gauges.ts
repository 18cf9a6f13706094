// Owns the gauges: for each worker, and for all, how much of the session it was busy, and what it works on now.
import { formatAge } from '../../domain/duration.ts';
import { utilization, type WorkerUse } from '../../domain/metrics.ts';
import { needsSomeone } from '../../domain/worker.ts';
import type { Model } from '../model.ts';
import { fitLine, type Line, type Span, span } from './line.ts';
import { shortId, stateStyle } from './pane-title.ts';

/** Cells of a bar: fewer can't tell a quarter from a third, more only take room from the task. */
const SHORTEST_BAR = 6;
const LONGEST_BAR = 24;

/** `height` rows of `width` cells: `Worker 1  ████████░░░░ task-abc (12m)`, shorter words where it is narrow, and the mean of all at the end. */
export function gaugesLines(model: Model, width: number, height: number): Line[] {
  const rows = gaugeRows(model, Math.max(1, width - 2), height);
  const lines = rows.slice(0, height).map((row) => fitLine([span('text', ' '), ...row], width, 'text'));
  while (lines.length < height) lines.push(fitLine([], width, 'text'));
  return lines;
}

function gaugeRows(model: Model, width: number, height: number): Line[] {
  const { workers, overall, span: time } = utilization(model.state, model.now);
  if (workers.length === 0) return [[span('dim', model.hasState ? 'no worker yet' : '')]];
  const room = Math.max(1, height - 1);
  const shown = workers.length <= room ? workers : workers.slice(0, Math.max(0, room - 1));
  const hidden = workers.length - shown.length;
  const rows = shown.map((worker) => workerRow(model, worker, width));
  if (hidden > 0) rows.push([span('dim', `… ${hidden} more`)]);
  const words = overall === null ? 'not enough yet' : `${percent(overall)} busy in ${formatAge(time)}`;
  rows.push([
    span('strong', label('all', width)),
    ...(overall === null ? [] : bar(overall, barWidth(width), 'done')),
    span('dim', ` ${words}`),
  ]);
  return rows;
}

function workerRow(model: Model, { number, share, run }: WorkerUse, width: number): Line {
  const style = run ? stateStyle(run.state) : 'quiet';
  const gauge = share === null ? [] : bar(share, barWidth(width), run && !needsSomeone(run) ? 'working' : 'quiet');
  const id = run ? (width >= 42 ? run.taskId : shortId(run.taskId)) : 'idle';
  const since = run ? run.startedAt : (model.state.workers.get(number)?.since ?? model.now);
  const percentage = share === null || width < 30 ? '' : ` ${percent(share).padStart(4)}`;
  return [
    span('strong', label(String(number), width)),
    ...gauge,
    span('dim', percentage),
    span(needsSomeone(run) ? 'trouble' : style, ` ${id}`),
    span('dim', ` (${formatAge(model.now - since)})`),
  ];
}

/** What stands before the bar; all labels of a width are equally wide. */
function label(name: string, width: number): string {
  if (width < 42) return `${name.padStart(3)} `;
  return name === 'all' ? 'all        ' : `Worker ${name}`.padEnd(11);
}

function barWidth(width: number): number {
  return Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, Math.floor(width / 4)));
}

function bar(share: number, width: number, style: 'working' | 'quiet' | 'done'): Span[] {
  const full = Math.max(0, Math.min(width, Math.round(share * width)));
  return [span(style, '█'.repeat(full)), span('dim', '░'.repeat(width - full))];
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
