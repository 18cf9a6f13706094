// Owns the promise that a checkout is fast-forwarded the quick way only when nobody has touched it, and that whatever else lies in it stays.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LandingLane, type LandingResult } from '../../../src/git/landing.ts';
import { isWayFree, untouchedIndex } from '../../../src/git/untouched.ts';
import { ANN, DROVER, makeScene, type Scene } from './scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = makeScene({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'deep/er/c.txt': 'c\n', 'deep/d.txt': 'd\n' });
  scene.write(join(scene.gitDir, 'info'), { exclude: 'ignored*\n' });
});
afterEach(() => scene.close());

const BRANCH = 'drover/task-one';
const WORK = { 'a.txt': 'changed\n', 'new/e.txt': 'e\n', 'deep/er/f.txt': 'f\n' };

/** A branch with this work beside the checkout, which nobody notices; made by plumbing alone. */
function makeWork(files: Record<string, string> = WORK): void {
  const place = join(scene.folder, 'beside');
  scene.git(scene.root, 'worktree', 'add', '-q', '-b', BRANCH, place, 'main');
  scene.write(place, files);
  scene.git(place, 'add', '-Af');
  scene.git(place, 'commit', '-qm', 'work');
  scene.git(scene.root, 'worktree', 'remove', '--force', place);
}

async function land(): Promise<LandingResult> {
  const lane = new LandingLane(await scene.open(), 'main');
  return lane.land({ branch: BRANCH, message: 'Land', author: ANN, committer: DROVER, test: null });
}

/** The quick way writes other words to the reflog than `git merge`. */
const lastMove = () => scene.git(scene.root, 'reflog', '-1', '--format=%gs', 'main');
const QUICK = 'drover: land';
const LANDED = { kind: 'landed', onto: 'main', checkout: expect.stringContaining('was fast-forwarded') };
const WAITS = { kind: 'landed', onto: 'drover/landed', checkout: expect.stringContaining('was left alone') };
const status = () => scene.git(scene.root, 'status', '--porcelain');

test('a checkout that nobody touched goes the quick way, and git finds nothing to say about it', async () => {
  makeWork({ ...WORK, 'b.txt': '' });
  expect(await land()).toMatchObject(LANDED);
  expect(lastMove()).toBe(QUICK);
  expect(scene.git(scene.root, 'reflog', '-1', '--format=%gs', 'HEAD')).toBe(QUICK);
  expect(scene.git(scene.root, 'rev-parse', 'HEAD', 'HEAD@{1}')).toBe(
    scene.git(scene.root, 'rev-parse', 'main', 'main^'),
  );
  expect(status()).toBe('');
  expect(scene.git(scene.root, 'diff', '--stat', 'HEAD')).toBe('');
  for (const name of ['index.lock', 'index.lock.lock', 'HEAD.lock', 'refs/heads/main.lock'])
    expect(existsSync(join(scene.gitDir, name)), name).toBe(false);
  expect(existsSync(join(scene.dataHome, 'forwarding.json'))).toBe(false);
  scene.git(scene.root, 'fsck', '--strict');
});

test('a linked working tree on the base branch goes the quick way too', async () => {
  makeWork();
  scene.git(scene.root, 'switch', '-qc', 'mine');
  const linked = join(scene.folder, 'linked');
  scene.git(scene.root, 'worktree', 'add', '-q', linked, 'main');
  expect(await land()).toMatchObject(LANDED);
  expect([
    lastMove(),
    scene.git(linked, 'reflog', '-1', '--format=%gs'),
    scene.git(linked, 'status', '--porcelain'),
  ]).toEqual([QUICK, QUICK, '']);
  expect(existsSync(join(scene.root, 'new'))).toBe(false);
});

test('a packed branch and packed old objects are no hindrance', async () => {
  scene.git(scene.root, 'gc', '-q');
  makeWork();
  expect(await land()).toMatchObject(LANDED);
  expect([lastMove(), status()]).toEqual([QUICK, '']);
});

