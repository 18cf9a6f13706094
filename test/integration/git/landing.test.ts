// Owns the promise of landing: what is finished lands, what conflicts waits untouched, the user's checkout is as it was.
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitLeftovers } from '../../../src/git/commit.ts';
import { LandingLane, type LandingRequest } from '../../../src/git/landing.ts';
import { openRepository, type Repository } from '../../../src/git/repository.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { ANN, DROVER, isRunning, makeBranch, makeScene, type Scene } from './scene.ts';

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

test('a dirty checkout is left alone; the landings wait on drover/landed and follow when it is clean', async () => {
  await makeBranch(scene, repository, 'task-one', { 'c.txt': 'one\n' });
  await makeBranch(scene, repository, 'task-two', { 'd.txt': 'two\n' });
  await makeBranch(scene, repository, 'task-three', { 'e.txt': 'three\n' });
  const base = scene.git(scene.root, 'rev-parse', 'main');
  scene.write(scene.root, { 'a.txt': 'my unsaved work\n' });
  const first = await lane.land(request('drover/task-one'));
  expect(first).toMatchObject({ kind: 'landed', onto: 'drover/landed' });
  expect(first).toMatchObject({ checkout: expect.stringContaining('has uncommitted changes and was left alone') });
  await lane.land(request('drover/task-two'));
  expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(base);
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe(' M a.txt');
  expect(await lane.settle(DROVER)).toBe(null);

  scene.git(scene.root, 'commit', '-qam', 'my work');
  const third = await lane.land(request('drover/task-three'));
  expect(third).toMatchObject({ kind: 'landed', onto: 'main', checkout: expect.stringContaining('fast-forwarded') });
  expect(scene.git(scene.root, 'ls-files').split('\n')).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']);
  expect(readFileSync(join(scene.root, 'a.txt'), 'utf8')).toBe('my unsaved work\n');
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
  expect(scene.git(scene.root, 'branch', '--list', 'drover/landed')).toBe('');
});

test('what waits follows by settle alone, once the checkout is clean', async () => {
  await makeBranch(scene, repository, 'task-one', { 'c.txt': 'one\n' });
  scene.write(scene.root, { 'a.txt': 'unsaved\n' });
  await lane.land(request('drover/task-one'));
  scene.git(scene.root, 'checkout', '-q', '--', 'a.txt');
  expect(await lane.settle(DROVER)).toContain('fast-forwarded');
  expect(existsSync(join(scene.root, 'c.txt'))).toBe(true);
  expect(await lane.settle(DROVER)).toBe(null);
});

test('landed work that conflicts with new commits of the user is said, and nothing moves', async () => {
  await makeBranch(scene, repository, 'task-one', { 'a.txt': 'one\n' });
  await makeBranch(scene, repository, 'task-two', { 'd.txt': 'two\n' });
  scene.write(scene.root, { 'a.txt': 'mine\n' });
  await lane.land(request('drover/task-one'));
  scene.git(scene.root, 'commit', '-qam', 'my work');
  const before = scene.git(scene.root, 'for-each-ref');
  await expect(lane.land(request('drover/task-two'))).rejects.toMatchObject({
    refusal: { code: 'landing-refused', next: 'git switch main && git merge drover/landed' },
  });
  expect(scene.git(scene.root, 'for-each-ref')).toBe(before);
});

test('with the user on another branch only the ref moves', async () => {
  await makeBranch(scene, repository, 'task-one', { 'c.txt': 'one\n' });
  scene.git(scene.root, 'switch', '-qc', 'mine');
  scene.write(scene.root, { 'a.txt': 'unsaved\n' });
  const result = await lane.land(request('drover/task-one'));
  expect(result).toMatchObject({ kind: 'landed', onto: 'main', checkout: '' });
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe(' M a.txt');
  expect(existsSync(join(scene.root, 'c.txt'))).toBe(false);
});

test('an ignored or untracked file of the user is never written over', async () => {
  await makeBranch(scene, repository, 'task-one', { 'notes.txt': 'of the agent\n' });
  await makeBranch(scene, repository, 'task-two', { secret: 'of the agent\n' });
  scene.write(join(scene.gitDir, 'info'), { exclude: 'secret\n' });
  scene.write(scene.root, { 'notes.txt': 'mine\n', secret: 'mine\n' });
  const base = scene.git(scene.root, 'rev-parse', 'main');
  for (const task of ['task-one', 'task-two']) {
    const result = await lane.land(request(`drover/${task}`));
    expect(result).toMatchObject({
      onto: 'drover/landed',
      checkout: expect.stringContaining('could not be fast-forwarded'),
    });
  }
  expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(base);
  expect(readFileSync(join(scene.root, 'notes.txt'), 'utf8')).toBe('mine\n');
  expect(readFileSync(join(scene.root, 'secret'), 'utf8')).toBe('mine\n');
});

