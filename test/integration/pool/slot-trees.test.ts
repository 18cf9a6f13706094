// Owns the promise of copy-on-write slots: each is whole and its own, made from a golden tree that never changes, and nothing is left mounted.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, type TestContext, test } from 'vitest';
import { isReset } from '../../../src/git/worktree.ts';
import { COPY_ON_WRITE, probe } from '../../../src/pool/backend/probe.ts';
import { SlotTrees, type SlotTreesParts } from '../../../src/pool/backend/slot-trees.ts';
import { NO_PROVISIONS, type Provisioner } from '../../../src/pool/provisioner.ts';
import { makeScene, type Scene } from '../git/scene.ts';
import { GROUNDS, type Ground, makeGround, mountPoints } from './machine.ts';

const FILES = {
  'a.txt': 'a\n',
  'folder/b.txt': 'b\n',
  'folder/deep/c.txt': 'c\n',
  run: '#!/bin/sh\n',
  '.gitignore': 'modules\n',
};
/** Where the stage says so, since a folder of the test runner may be on any file system. */
const TMPDIR = process.env['TMPDIR'];

let ground: Ground | null = null;
let scene: Scene;
let base: string;
let provisioned: string[];
let trees: SlotTrees;

const NOTHING = { generation: null, method: '', bytes: 0, saved: 0, problems: [] };

/** Dependencies, as the cache puts them into a working tree. */
const provision: Provisioner['provision'] = async (path) => {
  provisioned.push(path);
  if (!existsSync(join(path, 'modules')))
    scene.write(path, { 'modules/one/index.js': 'one\n', 'modules/one/.key': 'gen-1' });
  return { ...NOTHING, generation: readFileSync(join(path, 'modules/one/.key'), 'utf8') };
};

async function open(wanted: SlotTreesParts['wanted'], put = provision): Promise<SlotTrees> {
  trees = await SlotTrees.open({
    repository: await scene.open(),
    wanted,
    provisioner: { ...NO_PROVISIONS, provision: put },
  });
  return trees;
}

const path = (...names: string[]) => join(scene.dataHome, 'worktrees', ...names);
const own = (name: string) => path('.copy-on-write', name);
const place = (id: string, commit = base, isUrgent = false) => trees.place(id, commit, { isBackground: !isUrgent });
const text = (...parts: string[]) => readFileSync(join(...parts), 'utf8');
const status = (id: string, ...more: string[]) => scene.git(path(id), 'status', '--porcelain', ...more);
const goldens = () => readdirSync(own('goldens')).sort();
const commit = (files: Record<string, string>) => {
  scene.write(scene.root, files);
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'more');
  return scene.git(scene.root, 'rev-parse', 'HEAD');
};

async function setUp(context: TestContext, kind: keyof typeof GROUNDS): Promise<void> {
  const made = makeGround(GROUNDS[kind]);
  if (typeof made === 'string') return context.skip(made);
  ground = made;
  const reason = (await probe(ground.folder))[kind];
  if (reason !== null) return context.skip(reason);
  process.env['TMPDIR'] = ground.folder;
  scene = makeScene(FILES);
  chmodSync(join(scene.root, 'run'), 0o755);
  scene.git(scene.root, 'commit', '-qam', 'runs');
  base = scene.git(scene.root, 'rev-parse', 'HEAD');
  provisioned = [];
}

afterEach(async () => {
  await trees?.close(() => true);
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  ground?.close();
  ground = null;
  scene?.close();
});

