// Owns the search in a document: all places of a text, with smart case, and the way from one to the next. Pure.
import type { Position, Rows } from './motion.ts';
import { joinCells } from './reflow.ts';
import type { Cells, CopyRow } from './row.ts';

export interface Match {
  readonly y: number;
  readonly from: number;
  /** The row of its last cell: another one where a line that is wrapped has it. */
  readonly lastY: number;
  /** The cell behind its last one, in that row. */
  readonly to: number;
}

export interface Search {
  readonly query: string;
  readonly isBackward: boolean;
  /** From the top of the document to its end. */
  readonly matches: readonly Match[];
  /** The match at the cursor; -1 when it stands on none. */
  readonly current: number;
}

/** More places than this are not counted: nobody walks through them. */
export const MOST_MATCHES = 20_000;

/** True when capitals in the query make it look at them. */
function isCaseSensitive(query: string): boolean {
  return query !== query.toLowerCase();
}

/** Rows that one line may span in a search: a program can print for ever without a line feed. */
const MOST_JOINED = 64;

/** All places of the query; it does not reach over the end of a line, however that is wrapped. */
export function findMatches(rows: Rows, query: string): Match[] {
  const matches: Match[] = [];
  if (query === '') return matches;
  const isSensitive = isCaseSensitive(query);
  for (let y = 0; y < rows.length && matches.length < MOST_MATCHES; ) {
    let end = y + 1;
    while (end < rows.length && end - y < MOST_JOINED && rows[end - 1]?.isWrapped === true) end++;
    const line = rows.slice(y, end);
    for (const [from, to] of placesIn(joinCells(line), query, isSensitive)) {
      const [start, last] = [placeIn(line, from), placeIn(line, to - 1)];
      matches.push({ y: y + start.y, from: start.x, lastY: y + last.y, to: last.x + 1 });
    }
    y = end;
  }
  return matches;
}

/** The row and the column of a cell of a line. */
function placeIn(line: readonly CopyRow[], cell: number): Position {
  let x = cell;
  for (const [y, { cells }] of line.entries()) {
    if (x < cells.length) return { x, y };
    x -= cells.length;
  }
  return { x, y: line.length - 1 };
}

function placesIn(cells: Cells, query: string, isSensitive: boolean): [number, number][] {
  if (typeof cells === 'string') {
    const text = isSensitive ? cells : cells.toLowerCase();
    return indexesOf(text, query).map((at) => [at, at + query.length]);
  }
  // A character may have several units, and as many others in its small form: places are counted cell by cell.
  const folded = isSensitive ? cells : cells.map((cell) => cell.toLowerCase());
  const text = folded.join('');
  const found = indexesOf(text, query);
  if (found.length === 0) return [];
  const cellOf = new Map<number, number>();
  let offset = 0;
  for (const [x, cell] of folded.entries()) {
    if (cell !== '') cellOf.set(offset, x);
    offset += cell.length;
  }
  cellOf.set(offset, cells.length);
  const ends = [...cellOf.keys()];
  return found.flatMap((at): [number, number][] => {
    const from = cellOf.get(at);
    const end = ends.find((each) => each >= at + query.length);
    return from === undefined || end === undefined ? [] : [[from, cellOf.get(end) ?? cells.length]];
  });
}

function indexesOf(text: string, query: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) found.push(at);
  return found;
}

/**
 * The number of the match behind (or, backward, before) a position, going round at the end; -1 when there is none.
 * `isHere` takes the one that begins at the position too.
 */
export function matchFrom(
  matches: readonly Match[],
  at: Position,
  { isBackward, isHere }: { isBackward: boolean; isHere: boolean },
): number {
  if (matches.length === 0) return -1;
  const order = (match: Match): number => (match.y === at.y ? match.from - at.x : match.y - at.y);
  if (isBackward) {
    const found = matches.findLastIndex((match) => (isHere ? order(match) <= 0 : order(match) < 0));
    return found < 0 ? matches.length - 1 : found;
  }
  const found = matches.findIndex((match) => (isHere ? order(match) >= 0 : order(match) > 0));
  return Math.max(found, 0);
}
