// Owns the promise that a killed server's half-made worktrees and locks are gone before the next git command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LandingLane } from '../../../src/git/landing.ts';
import { addIntentPath } from '../../../src/git/sweep.ts';
import { entriesOf } from '../../../src/git/worktree-entry.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { ANN, DROVER, makeBranch, makeScene, type Scene } from './scene.ts';

let scene: Scene;
let folder: string;
beforeEach(() => {
  scene = makeScene(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`file-${at}`, `${at}\n`])));
  folder = join(scene.dataHome, 'worktrees');
  mkdirSync(folder);
});
afterEach(() => scene.close());

const journal = (id: string) =>
  scene.write(folder, { [addIntentPath('')]: JSON.stringify({ id, before: entriesOf(scene.gitDir) }) });

async function takeFirst(): Promise<string> {
  const repository = await scene.open();
  const pool = await WorktreePool.open({ repository, known: [] });
  const commit = scene.git(scene.root, 'rev-parse', 'main');
  const lease = await pool.acquire({ taskId: 'task-one', attempt: 1, commit, branch: 'drover/task-one' });
  return lease.path;
}

test('an add that was killed at any moment is swept, and the slot is made anew', async () => {
  for (const moment of [0, 1, 2, 3, 4, 6, 8, 12]) {
    journal('worktree-1');
    const args = [
      'worktree',
      'add',
      '--detach',
      '--lock',
      '--reason',
      'drover worktree-1',
      join(folder, 'worktree-1'),
      'main',
    ];
    const child = spawn('git', args, { cwd: scene.root, env: scene.env, stdio: 'ignore', detached: true });
    const ended = once(child, 'exit');
    await delay(moment);
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It was done already: the journal still says that nobody has worked there.
    }
    await ended;
    await scene.open();
    expect(entriesOf(scene.gitDir)).toEqual([]);
    expect(existsSync(join(folder, 'worktree-1'))).toBe(false);
    scene.git(scene.root, 'worktree', 'list');
  }
  const path = await takeFirst();
  expect(scene.git(path, 'status', '--porcelain')).toBe('');
  scene.git(scene.root, 'fsck', '--strict');
});

test('an entry that died in its first instant, which stops every git of the repository, is swept', async () => {
  journal('worktree-1');
  scene.write(join(scene.gitDir, 'worktrees', 'worktree-1'), {
    gitdir: `${join(folder, 'worktree-1', '.git')}\n`,
    commondir: '',
    HEAD: `${'0'.repeat(40)}\n`,
    locked: 'x',
  });
  expect(() => scene.git(scene.root, 'worktree', 'list')).toThrow();
  const path = await takeFirst();
  expect(scene.git(path, 'status', '--porcelain')).toBe('');
});

test('an entry of somebody else is left alone, broken or not', async () => {
  scene.git(scene.root, 'worktree', 'add', '-q', '--detach', join(scene.folder, 'worktree-1'), 'main');
  journal('worktree-1');
  await scene.open();
  expect(scene.git(join(scene.folder, 'worktree-1'), 'status', '--porcelain')).toBe('');
});

test('locks that a killed landing left are swept, and the landing can be done again', async () => {
  const repository = await scene.open();
  await makeBranch(scene, repository, 'task-one', { 'new.txt': 'new\n' });
  const names = ['refs/heads/main.lock', 'packed-refs.lock', 'HEAD.lock', 'worktrees/worktree-1/index.lock'];
  const locks = names.map((name) => join(scene.gitDir, name));
  for (const lock of locks) {
    scene.write(join(lock, '..'), { [lock.slice(lock.lastIndexOf('/') + 1)]: '' });
    utimesSync(lock, 1, 1);
  }
  const again = await scene.open();
  expect(locks.filter((lock) => existsSync(lock))).toEqual([]);
  const words = { branch: 'drover/task-one', message: 'Land', author: ANN, committer: DROVER, test: null };
  expect(await new LandingLane(again, 'main').land(words)).toMatchObject({ kind: 'landed', onto: 'main' });
  scene.git(scene.root, 'fsck', '--strict');
});

test('what a killed fetch had received is removed once it is old, and its locks at once', async () => {
  const [old, young] = ['tmp_pack_old', 'tmp_pack_young'].map((name) => join(scene.gitDir, 'objects', 'pack', name));
  const locks = ['shallow.lock', 'refs/drover/upstream/origin/main.lock'];
  scene.write(scene.gitDir, {
    'objects/pack/tmp_pack_old': 'half',
    'objects/pack/tmp_pack_young': 'half',
    ...Object.fromEntries(locks.map((name) => [name, ''])),
  });
  const anHourAgo = Date.now() / 1000 - 3_700;
  utimesSync(old ?? '', anHourAgo, anHourAgo);
  const { problems } = await scene.open();
  expect([old, young].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
  expect(locks.map((name) => existsSync(join(scene.gitDir, name)))).toEqual([false, false]);
  expect(problems.join('\n')).toContain(`removed the half-received pack ${old}`);
});
