// Owns the promise that nothing is missed in an overlay of which only the changed places are looked at: what is kept is what a look at every file would keep.
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkpoint } from '../../../src/git/commit.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { isUsable } from '../../../src/git/worktree.ts';
import { probe } from '../../../src/pool/backend/probe.ts';
import { SlotTrees } from '../../../src/pool/backend/slot-trees.ts';
import { NO_PROVISIONS } from '../../../src/pool/provisioner.ts';
import { DROVER, makeScene, type Scene } from '../git/scene.ts';
import { type Ground, makeGround } from './machine.ts';

const TMPDIR = process.env['TMPDIR'];
const FILES = Object.fromEntries([
  ...['a', 'a/b', 'a/b/c', 'a-b', 'd', 'd/e', 'twin', 'twin2'].flatMap((folder) =>
    [1, 2, 3].map((at) => [`${folder}/file${at}`, `${folder} ${at}\n`]),
  ),
  ['.gitignore', 'ignored\n*.log\n'],
  ['top', 'top\n'],
  ['a/b.txt', 'sorts beside its folder\n'],
  ['run', '#!/bin/sh\n'],
]);

let ground: Ground | null = null;
let scene: Scene;
let repository: Repository;
let trees: SlotTrees;
let base: string;

beforeEach(async (context) => {
  const made = makeGround('any');
  if (typeof made === 'string') return context.skip(made);
  ground = made;
  const reason = (await probe(ground.folder)).overlay;
  if (reason !== null) return context.skip(reason);
  process.env['TMPDIR'] = ground.folder;
  scene = makeScene(FILES);
  scene.write(scene.root, { second: 'second\n', 'd/later': 'later\n' });
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'later');
  base = scene.git(scene.root, 'rev-parse', 'HEAD');
  repository = await scene.open();
  trees = await SlotTrees.open({
    repository,
    wanted: 'overlay',
    provisioner: {
      ...NO_PROVISIONS,
      provision: async (path) => {
        scene.write(path, { 'ignored/package/index.js': 'one\n', 'd/ignored/two.js': 'two\n' });
        return { generation: null, method: '', bytes: 0, saved: 0, problems: [] };
      },
    },
  });
});

afterEach(async () => {
  await trees?.close(() => true);
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  ground?.close();
  scene?.close();
});

const replace = (path: string, make: (path: string) => unknown) => {
  rmSync(path, { recursive: true });
  make(path);
};

const slot = () => join(scene.dataHome, 'worktrees', 'worktree-1');

async function treeOf(places: readonly string[] | null): Promise<string> {
  const words = { worktree: slot(), message: 'kept', author: DROVER, places };
  return scene.git(slot(), 'rev-parse', `${(await checkpoint(repository, words)).commit}^{tree}`);
}

/** The places, after what is kept by them has been compared with what a look at every file keeps. */
async function placesThatHold(what: string): Promise<readonly string[] | null> {
  const places = await trees.changedPlaces('worktree-1');
  const [narrow, whole] = [await treeOf(places), await treeOf(null)];
  const differ = narrow === whole ? '' : scene.git(slot(), 'diff', '--name-status', narrow, whole);
  expect(differ, `${what}; places: ${places?.join(' ')}`).toBe('');
  return places;
}

test('an untouched slot has no place to look at', async () => {
  await trees.place('worktree-1', base, { isBackground: true });
  expect(await placesThatHold('nothing')).toEqual([]);
});

test('files that were changed, added and removed are the places', async () => {
  await trees.place('worktree-1', base, { isBackground: true });
  const at = (path: string) => join(slot(), path);
  appendFileSync(at('a/b/file1'), 'more\n');
  rmSync(at('d/e/file2'));
  scene.write(slot(), { 'new/deep/one': '1\n', 'ignored/mine': 'x\n', 'a/b/c/new.log': 'x\n' });
  rmSync(at('ignored/package'), { recursive: true });
  chmodSync(at('run'), 0o755);
  const places = await placesThatHold('ordinary work');
  expect([...(places ?? [])].sort()).toEqual(['a/b/c/new.log', 'a/b/file1', 'd/e/file2', 'ignored', 'new', 'run']);
});

