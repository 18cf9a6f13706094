// Owns copy mode on one pane as a value: the frozen rows, the cursor, the selection, the search; and its small changes. Pure.
import type { LineEdit } from '../command-bar/line-edit.ts';
import type { CopyAction } from './actions.ts';
import { clamp, type Position, type Rows } from './motion.ts';
import { reflow } from './reflow.ts';
import { findMatches, matchFrom, type Search } from './search.ts';
import type { Selection } from './selection.ts';

export type CopyKeys = 'vi' | 'emacs';
/** `screen` is what the pane has printed; `conversation` is what the agent has written down of it. */
export type CopySource = 'screen' | 'conversation';

/** How much of the document is seen at once. */
export interface CopyView {
  readonly width: number;
  readonly height: number;
}

/** A line of input in the last row of the pane. */
export interface CopyPrompt {
  readonly kind: 'search' | 'goto' | 'jump';
  readonly isBackward: boolean;
  readonly edit: LineEdit;
  /** Where to go back to when it is given up. */
  readonly from: { readonly cursor: Position; readonly top: number; readonly search: Search | null };
}

/** A character of the line that was jumped to. */
export interface Jump {
  readonly to: string;
  readonly isBackward: boolean;
}

export interface CopyMode {
  readonly kind: 'open';
  /** Names the loading that it came from; later answers to earlier questions are dropped by it. */
  readonly token: number;
  readonly keys: CopyKeys;
  readonly bindings: ReadonlyMap<string, CopyAction>;
  readonly source: CopySource;
  readonly rows: Rows;
  /** What the rows are broken for, and the cursor is kept in. */
  readonly view: CopyView;
  /** The row at the top of the view. */
  readonly top: number;
  readonly cursor: Position;
  /** The column that going up and down tries to keep. */
  readonly column: number;
  readonly selection: Selection | null;
  /** The mouse is drawing the selection. */
  readonly isDrawing: boolean;
  readonly search: Search | null;
  readonly jump: Jump | null;
  readonly prompt: CopyPrompt | null;
  /** The number typed before a key, as vi has it; 0 is none. */
  readonly count: number;
  /** Entered by the wheel: scrolling down to the end leaves it. */
  readonly leavesAtEnd: boolean;
}

/** What a key or the mouse wants beyond copy mode. */
export type CopyWish =
  | { readonly kind: 'copy'; readonly text: string }
  /** The document anew, or that of the other source. */
  | { readonly kind: 'load'; readonly source: CopySource }
  | { readonly kind: 'refuse'; readonly text: string };

/** The next mode, null when it is left, and the wish. */
export interface CopyStep {
  readonly mode: CopyMode | null;
  readonly wish: CopyWish | null;
}

/** Nothing but another mode. */
export function stay(mode: CopyMode | null): CopyStep {
  return { mode, wish: null };
}

/** Copy mode on a document, seen from `top`, the cursor on the last row in view. */
export function openCopyMode(
  parts: Pick<CopyMode, 'token' | 'keys' | 'bindings' | 'source' | 'rows' | 'leavesAtEnd'> & { top: number },
  view: CopyView,
): CopyMode {
  const top = clampTop(parts.rows, parts.top, view);
  const cursor = clamp(parts.rows, { x: 0, y: Math.min(parts.rows.length, top + view.height) - 1 });
  return {
    ...parts,
    kind: 'open',
    view,
    top,
    cursor,
    column: 0,
    selection: null,
    isDrawing: false,
    search: null,
    jump: null,
    prompt: null,
    count: 0,
  };
}

/** The same text in a pane of another size: its lines are broken anew, and the same of it is seen, the cursor in any case. */
export function withView(mode: CopyMode, view: CopyView): CopyMode {
  if (view.width === mode.view.width) return goTo({ ...mode, view }, mode.cursor, view);
  const { rows, placeOf } = reflow(mode.rows, view.width, mode.source === 'conversation' ? 'blanks' : 'anywhere');
  const { selection, search, prompt } = mode;
  const from = prompt && {
    cursor: placeOf(prompt.from.cursor),
    top: placeOf({ x: 0, y: prompt.from.top }).y,
    search: searchAgain(prompt.from.search, rows, placeOf),
  };
  const moved: CopyMode = {
    ...mode,
    rows,
    view,
    top: clampTop(rows, placeOf({ x: 0, y: mode.top }).y, view),
    selection: selection && { ...selection, anchor: placeOf(selection.anchor) },
    search: searchAgain(search, rows, placeOf),
    prompt: prompt && from && { ...prompt, from },
  };
  return goTo(moved, placeOf(mode.cursor), view);
}

