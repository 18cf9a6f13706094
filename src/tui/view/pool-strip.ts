// Owns the pool strip: every worktree as one character, what the characters mean, and which task holds which.
import { formatAge } from '../../domain/duration.ts';
import { printable } from '../../domain/text.ts';
import type { Worktree } from '../../domain/worker.ts';
import type { Model } from '../model.ts';
import type { StyleName } from '../theme/theme.ts';
import { fitLine, type Line, lineWidth, type Span, span } from './line.ts';
import { shortId } from './pane-title.ts';

interface Mark {
  readonly character: string;
  readonly word: string;
  readonly style: StyleName;
}

/** Told apart by shape, not by colour alone. */
const MARKS: Readonly<Record<Worktree['state'], Mark>> = {
  'in-use': { character: '●', word: 'in use', style: 'working' },
  warm: { character: '○', word: 'warm', style: 'done' },
  cold: { character: '·', word: 'cold', style: 'quiet' },
  stale: { character: '~', word: 'stale', style: 'trouble' },
};

/** `height` rows of `width` cells: the strip with its legend, then a row for each worktree that a task holds. */
export function poolLines(model: Model, width: number, height: number): Line[] {
  const worktrees = [...model.state.worktrees.values()].sort((a, b) => numberOf(a) - numberOf(b));
  const rows = worktrees.length === 0 ? [emptyRow(model)] : poolRows(model, worktrees, Math.max(1, width - 2));
  const hidden = rows.length - height;
  const shown = hidden > 0 && height > 2 ? [...rows.slice(0, height - 1), moreRow(hidden + 1)] : rows.slice(0, height);
  const lines = shown.map((row) => fitLine([span('text', ' '), ...row], width, 'text'));
  while (lines.length < height) lines.push(fitLine([], width, 'text'));
  return lines;
}

function emptyRow(model: Model): Line {
  return [span('dim', model.hasState ? 'no worktree yet' : '')];
}

function moreRow(count: number): Line {
  return [span('dim', `… ${count} more`)];
}

function poolRows(model: Model, worktrees: readonly Worktree[], width: number): Line[] {
  const strip = worktrees.map(({ state }) => span(MARKS[state].style, MARKS[state].character));
  const legend = legendSpans(worktrees);
  const stripRows: Line[] = [];
  for (let at = 0; at < strip.length; at += width) stripRows.push(strip.slice(at, at + width));
  const last = stripRows.at(-1) ?? [];
  // Beside the strip where there is room, else below it.
  const fits = lineWidth(last) + 2 + lineWidth(legend) <= width;
  if (fits) stripRows[stripRows.length - 1] = [...last, span('text', '  '), ...legend];
  const held = worktrees.filter((worktree) => worktree.taskId !== null);
  return [...stripRows, ...(fits ? [] : [legend]), ...held.map((worktree) => heldRow(model, worktree))];
}

function legendSpans(worktrees: readonly Worktree[]): Span[] {
  return (Object.keys(MARKS) as Worktree['state'][]).flatMap((state) => {
    const count = worktrees.filter((worktree) => worktree.state === state).length;
    if (count === 0) return [];
    const { character, word, style } = MARKS[state];
    return [span(style, character), span('dim', ` ${count} ${word}  `)];
  });
}

function heldRow(model: Model, worktree: Worktree): Line {
  const { character, style } = MARKS[worktree.state];
  const task = worktree.taskId === null ? undefined : model.state.tasks.get(worktree.taskId);
  const head = [span('dim', shortName(worktree).padStart(3)), span(style, ` ${character} `)];
  if (!task) return head;
  const age = task.startedAt === null ? [] : [span('dim', ` ${formatAge(model.now - task.startedAt)}`)];
  return [...head, span('dim', shortId(task.id)), ...age, span('text', ` ${printable(task.title)}`)];
}

function shortName({ id }: Worktree): string {
  return printable(id.replace(/^worktree-/, ''));
}

function numberOf({ id }: Worktree): number {
  return Number(/\d+$/.exec(id)?.[0] ?? 0);
}
