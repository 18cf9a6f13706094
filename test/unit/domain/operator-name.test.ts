// Owns the tests of how operators are called and found.
import { expect, test } from 'vitest';
import { operatorsNamed, shortName } from '../../../src/domain/operator-name.ts';

test.each([
  ['Alice <alice@example.org>', 'Alice'],
  ['Alice von B <a@b>', 'Alice von B'],
  ['alice@example.org', 'alice'],
  ['<alice@example.org>', 'alice'],
  ['alice', 'alice'],
  ['@', '@'],
  ['a b@c', 'a b@c'],
])('%s is called %s', (operator, name) => {
  expect(shortName(operator)).toBe(name);
});

test('an operator is found by label, address or name, each once', () => {
  const there = ['Alice <alice@example.org>', 'bob@example.org', 'bob@example.org', 'Bob <b@b>'];
  expect(operatorsNamed('ALICE', there)).toEqual(['Alice <alice@example.org>']);
  expect(operatorsNamed('alice@example.org', there)).toEqual(['Alice <alice@example.org>']);
  expect(operatorsNamed(' bob ', there)).toEqual(['bob@example.org', 'Bob <b@b>']);
  expect(operatorsNamed('carl', there)).toEqual([]);
});
