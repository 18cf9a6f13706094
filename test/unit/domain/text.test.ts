import { describe, expect, test } from 'vitest';
import { printable, sanitise, sanitiseLines } from '../../../src/domain/text.ts';

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
    ['a stack of combining marks', `a${'\u0301'.repeat(200)}b`, `a${'\u0301'.repeat(4)}b`],
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

describe('printable', () => {
  test.each([
    ['a\tb\nc\r\nd', 'a b c d'],
    ['\x1b[31mred\x1b]0;title\x07', '[31mred]0;title'],
    ['\x9b31m\x85x\x7f', '31m x'],
    ['evil\u202etxt.exe\u2066', 'eviltxt.exe'],
    [`z${'\u0301'.repeat(50)}algo`, `z${'\u0301'.repeat(4)}algo`],
    ['\ud800x', '\ufffdx'],
    ['👨‍👩‍👧 ❤️ é', '👨‍👩‍👧 ❤️ é'],
    ['\ufeffa\u200fb\u{e0041}', 'ab'],
  ])('%j', (text, clean) => {
    expect(printable(text)).toBe(clean);
  });

  test('leaves blanks where they are', () => {
    expect(printable('  a  b\u2028')).toBe('  a  b ');
  });
});
