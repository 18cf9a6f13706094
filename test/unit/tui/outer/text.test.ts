// Owns widths, cuts and cleaning of text before it is laid out.
import { describe, expect, it } from 'vitest';
import { sanitise, sanitiseLines } from '../../../../src/tui/sanitise.ts';
import { fitText, graphemeWidth, textWidth, truncateText } from '../../../../src/tui/text-width.ts';
import { Emulator } from '../compositor/emulator.ts';

describe('sanitise', () => {
  it.each([
    ['a\tb\nc\r\nd', 'a b c d'],
    ['\x1b[31mred\x1b]0;title\x07', '[31mred]0;title'],
    ['\x9b31m\x85x\x7f', '31m x'],
    ['evil\u202etxt.exe\u2066', 'eviltxt.exe'],
    [`z${'\u0301'.repeat(50)}algo`, `z${'\u0301'.repeat(4)}algo`],
    ['\ud800x', '\ufffdx'],
    ['👨‍👩‍👧 ❤️ é', '👨‍👩‍👧 ❤️ é'],
    ['\ufeffa\u200fb\u{e0041}', 'ab'],
  ])('%j', (text, clean) => {
    expect(sanitise(text)).toBe(clean);
  });

  it('splits lines before it cleans them', () => {
    expect(sanitiseLines('a\tb\r\nc\u2028d\n')).toEqual(['a b', 'c', 'd', '']);
  });
});

describe('text width', () => {
  it('counts as the emulator does', () => {
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

  it('gives nothing to controls and lone marks', () => {
    expect(['', '\0', '\u0301', '\u200d', '\u200b'].map(graphemeWidth)).toEqual([0, 0, 0, 0, 0]);
  });

  it('cuts between graphemes and marks the cut', () => {
    expect(truncateText('hello', 5)).toBe('hello');
    expect(truncateText('hello!', 5)).toBe('hell…');
    expect(truncateText('你好吗', 4)).toBe('你…');
    expect(truncateText('👨‍👩‍👧👨‍👩‍👧x', 3)).toBe('👨‍👩‍👧…');
    expect(truncateText('ab', 1)).toBe('…');
    expect(truncateText('ab', 0)).toBe('');
  });

  it('fits exactly', () => {
    expect(fitText('你好吗', 4)).toBe('你… ');
    expect(fitText('ab', 4)).toBe('ab  ');
  });
});