/** The nearest top that fills the view. */
export function clampTop(rows: Rows, top: number, view: CopyView): number {
  return Math.max(0, Math.min(rows.length - view.height, top));
}

/** The cursor at a place, and the view moved just as far as it takes to see it. */
export function goTo(mode: CopyMode, cursor: Position, view: CopyView): CopyMode {
  const low = Math.max(mode.top, cursor.y - view.height + 1);
  return { ...mode, cursor, column: cursor.x, top: clampTop(mode.rows, Math.min(low, cursor.y), view) };
}

/** As `goTo`, but a place that is not in view comes to its middle. */
export function showPlace(mode: CopyMode, cursor: Position, view: CopyView): CopyMode {
  const isSeen = cursor.y >= mode.top && cursor.y < mode.top + view.height;
  const top = isSeen ? mode.top : clampTop(mode.rows, cursor.y - Math.floor(view.height / 2), view);
  return goTo({ ...mode, top }, cursor, view);
}

/** The view moved by rows; the cursor stays in it. */
export function scroll(mode: CopyMode, by: number, view: CopyView): CopyMode {
  const top = clampTop(mode.rows, mode.top + by, view);
  const y = Math.max(top, Math.min(top + view.height - 1, mode.cursor.y));
  return { ...mode, top, cursor: clamp(mode.rows, { x: mode.column, y }) };
}

/** View and cursor moved by rows. */
export function page(mode: CopyMode, by: number, view: CopyView): CopyMode {
  const y = Math.max(0, Math.min(mode.rows.length - 1, mode.cursor.y + by));
  return { ...mode, top: clampTop(mode.rows, mode.top + by, view), cursor: clamp(mode.rows, { x: mode.column, y }) };
}

/** True when the end of the document is in view. */
export function isAtEnd(mode: CopyMode, view: CopyView): boolean {
  return mode.top >= mode.rows.length - view.height;
}

/** Searches from a place on and goes to what is found; null when there is nothing. */
export function searchFor(
  mode: CopyMode,
  query: string,
  { from, isBackward, view }: { from: Position; isBackward: boolean; view: CopyView },
): CopyMode | null {
  const matches = findMatches(mode.rows, query);
  const current = matchFrom(matches, from, { isBackward, isHere: true });
  const match = matches[current];
  if (!match) return null;
  const found = showPlace(mode, { x: match.from, y: match.y }, view);
  return { ...found, search: { query, isBackward, matches, current } };
}

/** Goes to the next match, or to the one before; null when nothing is searched for. */
export function searchOn(mode: CopyMode, isReverse: boolean, view: CopyView): CopyMode | null {
  const { search } = mode;
  if (search === null) return null;
  const current = matchFrom(search.matches, mode.cursor, {
    isBackward: search.isBackward !== isReverse,
    isHere: false,
  });
  const match = search.matches[current];
  if (!match) return null;
  return { ...showPlace(mode, { x: match.from, y: match.y }, view), search: { ...search, current } };
}

/** What was searched for, in the text as it is now; `placeOf` tells where a place of before lies. */
function searchAgain(search: Search | null, rows: Rows, placeOf: (at: Position) => Position): Search | null {
  if (search === null) return null;
  const matches = findMatches(rows, search.query);
  const before = search.matches[search.current];
  const here = before && placeOf({ x: before.from, y: before.y });
  return { ...search, matches, current: matches.findIndex(({ y, from }) => y === here?.y && from === here.x) };
}

/** Rows that have been loaded take the place of unknown ones; what is searched for is searched in them too. */
export function withRows(mode: CopyMode, from: number, rows: Rows): CopyMode {
  const all = [...mode.rows];
  all.splice(from, rows.length, ...rows);
  return { ...mode, rows: all, search: searchAgain(mode.search, all, (at) => at) };
}
