// Owns the charts: tasks landed over time, how long they took, and what follows of it for the queue. Nothing is drawn that was not measured.
import { plot } from 'asciichart';
import { formatAge, formatWait } from '../../domain/duration.ts';
import { estimateQueue, landedTasks, outcomes, throughput } from '../../domain/metrics.ts';
import type { Model } from '../model.ts';
import type { StyleName } from '../theme/theme.ts';
import { fitLine, type Line, lineWidth, span } from './line.ts';

/** Landed tasks below which a line over time would be one stroke. */
const LEAST_FOR_LINE = 3;
/** Rows of a chart's plot: below three a line cannot be told from its axis. */
const LOWEST_PLOT = 3;
const HIGHEST_PLOT = 8;

/** `height` rows of `width` cells: the numbers first, then as many charts as there is room for. */
export function chartsLines(model: Model, width: number, height: number): Line[] {
  const inner = Math.max(1, width - 2);
  const rows = [...numberRows(model, inner)];
  const room = height - rows.length;
  const count = room >= 2 * (LOWEST_PLOT + 2) ? 2 : room >= LOWEST_PLOT + 2 ? 1 : 0;
  const plot = Math.min(HIGHEST_PLOT, Math.floor(room / Math.max(1, count)) - 2);
  if (count > 0) rows.push(...throughputChart(model, inner, plot));
  if (count > 1) rows.push(...durationChart(model, inner, plot));
  const lines = rows.slice(0, height).map((row) => fitLine([span('text', ' '), ...row], width, 'text'));
  while (lines.length < height) lines.push(fitLine([], width, 'text'));
  return lines;
}

function numberRows(model: Model, width: number): Line[] {
  if (!model.hasState) return [];
  const { p50, p90, completed, failed, successRate, retries } = outcomes(model.state);
  const estimate = estimateQueue(model.state, model.now);
  const times = `${p50 === null ? 'not enough yet' : `p50 ${formatAge(p50)}`}${p90 === null ? '' : ` · p90 ${formatAge(p90)}`}`;
  const success =
    successRate === null
      ? 'not enough yet'
      : `${Math.round(successRate * 100)}% (${completed} of ${completed + failed})`;
  const rest = estimate.kind === 'about' ? `about ${formatWait(roundUp(estimate.ms))}` : estimate.reason;
  const rows: [name: string, value: string, style: StyleName][] = [
    ['took', times, p50 === null ? 'dim' : 'text'],
    ['success', success, successRate === null ? 'dim' : failed > 0 ? 'text' : 'done'],
    ['retries', String(retries), 'text'],
    ['queue', rest, estimate.kind === 'about' ? 'text' : 'dim'],
  ];
  const inOne = rows.flatMap(
    ([name, value, style], index): Line => [span('dim', `${index > 0 ? ' · ' : ''}${name} `), span(style, value)],
  );
  if (lineWidth(inOne) <= width) return [inOne];
  return rows.map(([name, value, style]) => [span('dim', name.padEnd(8)), span(style, value)]);
}

/** To whole minutes from two minutes on: nobody knows the seconds. */
function roundUp(ms: number): number {
  return ms < 120_000 ? Math.ceil(ms / 10_000) * 10_000 : Math.ceil(ms / 60_000) * 60_000;
}

/** A rule with the number, then the plot. */
function throughputChart(model: Model, width: number, height: number): Line[] {
  const landed = throughput(model.state, model.now, Math.max(1, Math.min(MOST_BUCKETS, width - OFFSET - 1)));
  if (landed === null) return [heading('landed', width), [span('dim', 'not enough yet')]];
  const total = landed.counts.reduce((sum, count) => sum + count, 0);
  const title = heading(`landed ${total}, per ${formatAge(landed.bucket)}`, width);
  if (landed.counts.length < 2) return [title, [span('dim', `${total} in the first ${formatAge(landed.bucket)}`)]];
  const whole = (value: number): string => (Number.isInteger(value) ? String(value) : '');
  // Two rows for each task that landed at most in one bucket: higher strokes would say no more.
  const most = 2 * Math.max(...landed.counts) + 1;
  return [title, ...plotRows(landed.counts, Math.max(LOWEST_PLOT, Math.min(height, most)), whole)];
}

function durationChart(model: Model, width: number, height: number): Line[] {
  const landed = landedTasks(model.state);
  const shown = landed.slice(-Math.max(1, width - OFFSET - 1));
  const name = shown.length < landed.length ? `took, last ${shown.length}` : 'took';
  if (landed.length < LEAST_FOR_LINE) return [heading(name, width), [span('dim', 'not enough yet')]];
  const took = shown.map((task) => task.took);
  return [heading(name, width), ...plotRows(took, height, tickOf)];
}

/** A span at the axis: seconds and minutes with a decimal while they are few, so that no two labels are the same. */
function tickOf(ms: number): string {
  const minutes = ms / 60_000;
  if (ms > 0 && ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  return minutes >= 1 && minutes < 10 ? `${minutes.toFixed(1)}m` : formatAge(ms).replace(' ', '');
}

function heading(text: string, width: number): Line {
  return [
    span('border', '─'),
    span('dim', ` ${text} `),
    span('border', '─'.repeat(Math.max(0, width - text.length - 3))),
  ];
}

/** More buckets than this hold a task or none each, which is a comb and no chart. */
const MOST_BUCKETS = 30;
/** Cells for the labels and the axis. */
const OFFSET = 7;

/** A line from zero: an axis that begins elsewhere makes small changes look large. */
function plotRows(series: readonly number[], height: number, format: (value: number) => string): Line[] {
  const label = (value: number): string =>
    format(value)
      .slice(0, OFFSET - 2)
      .padStart(OFFSET - 2);
  // A height of h makes h + 1 rows.
  const text = plot(series, { height: Math.max(1, height - 1), min: 0, offset: OFFSET, format: label });
  return text
    .split('\n')
    .map((row) => [span('dim', row.slice(0, OFFSET)), span('working', row.slice(OFFSET).trimEnd())]);
}