const index = () => join(scene.gitDir, 'index');
const git = (...args: string[]) => scene.git(scene.root, ...args);

/** What git itself has to judge: it comes to land all the same. */
const LEFT_TO_GIT: [name: string, prepare: () => void][] = [
  ['a file that has only another time', () => utimesSync(join(scene.root, 'b.txt'), 1, 1)],
  ['a file that is assumed unchanged', () => git('update-index', '--assume-unchanged', 'b.txt')],
  ['a sparse checkout', () => git('sparse-checkout', 'set', 'new')],
  ['an index of version 4', () => git('update-index', '--index-version', '4')],
  ['a split index', () => git('update-index', '--split-index')],
  [
    'a repository without reflogs',
    () => {
      git('config', 'core.logAllRefUpdates', 'false');
      renameSync(join(scene.gitDir, 'logs'), join(scene.folder, 'logs'));
    },
  ],
];

test.each(LEFT_TO_GIT)('%s is left to git', async (_, prepare) => {
  makeWork();
  prepare();
  expect(await land()).toMatchObject(LANDED);
  expect(existsSync(join(scene.gitDir, 'logs')) ? lastMove() : '').not.toBe(QUICK);
  expect(readFileSync(join(scene.root, 'new/e.txt'), 'utf8')).toBe('e\n');
  expect(status()).toBe('');
});

test('a submodule is left to git', async () => {
  git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
  git('commit', '-qm', 'sub');
  mkdirSync(join(scene.root, 'sub'));
  makeWork();
  expect(await land()).toMatchObject(LANDED);
  expect(lastMove()).not.toBe(QUICK);
});

test('fsmonitor, untracked cache and a filter of line ends change nothing', async () => {
  git('config', 'core.untrackedCache', 'true');
  git('config', 'core.autocrlf', 'true');
  git('checkout', '-q', '-f', '--', '.');
  git('update-index', '--force-untracked-cache', '--fsmonitor-valid', 'b.txt');
  git('status');
  makeWork();
  expect(await land()).toMatchObject(LANDED);
  expect(readFileSync(join(scene.root, 'new/e.txt'), 'utf8')).toBe('e\r\n');
  expect(status()).toBe('');
});

/** What is the user's: nothing of it may change, and the landing waits. */
const THE_USERS: [name: string, prepare: () => void, still: () => unknown][] = [
  [
    'an edit',
    () => scene.write(scene.root, { 'b.txt': 'mine\n' }),
    () => readFileSync(join(scene.root, 'b.txt'), 'utf8'),
  ],
  [
    'a staged edit',
    () => {
      scene.write(scene.root, { 'b.txt': 'mine\n' });
      git('add', 'b.txt');
    },
    () => git('show', ':b.txt'),
  ],
  [
    'a file about to be added',
    () => {
      scene.write(scene.root, { 'mine.txt': 'mine\n' });
      git('add', '-N', 'mine.txt');
    },
    () => status(),
  ],
  ['another mode', () => chmodSync(join(scene.root, 'b.txt'), 0o755), () => lstatSync(join(scene.root, 'b.txt')).mode],
  [
    'a folder that became a link',
    () => {
      renameSync(join(scene.root, 'deep'), join(scene.folder, 'elsewhere'));
      symlinkSync(join(scene.folder, 'elsewhere'), join(scene.root, 'deep'));
    },
    () => lstatSync(join(scene.root, 'deep')).isSymbolicLink(),
  ],
  [
    'an ignored file where a folder goes',
    () => scene.write(scene.root, { ignored: 'mine\n' }),
    () => readFileSync(join(scene.root, 'ignored'), 'utf8'),
  ],
  [
    'an ignored folder where a file goes',
    () => scene.write(scene.root, { 'ignored-file/x': 'mine\n' }),
    () => readFileSync(join(scene.root, 'ignored-file/x'), 'utf8'),
  ],
  [
    'an ignored link where a folder goes',
    () => symlinkSync(scene.folder, join(scene.root, 'ignored')),
    () => lstatSync(join(scene.root, 'ignored')).isSymbolicLink(),
  ],
  [
    'an ignored file',
    () => scene.write(scene.root, { 'ignored-file': 'mine\n' }),
    () => readFileSync(join(scene.root, 'ignored-file'), 'utf8'),
  ],
  [
    'the lock of a git at work',
    () => writeFileSync(`${index()}.lock`, 'theirs'),
    () => readFileSync(`${index()}.lock`, 'utf8'),
  ],
];

