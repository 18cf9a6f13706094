// Owns the proofs that a document keeps its text and its places at any width.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CELL_WIDTH_SHIFT } from '../../../../src/protocol/cells.ts';
import { breaksOf, joinCells, reflow } from '../../../../src/tui/copy-mode/reflow.ts';
import { type CopyRow, cellsOfText, textOfRow } from '../../../../src/tui/copy-mode/row.ts';
import { row } from './rows.ts';

const texts = (rows: readonly CopyRow[]): string[] =>
  rows.map((each) => `${textOfRow(each)}${each.isWrapped ? '\\' : ''}`);

test('lines are joined and broken anew, at blanks or anywhere', () => {
  const rows = ['one two th\\', 'ree', 'four'].map(row);
  expect(texts(reflow(rows, 20, 'anywhere').rows)).toEqual(['one two three', 'four']);
  expect(texts(reflow(rows, 6, 'anywhere').rows)).toEqual(['one tw\\', 'o thre\\', 'e', 'four']);
  expect(texts(reflow(rows, 6, 'blanks').rows)).toEqual(['one \\', 'two \\', 'three', 'four']);
  expect(texts(reflow([row('  a地')], 2, 'blanks').rows)).toEqual(['  \\', 'a\\', '地']);
});

test('whatever the widths, the text is the same and each place is at the same character', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '地', 'e\u0301', '👨‍👩‍👧'), maxLength: 40 });
  const width = fc.integer({ min: 2, max: 30 });
  const kind = fc.constantFrom('blanks' as const, 'anywhere' as const);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), width, width, kind, (lines, first, second, how) => {
      const whole: CopyRow[] = lines.map((text) => ({
        cells: cellsOfText(text),
        isWrapped: false,
        look: { fg: 0, bg: 0 },
      }));
      const before = reflow(whole, first, how).rows;
      const { rows, placeOf } = reflow(before, second, how);
      expect(texts(rows)).toEqual(texts(reflow(whole, second, how).rows));
      for (const [y, { cells }] of before.entries())
        for (let x = 0; x < cells.length; x++) {
          const place = placeOf({ x, y });
          expect(rows[place.y]?.cells[place.x]).toBe(cells[x]);
        }
      for (const { cells } of rows) expect(cells.length).toBeLessThanOrEqual(second);
    }),
  );
});

test('a line of a thousand rows is joined and broken in one go', () => {
  const rows = Array.from({ length: 1000 }, () => row(`${'x'.repeat(80)}\\`));
  const cells = joinCells(rows);
  expect(cells.length).toBe(80_000);
  expect(breaksOf(cells, 100, 'anywhere')).toHaveLength(800);
});

test('what a pane has drawn keeps its looks, whichever frame they came in', () => {
  const frame = (text: string, underline: number): CopyRow => {
    const cells = new Uint32Array(text.length * 4);
    for (let x = 0; x < text.length; x++) {
      cells[x * 4] = (1 << CELL_WIDTH_SHIFT) | text.charCodeAt(x);
      cells[x * 4 + 3] = 1;
    }
    const none = { underline: 0, underlineColor: 0, link: '' };
    const line = { cells, strings: [''], styles: [none, { ...none, underline }] };
    return { cells: text, isWrapped: true, look: { line: () => line } };
  };
  const { rows } = reflow([frame('abc', 3), { ...frame('def', 4), isWrapped: false }], 4, 'anywhere');
  const looks = rows.map(({ look }) => {
    if (!('line' in look)) throw new Error('the looks are gone');
    const { cells, styles } = look.line();
    return Array.from({ length: cells.length / 4 }, (_, x) => styles[cells[x * 4 + 3] ?? 0]?.underline);
  });
  expect(looks).toEqual([
    [3, 3, 3, 4],
    [4, 4],
  ]);
});
