// Owns the promise that a task's branch is found from its claim on, also before that has the task's name.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyState } from '../../../src/domain/state.ts';
import { RepositoryViews } from '../../../src/git/views.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import type { Core } from '../../../src/server/core.ts';
import { branchOf } from '../../../src/server/task-work.ts';
import { makeTask } from '../../helpers/task.ts';
import { makeScene, type Scene } from '../git/scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});
afterEach(() => scene.close());

test('it is the worktree’s own until it is named, and none where there is neither', async () => {
  const repository = await scene.open();
  const pool = await WorktreePool.open({ repository, known: [] });
  const commit = scene.git(scene.root, 'rev-parse', 'main');
  const branch = 'drover/task-one';
  const { id, path } = await pool.acquire({ taskId: 'task-one', attempt: 1, commit, branch });
  const state = emptyState();
  const worktrees = new Map([[id, { id, path, taskId: 'task-one' }]]);
  const core = { state: { ...state, worktrees }, paths: { root: scene.root } } as unknown as Core;
  const parts = { core, repository, views: new RepositoryViews(scene.root) };
  const task = makeTask({ id: 'task-one', branch });
  const own = await branchOf(parts, task);
  expect(scene.git(path, 'symbolic-ref', 'HEAD')).toBe(own);
  expect(scene.git(scene.root, 'rev-parse', own ?? '')).toBe(commit);
  await pool.name(id, branch);
  expect(await branchOf(parts, task)).toBe(`refs/heads/${branch}`);
  expect(await branchOf(parts, { ...task, id: 'task-two', branch: 'drover/task-two' })).toBeNull();
});
