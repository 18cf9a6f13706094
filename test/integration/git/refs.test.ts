// Owns the promise that a ref that Drover writes by itself is a ref like git's own, and never replaces one.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRef } from '../../../src/git/refs.ts';
import { makeScene, type Scene } from './scene.ts';

let scene: Scene;
let first: string;
let second: string;
beforeEach(() => {
  scene = makeScene();
  first = scene.git(scene.root, 'rev-parse', 'main');
  scene.git(scene.root, 'commit', '--allow-empty', '-qm', 'second');
  second = scene.git(scene.root, 'rev-parse', 'main');
});
afterEach(() => scene.close());

const create = async (ref: string, commit: string) => createRef(await scene.open(), { ref, commit, reason: 'a test' });
const read = (ref: string) => scene.git(scene.root, 'rev-parse', ref);

test('git reads it, commits on it and finds nothing wrong', async () => {
  expect(await create('refs/heads/drover/task-one', first)).toBe(true);
  expect(read('drover/task-one')).toBe(first);
  expect(existsSync(join(scene.gitDir, 'refs/heads/drover/task-one.lock'))).toBe(false);
  scene.git(scene.root, 'checkout', '-q', 'drover/task-one');
  scene.git(scene.root, 'commit', '--allow-empty', '-qm', 'on it');
  expect(read('drover/task-one~1')).toBe(first);
  expect(scene.git(scene.root, 'fsck', '--strict')).toBe('');
});

test('one that is there stays as it is, whether it has a file or is packed', async () => {
  scene.git(scene.root, 'branch', 'drover/loose', first);
  expect(await create('refs/heads/drover/loose', second)).toBe(false);
  scene.git(scene.root, 'pack-refs', '--all');
  expect(existsSync(join(scene.gitDir, 'refs/heads/drover/loose'))).toBe(false);
  expect(await create('refs/heads/drover/loose', second)).toBe(false);
  expect(read('drover/loose')).toBe(first);
});

test('whoever holds its lock is left alone', async () => {
  const lock = join(scene.gitDir, 'refs/heads/drover/task-one.lock');
  scene.git(scene.root, 'branch', 'drover/other', first);
  // To open it sweeps what a killed process left.
  const repository = await scene.open();
  writeFileSync(lock, '');
  const made = createRef(repository, { ref: 'refs/heads/drover/task-one', commit: second, reason: 'a test' });
  await expect(made).rejects.toThrow('task-one.lock');
  expect(existsSync(lock)).toBe(true);
});
