// Owns the tests of how git's list of changes is read.
import { expect, test } from 'vitest';
import { readChanges } from '../../../src/git/changes.ts';

const LIST = [
  ':100644 100644 1111111 0000000 M',
  'b.ts',
  ':100644 100644 2222222 3333333 R086',
  'old\nname',
  ':000000 100644 0000000 4444444 A',
  ':000000 120000 0000000 4444444 A',
  'a.ts',
  '3\t1\tb.ts',
  '2\t0\t',
  'old\nname',
  ':000000 100644 0000000 4444444 A',
  '-\t-\ta.ts',
  '',
].join('\0');

const brief = (text: string) => readChanges(text).map(({ path, change, from, added }) => [path, change, from, added]);

test('names are never taken for anything else, whatever they look like', () => {
  expect(brief(LIST)).toEqual([
    [':000000 100644 0000000 4444444 A', 'renamed', 'old\nname', 2],
    ['a.ts', 'new', null, null],
    ['b.ts', 'modified', null, 3],
  ]);
});

test('a list that was cut off at any place is read as far as it goes', () => {
  const whole = readChanges(LIST).map(({ path }) => path);
  for (let end = 0; end < LIST.length; end += 1)
    for (const { path, from } of readChanges(LIST.slice(0, end))) {
      expect(whole).toContain(path);
      expect(from === null || from === 'old\nname').toBe(true);
    }
  expect(brief(LIST.slice(0, LIST.indexOf('3\t1')))).toEqual([
    [':000000 100644 0000000 4444444 A', 'renamed', 'old\nname', null],
    ['a.ts', 'new', null, null],
    ['b.ts', 'modified', null, null],
  ]);
});
