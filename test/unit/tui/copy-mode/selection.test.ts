// Owns the test of selections: the text of any two ends in any document is what the plain lines say, wide characters and all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { graphemes } from '../../../../src/domain/text-width.ts';
import { clamp } from '../../../../src/tui/copy-mode/motion.ts';
import { cellsOfText } from '../../../../src/tui/copy-mode/row.ts';
import { selectedText, stretchOf } from '../../../../src/tui/copy-mode/selection.ts';
import { row } from './rows.ts';

const word = fc.constantFrom('a', 'Bc', ' ', '.', '地', '域別', 'é', '👍🏽', '-x', '(');
const line = fc.array(word, { maxLength: 8 }).map((words) => words.join('').trimEnd());
const lines = fc.array(line, { minLength: 1, maxLength: 6 });
const ends = fc.record({ ax: fc.nat(20), ay: fc.nat(6), bx: fc.nat(20), by: fc.nat(6) });

/** The characters of a line with the cells they begin in: the oracle knows nothing of rows. */
function placed(text: string): { text: string; x: number; width: number }[] {
  let x = 0;
  return [...graphemes(text)].map((grapheme) => {
    const at = { ...grapheme, x };
    x += grapheme.width;
    return at;
  });
}

describe('the text of a selection', () => {
  test('by characters, with both ends in it', () => {
    fc.assert(
      fc.property(lines, ends, (texts, { ax, ay, bx, by }) => {
        const rows = texts.map(row);
        const [a, b] = [clamp(rows, { x: ax, y: ay }), clamp(rows, { x: bx, y: by })];
        const [start, end] = a.y < b.y || (a.y === b.y && a.x <= b.x) ? [a, b] : [b, a];
        const expected = texts
          .slice(start.y, end.y + 1)
          .map((text, index) =>
            placed(text)
              .filter(({ x }) => (index > 0 || x >= start.x) && (index < end.y - start.y || x <= end.x))
              .map((each) => each.text)
              .join(''),
          )
          .join('\n');
        const text = selectedText(rows, { kind: 'character', anchor: a, isInclusive: true }, b);
        expect(text.trimEnd()).toBe(expected.trimEnd());
      }),
    );
  });

  test('by lines', () => {
    fc.assert(
      fc.property(lines, ends, (texts, { ay, by }) => {
        const rows = texts.map(row);
        const [a, b] = [clamp(rows, { x: 3, y: ay }), clamp(rows, { x: 0, y: by })];
        const expected = texts.slice(Math.min(a.y, b.y), Math.max(a.y, b.y) + 1).join('\n');
        expect(selectedText(rows, { kind: 'line', anchor: a, isInclusive: true }, b)).toBe(expected);
      }),
    );
  });

  test('by blocks: a character belongs to the column it begins in', () => {
    fc.assert(
      fc.property(lines, ends, (texts, { ax, ay, bx, by }) => {
        const rows = texts.map(row);
        const [a, b] = [clamp(rows, { x: ax, y: ay }), clamp(rows, { x: bx, y: by })];
        const from = Math.min(a.x, b.x);
        const widthAt = (at: { x: number; y: number }): number =>
          placed(texts[at.y] ?? '').find(({ x }) => x === at.x)?.width ?? 1;
        const to = Math.max(a.x + widthAt(a), b.x + widthAt(b));
        const expected = texts
          .slice(Math.min(a.y, b.y), Math.max(a.y, b.y) + 1)
          .map((text) =>
            placed(text)
              .filter(({ x }) => x >= from && x < to)
              .map((each) => each.text)
              .join('')
              .trimEnd(),
          )
          .join('\n');
        const text = selectedText(rows, { kind: 'block', anchor: a, isInclusive: true }, b);
        expect(text.trimEnd()).toBe(expected.trimEnd());
      }),
    );
  });

  test('what is marked on the screen is what is copied', () => {
    fc.assert(
      fc.property(lines, ends, fc.constantFrom('character', 'line', 'block'), (texts, { ax, ay, bx, by }, kind) => {
        const rows = texts.map(row);
        const [a, b] = [clamp(rows, { x: ax, y: ay }), clamp(rows, { x: bx, y: by })];
        const selection = { kind: kind as 'block', anchor: a, isInclusive: true };
        const marked = texts.flatMap((text, y) => {
          const stretch = stretchOf(rows, selection, b, y);
          if (!stretch) return [];
          const inside = placed(text).filter(({ x }) => x >= stretch.from && x < stretch.to);
          return [inside.map((each) => each.text).join('')];
        });
        const text = selectedText(rows, selection, b);
        expect(text.replace(/\s/g, '')).toBe(marked.join('').replace(/\s/g, ''));
      }),
    );
  });

  test('a line that the pane wrapped is one line again', () => {
    const rows = ['one two \\', 'three', 'four'].map(row);
    const selection = { kind: 'line', anchor: { x: 0, y: 0 }, isInclusive: true } as const;
    expect(selectedText(rows, selection, { x: 0, y: 2 })).toBe('one twothree\nfour');
  });

  test('cells of text: the second cell of a wide character is empty', () => {
    expect(cellsOfText('a地b')).toEqual(['a', '地', '', 'b']);
    expect(cellsOfText('abc  ')).toBe('abc');
  });
});
