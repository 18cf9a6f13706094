// Owns the proofs of the search through panes: what is found, in which order, and that it has an end.
import { describe, expect, it } from 'vitest';
import { type SearchedPane, type SearchParts, searchPanes } from '../../../src/server/pane-search.ts';
import { Screen } from '../../../src/terminal/screen.ts';

function makePane(pane: number, text: string, cols = 20): SearchedPane & { screen: Screen; generation: number } {
  const ignore = { onAnswer: () => {}, onTitle: () => {}, onBell: () => {} };
  const screen = new Screen({ cols, rows: 4, scrollback: 10_000, name: 'Drover', now: () => 0, ...ignore });
  screen.push(Buffer.from(text));
  screen.parse(Number.POSITIVE_INFINITY);
  return {
    pane,
    screen,
    generation: 1,
    rowNumbers: () => screen.rowNumbers(),
    row: (number) => screen.row(number),
  };
}

function search(panes: readonly SearchedPane[], query: string, parts: Partial<SearchParts> = {}) {
  return searchPanes(panes, { query, limit: 100, now: () => 0, pause: () => Promise.resolve(), ...parts });
}

const many = (count: number): string => Array.from({ length: count }, (_, i) => `line ${i}\r\n`).join('');

describe('a search', () => {
  it('finds words in history and screen of all panes, newest first', async () => {
    const panes = [makePane(1, `one error\r\n${many(300)}an error`), makePane(2, 'x\x1b[2;10Herror')];
    const { matches, isComplete } = await search(panes, 'error');
    expect(isComplete).toBe(true);
    expect(matches).toEqual([
      { pane: 1, line: 301, column: 3, text: 'an error' },
      { pane: 1, line: 0, column: 4, text: 'one error' },
      { pane: 2, line: 1, column: 9, text: '         error' },
    ]);
  });

  it('heeds capitals only when the query has one', async () => {
    const pane = makePane(1, 'Error\r\nerror\r\nİERROR');
    const lines = async (query: string) =>
      (await search([pane], query)).matches.map(({ line, column }) => [line, column]);
    expect(await lines('error')).toEqual([
      [2, 1],
      [1, 0],
      [0, 0],
    ]);
    expect(await lines('Error')).toEqual([[0, 0]]);
  });

  it('takes the query as it is written', async () => {
    const { matches } = await search([makePane(1, 'a.*b\r\naxxb')], '.*');
    expect(matches.map(({ line, column }) => [line, column])).toEqual([[0, 1]]);
  });

  it('goes on over wrapped rows, and tells columns in cells', async () => {
    const { matches } = await search([makePane(1, `${'你'.repeat(9)}needle and 你needle`)], 'needle');
    expect(matches.map(({ line, column }) => [line, column])).toEqual([
      [1, 11],
      [0, 18],
    ]);
  });

  it('finds words between which a line was wrapped', async () => {
    const { matches } = await search([makePane(1, `${'a'.repeat(19)} word`)], 'a word');
    expect(matches).toEqual([{ pane: 1, line: 0, column: 18, text: 'a'.repeat(19) }]);
  });

  it('finds words between which a program moved the cursor', async () => {
    const { matches } = await search([makePane(1, 'two\x1b[5Gwords')], 'two words');
    expect(matches).toHaveLength(1);
  });

  it('ends at the limit', async () => {
    const { matches, isComplete } = await search([makePane(1, many(2000))], 'line', { limit: 7 });
    expect(matches.map(({ text }) => text)).toEqual([1999, 1998, 1997, 1996, 1995, 1994, 1993].map((i) => `line ${i}`));
    expect(isComplete).toBe(false);
  });

  it('lets others have their turn, and ends when its time is up', async () => {
    let ms = 0;
    let pauses = 0;
    const pause = () => {
      pauses += 1;
      return Promise.resolve();
    };
    const { matches, isComplete } = await search([makePane(1, many(9000))], 'line', {
      limit: 1_000_000,
      now: () => (ms += 100),
      pause,
    });
    expect(isComplete).toBe(false);
    expect(pauses).toBeGreaterThan(5);
    expect(matches.length).toBeLessThan(9000);
  });

  it('leaves a pane in which the next program has begun', async () => {
    const pane = makePane(1, many(500));
    let ms = 0;
    const pause = () => {
      pane.generation = 2;
      return Promise.resolve();
    };
    const { matches, isComplete } = await search([pane, makePane(2, 'line x')], 'line', {
      now: () => (ms += 10),
      pause,
    });
    expect(isComplete).toBe(true);
    expect(matches.length).toBeLessThan(100);
    expect(matches.at(-1)).toMatchObject({ pane: 2, text: 'line x' });
  });
});
