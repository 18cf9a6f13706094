// Owns the promise of the pool: slots are used again at the same path, and no work is lost when one changes hands.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Worktree } from '../../../src/domain/worker.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { isReset, resetSlot } from '../../../src/git/worktree.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { makeScene, type Scene } from '../git/scene.ts';

let scene: Scene;
let repository: Repository;
let pool: WorktreePool;
let base: string;
beforeEach(async () => {
  scene = makeScene({ 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'ignored\n' });
  base = scene.git(scene.root, 'rev-parse', 'main');
  repository = await scene.open();
  pool = await WorktreePool.open({ repository, known: [] });
});
afterEach(() => scene.close());

/** A claim as the server makes it, up to the branch that has the task's name. */
async function take(taskId: string, extra: { attempt?: number; existing?: boolean; commit?: string } = {}) {
  const branch = `drover/${taskId}`;
  const lease = await pool.acquire({ taskId, attempt: 1, commit: base, branch, ...extra });
  await pool.name(lease.id, branch);
  return lease;
}
const held = (id: string, path: string, taskId: string | null): Worktree => ({
  ...{ id, path, taskId, state: 'in-use', since: 0 },
  ...{ baseCommit: base, warmedAt: null, generation: null, backend: 'checkout' },
});

test('slots are added when none is free, keep their paths, and are used again', async () => {
  const [one, two] = await Promise.all([take('task-one'), take('task-two')]);
  expect([one.id, two.id]).toEqual(['worktree-1', 'worktree-2']);
  expect([one.from, two.from, one.baseCommit]).toEqual(['cold', 'cold', base]);
  expect(scene.git(one.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/drover/task-one');
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
  await pool.release(one.id);
  const three = await take('task-three');
  expect(three).toMatchObject({ id: 'worktree-1', path: one.path });
  expect(pool.list().map(({ id, taskId }) => [id, taskId])).toEqual([
    ['worktree-1', 'task-three'],
    ['worktree-2', 'task-two'],
  ]);
  expect(readFileSync(join(scene.gitDir, 'config'), 'utf8')).not.toMatch(/branch|worktree/i);
});

test('uncommitted work is kept under a ref when a slot is released, and the slot is as new', async () => {
  const { id, path } = await take('task-one');
  scene.write(path, { 'a.txt': 'changed\n', 'deep/new.txt': 'new\n', ignored: 'x' });
  rmSync(join(path, 'b.txt'));
  expect(await pool.release(id)).toBe('refs/drover/keep/task-one/1');
  const kept = scene.git(scene.root, 'ls-tree', '-r', '--name-only', 'refs/drover/keep/task-one/1').split('\n');
  expect(kept).toEqual(['.gitignore', 'a.txt', 'deep/new.txt']);
  expect(scene.git(scene.root, 'rev-parse', 'drover/task-one')).toBe(base);
  const again = await take('task-two');
  expect(scene.git(again.path, 'status', '--porcelain', '--ignored')).toBe('');
  expect(readFileSync(join(again.path, 'a.txt'), 'utf8')).toBe('a\n');
});

test('a retry starts afresh and keeps the tip of the attempt before; a resume goes on with the branch', async () => {
  const { id, path } = await take('task-one');
  scene.write(path, { 'a.txt': 'first try\n' });
  scene.git(path, 'commit', '-qam', 'first try');
  const tip = scene.git(path, 'rev-parse', 'HEAD');
  expect(await pool.release(id)).toBe(null);
  const resumed = await take('task-one', { existing: true });
  expect(scene.git(resumed.path, 'rev-parse', 'HEAD')).toBe(tip);
  expect(resumed.baseCommit).toBe(base);
  await pool.release(resumed.id);
  const retried = await take('task-one', { attempt: 2 });
  expect(scene.git(retried.path, 'rev-parse', 'HEAD')).toBe(base);
  expect(scene.git(scene.root, 'rev-parse', 'refs/drover/keep/task-one/1')).toBe(tip);
});

test('whatever state an agent leaves a slot in, the next task finds it clean', async () => {
  const { id, path } = await take('task-one');
  scene.write(path, { 'a.txt': 'ours\n' });
  scene.git(path, 'commit', '-qam', 'ours');
  scene.git(path, 'switch', '-qc', 'side', base);
  scene.write(path, { 'a.txt': 'theirs\n' });
  scene.git(path, 'commit', '-qam', 'theirs');
  expect(() => scene.git(path, 'rebase', 'drover/task-one')).toThrow('could not apply');
  scene.git(path, 'update-index', '--assume-unchanged', 'b.txt');
  scene.write(path, { 'b.txt': 'hidden from git\n' });
  mkdirSync(join(path, 'nested'));
  scene.git(join(path, 'nested'), 'init', '-q');
  symlinkSync('/', join(path, 'everywhere'));
  scene.write(scene.git(path, 'rev-parse', '--absolute-git-dir'), { 'index.lock': '' });
  await pool.release(id);
  const next = await take('task-two');
  expect(scene.git(next.path, 'status', '--porcelain', '--ignored')).toBe('');
  expect(scene.git(next.path, 'status')).not.toContain('rebase');
  expect(readFileSync(join(next.path, 'b.txt'), 'utf8')).toBe('b\n');
});

test('after a crash a held slot is given back untouched, and a free one is kept before its next use', async () => {
  const one = await take('task-one');
  const two = await take('task-two');
  scene.write(one.path, { 'a.txt': 'half done\n' });
  scene.write(two.path, { 'a.txt': 'lost and found\n' });
  pool = await WorktreePool.open({ repository: await scene.open(), known: [held(one.id, one.path, 'task-one')] });
  const resumed = await take('task-one', { existing: true });
  expect(resumed).toMatchObject({ id: one.id, path: one.path, baseCommit: base });
  expect(readFileSync(join(one.path, 'a.txt'), 'utf8')).toBe('half done\n');
  const other = await take('task-three');
  expect(other.path).toBe(two.path);
  expect(scene.git(scene.root, 'show', 'refs/drover/keep/task-two/1:a.txt')).toBe('lost and found');
});

test('a slot whose link or folder was removed is mended or made anew, and nothing that lay there is removed', async () => {
  const one = await take('task-one');
  const two = await take('task-two');
  const three = await take('task-three');
  scene.write(one.path, { 'a.txt': 'still here\n' });
  rmSync(join(one.path, '.git'));
  rmSync(two.path, { recursive: true });
  scene.write(three.path, { 'a.txt': 'of an unknown past\n' });
  rmSync(join(scene.gitDir, 'worktrees', 'worktree-3'), { recursive: true });
  const known = [one, two, three].map(({ id, path }, at) => held(id, path, `task-${['one', 'two', 'three'][at]}`));
  pool = await WorktreePool.open({ repository: await scene.open(), known });
  expect(readFileSync(join((await take('task-one', { existing: true })).path, 'a.txt'), 'utf8')).toBe('still here\n');
  expect(await take('task-two', { existing: true })).toMatchObject({ id: 'worktree-2', from: 'cold' });
  expect(pool.problems.join('\n')).toContain('.lost-');
  const aside = /\S+\.lost-\d+/.exec(pool.problems.join('\n'))?.[0] ?? '';
  expect(readFileSync(join(aside, 'a.txt'), 'utf8')).toBe('of an unknown past\n');
});

test('a branch that the user has checked out is refused, with the way out', async () => {
  const one = await take('task-one');
  await pool.release(one.id);
  scene.git(scene.root, 'switch', '-q', 'drover/task-one');
  await expect(take('task-one')).rejects.toMatchObject({
    refusal: { code: 'not-allowed', next: expect.stringContaining(scene.root) },
  });
  scene.git(scene.root, 'switch', '-q', 'main');
  expect((await take('task-one')).id).toBe(one.id);
});

test('a repository that moved finds its slots again', async () => {
  const one = await take('task-one');
  await pool.release(one.id);
  expect(existsSync(one.path)).toBe(true);
  renameSync(scene.root, `${scene.root}-moved`);
  const root = `${scene.root}-moved`;
  const { openRepository } = await import('../../../src/git/repository.ts');
  repository = await openRepository({ root, gitDir: join(root, '.git'), dataHome: scene.dataHome });
  pool = await WorktreePool.open({ repository, known: [] });
  const again = await take('task-two');
  expect(again.path).toBe(one.path);
  expect(scene.git(again.path, 'rev-parse', 'HEAD')).toBe(base);
});

test('a worktree of an earlier server that stands as it was left is seen to without git; anything else in it is not', async () => {
  const { id, path } = await take('task-one');
  await pool.release(id);
  expect(await isReset(repository, path, base)).toBe(true);
  const again = await take('task-two');
  expect(scene.git(again.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/drover/task-two');
  expect(scene.git(again.path, 'status', '--porcelain', '--ignored')).toBe('');
  const admin = scene.git(path, 'rev-parse', '--absolute-git-dir');
  const other = makeScene({ 'a.txt': 'a\n' });
  const spoilers: Record<string, () => void> = {
    'a changed file': () => scene.write(path, { 'a.txt': 'b\n' }),
    'a file of the same size and another time': () => scene.write(path, { 'a.txt': 'a\n' }),
    'a file that is hidden from git': () => {
      scene.git(path, 'update-index', '--assume-unchanged', 'a.txt');
      scene.write(path, { 'a.txt': 'b\n' });
    },
    'a file that is gone': () => rmSync(join(path, 'a.txt')),
    'an untracked file': () => scene.write(path, { 'new.txt': 'new\n' }),
    'an ignored file': () => scene.write(path, { ignored: 'x' }),
    'an empty folder': () => mkdirSync(join(path, 'empty')),
    'a repository inside': () => scene.git(path, 'init', '-q', 'inner'),
    'a link': () => symlinkSync('a.txt', join(path, 'link')),
    'a staged file': () => {
      scene.write(path, { 'new.txt': 'new\n' });
      scene.git(path, 'add', 'new.txt');
      rmSync(join(path, 'new.txt'));
    },
    'a merge that is not finished': () => scene.write(admin, { MERGE_HEAD: `${base}\n` }),
    'a configuration of its own': () => scene.write(admin, { 'config.worktree': '[core]\n\tbare = false\n' }),
    'a lock': () => scene.write(admin, { 'index.lock': '' }),
    'a branch': () => scene.git(path, 'switch', '-qc', 'side'),
    'a link to another repository': () => {
      scene.git(other.root, 'worktree', 'add', '-q', '--detach', join(other.folder, 'w'));
      const foreign = scene.git(join(other.folder, 'w'), 'rev-parse', '--absolute-git-dir');
      for (const name of ['HEAD', 'index']) cpSync(join(admin, name), join(foreign, name));
      scene.write(foreign, { gitdir: `${join(path, '.git')}\n` });
      scene.write(path, { '.git': `gitdir: ${foreign}\n` });
    },
  };
  for (const [what, spoil] of Object.entries(spoilers)) {
    scene.write(path, { '.git': `gitdir: ${admin}\n` });
    // git leaves a file alone that was written anew within the second, and then nothing can be told of its time.
    rmSync(join(path, 'a.txt'), { force: true });
    await resetSlot(repository, path, base);
    expect(await isReset(repository, path, base), `before ${what}`).toBe(true);
    spoil();
    expect(await isReset(repository, path, base), what).toBe(false);
  }
  other.close();
});

test('what a person leaves in a free worktree, unseen by git, is kept when it is removed or made ready anew', async () => {
  const leave = async (name: string) => {
    const { id, path } = pool.add();
    await pool.warm(id, base, new AbortController().signal);
    scene.write(path, { [`${name}.txt`]: 'precious\n', 'a.txt': 'changed\n' });
    return { id, path };
  };
  const removed = await leave('removed');
  await pool.remove(removed.id);
  const renewed = await leave('renewed');
  pool.spoil([renewed.path]);
  await pool.warm(renewed.id, base, new AbortController().signal);
  expect(scene.git(renewed.path, 'status', '--porcelain')).toBe('');
  for (const name of ['removed', 'renewed'])
    expect(scene.git(scene.root, 'log', '--glob=refs/drover/keep', '--format=%s', '--', `${name}.txt`)).toContain(
      'uncommitted work',
    );
});
