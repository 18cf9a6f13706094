// Owns a row of a copy-mode document: its text cell by cell, and how it looked.

import { graphemes } from '../../domain/text-width.ts';
import { CELL_CODE_MASK, CELL_COMBINED, CELL_WIDTH_SHIFT, CELL_WORDS } from '../../protocol/cells.ts';
import type { SourceLine } from '../compositor/cell-grid.ts';

/**
 * One string for each cell, blanks at the end of a line cut: a character on its (first) cell, '' on the second cell of a wide one.
 * A row of ASCII is a plain string, whose characters are its cells.
 */
export type Cells = string | readonly string[];

/** The colours of a whole row, as words of cells.ts. */
export interface RowColours {
  readonly fg: number;
  readonly bg: number;
}

export interface CopyRow {
  readonly cells: Cells;
  /** The text goes on in the next row without a line break. */
  readonly isWrapped: boolean;
  /** A prompt begins here: a shell has marked it, or a person has said this in a conversation. */
  readonly isPrompt?: boolean;
  /** The cells as they stood in the pane, decoded when the row is painted; or colours for the whole row. */
  readonly look: { readonly line: () => SourceLine } | RowColours;
}

/** A row that nothing is known of (yet). */
export const BLANK_ROW: CopyRow = { cells: '', isWrapped: false, look: { fg: 0, bg: 0 } };

const ASCII = /^[\x20-\x7e]*$/;

/** The text of the cells from `from` up to, without, `to`. A wide character belongs to its first cell. */
export function textBetween(cells: Cells, from: number, to: number): string {
  const part = cells.slice(Math.max(0, from), Math.max(0, to));
  return typeof part === 'string' ? part : part.join('');
}

/** The whole text of a row. */
export function textOfRow(row: CopyRow): string {
  return textBetween(row.cells, 0, row.cells.length);
}

/** The segmenter's time grows with the square of what it is given: a long line goes to it word by word, a long word in pieces. */
const PIECES = /[^ ]{1,256} ?| {1,256}/gu;

/** The graphemes of a text of any length, with their widths. */
export function* charactersOf(text: string): Generator<{ readonly text: string; readonly width: number }> {
  for (const [piece] of text.matchAll(PIECES)) {
    if (ASCII.test(piece)) for (const character of piece) yield { text: character, width: 1 };
    else yield* graphemes(piece);
  }
}

/** The cells of a text as this program would print it; the text is sanitised. */
export function cellsOfText(text: string): Cells {
  const trimmed = text.trimEnd();
  if (ASCII.test(trimmed)) return trimmed;
  const cells: string[] = [];
  for (const grapheme of charactersOf(trimmed)) {
    cells.push(grapheme.text);
    if (grapheme.width === 2) cells.push('');
  }
  return cells;
}

/** The cells of a pane's row as the server sent it; of one that goes on in the next row, blanks that were printed at its end too. */
export function cellsOfLine({ cells, strings }: SourceLine, isWrapped = false): Cells {
  const found: string[] = [];
  let length = 0;
  for (let at = 0; at < cells.length; at += CELL_WORDS) {
    const content = cells[at] ?? 0;
    const width = (content >>> CELL_WIDTH_SHIFT) & 3;
    const code = content & CELL_CODE_MASK;
    const isRightHalf = width === 0 && at > 0;
    const text = isRightHalf
      ? ''
      : (content & CELL_COMBINED) !== 0
        ? (strings[code] ?? ' ')
        : code === 0
          ? ' '
          : String.fromCodePoint(code);
    found.push(text);
    if (text !== ' ' || (isWrapped && code !== 0)) length = found.length;
  }
  const kept = found.slice(0, length);
  const joined = kept.join('');
  return joined.length === kept.length && ASCII.test(joined) ? joined : kept;
}