test('a base branch that the user moves during the test is merged and tested anew', async () => {
  await makeBranch(scene, repository, 'task-one', { 'c.txt': 'one\n' });
  let tests = 0;
  const result = await lane.land(
    request('drover/task-one', {
      test: { command: 'ls >> "$(git rev-parse --git-common-dir)/seen"', timeout: 20_000 },
      onPhase: (phase) => {
        if (phase !== 'testing' || ++tests > 1) return;
        scene.write(scene.root, { 'user.txt': 'u\n' });
        scene.git(scene.root, 'add', '-A');
        scene.git(scene.root, 'commit', '-qm', 'meanwhile');
      },
    }),
  );
  expect(result.kind).toBe('landed');
  expect(readFileSync(join(scene.gitDir, 'seen'), 'utf8').split('\n').filter(Boolean)).toEqual([
    'a.txt',
    'b.txt',
    'c.txt',
    'a.txt',
    'b.txt',
    'c.txt',
    'user.txt',
  ]);
  expect(scene.git(scene.root, 'log', '--format=%s', '--first-parent').split('\n').slice(1)).toEqual([
    'meanwhile',
    'first',
  ]);
});

test('a failing, a hanging and a called-off test move nothing, and leave no process', async () => {
  await makeBranch(scene, repository, 'task-one', { 'c.txt': 'one\n' });
  const base = scene.git(scene.root, 'rev-parse', 'main');
  const failing = await lane.land(
    request('drover/task-one', {
      test: { command: 'printf "\\033[31mred\\033[0m $CI $DROVER_TOKEN\\n"; exit 3', timeout: 20_000 },
    }),
  );
  expect(failing).toEqual({ kind: 'test-failed', reason: 'exit code 3', output: 'red 1' });
  const hanging = 'sleep 600 & echo $! > "$(git rev-parse --git-common-dir)/pid"; wait';
  const slow = await lane.land(request('drover/task-one', { test: { command: hanging, timeout: 300 } }));
  expect(slow).toMatchObject({ kind: 'test-failed', reason: expect.stringContaining('took longer') });
  const call = new AbortController();
  const off = await lane.land(
    request('drover/task-one', {
      test: { command: hanging, timeout: 60_000 },
      signal: call.signal,
      onPhase: (phase) => phase === 'testing' && call.abort(),
    }),
  );
  expect(off.kind).toBe('called-off');
  const pid = Number(readFileSync(join(scene.gitDir, 'pid'), 'utf8'));
  expect(isRunning(pid)).toBe(false);
  expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(base);
});

