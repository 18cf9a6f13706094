// Owns the test of the cursor's movements against the same movements on one plain text.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clamp,
  endOfWord,
  left,
  nextWord,
  type Position,
  paragraph,
  previousWord,
  prompt,
  right,
} from '../../../../src/tui/copy-mode/motion.ts';
import { findMatches, matchFrom } from '../../../../src/tui/copy-mode/search.ts';
import { row } from './rows.ts';

const line = fc
  .array(fc.constantFrom('ab', 'c', ' ', '.', '(', '_'), { maxLength: 8 })
  .map((words) => words.join('').trimEnd());
const documents = fc.array(line, { minLength: 1, maxLength: 6 });
const places = fc.record({ x: fc.nat(20), y: fc.nat(6) });

/** The place as an offset into the lines joined by line breaks, and back. */
function offsetOf(texts: readonly string[], { x, y }: Position): number {
  return texts.slice(0, y).reduce((sum, text) => sum + text.length + 1, 0) + x;
}

const WORDS = /[\w]+|[^\s\w]+/g;

describe('movement', () => {
  test('w, e and b go where the words of the plain text begin and end', () => {
    fc.assert(
      fc.property(documents, places, (texts, place) => {
        const rows = texts.map(row);
        const at = clamp(rows, place);
        const here = offsetOf(texts, at);
        const words = [...texts.join('\n').matchAll(WORDS)].map((found) => ({
          start: found.index,
          end: found.index + found[0].length - 1,
        }));
        const next = words.find(({ start }) => start > here);
        if (next) expect(offsetOf(texts, nextWord(rows, at, 'word'))).toBe(next.start);
        const end = words.find((each) => each.end > here);
        if (end) expect(offsetOf(texts, endOfWord(rows, at, 'word'))).toBe(end.end);
        const before = words.findLast(({ start }) => start < here);
        if (before) expect(offsetOf(texts, previousWord(rows, at, 'word'))).toBe(before.start);
      }),
    );
  });

  test('every movement ends on a character of the text', () => {
    const wide = fc.array(fc.constantFrom('a', '地', ' ', '.'), { maxLength: 6 }).map((words) => words.join(''));
    fc.assert(
      fc.property(fc.array(wide, { minLength: 1, maxLength: 5 }), places, (texts, place) => {
        const rows = texts.map(row);
        const at = clamp(rows, place);
        const ends = [
          left(rows, at),
          right(rows, at),
          nextWord(rows, at, 'word'),
          nextWord(rows, at, 'space'),
          endOfWord(rows, at, 'word'),
          previousWord(rows, at, 'space'),
          paragraph(rows, at, 1),
          paragraph(rows, at, -1),
        ];
        for (const end of ends) expect(clamp(rows, end)).toEqual(end);
      }),
    );
  });

  test('a wide character is one step', () => {
    const rows = ['地域別'].map(row);
    expect(right(rows, { x: 0, y: 0 })).toEqual({ x: 2, y: 0 });
    expect(left(rows, { x: 4, y: 0 })).toEqual({ x: 2, y: 0 });
  });

  test('prompts are found up and down', () => {
    const rows = ['❯ first', 'answer', '  ❯ second', 'x ❯ none'].map(row);
    expect(prompt(rows, { x: 3, y: 3 }, -1)).toEqual({ x: 0, y: 2 });
    expect(prompt(rows, { x: 0, y: 2 }, -1)).toEqual({ x: 0, y: 0 });
    expect(prompt(rows, { x: 0, y: 2 }, 1)).toBeNull();
  });

  test('prompts that are marked are the only ones', () => {
    const rows = ['$ ls', '❯ file', '$ cd'].map((line, y) => ({ ...row(line), isPrompt: y !== 1 }));
    expect(prompt(rows, { x: 0, y: 0 }, 1)).toEqual({ x: 0, y: 2 });
    expect(prompt(rows, { x: 4, y: 2 }, -1)).toEqual({ x: 0, y: 0 });
  });
});

describe('search', () => {
  test('small letters find both, a capital only itself', () => {
    const rows = ['Test test TEST'].map(row);
    expect(findMatches(rows, 'test').map(({ from }) => from)).toEqual([0, 5, 10]);
    expect(findMatches(rows, 'Test').map(({ from }) => from)).toEqual([0]);
  });

  test('places are cells, behind wide characters and letters whose small form is longer', () => {
    expect(findMatches(['地域 別a別'].map(row), '別')).toEqual([
      { y: 0, from: 5, lastY: 0, to: 7 },
      { y: 0, from: 8, lastY: 0, to: 10 },
    ]);
    expect(findMatches(['İİ地x'].map(row), 'x')).toEqual([{ y: 0, from: 4, lastY: 0, to: 5 }]);
  });

  test('a match goes on over wrapped rows, and not over the end of a line', () => {
    const rows = ['a quick fo\\', 'x, a fo', 'x'].map(row);
    expect(findMatches(rows, 'fox')).toEqual([{ y: 0, from: 8, lastY: 1, to: 1 }]);
    expect(findMatches(['地x\\', '地'].map(row), 'x地')).toEqual([{ y: 0, from: 2, lastY: 1, to: 2 }]);
  });

  test('the walk goes round', () => {
    const matches = findMatches(['a', 'b', 'a'].map(row), 'a');
    expect(matchFrom(matches, { x: 0, y: 2 }, { isBackward: false, isHere: false })).toBe(0);
    expect(matchFrom(matches, { x: 0, y: 0 }, { isBackward: true, isHere: false })).toBe(1);
    expect(matchFrom(matches, { x: 0, y: 0 }, { isBackward: false, isHere: true })).toBe(0);
  });
});