describe.each(COPY_ON_WRITE)('%s', (kind) => {
  beforeEach(async (context) => {
    await setUp(context, kind);
    await open(kind);
  });

  test('a slot is whole, clean without a file read again, and has the dependencies, which were put in once', async () => {
    await open(kind, async () => NOTHING);
    await Promise.all([place('worktree-1'), place('worktree-2')]);
    for (const id of ['worktree-1', 'worktree-2']) {
      expect(trees.backendOf(id)).toBe(kind);
      expect(text(path(id), 'folder/deep/c.txt')).toBe('c\n');
      expect(status(id, '--ignored')).toBe('');
      expect(scene.git(path(id), 'rev-parse', 'HEAD')).toBe(base);
      expect(await isReset(await scene.open(), path(id), base)).toBe(true);
    }
    expect(scene.git(scene.root, 'worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(3);
    expect(scene.git(scene.root, 'fsck', '--no-dangling')).toBe('');
  });

  test('what is written, renamed, changed in mode or removed in one slot is seen in no other, nor in the next use', async () => {
    await place('worktree-1');
    await place('worktree-2');
    expect(provisioned).toHaveLength(1);
    const [one, two] = [path('worktree-1'), path('worktree-2')];
    writeFileSync(join(one, 'modules/one/index.js'), 'changed\n');
    chmodSync(join(one, 'a.txt'), 0o755);
    renameSync(join(one, 'folder'), join(one, 'renamed'));
    execFileSync('mv', [join(one, 'modules'), join(one, 'moved')]);
    rmSync(join(one, 'run'));
    scene.git(one, 'switch', '-qc', 'work');
    scene.git(one, 'mv', 'a.txt', 'z.txt');
    scene.git(one, 'add', '-A');
    scene.git(one, 'commit', '-qm', 'work');
    expect(text(one, 'renamed/deep/c.txt')).toBe('c\n');
    const isAsItWas = (id: string) => {
      expect(status(id)).toBe('');
      expect(text(path(id), 'modules/one/index.js')).toBe('one\n');
      expect(readdirSync(path(id)).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'folder', 'modules', 'run']);
    };
    isAsItWas('worktree-2');
    await place('worktree-3');
    isAsItWas('worktree-3');
    expect(scene.git(two, 'rev-parse', 'HEAD')).toBe(base);
    if (kind === 'reflink') return;
    await place('worktree-1');
    isAsItWas('worktree-1');
    expect(scene.git(one, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
    expect(provisioned).toHaveLength(1);
  });

  test('a slot made anew holds nothing of an unfinished rebase, of hidden files, or of a broken entry', async () => {
    await place('worktree-1');
    const one = path('worktree-1');
    const admin = scene.git(one, 'rev-parse', '--absolute-git-dir');
    scene.git(one, 'update-index', '--assume-unchanged', 'a.txt');
    writeFileSync(join(one, 'a.txt'), 'hidden\n');
    scene.write(admin, { 'rebase-merge/head-name': 'x', 'index.lock': '', MERGE_HEAD: base });
    await place('worktree-1');
    expect([status('worktree-1'), text(one, 'a.txt')]).toEqual(['', 'a\n']);
    expect(scene.git(one, 'status')).not.toContain('rebase');
  });

  test('a base that moved a little is brought in by git, one that moved far makes a new golden tree', async () => {
    await place('worktree-1');
    const near = commit({ 'a.txt': 'near\n' });
    await place('worktree-2', near);
    expect([text(path('worktree-2'), 'a.txt'), status('worktree-2'), goldens()]).toEqual(['near\n', '', ['1']]);
    const far = commit(Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`many/${at}`, `${at}\n`])));
    await place('worktree-3', far, true);
    expect([status('worktree-3'), goldens()]).toEqual(['', ['1']]);
    await place('worktree-3', far);
    if (kind === 'reflink') await trees.remove('worktree-3').then(() => place('worktree-3', far));
    expect([status('worktree-3'), existsSync(join(path('worktree-3'), 'many/500'))]).toEqual(['', true]);
    expect(goldens()).toEqual(['1', '2']);
  });

  test('moved files, removed ones and folders that become files are in a slot as in the commit, and nothing else', async () => {
    const other = commit({ 'folder/deep/new.txt': 'new\n', 'x/y/z': 'z\n' });
    scene.git(scene.root, 'rm', '-rq', 'folder', 'run');
    const moved = commit({ folder: 'a file now\n', 'a.txt': 'moved\n', 'run/it': 'a folder now\n' });
    for (const [id, at] of [
      ['worktree-1', base],
      ['worktree-1', moved],
      ['worktree-2', other],
      ['worktree-2', moved],
      ['worktree-2', base],
    ] as const) {
      await place(id, at);
      // A copy that is there is reset by git.
      const ignored = kind === 'reflink' ? [] : ['!! modules/'];
      const found = status(id, '--ignored')
        .split('\n')
        .filter((line) => line !== '' && kind !== 'reflink');
      expect([at, found, status(id), scene.git(path(id), 'rev-parse', 'HEAD')]).toEqual([at, ignored, '', at]);
      expect(scene.git(path(id), 'ls-files')).toBe(scene.git(scene.root, 'ls-tree', '-r', '--name-only', at));
    }
    expect(goldens()).toEqual(['1']);
  });

  test('a golden tree that no slot stands on is kept for the way back, also over a restart; of several the one that was used last', async () => {
    await place('worktree-1');
    const two = commit({ 'package-lock.json': '{ "two": 2 }' });
    const three = commit({ 'package-lock.json': '{ "three": 3 }' });
    // A copy is not made anew while it is there.
    const goTo = async (at: string) => {
      if (kind === 'reflink') await trees.remove('worktree-1');
      await place('worktree-1', at);
      await trees.close(() => false);
      expect([status('worktree-1'), scene.git(path('worktree-1'), 'rev-parse', 'HEAD')]).toEqual(['', at]);
    };
    await goTo(two);
    expect(goldens()).toEqual(['1', '2']);
    await goTo(base);
    await open(kind);
    await goTo(two);
    expect([goldens(), provisioned.length]).toEqual([['1', '2'], 2]);
    await goTo(base);
    await goTo(three);
    expect(goldens()).toEqual(['1', '3']);
    await goTo(base);
    expect(provisioned).toHaveLength(3);
    trees.doubt([own('goldens/3/tree')]);
    await goTo(base);
    expect(goldens()).toEqual(['1']);
  });

  test('after a restart slots are as they were, work in them too', async () => {
    await place('worktree-1');
    const one = path('worktree-1');
    writeFileSync(join(one, 'a.txt'), 'half done\n');
    renameSync(join(one, 'folder'), join(one, 'renamed'));
    // What a reboot does.
    for (const point of mountPoints(scene.dataHome)) execFileSync('umount', [point]);
    await open(kind);
    expect(trees.problems).toEqual([]);
    expect([text(one, 'a.txt'), text(one, 'renamed/b.txt')]).toEqual(['half done\n', 'b\n']);
    await place('worktree-2');
    expect(provisioned).toHaveLength(1);
  });

  test('a removed slot leaves nothing: no mount, no entry, no folder', async () => {
    await place('worktree-1');
    await trees.remove('worktree-1');
    await trees.close(() => true);
    expect(mountPoints(scene.dataHome)).toEqual([]);
    expect(existsSync(path('worktree-1'))).toBe(false);
    expect(scene.git(scene.root, 'worktree', 'list').split('\n')).toHaveLength(1);
    for (const name of ['layers', 'slots'].filter((each) => existsSync(own(each))))
      expect([name, readdirSync(own(name))]).toEqual([name, []]);
  });

  test('dependencies that cannot be put in make an ordinary checkout, and that is said', async () => {
    await open(kind, async () => Promise.reject(new Error('npm ci ended with 1')));
    await place('worktree-1');
    expect([trees.backendOf('worktree-1'), status('worktree-1'), text(path('worktree-1'), 'a.txt')]).toEqual([
      'checkout',
      '',
      'a\n',
    ]);
    expect(trees.problems.join()).toContain('npm ci ended with 1');
    expect(goldens()).toEqual([]);
    await open(kind);
    await place('worktree-1');
    expect([trees.backendOf('worktree-1'), status('worktree-1')]).toEqual([kind, '']);
  });

  test('other dependencies than those of the golden tree make a new one for the next slot', async () => {
    await place('worktree-1');
    const next = commit({ 'a.txt': 'next\n' });
    trees.provisioned('worktree-1', next, 'gen-1');
    await place('worktree-2');
    expect(goldens()).toEqual(['1']);
    trees.provisioned('worktree-2', base, 'gen-2');
    expect(await trees.isNear('worktree-2', next)).toBe(true);
    trees.provisioned('worktree-2', next, 'gen-2');
    await place('worktree-3', next);
    expect(goldens()).toEqual(['1', '2']);
    const lock = commit({ 'package-lock.json': '{}' });
    expect(await trees.isNear('worktree-3', lock)).toBe(kind === 'reflink');
    await place('worktree-4', lock);
    expect(goldens()).toEqual(['1', '2', '3']);
  });
});

