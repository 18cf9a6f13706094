// Owns what a key does in copy mode. Pure.
import type { CopyAction } from './actions.ts';
import {
  type CopyMode,
  type CopyStep,
  type CopyView,
  goTo,
  isAtEnd,
  page,
  scroll,
  searchFor,
  searchOn,
  showPlace,
  stay,
} from './copy-mode.ts';
import {
  after,
  clamp,
  endOfLine,
  endOfWord,
  indentation,
  left,
  lineAt,
  nextWord,
  type Position,
  paragraph,
  previousWord,
  prompt,
  right,
  wordAt,
} from './motion.ts';
import { again, ask, goToLine, jumpOn, typeIntoPrompt } from './prompt.ts';
import { type Selection, selectedText } from './selection.ts';

/** A number before a key above this would only keep the machine busy. */
const MOST_TIMES = 10_000;

type Move = (mode: CopyMode, view: CopyView) => CopyMode;

/** One key. */
export function pressCopyKey(mode: CopyMode, key: string, view: CopyView): CopyStep {
  if (mode.prompt) return typeIntoPrompt(mode, mode.prompt, key, view);
  // A zero begins no number: it is the start of the line.
  if (mode.keys === 'vi' && (mode.count > 0 ? /^\d$/ : /^[1-9]$/).test(key))
    return stay({ ...mode, count: Math.min(MOST_TIMES, mode.count * 10 + Number(key)) });
  const action = mode.bindings.get(key) ?? null;
  const times = Math.max(1, mode.count);
  const ready: CopyMode = { ...mode, count: 0, isDrawing: false };
  if (action === null) return stay(ready);
  const move = MOVES[action];
  if (move) return stay(repeat(ready, times, move, view));
  if (action === 'page-down' || action === 'halfpage-down') return pageDown(ready, action, times, view);
  if (action === 'history-bottom' && mode.count > 0) return stay(goToLine(ready, times, view));
  return act(ready, action, view);
}

function repeat(mode: CopyMode, times: number, move: Move, view: CopyView): CopyMode {
  let at = mode;
  for (let done = 0; done < times; done++) {
    const next = move(at, view);
    if (next.cursor.x === at.cursor.x && next.cursor.y === at.cursor.y && next.top === at.top) return next;
    at = next;
  }
  return at;
}

/** A row is left out of a page, so that the eye finds its way. */
function pageOf(view: CopyView): number {
  return Math.max(1, view.height - 2);
}

function halfOf(view: CopyView): number {
  return Math.max(1, Math.floor(view.height / 2));
}

function pageDown(mode: CopyMode, action: 'page-down' | 'halfpage-down', times: number, view: CopyView): CopyStep {
  const by = (action === 'page-down' ? pageOf(view) : halfOf(view)) * times;
  const next = page(mode, by, view);
  return stay(next.leavesAtEnd && next.selection === null && isAtEnd(next, view) ? null : next);
}

function vertical(mode: CopyMode, by: number, view: CopyView): CopyMode {
  const y = mode.cursor.y + by;
  if (y < 0 || y >= mode.rows.length) return mode;
  return { ...goTo(mode, place(mode, { x: mode.column, y }), view), column: mode.column };
}

/** Emacs' cursor may stand behind the last character, where its selections end. */
function place(mode: CopyMode, at: Position): Position {
  const length = mode.rows[at.y]?.cells.length ?? 0;
  return mode.keys === 'emacs' && at.x >= length ? { x: length, y: at.y } : clamp(mode.rows, at);
}

const to =
  (find: (mode: CopyMode) => Position | null): Move =>
  (mode, view) => {
    const found = find(mode);
    return found ? goTo(mode, found, view) : mode;
  };
const inView =
  (row: (top: number, last: number) => number): Move =>
  (mode, view) => {
    const last = Math.min(mode.rows.length - 1, mode.top + view.height - 1);
    return goTo(mode, clamp(mode.rows, { x: mode.column, y: row(mode.top, last) }), view);
  };

const MOVES: Partial<Readonly<Record<CopyAction, Move>>> = {
  'cursor-left': to(({ rows, cursor }) => left(rows, cursor)),
  'cursor-right': to((mode) => {
    const { rows, cursor, keys } = mode;
    const length = rows[cursor.y]?.cells.length ?? 0;
    const x = after(rows, cursor);
    return keys === 'emacs' && cursor.x < length && x >= length ? { x: length, y: cursor.y } : right(rows, cursor);
  }),
  'cursor-up': (mode, view) => vertical(mode, -1, view),
  'cursor-down': (mode, view) => vertical(mode, 1, view),
  'scroll-up': (mode, view) => scroll(mode, -1, view),
  'scroll-down': (mode, view) => scroll(mode, 1, view),
  'halfpage-up': (mode, view) => page(mode, -halfOf(view), view),
  'page-up': (mode, view) => page(mode, -pageOf(view), view),
  'top-line': inView((top) => top),
  'middle-line': inView((top, last) => Math.floor((top + last) / 2)),
  'bottom-line': inView((_top, last) => last),
  'history-top': to(() => ({ x: 0, y: 0 })),
  'start-of-line': to(({ rows, cursor }) => ({ x: 0, y: lineAt(rows, cursor.y)[0] })),
  'back-to-indentation': to(({ rows, cursor }) => indentation(rows, lineAt(rows, cursor.y)[0])),
  'end-of-line': to((mode) => lineEnd(mode)),
  'next-word': to(({ rows, cursor }) => nextWord(rows, cursor, 'word')),
  'next-space': to(({ rows, cursor }) => nextWord(rows, cursor, 'space')),
  'next-word-end': to((mode) => wordEnd(mode, 'word')),
  'next-space-end': to((mode) => wordEnd(mode, 'space')),
  'previous-word': to(({ rows, cursor }) => previousWord(rows, cursor, 'word')),
  'previous-space': to(({ rows, cursor }) => previousWord(rows, cursor, 'space')),
  'next-paragraph': to(({ rows, cursor }) => paragraph(rows, cursor, 1)),
  'previous-paragraph': to(({ rows, cursor }) => paragraph(rows, cursor, -1)),
  'jump-again': (mode, view) => jumpOn(mode, false, view),
  'jump-reverse': (mode, view) => jumpOn(mode, true, view),
};

