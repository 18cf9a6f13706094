// Owns where the cursor of copy mode goes: by cells, words, lines, paragraphs and prompts. Pure.
import type { CopyRow } from './row.ts';

export interface Position {
  readonly x: number;
  readonly y: number;
}

export type Rows = readonly CopyRow[];
export type Kind = 'word' | 'space';

/** What separates words, as tmux' `word-separators` has it; blanks do so too. */
const SEPARATORS = '!"#$%&\'()*+,-./:;<=>?@[\\]^`{|}~';
/** What begins a line on which a person spoke to the agent. */
const PROMPT = '❯';

/** The position moved onto the text: into the rows, not behind the last character, not on half of a wide one. */
export function clamp(rows: Rows, { x, y }: Position): Position {
  const row = Math.max(0, Math.min(rows.length - 1, y));
  return { x: onCharacter(rows, row, x), y: row };
}

/** The column of the character at a column: of the last one beyond the end. */
function onCharacter(rows: Rows, y: number, x: number): number {
  const cells = rows[y]?.cells ?? '';
  const column = Math.max(0, Math.min(cells.length - 1, x));
  return cells[column] === '' && column > 0 ? column - 1 : column;
}

/** The column behind the character at a column. */
export function after(rows: Rows, { x, y }: Position): number {
  return rows[y]?.cells[x + 1] === '' ? x + 2 : x + 1;
}

function lengthOf(rows: Rows, y: number): number {
  return rows[y]?.cells.length ?? 0;
}

export function left(rows: Rows, { x, y }: Position): Position {
  if (x > 0) return { x: onCharacter(rows, y, x - 1), y };
  return y > 0 ? clamp(rows, { x: Number.MAX_SAFE_INTEGER, y: y - 1 }) : { x, y };
}

export function right(rows: Rows, at: Position): Position {
  const x = after(rows, at);
  if (x < lengthOf(rows, at.y)) return { x, y: at.y };
  return at.y < rows.length - 1 ? { x: 0, y: at.y + 1 } : at;
}

/** The first character of a row that is no blank. */
export function indentation(rows: Rows, y: number): Position {
  const cells = rows[y]?.cells ?? '';
  for (let x = 0; x < cells.length; x++) if (cells[x] !== ' ') return { x, y };
  return { x: 0, y };
}

export function endOfLine(rows: Rows, y: number): Position {
  return clamp(rows, { x: Number.MAX_SAFE_INTEGER, y });
}

type CharacterClass = 'blank' | 'separator' | 'word';

/** Behind the last character of a row stands its line break, a blank; a wrapped row has none. */
function classAt(rows: Rows, { x, y }: Position, kind: Kind): CharacterClass {
  const text = rows[y]?.cells[x];
  if (text === undefined || text === ' ' || text === '\u00a0') return 'blank';
  return kind === 'word' && SEPARATORS.includes(text) ? 'separator' : 'word';
}

/** One place further, line breaks among them; null at the end of the text. */
function forward(rows: Rows, at: Position): Position | null {
  const x = after(rows, at);
  const length = lengthOf(rows, at.y);
  if (x < length || (x === length && rows[at.y]?.isWrapped !== true && length > 0)) return { x, y: at.y };
  return at.y < rows.length - 1 ? { x: 0, y: at.y + 1 } : null;
}

function backward(rows: Rows, { x, y }: Position): Position | null {
  if (x > 0) {
    const column = x - 1;
    return { x: rows[y]?.cells[column] === '' && column > 0 ? column - 1 : column, y };
  }
  if (y === 0) return null;
  const length = lengthOf(rows, y - 1);
  if (length === 0 || rows[y - 1]?.isWrapped !== true) return { x: length, y: y - 1 };
  return { x: onCharacter(rows, y - 1, length - 1), y: y - 1 };
}

type Walk = (rows: Rows, at: Position) => Position | null;

/** Walks on while `isWanted`; the first place where it is not, or the last of the text. */
function walk(rows: Rows, from: Position, step: Walk, isWanted: (at: Position) => boolean): Position {
  let at = from;
  while (isWanted(at)) {
    const next = step(rows, at);
    if (next === null) return at;
    at = next;
  }
  return at;
}