test.each<[string, (at: (path: string) => string) => void]>([
  [
    'a folder that was made anew, with fewer files',
    (at) => {
      rmSync(at('twin'), { recursive: true });
      mkdirSync(at('twin'));
      writeFileSync(at('twin/file1'), 'twin 1\n');
    },
  ],
  [
    'two folders that changed places, names and all',
    (at) => {
      renameSync(at('twin'), at('aside'));
      renameSync(at('twin2'), at('twin'));
      renameSync(at('aside'), at('twin2'));
    },
  ],
  [
    'a folder that was moved to where another one was, and one in it changed',
    (at) => {
      rmSync(at('a/b'), { recursive: true });
      renameSync(at('d'), at('a/b'));
      writeFileSync(at('a/b/e/file1'), 'changed\n');
    },
  ],
  [
    'a folder that was moved to where another one was, and has all names of that in files of its own',
    (at) => {
      replace(at('a-b'), (path) => renameSync(at('a/b'), path));
      for (const name of [1, 2, 3]) appendFileSync(at(`a-b/file${name}`), 'more\n');
    },
  ],
  ['an index that was set back, without a file', () => scene.git(slot(), 'reset', '-q', '--mixed', 'HEAD~1')],
  ['a file taken from the index', () => scene.git(slot(), 'rm', '-q', '--cached', 'a/file1', 'top')],
  [
    'an entry of the index that was made up',
    () =>
      scene.git(slot(), 'update-index', '--cacheinfo', `100644,${scene.git(slot(), 'rev-parse', 'HEAD:a/file2')},top`),
  ],
  ['a folder that became a file', (at) => replace(at('d'), (path) => writeFileSync(path, 'file\n'))],
  ['a file that became a folder', (at) => replace(at('top'), () => scene.write(slot(), { 'top/in': 'x\n' }))],
  ['a repository in the slot', (at) => void scene.git(slot(), 'init', '-q', at('nested'))],
  ['a hard link', (at) => linkSync(at('a/file1'), at('a/link'))],
  ['what nobody ignores any more', (at) => writeFileSync(at('.gitignore'), '*.log\n')],
  ['a name with a pattern in it', (at) => writeFileSync(at('a/*'), 'x\n')],
  [
    'a name that is not UTF-8',
    (at) => writeFileSync(Buffer.concat([Buffer.from(at('a/')), Buffer.from([0xff])]), 'x\n'),
  ],
])('%s', async (what, work) => {
  await trees.place('worktree-1', base, { isBackground: true });
  work((path) => join(slot(), path));
  await placesThatHold(what);
});

/** Numbers that are the same for a seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function allBeneath(folder: string): { files: string[]; folders: string[] } {
  const items = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/^\.git$|^\.gitignore$/.test(name),
  );
  const isFolder = (name: string) => lstatSync(join(folder, name)).isDirectory();
  return { files: items.filter((name) => !isFolder(name)), folders: items.filter(isFolder) };
}

/** Something that an agent might do in its worktree; says what. What cannot be done is left. */
function mischief(below: (below: number) => number): string {
  const { files, folders } = allBeneath(slot());
  const one = (of: readonly string[]) => of[below(of.length)] ?? 'top';
  const [file, other, folder, target] = [one(files), one(files), one(folders), one(folders)];
  const at = (path: string) => join(slot(), path);
  const git = (...words: string[]) => scene.git(slot(), ...words);
  const works: [string, () => unknown][] = [
    [`append to ${file}`, () => appendFileSync(at(file), 'more\n')],
    [`remove ${file}`, () => rmSync(at(file))],
    [`remove ${folder}`, () => rmSync(at(folder), { recursive: true })],
    [`write ${folder}/new`, () => writeFileSync(at(`${folder}/new${below(3)}`), 'new\n')],
    [`make ${folder}/made`, () => mkdirSync(at(`${folder}/made`))],
    [`move ${file} to ${other}`, () => renameSync(at(file), at(other))],
    [`move ${folder} to ${target}/moved`, () => renameSync(at(folder), at(`${target}/moved${below(3)}`))],
    [`move ${folder} to ${target}`, () => replace(at(target), (path) => renameSync(at(folder), path))],
    [`make ${folder} anew`, () => replace(at(folder), mkdirSync)],
    [`link ${file}`, () => replace(at(file), (path) => symlinkSync(dirname(file), path))],
    [`mode of ${file}`, () => chmodSync(at(file), 0o755)],
    ['add', () => git('add', '--all')],
    ['commit', () => git('commit', '-qam', 'of the agent')],
    [`forget ${file}`, () => git('rm', '-q', '--cached', '--', file)],
    ['reset', () => git('reset', '-q', 'HEAD~1')],
    ['reset hard', () => git('reset', '-q', '--hard')],
    ['status', () => git('status', '--porcelain')],
    [`checkout ${file}`, () => git('checkout', '-q', '--', file)],
  ];
  const [name, work] = works[below(works.length)] ?? ['nothing', () => undefined];
  try {
    work();
    return name;
  } catch {
    return `(${name})`;
  }
}

test('whatever was done there, by chance', async () => {
  const seeds = Array.from(
    { length: Number(process.env['DROVER_FUZZ_ROUNDS'] ?? 40) },
    (_, at) => at + Number(process.env['DROVER_FUZZ_SEED'] ?? 1),
  );
  let told = 0;
  for (const seed of seeds) {
    await trees.place('worktree-1', base, { isBackground: true });
    const below = seeded(seed);
    for (let more = below(200); more > 0; more -= 1) below(2);
    const done = Array.from({ length: 1 + below(16) }, () => mischief(below));
    // It took the way to the repository away: git cannot say what it has.
    if (!isUsable(slot())) continue;
    if ((await placesThatHold(`${seed}: ${done.join(', ')}`)) !== null) told += 1;
  }
  // It is not right only by looking at everything.
  expect(told).toBeGreaterThan(seeds.length / 2);
});
