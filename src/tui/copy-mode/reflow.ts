// Owns a document at another width: its lines broken anew, and where its places lie then. Pure.
import { CELL_CODE_MASK, CELL_COMBINED, CELL_WORDS } from '../../protocol/cells.ts';
import type { SourceLine } from '../compositor/cell-grid.ts';
import { lineAt, type Position, type Rows } from './motion.ts';
import type { Cells, CopyRow } from './row.ts';

/** Where the rows of a line begin at a width: broken behind blanks, or as a terminal does it; never within a wide character. */
export function breaksOf(cells: Cells, width: number, kind: 'blanks' | 'anywhere'): number[] {
  const starts = [0];
  let start = 0;
  let blank = 0;
  for (let x = 0; x < cells.length; x++) {
    if (cells[x] === '') continue;
    const end = cells[x + 1] === '' ? x + 2 : x + 1;
    while (end - start > width && x > start) {
      // A long word at the end of a row does not leave most of that row empty.
      start = kind === 'blanks' && blank - start > width / 3 ? blank : x;
      starts.push(start);
    }
    if (cells[x] === ' ') blank = x + 1;
  }
  return starts;
}

export interface Reflowed {
  readonly rows: Rows;
  /** Where a place of the old rows is in the new ones. */
  readonly placeOf: (at: Position) => Position;
}

/** The rows of a document at another width. */
export function reflow(rows: Rows, width: number, kind: 'blanks' | 'anywhere'): Reflowed {
  const made: CopyRow[] = [];
  /** For each old row: the first new row of its line, how many cells of the line stand before it, and where the line's new rows begin. */
  const origins: { readonly first: number; readonly offset: number; readonly starts: readonly number[] }[] = [];
  for (let y = 0; y < rows.length; ) {
    const [, last] = lineAt(rows, y);
    const line = rows.slice(y, last + 1);
    const cells = joinCells(line);
    const starts = breaksOf(cells, width, kind);
    let offset = 0;
    for (const row of line) {
      origins.push({ first: made.length, offset, starts });
      offset += row.cells.length;
    }
    const [only] = line;
    if (line.length === 1 && starts.length === 1 && only) made.push(only);
    else
      starts.forEach((start, at) => {
        const end = starts[at + 1] ?? cells.length;
        made.push({
          cells: cells.slice(start, end),
          isWrapped: at < starts.length - 1 || line.at(-1)?.isWrapped === true,
          isPrompt: at === 0 && line.some(({ isPrompt }) => isPrompt),
          look: lookBetween(line, start, end),
        });
      });
    y = last + 1;
  }
  const placeOf = ({ x, y }: Position): Position => {
    const { first, offset, starts } = origins[y] ?? { first: 0, offset: 0, starts: [0] };
    const index = Math.max(
      0,
      starts.findLastIndex((start) => start <= offset + x),
    );
    return { x: offset + x - (starts[index] ?? 0), y: first + index };
  };
  return { rows: made, placeOf };
}

/** The cells of rows that are one line. */
export function joinCells(line: readonly CopyRow[]): Cells {
  const [only] = line;
  if (line.length === 1 && only) return only.cells;
  if (line.every(({ cells }) => typeof cells === 'string')) return line.map(({ cells }) => cells).join('');
  return line.flatMap(({ cells }) => [...cells]);
}

/** How the cells of a line from `start` up to, without, `end` look. */
function lookBetween(line: readonly CopyRow[], start: number, end: number): CopyRow['look'] {
  const [first] = line;
  if (first && !('line' in first.look)) return first.look;
  return {
    line: () => {
      let joined: SourceLine = { cells: new Uint32Array(0), strings: [], styles: [] };
      let offset = 0;
      for (const { cells, look } of line) {
        const from = Math.max(0, start - offset);
        const to = Math.min(cells.length, end - offset);
        offset += cells.length;
        if (from < to && 'line' in look) joined = append(joined, look.line(), from, to);
      }
      return joined;
    },
  };
}

/** A line with cells of another one behind it, whose tables are another frame's. */
function append(line: SourceLine, more: SourceLine, from: number, to: number): SourceLine {
  const part = more.cells.slice(from * CELL_WORDS, to * CELL_WORDS);
  for (let at = 0; at < part.length; at += CELL_WORDS) {
    const content = part[at] ?? 0;
    if ((content & CELL_COMBINED) !== 0)
      part[at] = (content & ~CELL_CODE_MASK) | ((content & CELL_CODE_MASK) + line.strings.length);
    if (part[at + 3] !== 0) part[at + 3] = (part[at + 3] ?? 0) + line.styles.length;
  }
  const cells = new Uint32Array(line.cells.length + part.length);
  cells.set(line.cells);
  cells.set(part, line.cells.length);
  return { cells, strings: [...line.strings, ...more.strings], styles: [...line.styles, ...more.styles] };
}
