// Owns what is selected in copy mode: which cells, and their text. Pure.
import { after, type Position, type Rows } from './motion.ts';
import { textBetween } from './row.ts';

export interface Selection {
  readonly kind: 'character' | 'line' | 'block';
  /** Where it began; its other end is the cursor. */
  readonly anchor: Position;
  /** Vi's selections hold the character under the later end, those of emacs do not. */
  readonly isInclusive: boolean;
}

/** A stretch of a row: cells `from` up to, without, `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

function isBefore(a: Position, b: Position): boolean {
  return a.y < b.y || (a.y === b.y && a.x < b.x);
}

/** The first and the last row of a selection. */
function selectedRows({ anchor }: Selection, cursor: Position): readonly [number, number] {
  return [Math.min(anchor.y, cursor.y), Math.max(anchor.y, cursor.y)];
}

/** The selected cells of a row; null when it has none. A row whose line break is selected reaches to infinity. */
export function stretchOf(rows: Rows, selection: Selection, cursor: Position, y: number): Stretch | null {
  const [first, last] = selectedRows(selection, cursor);
  if (y < first || y > last) return null;
  const { kind, anchor, isInclusive } = selection;
  if (kind === 'line') return { from: 0, to: Number.POSITIVE_INFINITY };
  if (kind === 'block') {
    const from = Math.min(anchor.x, cursor.x);
    const to = isInclusive
      ? Math.max(after(rows, anchor), after(rows, cursor), Math.max(anchor.x, cursor.x) + 1)
      : Math.max(anchor.x, cursor.x);
    return { from, to };
  }
  const [start, end] = isBefore(cursor, anchor) ? [cursor, anchor] : [anchor, cursor];
  return {
    from: y === start.y ? start.x : 0,
    to: y !== end.y ? Number.POSITIVE_INFINITY : isInclusive ? after(rows, end) : end.x,
  };
}

/** The text: rows that the pane wrapped are one line, blanks at the ends of lines are left out. */
export function selectedText(rows: Rows, selection: Selection, cursor: Position): string {
  const [first, last] = selectedRows(selection, cursor);
  let text = '';
  for (let y = first; y <= last; y++) {
    const row = rows[y];
    const stretch = stretchOf(rows, selection, cursor, y);
    if (!row || !stretch) continue;
    const part = textBetween(row.cells, stretch.from, Math.min(stretch.to, row.cells.length));
    const goesOn = row.isWrapped && selection.kind !== 'block';
    text += goesOn || y === last ? part : `${part.trimEnd()}\n`;
  }
  return text.trimEnd() === '' ? text : text.replace(/ +$/, '');
}
