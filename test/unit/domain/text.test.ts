import { describe, expect, test } from 'vitest';
import { cut, displayWidth, pad, sanitise, sanitiseLines, wrap } from '../../../src/domain/text.ts';

describe('sanitise', () => {
  test.each([
    ['an escape sequence', '\u001b[31mred\u001b[0m', '[31mred[0m'],
    ['a title that an OSC would set', '\u001b]0;owned\u0007x', ']0;ownedx'],
    ['C1 controls', 'a\u009b31mb\u0090c', 'a31mbc'],
    ['bidi overrides', 'user\u202egpj.exe', 'usergpj.exe'],
    ['isolates, zero width space and BOM', 'a\u2066b\u2069\u200b\ufeffc', 'abc'],
    ['tag characters', `a${String.fromCodePoint(0xe0041)}b`, 'ab'],
    ['line breaks of every kind', 'a\r\nb\u2028c\vd\u0085e', 'a b c d e'],
    ['a tab', 'a\tb', 'a b'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a stack of combining marks', `a${'\u0301'.repeat(200)}b`, `a${'\u0301'.repeat(8)}b`],
  ])('takes %s out', (_name, text, expected) => {
    expect(sanitise(text)).toBe(expected);
  });

  test('leaves ordinary text of any script alone', () => {
    const text = 'Grüße 你好 🟢 עברית नमस्ते 👩‍👩‍👧';
    expect(sanitise(text)).toBe(text);
  });

  test('keeps the lines of a longer text', () => {
    expect(sanitiseLines('a\r\n\tb\u001b[2J')).toBe('a\n    b[2J');
  });
});

describe('columns', () => {
  test('counts wide and combining characters', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('你好')).toBe(4);
    expect(displayWidth('🟢 4')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
  });

  test('cuts between characters, never inside a wide one', () => {
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('你好吗', 4)).toBe('你…');
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abc', 0)).toBe('');
  });

  test('pads by columns', () => {
    expect(pad('你', 4)).toBe('你  ');
    expect(pad('abcdef', 4)).toBe('abcdef');
  });

  test('wraps between words, and breaks a word that is longer than the line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('a\n\nb', 10)).toEqual(['a', '', 'b']);
    expect(wrap('  indented', 20)).toEqual(['  indented']);
  });
});
