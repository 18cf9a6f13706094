import { describe, expect, test } from 'vitest';
import {
  fitText,
  graphemes,
  graphemeWidth,
  padText,
  textWidth,
  truncateText,
  wrap,
} from '../../../src/domain/text-width.ts';
import { Emulator } from '../tui/compositor/emulator.ts';

describe('text width', () => {
  test('takes the short way for what has one cell a unit, whatever stands beside it', () => {
    const plain = [
      [0x20, 0x7e],
      [0xb7, 0xb7],
      [0x2010, 0x2027],
      [0x2500, 0x259f],
    ].flatMap(([from = 0, to = 0]) =>
      Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at)),
    );
    const all = plain.join('');
    const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    expect(Array.from(segmenter.segment(all), ({ segment }) => segment)).toEqual(plain);
    expect(plain.filter((unit) => graphemeWidth(unit) !== 1)).toEqual([]);
    expect([...graphemes(all)]).toEqual(plain.map((text) => ({ text, width: 1 })));
    expect([...graphemes('─e\u0301')]).toEqual([
      { text: '─', width: 1 },
      { text: 'e\u0301', width: 1 },
    ]);
  });

  test('counts as the emulator does', () => {
    for (const text of [
      'a',
      'é',
      'e\u0301',
      '你',
      '한',
      'ｱ',
      '！',
      '😀',
      '❤️',
      '❤',
      '👨‍👩‍👧',
      '🇩🇪',
      '👍🏽',
      '─',
      '█',
      '⚡',
      '☕',
      '✓',
      '●',
      '\u3000',
      '🦀',
      '𠀀',
      'ก็',
    ]) {
      const emulator = new Emulator(10, 1);
      emulator.write(text);
      expect(textWidth(text), text).toBe(emulator.cursor.x);
    }
  });

  test('gives nothing to controls and lone marks', () => {
    expect(['', '\0', '\u0301', '\u200d', '\u200b'].map(graphemeWidth)).toEqual([0, 0, 0, 0, 0]);
  });

  test('cuts between graphemes and marks the cut', () => {
    expect(truncateText('hello', 5)).toBe('hello');
    expect(truncateText('hello!', 5)).toBe('hell…');
    expect(truncateText('你好吗', 4)).toBe('你…');
    expect(truncateText('👨‍👩‍👧👨‍👩‍👧x', 3)).toBe('👨‍👩‍👧…');
    expect(truncateText('ab', 1)).toBe('…');
    expect(truncateText('ab', 0)).toBe('');
  });

  test('fits exactly', () => {
    expect(fitText('你好吗', 4)).toBe('你… ');
    expect(fitText('ab', 4)).toBe('ab  ');
  });
});

describe('lines', () => {
  test('counts wide and combining characters', () => {
    expect(textWidth('abc')).toBe(3);
    expect(textWidth('你好')).toBe(4);
    expect(textWidth('🟢 4')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
  });

  test('cuts between characters, never inside a wide one', () => {
    expect(truncateText('abcdef', 4)).toBe('abc…');
    expect(truncateText('你好吗', 4)).toBe('你…');
    expect(truncateText('abc', 3)).toBe('abc');
    expect(truncateText('abc', 0)).toBe('');
  });

  test('pads by columns', () => {
    expect(padText('你', 4)).toBe('你  ');
    expect(padText('abcdef', 4)).toBe('abcdef');
  });

  test('wraps between words, and breaks a word that is longer than the line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('a\n\nb', 10)).toEqual(['a', '', 'b']);
    expect(wrap('  indented', 20)).toEqual(['  indented']);
  });
});
