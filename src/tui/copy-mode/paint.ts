// Owns how a pane in copy mode looks: its frozen rows with selection, matches and the line of input, as cells.

import { graphemes, textWidth } from '../../domain/text-width.ts';
import {
  BG_DIM,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  COLOR_MODE_MASK,
  COLOR_P16,
  FG_INVERSE,
  FG_UNDERLINE,
} from '../../protocol/cells.ts';
import type { PaneRun } from '../compositor/blessed-screen.ts';
import type { SourceLine } from '../compositor/cell-grid.ts';
import type { Compositor } from '../compositor/compositor.ts';
import type { CopyMode, CopyPrompt } from './copy-mode.ts';
import { BLANK_ROW, type CopyRow, cellsOfText } from './row.ts';
import { type Match, MOST_MATCHES } from './search.ts';
import { stretchOf } from './selection.ts';

const BLANK = (1 << CELL_WIDTH_SHIFT) | 0x20;
/** As tmux' copy-mode-match-style and its current one; the underline is for terminals without colours. */
const MATCH = { fg: COLOR_P16 | FG_UNDERLINE, bg: COLOR_P16 | 6 };
const CURRENT = { fg: COLOR_P16 | FG_UNDERLINE, bg: COLOR_P16 | 5 };
const COLOUR_BITS = COLOR_MODE_MASK | 0xffffff;

/** Blits what is seen of a pane in copy mode. */
export function paintCopyMode(
  mode: CopyMode,
  runs: readonly PaneRun[],
  height: number,
  compositor: Pick<Compositor, 'blitLine'>,
): void {
  for (const run of runs) {
    const isPrompt = mode.prompt !== null && run.sourceY === height - 1;
    const width = run.sourceX + run.width;
    const line =
      isPrompt && mode.prompt ? promptLine(mode, mode.prompt, width) : rowLine(mode, mode.top + run.sourceY, width);
    compositor.blitLine(line.cells, line.strings, line.styles, { x: run.sourceX, width: run.width }, run.x, run.y);
  }
}

/** Where the cursor stands in the pane: on the text, or in the line of input. */
export function copyCursor(mode: CopyMode, view: { width: number; height: number }): { x: number; y: number } {
  if (mode.prompt) {
    const before = promptText(mode.prompt, mode.prompt.edit.text.slice(0, mode.prompt.edit.cursor));
    return { x: Math.min(view.width - 1, textWidth(before)), y: view.height - 1 };
  }
  return { x: Math.min(view.width - 1, mode.cursor.x), y: Math.min(view.height - 1, mode.cursor.y - mode.top) };
}

/** How the matches stand, `3/17`; empty while nothing is searched for. */
export function matchCount({ search }: CopyMode): string {
  if (search === null) return '';
  const more = search.matches.length >= MOST_MATCHES ? '+' : '';
  return `${search.current + 1}/${search.matches.length}${more}`;
}

function rowLine(mode: CopyMode, y: number, width: number): SourceLine {
  const row = mode.rows[y];
  const line = lineOfRow(row ?? BLANK_ROW, width);
  if (!row) return line;
  const last = mode.search?.matches[mode.search.current];
  for (const match of matchesOn(mode.search?.matches ?? [], y)) {
    const from = y === match.y ? match.from : 0;
    const to = y === match.lastY ? match.to : row.cells.length;
    highlight(line.cells, from, to, match === last);
  }
  const stretch = mode.selection ? stretchOf(mode.rows, mode.selection, mode.cursor, y) : null;
  if (stretch) {
    // A selected line break shows as one cell behind the text.
    const end = stretch.to === Number.POSITIVE_INFINITY ? row.cells.length + 1 : stretch.to;
    invert(line.cells, stretch.from, Math.min(width, end));
  }
  return line;
}

/** A fresh copy of a row's cells, padded to the width. */
function lineOfRow(row: CopyRow, width: number): { cells: Uint32Array } & Omit<SourceLine, 'cells'> {
  const cells = new Uint32Array(width * CELL_WORDS);
  for (let at = 0; at < cells.length; at += CELL_WORDS) cells[at] = BLANK;
  if ('line' in row.look) {
    const source = row.look.line();
    cells.set(source.cells.subarray(0, cells.length));
    return { cells, strings: source.strings, styles: source.styles };
  }
  const strings = [''];
  writeCells(cells, strings, row.cells, row.look);
  return { cells, strings, styles: [] };
}

function writeCells(
  target: Uint32Array,
  strings: string[],
  cells: CopyRow['cells'],
  colours: { fg: number; bg: number },
): void {
  for (let x = 0; x < cells.length && x * CELL_WORDS < target.length; x++) {
    const text = cells[x] ?? '';
    const at = x * CELL_WORDS;
    const code = text.codePointAt(0) ?? 0;
    const width = text === '' ? 0 : cells[x + 1] === '' ? 2 : 1;
    const isSimple = text.length <= (code > 0xffff ? 2 : 1);
    target[at] = (width << CELL_WIDTH_SHIFT) | (isSimple ? code : CELL_COMBINED | (strings.push(text) - 1));
    target[at + 1] = colours.fg;
    target[at + 2] = colours.bg;
  }
}

/** Matches stand in order and apart: the first that reaches a row is found by halving. */
function matchesOn(matches: readonly Match[], y: number): Match[] {
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((matches[middle]?.lastY ?? 0) < y) low = middle + 1;
    else high = middle;
  }
  const found: Match[] = [];
  for (let match = matches[low]; match && match.y <= y; match = matches[++low]) found.push(match);
  return found;
}

function highlight(cells: Uint32Array, from: number, to: number, isCurrent: boolean): void {
  const { fg, bg } = isCurrent ? CURRENT : MATCH;
  for (let at = from * CELL_WORDS; at < to * CELL_WORDS && at < cells.length; at += CELL_WORDS) {
    cells[at + 1] = (((cells[at + 1] ?? 0) & ~(COLOUR_BITS | FG_INVERSE)) | fg) >>> 0;
    cells[at + 2] = (((cells[at + 2] ?? 0) & ~(COLOUR_BITS | BG_DIM)) | bg) >>> 0;
  }
}

function invert(cells: Uint32Array, from: number, to: number): void {
  for (let at = from * CELL_WORDS; at < to * CELL_WORDS; at += CELL_WORDS)
    cells[at + 1] = ((cells[at + 1] ?? 0) ^ FG_INVERSE) >>> 0;
}

function promptText(prompt: CopyPrompt, text: string): string {
  if (prompt.kind === 'goto') return `:${text}`;
  if (prompt.kind === 'jump') return prompt.isBackward ? 'F' : 'f';
  return `${prompt.isBackward ? '?' : '/'}${text}`;
}

/** The line of input over the last row, with the number of matches at its end. */
function promptLine(mode: CopyMode, prompt: CopyPrompt, width: number): SourceLine {
  const count = prompt.kind === 'search' ? matchCount(mode) : '';
  let text = '';
  let used = 0;
  for (const grapheme of graphemes(promptText(prompt, prompt.edit.text))) {
    if (used + grapheme.width > width - count.length - 1) break;
    text += grapheme.text;
    used += grapheme.width;
  }
  const line = `${text}${' '.repeat(Math.max(0, width - used - count.length))}${count}`;
  const row: CopyRow = { cells: cellsOfText(line), isWrapped: false, look: { fg: 0, bg: 0 } };
  const painted = lineOfRow(row, width);
  invert(painted.cells, 0, width);
  return painted;
}
