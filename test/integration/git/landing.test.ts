// Owns the promise of landing: what is finished lands, what conflicts waits untouched, the user's checkout is as it was.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LandingLane, type LandingRequest } from '../../../src/git/landing.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { ANN, DROVER, makeBranch, makeScene, type Scene } from './scene.ts';

let scene: Scene;
let repository: Repository;
let lane: LandingLane;
beforeEach(async () => {
  scene = makeScene();
  repository = await scene.open();
  lane = new LandingLane(repository, 'main');
});
afterEach(() => scene.close());

const request = (branch: string, extra: Partial<LandingRequest> = {}): LandingRequest => ({
  branch,
  message: `Land ${branch}`,
  author: ANN,
  committer: DROVER,
  trailers: [['Drover-Task', branch.slice(7)]],
  test: null,
  ...extra,
});

test('of three branches the first and the third land, the second waits with its work intact', async () => {
  await makeBranch(scene, repository, 'task-one', { 'a.txt': 'one\n' });
  const two = await makeBranch(scene, repository, 'task-two', { 'a.txt': 'two\n' });
  await makeBranch(scene, repository, 'task-three', { 'c.txt': 'three\n' });
  const results = await Promise.all(['one', 'two', 'three'].map((name) => lane.land(request(`drover/task-${name}`))));
  expect(results.map((result) => result.kind)).toEqual(['landed', 'conflict', 'landed']);
  expect(results[1]).toMatchObject({ files: ['a.txt'], detail: expect.stringContaining('CONFLICT') });
  expect(scene.git(scene.root, 'log', '--first-parent', '--format=%s %an %cn', 'main').split('\n')).toEqual([
    'Land drover/task-three Ann Author Drover',
    'Land drover/task-one Ann Author Drover',
    'first Uma User Uma User',
  ]);
  expect(scene.git(scene.root, 'rev-parse', 'drover/task-two')).toBe(two.tip);
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
  expect(readFileSync(join(scene.root, 'a.txt'), 'utf8')).toBe('one\n');
  expect(existsSync(join(scene.root, 'c.txt'))).toBe(true);
  scene.git(scene.root, 'fsck', '--strict');
});
