// Owns dependencies in the life of a worktree: warmed, worked in, released, warmed again, and the tests of a landing.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runTest } from '../../../src/git/test-run.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { makeStage, npm, type Stage } from './project.ts';

let stage: Stage;
afterEach(() => stage.close());

const never = new AbortController().signal;
const head = () => stage.scene.git(stage.scene.root, 'rev-parse', 'main');
const take = (pool: WorktreePool, taskId: string) =>
  pool.acquire({ taskId, attempt: 1, commit: head(), branch: `drover/${taskId}` });

test('what a task leaves is kept without packages, which stay in the worktree and are right for the next one', async () => {
  stage = await makeStage({ ignore: '*.log\n' });
  const pool = await WorktreePool.open({ repository: stage.repository, known: [], provisioner: stage.cache });
  const { id, path } = pool.add();
  const generation = (await pool.warm(id, head(), never))?.generation;
  expect(generation).toMatch(/^[0-9a-f]{12}$/);
  await take(pool, 'task-one');
  await pool.name(id, 'drover/task-one');
  const folder = statSync(join(path, 'node_modules')).ino;
  rmSync(join(path, 'node_modules/left'), { recursive: true });
  rmSync(join(path, 'node_modules/.gitignore'));
  mkdirSync(join(path, 'node_modules/.cache'));
  writeFileSync(join(path, 'work.txt'), 'work\n');
  expect(await pool.release(id)).toBe('refs/drover/keep/task-one/1');
  const kept = stage.scene.git(path, 'diff', '--name-only', 'main', 'refs/drover/keep/task-one/1');
  expect(kept).toBe('work.txt');
  expect((await pool.warm(id, head(), never))?.generation).toBe(generation);
  expect(statSync(join(path, 'node_modules')).ino).toBe(folder);
  expect(readFileSync(join(path, 'node_modules/left/lib/deep.js'), 'utf8')).toBe('deep\n');
  expect(existsSync(join(path, 'node_modules/.cache'))).toBe(false);
  expect(stage.scene.git(path, 'status', '--porcelain')).toBe('');
  // Nothing is looked at when nobody has worked in it.
  expect((await pool.warm(id, head(), never))?.generation).toBe(generation);
});

test('a worktree whose packages were changed for all is made ready anew before anybody gets it', async () => {
  stage = await makeStage();
  const pool = await WorktreePool.open({ repository: stage.repository, known: [], provisioner: stage.cache });
  const slots = [pool.add(), pool.add()];
  for (const { id } of slots) await pool.warm(id, head(), never);
  const [one, two] = slots.map(({ path }) => path) as [string, string];
  const file = 'node_modules/left/index.js';
  rmSync(join(one, file));
  writeFileSync(join(one, file), 'mine alone\n');
  writeFileSync(join(two, 'node_modules/left/lib/deep.js'), 'for all\n', { mode: 0o644, flag: 'r+' });
  expect(await stage.cache.verify()).toHaveLength(1);
  expect(stage.damage[0]?.worktrees).toEqual(expect.arrayContaining([one, two]));
  pool.spoil(stage.damage[0]?.worktrees ?? []);
  expect((await take(pool, 'task-one')).from).toBe('cold');
  expect(readFileSync(join(one, 'node_modules/left/lib/deep.js'), 'utf8')).toBe('deep\n');
  expect(readFileSync(join(one, file), 'utf8')).toContain('left 1.0.0');
});

test('the tests of a landing have the packages of what lands, and hear what they had to do without', async () => {
  stage = await makeStage();
  const { scene, repository, cache } = stage;
  const request = { timeout: 60_000, provisioner: cache };
  const command = `node -p "require('left')"`;
  expect(await runTest(repository, { ...request, command, commit: head() })).toMatchObject({
    ok: true,
    output: 'left 1.0.0',
  });
  npm(scene.root, 'install', '--package-lock-only', './vendor/left-2.0.0.tgz');
  scene.git(scene.root, 'commit', '-qam', 'another left');
  expect(await runTest(repository, { ...request, command, commit: head() })).toMatchObject({
    ok: true,
    output: 'left 2.0.0',
  });
  scene.write(scene.root, {
    'package.json': '{"dependencies":{"left":"file:missing.tgz"}}',
    'package-lock.json': '{"lockfileVersion":3,"packages":{}}',
  });
  scene.git(scene.root, 'commit', '-qam', 'broken');
  const result = await runTest(repository, { ...request, command, commit: head() });
  expect(result.ok).toBe(false);
  expect(result.output).toMatch(/^`npm install .*` failed in .*(?:.|\n)*Cannot find module 'left'/);
});
