import { expect, test } from 'vitest';
import { nearby, nearestFirst } from '../../../src/domain/nearest.ts';

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

test('the names there are begin with the one that was meant, when one is near', () => {
  expect(nearestFirst('main-lft', ['dark', 'main-left', 'show'])).toEqual(['main-left', 'dark', 'show']);
  expect(nearestFirst('nope', ['dark', 'main-left'])).toEqual(['dark', 'main-left']);
});