describe('overlay', () => {
  beforeEach(async (context) => {
    await setUp(context, 'overlay');
    await open('overlay');
  });

  test('a slot that somebody still stands in is made anew all the same', async () => {
    await place('worktree-1');
    const shell = spawn('cat', { cwd: path('worktree-1'), stdio: ['pipe', 'ignore', 'ignore'] });
    await once(shell, 'spawn');
    writeFileSync(join(path('worktree-1'), 'a.txt'), 'changed\n');
    await place('worktree-1');
    expect([status('worktree-1'), text(path('worktree-1'), 'a.txt')]).toEqual(['', 'a\n']);
    expect(mountPoints(scene.dataHome)).toEqual([path('worktree-1')]);
    shell.stdin.end();
    await once(shell, 'close');
  });

  test('a base that moved by many files is written once, as a layer over the golden tree that slots share', async () => {
    const many = (text: string) => Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`many/${at}`, text]));
    const before = commit({ ...many('before\n'), 'gone/x': 'x\n', 'swapped/y': 'y\n' });
    await place('worktree-1', before);
    scene.git(scene.root, 'rm', '-rq', 'gone', 'swapped', 'run');
    const moved = commit({ ...many('moved\n'), swapped: 'a file now\n', 'run/it': 'a folder now\n' });
    const isRight = async (id: string, at: string) => {
      expect([id, status(id, '--ignored')]).toEqual([id, '!! modules/']);
      expect(scene.git(path(id), 'rev-parse', 'HEAD')).toBe(at);
      expect(scene.git(path(id), 'ls-files')).toBe(scene.git(scene.root, 'ls-tree', '-r', '--name-only', at));
      expect(text(path(id), 'modules/one/index.js')).toBe('one\n');
    };
    await Promise.all([place('worktree-2', moved), place('worktree-3', moved)]);
    expect([goldens(), readdirSync(own('goldens/2')).sort()]).toEqual([
      ['1', '2'],
      ['golden.json', 'index', 'tree'],
    ]);
    for (const id of ['worktree-2', 'worktree-3']) {
      await isRight(id, moved);
      // The index fits as it is, and the slot holds no file of its own.
      expect(await isReset(await scene.open(), path(id), moved, { spare: ['modules'] })).toBe(true);
    }
    const layers = readdirSync(own('layers'), { recursive: true, encoding: 'utf8' });
    expect(layers.filter((name) => name.includes('many'))).toEqual([]);
    await isRight('worktree-1', before);
    writeFileSync(join(path('worktree-2'), 'many/0'), 'half done\n');
    for (const point of mountPoints(scene.dataHome)) execFileSync('umount', [point]);
    await open('overlay');
    expect([trees.problems, status('worktree-2')]).toEqual([[], ' M many/0']);
    await isRight('worktree-3', moved);
    const near = commit({ 'many/0': 'near\n' });
    await place('worktree-1', near);
    expect(goldens()).toEqual(['1', '2']);
    await isRight('worktree-1', near);
    const next = commit(many('next\n'));
    for (const id of ['worktree-1', 'worktree-2', 'worktree-3']) {
      await place(id, next);
      await isRight(id, next);
    }
    await trees.close(() => false);
    expect([goldens(), provisioned.length]).toEqual([['1', '3'], 1]);
    trees.doubt([own('goldens/1/tree')]);
    await place('worktree-1', next);
    expect(JSON.parse(text(own('goldens/4/golden.json')))).toMatchObject({ commit: next, over: null });
  });

  test('work whose golden tree is gone is left alone and named, and its slot is not used', async () => {
    await place('worktree-1');
    writeFileSync(join(path('worktree-1'), 'a.txt'), 'half done\n');
    execFileSync('umount', [path('worktree-1')]);
    renameSync(join(own('goldens'), '1'), join(scene.folder, 'gone'));
    await open('overlay');
    const upper = /changed files are in (.*)$/.exec(trees.problems.join())?.[1] ?? '';
    expect(text(upper, 'a.txt')).toBe('half done\n');
    expect(trees.isLost('worktree-1')).toBe(true);
    await expect(place('worktree-1')).rejects.toThrow('cannot be seen');
    expect(text(upper, 'a.txt')).toBe('half done\n');
  });

  test('an unreadable record removes nothing', async () => {
    await place('worktree-1');
    writeFileSync(join(path('worktree-1'), 'a.txt'), 'half done\n');
    writeFileSync(join(own('slots'), 'worktree-1.json'), '');
    await open('overlay');
    expect([trees.isLost('worktree-1'), text(path('worktree-1'), 'a.txt')]).toEqual([true, 'half done\n']);
    expect(trees.problems.join()).toContain('cannot be read');
  });

  test('what was written to a slot while it was not mounted is put aside', async () => {
    await place('worktree-1');
    execFileSync('umount', [path('worktree-1')]);
    writeFileSync(path('worktree-1', 'stray'), 'stray\n');
    await open('overlay');
    const aside = /is now in (\S+)/.exec(trees.problems.join())?.[1] ?? '';
    expect([text(aside, 'stray'), status('worktree-1')]).toEqual(['stray\n', '']);
  });

  test('free slots are unmounted at the end, held ones stay', async () => {
    await place('worktree-1');
    await place('worktree-2');
    await trees.close((id) => id === 'worktree-1');
    expect(mountPoints(scene.dataHome)).toEqual([path('worktree-2')]);
  });

  test('a change of the backend makes the slots of the other one anew', async () => {
    await place('worktree-1');
    await open('checkout');
    await place('worktree-1');
    expect([trees.backendOf('worktree-1'), status('worktree-1'), mountPoints(scene.dataHome)]).toEqual([
      'checkout',
      '',
      [],
    ]);
    await open('overlay');
    await place('worktree-1');
    expect([trees.backendOf('worktree-1'), status('worktree-1')]).toEqual(['overlay', '']);
  });
});

