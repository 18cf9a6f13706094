// Owns the tests of authors: whatever an operator is called, git takes what comes out.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorOf } from '../../../src/server/author.ts';

test.each([
  ['Ann Author <ann@example.invalid>', 'Ann Author', 'ann@example.invalid'],
  ['<ann@example.invalid>', 'ann@example.invalid', 'ann@example.invalid'],
  ['ann@example.invalid', 'ann', 'ann@example.invalid'],
  ['Ann Author', 'Ann Author', 'Ann.Author@localhost'],
  ['', 'drover', 'drover@localhost'],
  ['...', 'drover', '...@localhost'],
  ['"" <ann@example.invalid>', 'ann@example.invalid', 'ann@example.invalid'],
  ['A\nCommitter: B <x@y>', 'A Committer: B', 'x@y'],
  ['<<>>', 'drover', 'drover@localhost'],
])('%j is %s <%s>', (operator, name, email) => {
  expect(authorOf(operator)).toEqual({ name, email });
});

test('any name gives a name that git does not strip to nothing, on one line, without brackets', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (operator) => {
      const { name, email } = authorOf(operator);
      expect(`${name}${email}`).not.toMatch(/[\n\r\0<>]/);
      expect(name).toMatch(/[^\s.,:;<>"\\']/);
      expect(email).toMatch(/@|./);
    }),
  );
});