test('odd names, binary files, deletions, modes, links and submodule entries land as they are', async () => {
  const odd = ['new\nline', '"quoted"', '-dash', 'ünïcode 日本', ' blank ', "it's", 'tab\there', '*?[x]'];
  const { path } = await makeBranch(scene, repository, 'task-odd', {
    ...Object.fromEntries(odd.map((name) => [name, name])),
    'data.bin': Buffer.from([0, 255, 10, 13, 0]),
  });
  scene.git(path, 'switch', '-q', 'drover/task-odd');
  scene.git(path, 'rm', '-q', 'b.txt');
  scene.git(path, 'update-index', '--chmod=+x', 'a.txt');
  symlinkSync('a.txt', join(path, 'link'));
  scene.git(path, 'add', '--', 'link');
  scene.git(path, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
  scene.git(path, 'commit', '-qm', 'odd');
  const result = await lane.land(request('drover/task-odd'));
  expect(result).toMatchObject({ kind: 'landed', onto: 'main' });
  expect(scene.git(scene.root, 'ls-files', '-z').split('\0').filter(Boolean).toSorted()).toEqual(
    ['a.txt', 'data.bin', 'link', 'sub', ...odd].toSorted(),
  );
  expect(readFileSync(join(scene.root, 'data.bin'))).toEqual(Buffer.from([0, 255, 10, 13, 0]));
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
});

test('a conflict in a file with an odd name is named as it is', async () => {
  await makeBranch(scene, repository, 'task-one', { '-a "b"\n': 'one\n' });
  await makeBranch(scene, repository, 'task-two', { '-a "b"\n': 'two\n' });
  await lane.land(request('drover/task-one'));
  expect(await lane.land(request('drover/task-two'))).toMatchObject({ kind: 'conflict', files: ['-a "b"\n'] });
});

test('a branch that brings nothing, a branch without common history, and one that is gone', async () => {
  await makeBranch(scene, repository, 'task-one', { 'c.txt': 'one\n' });
  await lane.land(request('drover/task-one'));
  expect(await lane.land(request('drover/task-one'))).toEqual({ kind: 'nothing' });
  scene.git(
    scene.root,
    'branch',
    'drover/task-alien',
    scene.git(scene.root, 'commit-tree', 'main^{tree}', '-m', 'alien'),
  );
  await expect(lane.land(request('drover/task-alien'))).rejects.toMatchObject({ refusal: { code: 'landing-refused' } });
  await expect(lane.land(request('drover/task-gone'))).rejects.toMatchObject({ refusal: { code: 'unknown-branch' } });
});

test('in a bare repository the ref moves', async () => {
  scene.git(scene.folder, 'clone', '-q', '--bare', 'repo', 'bare.git');
  const root = join(scene.folder, 'bare.git');
  const bare = await openRepository({ root, gitDir: root, dataHome: join(scene.folder, 'bare-data') });
  const base = scene.git(root, 'rev-parse', 'main');
  const pool = await WorktreePool.open({ repository: bare, known: [] });
  const slot = await pool.acquire({ taskId: 'task-one', attempt: 1, commit: base, branch: 'drover/task-one' });
  scene.write(slot.path, { 'c.txt': 'one\n' });
  await commitLeftovers(bare, { worktree: slot.path, branch: 'drover/task-one', message: 'work', author: ANN });
  const result = await new LandingLane(bare, 'main').land(
    request('drover/task-one', { test: { command: 'test -f c.txt', timeout: 20_000 } }),
  );
  expect(result).toMatchObject({ kind: 'landed', onto: 'main', checkout: '' });
  expect(scene.git(root, 'show', 'main:c.txt')).toBe('one');
});

/** A commit of the upstream on top of `main`, and a branch that began there. */
async function beginUpstream(files: Record<string, string>): Promise<{ upstream: string; tip: string }> {
  const base = scene.git(scene.root, 'rev-parse', 'main');
  scene.git(scene.root, 'switch', '-q', '--detach', 'main');
  scene.write(scene.root, files);
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'upstream');
  const upstream = scene.git(scene.root, 'rev-parse', 'HEAD');
  scene.git(scene.root, 'branch', '-q', '-f', 'main', upstream);
  const { tip } = await makeBranch(scene, repository, 'task-one', { 'mine.txt': 'mine\n' });
  scene.git(scene.root, 'branch', '-q', '-f', 'main', base);
  scene.git(scene.root, 'switch', '-q', 'main');
  return { upstream, tip };
}
const subjects = (): string[] => scene.git(scene.root, 'log', '--first-parent', '--format=%s', 'main').split('\n');

test('work that began at the upstream’s commit lands on it: that comes in as itself', async () => {
  const { upstream } = await beginUpstream({ 'theirs.txt': 'theirs\n' });
  const result = await lane.land(request('drover/task-one', { upstream }));
  expect(result).toMatchObject({ kind: 'landed', onto: 'main' });
  expect(subjects()).toEqual(['Land drover/task-one', 'upstream', 'first']);
  expect(scene.git(scene.root, 'diff', '--name-only', 'main^', 'main')).toBe('mine.txt');
  expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
  expect(existsSync(join(scene.root, 'theirs.txt'))).toBe(true);
});

test('when the base has moved meanwhile, the upstream is merged first and by itself; once it is there, nothing is', async () => {
  const { upstream } = await beginUpstream({ 'theirs.txt': 'theirs\n' });
  await makeBranch(scene, repository, 'task-two', { 'two.txt': 'two\n' });
  await makeBranch(scene, repository, 'task-three', { 'three.txt': 'three\n' });
  await lane.land(request('drover/task-two'));
  await lane.land(request('drover/task-one', { upstream }));
  await lane.land(request('drover/task-three', { upstream }));
  expect(subjects()).toEqual([
    'Land drover/task-three',
    'Land drover/task-one',
    "Merge the upstream of 'main'",
    'Land drover/task-two',
    'first',
  ]);
  expect(scene.git(scene.root, 'diff', '--name-only', 'main^^', 'main^')).toBe('mine.txt');
  scene.git(scene.root, 'fsck', '--strict');
});

test('when the upstream conflicts with the base, so does the work that began there; without a change of its own it moves nothing', async () => {
  const { upstream } = await beginUpstream({ 'a.txt': 'theirs\n' });
  const before = scene.git(scene.root, 'rev-parse', 'main');
  scene.git(scene.root, 'branch', '-q', 'drover/task-none', upstream);
  expect(await lane.land(request('drover/task-none', { upstream }))).toEqual({ kind: 'nothing' });
  expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(before);
  await makeBranch(scene, repository, 'task-two', { 'a.txt': 'two\n' });
  await lane.land(request('drover/task-two'));
  const result = await lane.land(request('drover/task-one', { upstream }));
  expect(result).toMatchObject({ kind: 'conflict', files: ['a.txt'] });
});
