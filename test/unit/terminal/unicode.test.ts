// Owns the proof that character widths are those of graphemes, whatever was allocated before.
import { describe, expect, it } from 'vitest';
import { createOracle, feed, oracleRows } from '../../helpers/screen-oracle.ts';

describe('widths', () => {
  it.each([
    ['a letter', 'a', 1],
    ['a wide letter', '你', 2],
    ['an emoji', '😀', 2],
    ['a family of three', '👨‍👩‍👧', 2],
    ['a flag', '🇩🇪', 2],
    ['a heart with VS16', '❤️', 2],
    ['a skin tone', '👍🏽', 2],
    ['a letter and a mark', 'e\u0301', 1],
  ])('%s', (_what, text, width) => {
    // Node's pool is what the tables must not be read from: disturb it.
    for (let i = 0; i < 50; i += 1) Buffer.from('x'.repeat(i + 7));
    const terminal = createOracle(10, 2);
    feed(terminal, Buffer.from(text));
    expect(oracleRows(terminal)[0]?.[0]?.split('|').slice(0, 2)).toEqual([text, String(width)]);
    expect(terminal.buffer.active.cursorX).toBe(width);
    terminal.dispose();
  });
});