function lineEnd(mode: CopyMode): Position {
  const y = lineAt(mode.rows, mode.cursor.y)[1];
  return place(mode, { ...endOfLine(mode.rows, y), ...(mode.keys === 'emacs' ? { x: Number.MAX_SAFE_INTEGER } : {}) });
}

/** Vi goes onto the last character of a word, emacs behind it. */
function wordEnd(mode: CopyMode, kind: 'word' | 'space'): Position {
  const { rows, cursor } = mode;
  if (mode.keys === 'vi') return endOfWord(rows, cursor, kind);
  const before = cursor.x > 0 ? { x: cursor.x - 1, y: cursor.y } : cursor;
  const isInside = cursor.x > 0 && (rows[cursor.y]?.cells[cursor.x] ?? ' ') !== ' ';
  const end = endOfWord(rows, isInside ? before : cursor, kind);
  return { x: after(rows, end), y: end.y };
}

function act(mode: CopyMode, action: CopyAction, view: CopyView): CopyStep {
  switch (action) {
    case 'history-bottom':
      return stay(goTo(mode, endOfLine(mode.rows, mode.rows.length - 1), view));
    case 'next-prompt':
    case 'previous-prompt':
      return goToPrompt(mode, action === 'next-prompt' ? 1 : -1, view);
    case 'begin-selection':
      return stay(toggle(mode, 'character'));
    case 'select-line':
      return stay(toggle(mode, 'line'));
    case 'rectangle-toggle':
      return stay(toggle(mode, 'block'));
    case 'clear-selection':
      return stay(mode.selection ? { ...mode, selection: null } : null);
    case 'other-end':
      return stay(otherEnd(mode, view));
    case 'search-forward':
    case 'search-backward':
      return stay(ask(mode, 'search', action === 'search-backward'));
    case 'goto-line':
      return stay(ask(mode, 'goto', false));
    case 'jump-forward':
    case 'jump-backward':
      return stay(ask(mode, 'jump', action === 'jump-backward'));
    case 'search-word-forward':
    case 'search-word-backward':
      return searchWord(mode, action === 'search-word-backward', view);
    case 'search-again':
    case 'search-reverse':
      return again(mode, action === 'search-reverse', view);
    case 'refresh':
      return { mode, wish: { kind: 'load', source: mode.source } };
    case 'toggle-transcript':
      return { mode, wish: { kind: 'load', source: mode.source === 'screen' ? 'conversation' : 'screen' } };
    default:
      return finish(mode, action);
  }
}

/** Searches for the word at the cursor. */
function searchWord(mode: CopyMode, isBackward: boolean, view: CopyView): CopyStep {
  const [from, to] = wordAt(mode.rows, mode.cursor);
  const word = selectedText(mode.rows, { kind: 'character', anchor: from, isInclusive: true }, to);
  if (word.trim() === '') return { mode, wish: { kind: 'refuse', text: 'there is no word at the cursor' } };
  const here = searchFor(mode, word, { from, isBackward, view });
  return stay((here && searchOn(here, false, view)) ?? mode);
}

/** What leaves copy mode, mostly with a text. */
function finish(mode: CopyMode, action: CopyAction): CopyStep {
  const { rows, cursor } = mode;
  const line: Selection = { kind: 'line', anchor: cursor, isInclusive: true };
  switch (action) {
    case 'copy-selection-and-cancel':
      return mode.selection ? copy(selectedText(rows, mode.selection, cursor)) : stay(null);
    case 'copy-line-and-cancel': {
      const [first, last] = lineAt(rows, cursor.y);
      return copy(selectedText(rows, { ...line, anchor: { x: 0, y: first } }, { x: 0, y: last }));
    }
    case 'copy-end-of-line-and-cancel': {
      const end = endOfLine(rows, lineAt(rows, cursor.y)[1]);
      return copy(selectedText(rows, { ...line, kind: 'character' }, end));
    }
    default:
      return stay(null);
  }
}

function copy(text: string): CopyStep {
  return {
    mode: null,
    wish: text === '' ? { kind: 'refuse', text: 'there is nothing to copy' } : { kind: 'copy', text },
  };
}

function toggle(mode: CopyMode, kind: Selection['kind']): CopyMode {
  const { selection, cursor, keys } = mode;
  if (selection?.kind === kind) return { ...mode, selection: null };
  if (selection) return { ...mode, selection: { ...selection, kind } };
  return { ...mode, selection: { kind, anchor: cursor, isInclusive: keys === 'vi' } };
}

function otherEnd(mode: CopyMode, view: CopyView): CopyMode {
  const { selection, cursor } = mode;
  if (selection === null) return mode;
  return goTo({ ...mode, selection: { ...selection, anchor: cursor } }, selection.anchor, view);
}

function goToPrompt(mode: CopyMode, step: 1 | -1, view: CopyView): CopyStep {
  const found = prompt(mode.rows, mode.cursor, step);
  if (found) return stay(showPlace(mode, found, view));
  return { mode, wish: { kind: 'refuse', text: `there is no prompt ${step === 1 ? 'below' : 'above'}` } };
}