/** The beginning of the next word. */
export function nextWord(rows: Rows, from: Position, kind: Kind): Position {
  const own = classAt(rows, from, kind);
  const behind = walk(rows, from, forward, (at) => own !== 'blank' && classAt(rows, at, kind) === own);
  return clamp(
    rows,
    walk(rows, behind, forward, (at) => classAt(rows, at, kind) === 'blank'),
  );
}

/** The last character of this word or, from there, of the next one. */
export function endOfWord(rows: Rows, from: Position, kind: Kind): Position {
  const start = forward(rows, from);
  if (start === null) return from;
  const word = walk(rows, start, forward, (at) => classAt(rows, at, kind) === 'blank');
  const own = classAt(rows, word, kind);
  if (own === 'blank') return clamp(rows, word);
  return lastOf(rows, word, own, kind);
}

function lastOf(rows: Rows, from: Position, own: CharacterClass, kind: Kind): Position {
  let at = from;
  for (let next = forward(rows, at); next && classAt(rows, next, kind) === own; next = forward(rows, at)) at = next;
  return at;
}

/** The beginning of this word or, from there, of the one before. */
export function previousWord(rows: Rows, from: Position, kind: Kind): Position {
  const start = backward(rows, from);
  if (start === null) return from;
  const word = walk(rows, start, backward, (at) => classAt(rows, at, kind) === 'blank');
  const own = classAt(rows, word, kind);
  if (own === 'blank') return clamp(rows, word);
  return firstOf(rows, word, own, kind);
}

function firstOf(rows: Rows, from: Position, own: CharacterClass, kind: Kind): Position {
  let at = from;
  for (let next = backward(rows, at); next && classAt(rows, next, kind) === own; next = backward(rows, at)) at = next;
  return at;
}

/** The first and the last character of the word (or of the blanks) at a place. */
export function wordAt(rows: Rows, at: Position): readonly [Position, Position] {
  const own = classAt(rows, at, 'word');
  if (own === 'blank') return [at, at];
  return [firstOf(rows, at, own, 'word'), lastOf(rows, at, own, 'word')];
}

/** The first and the last row of the line at a row, however the pane wrapped it. */
export function lineAt(rows: Rows, y: number): readonly [number, number] {
  let first = y;
  let last = y;
  while (first > 0 && rows[first - 1]?.isWrapped === true) first--;
  while (last < rows.length - 1 && rows[last]?.isWrapped === true) last++;
  return [first, last];
}

/** The next place (step 1), or the one before, of a character on the line at a place; null when there is none. */
export function onLine(rows: Rows, { x, y }: Position, character: string, step: 1 | -1): Position | null {
  const [first, last] = lineAt(rows, y);
  for (let at = { x: x + step, y }; at.y >= first && at.y <= last; ) {
    const { cells = '' } = rows[at.y] ?? {};
    if (at.x >= 0 && at.x < cells.length) {
      if (cells[at.x] === character) return at;
      at.x += step;
    } else {
      at.y += step;
      at.x = step === 1 ? 0 : lengthOf(rows, at.y) - 1;
    }
  }
  return null;
}

/** The empty row behind (step 1) or before (step -1) this paragraph; the end of the text when there is none. */
export function paragraph(rows: Rows, { y }: Position, step: 1 | -1): Position {
  let at = y;
  const isInside = (row: number): boolean => row >= 0 && row < rows.length;
  while (isInside(at + step) && lengthOf(rows, at) === 0) at += step;
  while (isInside(at + step) && lengthOf(rows, at) > 0) at += step;
  return lengthOf(rows, at) > 0 && step === 1 ? endOfLine(rows, at) : { x: 0, y: at };
}

/**
 * The next row (step 1), or the one before, that begins a prompt; null when there is none. Where none is marked, one is known by the sign with
 * which agents begin theirs.
 */
export function prompt(rows: Rows, { y }: Position, step: 1 | -1): Position | null {
  const isMarked = rows.some((row) => row.isPrompt);
  const isPrompt = (at: number): boolean => {
    const { x } = indentation(rows, at);
    return isMarked ? rows[at]?.isPrompt === true : x <= 2 && rows[at]?.cells[x] === PROMPT;
  };
  for (let at = y + step; at >= 0 && at < rows.length; at += step) if (isPrompt(at)) return { x: 0, y: at };
  return null;
}
