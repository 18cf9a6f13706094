// Owns the promise of a claim: it touches nothing, no slot goes to two tasks, and the branch gets its name whatever happens beside it.
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Repository } from '../../../src/git/repository.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { makeScene, type Scene } from '../git/scene.ts';

let scene: Scene;
let repository: Repository;
let pool: WorktreePool;
let base: string;
const never = new AbortController().signal;
beforeEach(async () => {
  scene = makeScene({ 'a.txt': 'a\n', '.gitignore': 'ignored\n' });
  base = scene.git(scene.root, 'rev-parse', 'main');
  repository = await scene.open();
  pool = await WorktreePool.open({ repository, known: [] });
});
afterEach(() => scene.close());

const claim = (taskId: string, commit = base) =>
  pool.acquire({ taskId, attempt: 1, commit, branch: `drover/${taskId}` });

async function warm(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => pool.add().id);
  for (const id of ids) await pool.warm(id, base, never);
  return ids;
}

test('of claims at once each gets a slot of its own: ready ones first, those in work when they are ready, then new ones', async () => {
  await warm(2);
  const third = pool.warm(pool.add().id, base, never);
  const leases = await Promise.all(['a', 'b', 'c', 'd'].map((name) => claim(`task-${name}`)));
  await third;
  expect(leases.map(({ id }) => id).sort()).toEqual(['worktree-1', 'worktree-2', 'worktree-3', 'worktree-4']);
  expect(leases.map(({ from }) => from).sort()).toEqual(['cold', 'warm', 'warm', 'warm']);
});

test('a claim of a ready slot writes nothing in it, and not in git', async () => {
  await warm(1);
  const path = pool.list()[0]?.path ?? '';
  const admin = scene.git(path, 'rev-parse', '--absolute-git-dir');
  const files = [join(admin, 'HEAD'), join(admin, 'index'), join(path, 'a.txt'), path, admin, scene.gitDir];
  const look = () => files.map((file) => [statSync(file).mtimeMs, statSync(file).ctimeMs]);
  const before = [look(), scene.git(scene.root, 'for-each-ref')];
  expect(await claim('task-a')).toMatchObject({ from: 'warm', baseCommit: base });
  expect([look(), scene.git(scene.root, 'for-each-ref')]).toEqual(before);
  pool.giveBack('worktree-1');
  expect(await claim('task-b')).toMatchObject({ from: 'warm' });
});

test('commits that an agent makes while its branch is named are on the branch', async () => {
  await warm(1);
  const { id, path } = await claim('task-a');
  const run = promisify(execFile);
  const commits = async () => {
    for (let turn = 0; turn < 10; turn += 1)
      await run('git', ['commit', '-q', '--allow-empty', '-m', `${turn}`], { cwd: path, env: scene.env });
  };
  await Promise.all([commits(), pool.name(id, 'drover/task-a')]);
  expect(scene.git(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/drover/task-a');
  expect(scene.git(scene.root, 'rev-list', '--count', `${base}..drover/task-a`)).toBe('10');
  expect(scene.git(scene.root, 'for-each-ref', 'refs/heads/drover/worktree-1')).toBe('');
});

test.each(['before it began', 'when the new ref was made', 'before the old ref went'])(
  'a naming that a crash cut short %s is completed at the next start',
  async (moment) => {
    await warm(1);
    const { id, path } = await claim('task-a');
    scene.git(path, 'commit', '-q', '--allow-empty', '-m', 'first words');
    const tip = scene.git(path, 'rev-parse', 'HEAD');
    if (moment !== 'before it began') scene.git(scene.root, 'update-ref', 'refs/heads/drover/task-a', base);
    if (moment === 'before the old ref went') {
      scene.git(scene.root, 'update-ref', 'refs/heads/drover/task-a', tip);
      scene.git(path, 'symbolic-ref', 'HEAD', 'refs/heads/drover/task-a');
    }
    pool = await WorktreePool.open({ repository: await scene.open(), known: [{ id, taskId: 'task-a' }] });
    expect(scene.git(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/drover/task-a');
    expect(scene.git(path, 'rev-parse', 'HEAD')).toBe(tip);
    expect(scene.git(scene.root, 'for-each-ref', 'refs/heads/drover/worktree-1')).toBe('');
  },
);

test('a slot of which the base has moved on is brought up by what differs; one that was touched is kept and reset', async () => {
  const [id = ''] = await warm(1);
  const path = pool.list()[0]?.path ?? '';
  scene.write(scene.root, { 'b.txt': 'b\n', '.gitignore': 'ignored\nhidden\n' });
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'second');
  const next = scene.git(scene.root, 'rev-parse', 'main');
  const untouched = statSync(join(path, 'a.txt')).ino;
  expect(await pool.warm(id, next, never)).toMatchObject({ commit: next });
  expect([scene.git(path, 'status', '--porcelain', '--ignored'), statSync(join(path, 'a.txt')).ino]).toEqual([
    '',
    untouched,
  ]);
  scene.write(path, { 'a.txt': 'by somebody\n' });
  await pool.warm(id, base, never);
  expect(scene.git(path, 'status', '--porcelain', '--ignored')).toBe('');
  expect(scene.git(scene.root, 'show', 'refs/drover/keep/worktree-1/1:a.txt')).toBe('by somebody');
});

test('work on a free slot that is called off leaves it to be made ready again', async () => {
  const [id = ''] = await warm(1);
  const off = new AbortController();
  off.abort();
  scene.git(scene.root, 'commit', '-q', '--allow-empty', '-m', 'second');
  const next = scene.git(scene.root, 'rev-parse', 'main');
  await expect(pool.warm(id, next, off.signal)).rejects.toThrow('called off');
  expect(pool.list()[0]).toMatchObject({ isDamaged: false, work: null, ready: null });
  const lease = await claim('task-a', next);
  expect([pool.problems, lease]).toMatchObject([[], { id, from: 'cold', baseCommit: next }]);
});
