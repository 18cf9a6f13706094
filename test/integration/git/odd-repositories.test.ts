// Owns the promise that landing works in unusual repositories, and that a landed branch is dropped only when nothing is lost by it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropBranch } from '../../../src/git/base-branch.ts';
import { commitLeftovers } from '../../../src/git/commit.ts';
import { LandingLane } from '../../../src/git/landing.ts';
import { keepRef, readBranch } from '../../../src/git/refs.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { removeLock } from '../../../src/git/sweep.ts';
import { type Lease, WorktreePool } from '../../../src/pool/pool-manager.ts';
import { ANN, DROVER, makeScene, type Scene } from './scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});
afterEach(() => scene.close());

const BRANCH = 'drover/task-one';
const words = { message: 'work', author: ANN };
const landing = { ...words, branch: BRANCH, committer: DROVER, test: null };

async function lease(): Promise<{ repository: Repository; pool: WorktreePool; slot: Lease }> {
  const repository = await scene.open();
  const pool = await WorktreePool.open({ repository, known: [] });
  const commit = scene.git(scene.root, 'rev-parse', 'main');
  return { repository, pool, slot: await pool.acquire({ taskId: 'task-one', attempt: 1, commit, branch: BRANCH }) };
}

test('a repository with SHA-256 ids lands, keeps and drops', async () => {
  rmSync(scene.gitDir, { recursive: true });
  scene.git(scene.root, 'init', '-q', '-b', 'main', '--object-format=sha256');
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'first');
  const { repository, pool, slot } = await lease();
  scene.write(slot.path, { 'c.txt': 'one\n' });
  const { commit } = await commitLeftovers(repository, { ...words, worktree: slot.path, branch: BRANCH });
  expect(commit).toHaveLength(64);
  expect(await keepRef(repository, { task: 'task-one', attempt: 1, commit })).toBe('refs/drover/keep/task-one/1');
  const lane = new LandingLane(repository, 'main');
  expect(await lane.land(landing)).toMatchObject({ kind: 'landed', onto: 'main' });
  await pool.release(slot.id);
  expect(await dropBranch(repository, BRANCH, scene.git(scene.root, 'rev-parse', 'main'))).toBe(true);
  expect(scene.git(scene.root, 'show', 'main:c.txt')).toBe('one');
  expect(scene.git(scene.root, 'reflog', '-1', '--format=%gs', 'main'), 'the quick way').toBe('drover: land');
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
  scene.git(scene.root, 'fsck', '--strict');
});

test('a branch is dropped when all of it has landed and nobody has it checked out', async () => {
  const { repository, pool, slot } = await lease();
  scene.write(slot.path, { 'c.txt': 'one\n' });
  await commitLeftovers(repository, { ...words, worktree: slot.path, branch: BRANCH });
  await new LandingLane(repository, 'main').land(landing);
  const main = scene.git(scene.root, 'rev-parse', 'main');
  expect(await dropBranch(repository, BRANCH, main), 'checked out in its slot').toBe(false);
  await pool.release(slot.id);
  expect(await dropBranch(repository, BRANCH, scene.git(scene.root, 'rev-parse', 'main^1')), 'not landed').toBe(false);
  // A packed ref takes another way than a loose one.
  scene.git(scene.root, 'pack-refs', '--all');
  expect(await dropBranch(repository, BRANCH, main)).toBe(true);
  expect(await readBranch(repository, BRANCH)).toBe(null);
  expect(await dropBranch(repository, BRANCH, main), 'gone already').toBe(true);
});

test('a submodule that the base has, moved by one branch and removed by another, lands; its files are not touched', async () => {
  const one = '1'.repeat(40);
  scene.git(scene.root, 'update-index', '--add', '--cacheinfo', `160000,${one},sub`);
  scene.write(scene.root, { '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = https://example.invalid/sub\n' });
  scene.git(scene.root, 'add', '.gitmodules');
  scene.git(scene.root, 'commit', '-qm', 'a submodule');
  scene.write(scene.root, { 'sub/.keep': '' });
  const { repository, slot } = await lease();
  const lane = new LandingLane(repository, 'main');
  scene.git(slot.path, 'update-index', '--cacheinfo', `160000,${'2'.repeat(40)},sub`);
  scene.write(slot.path, { 'c.txt': 'one\n' });
  scene.git(slot.path, 'add', 'c.txt');
  scene.git(slot.path, 'commit', '-qm', 'moved');
  await commitLeftovers(repository, { ...words, worktree: slot.path, branch: BRANCH });
  expect(await lane.land(landing)).toMatchObject({ kind: 'landed' });
  expect(scene.git(scene.root, 'ls-tree', 'main', 'sub')).toContain('2222');
  scene.git(slot.path, 'rm', '-q', '--cached', 'sub');
  scene.git(slot.path, 'commit', '-qm', 'removed');
  expect(await lane.land(landing)).toMatchObject({ kind: 'landed' });
  expect(scene.git(scene.root, 'ls-tree', 'main', 'sub')).toBe('');
});

test('the index lock of a killed agent is removed; with a git at work there it is not', async () => {
  const { repository, slot } = await lease();
  const admin = scene.git(slot.path, 'rev-parse', '--absolute-git-dir');
  scene.write(slot.path, { 'c.txt': 'one\n' });
  scene.write(admin, { 'index.lock': '' });
  // It answers once it has started, and then waits for more.
  const alive = spawn('git', ['cat-file', '--batch-check'], { cwd: slot.path, env: scene.env, stdio: 'pipe' });
  alive.stdin.write('HEAD\n');
  await once(alive.stdout, 'data');
  removeLock(join(admin, 'index.lock'), slot.path);
  expect(existsSync(join(admin, 'index.lock'))).toBe(true);
  const closed = once(alive, 'close');
  alive.stdin.end();
  await closed;
  const { isNew } = await commitLeftovers(repository, { ...words, worktree: slot.path, branch: BRANCH });
  expect(isNew).toBe(true);
  expect(scene.git(slot.path, 'status', '--porcelain')).toBe('');
});
