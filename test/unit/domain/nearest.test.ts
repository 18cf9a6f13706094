import { expect, test } from 'vitest';
import { nearby } from '../../../src/domain/nearest.ts';

test.each([
  ['shwo', 'show'],
  ['thme', 'theme'],
  ['layuot', 'layout'],
  ['main-lft', 'main-left'],
  ['frob', null],
  ['nope', null],
  ['x', null],
  ['', null],
])('%j may be meant as %j', (word, meant) => {
  expect(nearby(word, ['add', 'show', 'theme', 'layout', 'main-left', 'drain', 'dark'])).toBe(meant);
});

test('nothing is near where nothing is known', () => {
  expect(nearby('show', [])).toBeNull();
});
