// Owns the promise that bringing a claimed worktree to a newer base loses nothing of anybody's, and is whole after any kill.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forgetMove, moveTree } from '../../../src/git/move-tree.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { adminFolder } from '../../../src/git/worktree.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { bringTo, type ClaimedSlot, newestBase, type SyncOutcome } from '../../../src/pool/sync.ts';
import { makeScene, type Scene } from './scene.ts';

const BRANCH = 'drover/task-one';

let scene: Scene;
let repository: Repository;
let slot: ClaimedSlot;
beforeEach(async () => {
  scene = makeScene({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n', '.gitignore': '.env\n' });
  await claim();
});
afterEach(() => scene.close());

async function claim(): Promise<void> {
  repository = await scene.open();
  const pool = await WorktreePool.open({ repository, known: [] });
  const commit = scene.git(scene.root, 'rev-parse', 'main');
  const lease = await pool.acquire({ taskId: 'task-one', attempt: 1, commit, branch: BRANCH });
  await pool.name(lease.id, BRANCH);
  slot = { path: lease.path, branch: BRANCH, baseCommit: lease.baseCommit };
}

/** The base branch gets a commit of these files; its id. */
function commit(files: Record<string, string>): string {
  scene.write(scene.root, files);
  scene.git(scene.root, 'add', '-A', '--force');
  scene.git(scene.root, 'commit', '-qm', 'newer');
  return scene.git(scene.root, 'rev-parse', 'HEAD');
}

const bring = (to: string, hold = async () => true): Promise<SyncOutcome> => bringTo(repository, slot, { to, hold });
const notes = (): string[] => readdirSync(scene.dataHome).filter((name) => name.startsWith('moving-'));
const textOf = (name: string): string => readFileSync(join(slot.path, name), 'utf8');

/** HEAD is on the branch, which is at the commit, and the files are its. */
function expectAt(id: string): void {
  expect(scene.git(slot.path, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${BRANCH}`);
  expect(scene.git(slot.path, 'rev-parse', 'HEAD')).toBe(id);
  expect(scene.git(slot.path, 'status', '--porcelain', '--untracked-files=no')).toBe('');
  expect(existsSync(join(adminFolder(slot.path) ?? '', 'index.lock'))).toBe(false);
}

describe('an untouched worktree', () => {
  test('goes to the newer commit with its branch, and says which files are others', async () => {
    const to = commit({ 'a.txt': 'newer\n', 'new/d.txt': 'd\n' });
    expect(await bring(to)).toEqual({ kind: 'moved', to, files: ['a.txt', 'new/d.txt'] });
    expectAt(to);
    expect(textOf('a.txt') + textOf('new/d.txt')).toBe('newer\nd\n');
    // Until it is recorded, the next start has to know of it.
    expect(notes()).toHaveLength(1);
    forgetMove(repository, slot.path);
    expect(notes()).toEqual([]);
    scene.git(slot.path, 'commit', '-q', '--allow-empty', '-m', 'work');
    expect(scene.git(scene.root, 'rev-parse', `${BRANCH}^`)).toBe(to);
  });

  test('goes over 100 commits, and to a base that was rewritten', async () => {
    const lines = Array.from({ length: 100 }, (_, at) => [
      'commit refs/heads/main',
      'committer Uma <uma@example.invalid> 1700000000 +0000',
      'data 5',
      'newer',
      ...(at === 0 ? [`from ${slot.baseCommit}`] : []),
      `M 100644 inline file-${at % 7}.txt`,
      `data ${String(at).length}`,
      String(at),
    ]);
    execFileSync('git', ['fast-import', '--quiet'], {
      cwd: scene.root,
      env: scene.env,
      input: lines.flat().join('\n'),
    });
    scene.git(scene.root, 'reset', '-q', '--hard', 'main');
    const to = scene.git(scene.root, 'rev-parse', 'main');
    expect(await bring(to)).toMatchObject({ kind: 'moved', files: { length: 7 } });
    expectAt(to);
    forgetMove(repository, slot.path);
    scene.git(scene.root, 'checkout', '-q', '--orphan', 'other');
    const rewritten = commit({ 'c.txt': 'rewritten\n' });
    slot = { ...slot, baseCommit: to };
    expect(await bring(rewritten)).toMatchObject({ kind: 'moved', files: ['c.txt'] });
    expectAt(rewritten);
  });

  test('stays when it is there already, when the way is long, and when its agent cannot be held', async () => {
    expect(await bring(slot.baseCommit)).toEqual({ kind: 'current' });
    const held: string[] = [];
    const many = commit(Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`many/${at}.txt`, `${at}\n`])));
    const outcome = await bring(many, async () => held.push('held') > 0);
    expect(outcome).toMatchObject({ kind: 'stayed', note: expect.stringContaining('501 files are too many') });
    expect(held).toEqual([]);
    scene.git(scene.root, 'reset', '-q', '--hard', 'HEAD^');
    const to = commit({ 'a.txt': 'newer\n' });
    expect(await bring(to, async () => false)).toMatchObject({
      kind: 'stayed',
      note: expect.stringContaining('reading'),
    });
    expectAt(slot.baseCommit);
    expect(notes()).toEqual([]);
  });
});

describe('what somebody has done in it', () => {
  const begun = { kind: 'stayed', note: expect.stringContaining('work has begun') };

  test.each<[string, () => void]>([
    ['an edit', () => scene.write(slot.path, { 'b.txt': 'mine\n' })],
    [
      'a staged edit',
      () => {
        scene.write(slot.path, { 'b.txt': 'mine\n' });
        scene.git(slot.path, 'add', '-A');
      },
    ],
    ['a commit', () => scene.git(slot.path, 'commit', '-q', '--allow-empty', '-m', 'mine')],
    ['another branch', () => scene.git(slot.path, 'switch', '-qc', 'mine')],
    ['its branch was moved', () => scene.git(slot.path, 'commit', '-q', '--allow-empty', '--amend', '-m', 'mine')],
  ])('%s keeps it where it is', async (_name, act) => {
    const to = commit({ 'a.txt': 'newer\n' });
    act();
    const [head, status] = [scene.git(slot.path, 'rev-parse', 'HEAD'), scene.git(slot.path, 'status', '--porcelain')];
    expect(await bring(to)).toEqual(begun);
    expect(scene.git(slot.path, 'rev-parse', 'HEAD')).toBe(head);
    expect(scene.git(slot.path, 'status', '--porcelain')).toBe(status);
    expect(textOf('a.txt')).toBe('a\n');
    expect(notes()).toEqual([]);
  });

  test.each([
    ['an untracked file', 'new.txt'],
    ['an ignored file', '.env'],
  ])('%s in the place of a new one is never overwritten', async (_name, name) => {
    const to = commit({ 'a.txt': 'newer\n', [name]: 'theirs\n' });
    scene.write(slot.path, { [name]: 'mine\n' });
    expect(await bring(to)).toMatchObject({ kind: 'stayed', note: expect.stringContaining(name) });
    expect(textOf(name)).toBe('mine\n');
    expect(textOf('a.txt')).toBe('a\n');
    expectAt(slot.baseCommit);
    expect(notes()).toEqual([]);
  });

  test('other untracked and ignored files stay', async () => {
    const to = commit({ 'a.txt': 'newer\n' });
    scene.write(slot.path, { '.env': 'mine\n', 'notes.txt': 'mine\n' });
    expect(await bring(to)).toMatchObject({ kind: 'moved' });
    expect(textOf('.env') + textOf('notes.txt')).toBe('mine\nmine\n');
    expectAt(to);
  });
});

describe('the newest base', () => {
  const base = (): { branch: string; commit: string } => ({
    branch: 'main',
    commit: scene.git(scene.root, 'rev-parse', 'main'),
  });
  const upstream = { remote: 'origin', branch: 'main' };
  const ask = (tip: string | null) =>
    newestBase(repository, { base: base(), upstream, fetch: { tip: async () => tip } });

  test('is the upstream’s when that has all of ours, and ours when it has all of the upstream’s', async () => {
    const older = base().commit;
    const newer = commit({ 'a.txt': 'newer\n' });
    expect(await ask(older)).toEqual({ commit: newer, note: '' });
    expect(await ask(newer)).toEqual({ commit: newer, note: '' });
    scene.git(scene.root, 'reset', '-q', '--hard', older);
    expect(await ask(newer)).toEqual({ commit: newer, note: '' });
    const none = { base: base(), upstream: null, fetch: { tip: () => Promise.reject(new Error('nobody asks')) } };
    expect(await newestBase(repository, none)).toEqual({ commit: older, note: '' });
  });

  test('is ours, and said to be, when the two have parted and when the upstream is gone', async () => {
    const theirs = commit({ 'a.txt': 'theirs\n' });
    scene.git(scene.root, 'reset', '-q', '--hard', 'HEAD^');
    const ours = commit({ 'b.txt': 'ours\n' });
    expect(await ask(theirs)).toEqual({
      commit: ours,
      note: expect.stringContaining('main and origin/main have parted'),
    });
    expect(await ask(null)).toEqual({ commit: ours, note: expect.stringContaining('origin/main is gone') });
  });
});

describe('a move that was cut off', () => {
  let flag: string;
  let to: string;
  /** While the flag is there, a filter kills the git that is in the middle of the files. */
  beforeEach(async () => {
    flag = join(scene.folder, 'kill');
    scene.git(scene.root, 'config', 'filter.deadly.smudge', `if test -e '${flag}'; then kill -9 $PPID; fi; cat`);
    scene.write(scene.root, { '.gitattributes': 'b.txt filter=deadly\n' });
    scene.git(scene.root, 'add', '-A');
    scene.git(scene.root, 'commit', '-qm', 'attributes');
    scene.git(slot.path, 'reset', '-q', '--hard', 'main');
    // The filter is the operator's own: it was there when the session began.
    repository = await scene.open();
    slot = { ...slot, baseCommit: scene.git(scene.root, 'rev-parse', 'main') };
    to = commit({ 'a.txt': 'newer\n', 'b.txt': 'newer\n', 'c.txt': 'newer\n', 'd.txt': 'd\n' });
    writeFileSync(flag, '');
  });
  const note = (): void => {
    const { path, branch, baseCommit: from } = slot;
    writeFileSync(join(scene.dataHome, 'moving-worktree-1.json'), JSON.stringify({ path, branch, from, to }));
  };
  const isMixed = (): boolean => textOf('a.txt') === 'newer\n' && !existsSync(join(slot.path, 'd.txt'));

  test('together with the server is finished by the next one, which knows of it', async () => {
    note();
    expect(() => scene.git(slot.path, 'checkout', '-q', '--no-overwrite-ignore', '--detach', to)).toThrow();
    expect(isMixed()).toBe(true);
    scene.write(slot.path, { 'mine.txt': 'mine\n' });
    expect(() => scene.git(slot.path, 'checkout', '-q', '--detach', to)).toThrow(/index\.lock/);
    const { path, branch, baseCommit: from } = slot;
    for (let start = 0; start < 2; start += 1) {
      if (start === 0) rmSync(flag);
      repository = await scene.open();
      expect(repository.moved).toEqual([{ path, branch, from, to }]);
      expectAt(to);
    }
    expect(textOf('b.txt') + textOf('mine.txt')).toBe('newer\nmine\n');
    forgetMove(repository, path);
    expect((await scene.open()).moved).toEqual([]);
  });

  test('leaves what is neither old nor new as it is, and says so', async () => {
    note();
    expect(() => scene.git(slot.path, 'checkout', '-q', '--detach', to)).toThrow();
    scene.write(slot.path, { 'c.txt': 'mine, whatever the base says\n' });
    rmSync(flag);
    repository = await scene.open();
    expect(repository.moved).toEqual([]);
    expect(repository.problems.join('\n')).toContain('"c.txt" is neither the old file nor the new one');
    expect(textOf('c.txt')).toBe('mine, whatever the base says\n');
    expect(notes()).toEqual([]);
  });

  test('before HEAD was back on the branch, is put there; before the first file, is forgotten', async () => {
    rmSync(flag);
    note();
    expect((await scene.open()).moved).toEqual([]);
    expect(notes()).toEqual([]);
    expectAt(slot.baseCommit);
    note();
    scene.git(slot.path, 'checkout', '-q', '--detach', to);
    const { path, branch, baseCommit: from } = slot;
    expect((await scene.open()).moved).toEqual([{ path, branch, from, to }]);
    expectAt(to);
  });

  test('without the server, is finished at once when it can be, and at the next try when not', async () => {
    const { path, branch, baseCommit: from } = slot;
    const broken = await moveTree(repository, { path, branch, from, to });
    expect(broken).toMatchObject({ kind: 'broken', reason: expect.stringContaining('could not be finished') });
    expect(notes()).toHaveLength(1);
    rmSync(flag);
    expect(await bring(to)).toMatchObject({ kind: 'moved', to, files: { length: 4 } });
    expectAt(to);
  });
});