test.each(THE_USERS)('%s of the user stays, and the landing waits beside it', async (_, prepare, still) => {
  makeWork({ ...WORK, 'ignored/x.txt': 'of the agent\n', 'ignored-file': 'of the agent\n' });
  // The lock is taken by somebody while the server runs: at its start it would be stale.
  const lane = new LandingLane(await scene.open(), 'main');
  prepare();
  const [before, base] = [still(), git('rev-parse', 'main')];
  const result = await lane.land({ branch: BRANCH, message: 'Land', author: ANN, committer: DROVER, test: null });
  expect(result).toMatchObject(WAITS);
  expect([still(), git('rev-parse', 'main'), readFileSync(join(scene.root, 'a.txt'), 'utf8')]).toEqual([
    before,
    base,
    'a\n',
  ]);
  expect(existsSync(join(scene.root, 'new'))).toBe(false);
});

describe('when the time of a file proves nothing, because the index is as old', () => {
  const look = () => untouchedIndex(scene.root, index(), git('rev-parse', 'main^{tree}'));

  test('its content is read', async () => {
    git('status');
    utimesSync(index(), 1, 1);
    expect(await look()).not.toBe(null);
    // An index that says another blob of a file that has the same time and size, as after an edit in the same moment.
    const bytes = readFileSync(index());
    const [a, b] = ['a.txt', 'b.txt'].map((name) => Buffer.from(git('rev-parse', `main:${name}`), 'hex'));
    const at = bytes.indexOf(a ?? '');
    expect(at).toBeGreaterThan(0);
    b?.copy(bytes, at);
    writeFileSync(index(), bytes);
    const now = Date.now() / 1000 + 60;
    utimesSync(index(), now, now);
    expect(await look(), 'an index that is newer is believed').not.toBe(null);
    utimesSync(index(), 1, 1);
    expect(await look()).toBe(null);
  });

  test('every cut and every changed byte of an index gives an answer, never an error', async () => {
    git('status');
    const bytes = readFileSync(index());
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(index(), bytes.subarray(0, length));
      await look();
    }
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      writeFileSync(index(), changed);
      await look();
    }
  });
});

test('a tree that is packed, or gone, says nothing about the way', async () => {
  git('status');
  const found = await untouchedIndex(scene.root, index(), git('rev-parse', 'main^{tree}'));
  if (found === null) throw new Error('touched');
  const objects = join(scene.gitDir, 'objects');
  expect(isWayFree(scene.root, found, objects, git('rev-parse', 'main^{tree}'))).toBe(true);
  expect(isWayFree(scene.root, found, objects, '1'.repeat(40))).toBe(false);
});

test('the locks of a quick fast-forward that was killed are removed at the next start, and it can be done again', async () => {
  makeWork();
  const from = git('rev-parse', 'main');
  const to = git('commit-tree', '-p', 'main', '-p', BRANCH, '-m', 'Land', `${BRANCH}^{tree}`);
  scene.write(scene.dataHome, { 'forwarding.json': JSON.stringify({ path: scene.root, branch: 'main', from, to }) });
  linkSync(index(), `${index()}.lock`);
  for (const name of ['index.lock.lock', 'HEAD.lock', 'refs/heads/main.lock'])
    writeFileSync(join(scene.gitDir, name), '');
  expect(await land()).toMatchObject(LANDED);
  expect([lastMove(), status()]).toEqual([QUICK, '']);
});