test('of what works a repository of many files gets the best, one of few files an ordinary checkout', async (context) => {
  await setUp(context, 'overlay');
  await open('auto');
  await place('worktree-1');
  expect([trees.backendOf('worktree-1'), existsSync(path('.copy-on-write'))]).toEqual(['checkout', false]);
  const many = commit(Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`many/${at}`, `${at}\n`])));
  await open('auto');
  await place('worktree-1', many);
  const { btrfs } = await trees.choice.findings();
  expect(trees.backendOf('worktree-1')).toBe(btrfs === null ? 'btrfs' : 'overlay');
  expect(status('worktree-1')).toBe('');
});

test('a backend that does not work here is refused by name, with the reason and what to do', async (context) => {
  const made = makeGround('any');
  if (typeof made === 'string') return context.skip(made);
  ground = made;
  const findings = await probe(ground.folder);
  const kind = COPY_ON_WRITE.find((each) => findings[each] !== null);
  if (kind === undefined) return context.skip('every backend works here');
  process.env['TMPDIR'] = ground.folder;
  scene = makeScene(FILES);
  await expect(open(kind)).rejects.toMatchObject({
    refusal: {
      code: 'not-allowed',
      message: expect.stringContaining(`pool.backend ${kind} doesn't work in `),
      next: expect.stringContaining('pool.backend'),
    },
  });
  expect(readdirSync(path('.copy-on-write')).filter((name) => name.startsWith('.probe'))).toEqual([]);
});
