// Owns the search through what panes show and have shown: history and screen, in short slices, bounded in time and in what comes back.
import type { PaneMatch } from '../protocol/methods.ts';
import type { Pane } from '../terminal/pane.ts';

/** What a search uses of a pane. */
export type SearchedPane = Pick<Pane, 'pane' | 'generation' | 'rowNumbers' | 'row'>;

/** One turn of searching, in ms; then panes and keys have theirs. */
const SLICE_MS = 4;
/** After so long a search ends with what it has, in ms. */
const LIMIT_MS = 3_000;
/** Rows between two looks at the clock. */
const STEP = 64;
/** Rows that one wrapped line may span in a search: a program can print for ever without a line feed. */
const MAX_JOINED = 64;
/** UTF-16 units of the row that come with a match. */
const MAX_TEXT = 400;

export interface SearchParts {
  readonly query: string;
  readonly limit: number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Resolves when others have had their turn. */
  readonly pause: () => Promise<unknown>;
}

/**
 * Finds `query` as it is written, newest rows first, pane by pane; capitals count only when it has one. A match may go on over wrapped rows;
 * `isComplete` is false when time or `limit` ended the search.
 */
export async function searchPanes(
  panes: readonly SearchedPane[],
  parts: SearchParts,
): Promise<{ matches: PaneMatch[]; isComplete: boolean }> {
  const matches: PaneMatch[] = [];
  const end = parts.now() + LIMIT_MS;
  const find = finderOf(parts.query);
  for (const pane of panes) {
    const { generation } = pane;
    let sliceEnd = parts.now() + SLICE_MS;
    let number = pane.rowNumbers().end - 1;
    for (let steps = 1; number >= pane.rowNumbers().first; steps += 1) {
      number = searchLine(pane, number, { find, matches, limit: parts.limit });
      if (matches.length >= parts.limit) return { matches, isComplete: false };
      if (steps % STEP !== 0 || parts.now() < sliceEnd) continue;
      if (parts.now() >= end) return { matches, isComplete: false };
      await parts.pause();
      // Another program has its own lines under the same numbers.
      if (pane.generation !== generation) break;
      sliceEnd = parts.now() + SLICE_MS;
    }
  }
  return { matches, isComplete: true };
}

type Finder = (text: string, from: number) => number;

/** Smart case. Lower case is made character by character where its length agrees, so that places in the text stay true. */
function finderOf(query: string): Finder {
  if (query !== query.toLowerCase()) return (text, from) => text.indexOf(query, from);
  return (text, from) => {
    const lower = text.toLowerCase();
    return (lower.length === text.length ? lower : lowerSameLength(text)).indexOf(query, from);
  };
}

function lowerSameLength(text: string): string {
  return [...text]
    .map((character) => {
      const lower = character.toLowerCase();
      return lower.length === character.length ? lower : character;
    })
    .join('');
}

interface Search {
  readonly find: Finder;
  readonly matches: PaneMatch[];
  readonly limit: number;
}

/** Searches the line whose last row is `last`, with the rows that it is wrapped over; returns the number of the row before it. */
function searchLine(pane: SearchedPane, last: number, search: Search): number {
  const rows = [];
  let number = last;
  for (; rows.length < MAX_JOINED; number -= 1) {
    const row = pane.row(number);
    if (row === null) break;
    rows.unshift(row);
    if (!row.isWrapped) break;
  }
  if (rows.length === 0) return last - 1;
  const first = last - rows.length + 1;
  const starts: number[] = [];
  let text = '';
  for (const row of rows) {
    starts.push(text.length);
    text += row.text;
  }
  const found: PaneMatch[] = [];
  for (let at = search.find(text, 0); at >= 0 && found.length < search.limit; at = search.find(text, at + 1)) {
    const index = starts.findLastIndex((start) => start <= at);
    const row = rows[index];
    if (row === undefined) break;
    const column = row.columnOf(at - (starts[index] ?? 0));
    found.push({ pane: pane.pane, line: first + index, column, text: row.text.trimEnd().slice(0, MAX_TEXT) });
  }
  search.matches.push(...found.reverse().slice(0, search.limit - search.matches.length));
  return first - 1;
}
