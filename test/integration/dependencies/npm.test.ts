// Owns the promise of the cache for npm: each worktree has its own tree at the price of its folders, and what is done to one reaches no other.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeStage, npm, type Stage, snapshot, tarball } from './project.ts';

let stage: Stage;
let one: string;
let two: string;
/** What the packages of an untouched worktree are. */
let pristine: Record<string, string>;
beforeAll(async () => {
  stage = await makeStage();
  one = await stage.slot('worktree-1');
  two = await stage.slot('worktree-2');
  expect((await stage.cache.provision(one)).problems).toEqual([]);
  expect((await stage.cache.provision(two)).problems).toEqual([]);
  pristine = snapshot(join(one, 'node_modules'));
});
afterAll(() => stage.close());

const sh = (cwd: string, command: string) => execFileSync('/bin/sh', ['-c', command], { cwd, stdio: 'pipe' });
const inodeOf = (slot: string, file: string) => statSync(join(slot, 'node_modules', file)).ino;
const generation = () => {
  const folder = join(stage.scene.dataHome, 'cache/generations');
  return join(folder, readdirSync(folder).find((name) => name.startsWith('npm-')) ?? 'none', 'tree/node_modules');
};

test('worktrees share the files of packages, and workspaces lead to their own worktree', () => {
  expect(inodeOf(one, 'left/index.js')).toBe(inodeOf(two, 'left/index.js'));
  expect(inodeOf(one, '.package-lock.json')).not.toBe(inodeOf(two, '.package-lock.json'));
  expect(statSync(join(two, 'node_modules/left/index.js')).mode & 0o777).toBe(0o444);
  const app = (slot: string) =>
    execFileSync(process.execPath, ['-p', "require('./index.js').join(' ')"], {
      cwd: join(slot, 'packages/app'),
      encoding: 'utf8',
    });
  writeFileSync(join(two, 'packages/core/index.js'), "module.exports = 'changed';\n");
  expect([app(one), app(two)]).toEqual(['core left 2.0.0\n', 'changed left 2.0.0\n']);
  stage.scene.git(two, 'checkout', '-q', '.');
  expect(execFileSync(join(two, 'node_modules/.bin/tool'), { encoding: 'utf8' })).toBe('tool\n');
  expect(readlinkSync(join(two, 'node_modules/@x/core'))).toBe('../../packages/core');
  for (const slot of [one, two]) expect(stage.scene.git(slot, 'status', '--porcelain')).toBe('');
});

const HAZARDS: [string, (slot: string) => void][] = [
  ['npm install of another version', (slot) => npm(slot, 'install', './vendor/left-2.0.0.tgz')],
  ['npm uninstall', (slot) => npm(slot, 'uninstall', 'tool')],
  ['npm ci', (slot) => npm(slot, 'ci')],
  ['npm rebuild, dedupe and prune', (slot) => ['rebuild', 'dedupe', 'prune'].forEach((verb) => void npm(slot, verb))],
  ['rm -rf node_modules', (slot) => sh(slot, 'rm -rf node_modules')],
  ['rm -rf node_modules/', (slot) => sh(slot, 'rm -rf node_modules/')],
  ['rm -rf node_modules/*', (slot) => sh(slot, 'rm -rf node_modules/*')],
  ['git clean -xdf', (slot) => stage.scene.git(slot, 'clean', '-xdfq')],
  ['sed -i', (slot) => sh(slot, 'sed -i s/left/right/ node_modules/left/index.js')],
  [
    'an editor that replaces the file',
    (slot) => {
      writeFileSync(join(slot, 'node_modules/left/new'), 'replaced\n');
      renameSync(join(slot, 'node_modules/left/new'), join(slot, 'node_modules/left/index.js'));
    },
  ],
  [
    'chmod -R u+w and touch',
    (slot) => sh(slot, 'chmod -R u+w node_modules && find node_modules -type f -exec touch {} +'),
  ],
  [
    'a tool that rewrites .package-lock.json in place',
    (slot) => writeFileSync(join(slot, 'node_modules/.package-lock.json'), '{}'),
  ],
  [
    'caches of tools',
    (slot) => {
      mkdirSync(join(slot, 'node_modules/.cache/tool'), { recursive: true });
      writeFileSync(join(slot, 'node_modules/.cache/tool/x'), 'stale\n');
    },
  ],
  [
    'a link in the place of a package',
    (slot) => {
      rmSync(join(slot, 'node_modules/left'), { recursive: true });
      symlinkSync('/', join(slot, 'node_modules/left'));
    },
  ],
  [
    'a link in the place of all of them',
    (slot) => {
      rmSync(join(slot, 'node_modules'), { recursive: true });
      symlinkSync(two, join(slot, 'node_modules'));
    },
  ],
  [
    'a folder that cannot be written',
    (slot) => {
      mkdirSync(join(slot, 'node_modules/locked/in'), { recursive: true });
      chmodSync(join(slot, 'node_modules/locked'), 0o555);
    },
  ],
];

test.each(HAZARDS)(
  '%s in one worktree reaches neither the other nor the cache, and is undone for the next task',
  async (_name, hazard) => {
    hazard(one);
    expect(snapshot(join(two, 'node_modules'))).toEqual(pristine);
    expect(snapshot(generation())).toEqual(pristine);
    stage.scene.git(one, 'checkout', '-q', '.');
    expect((await stage.cache.provision(one)).problems).toEqual([]);
    expect(snapshot(join(one, 'node_modules'))).toEqual(pristine);
    expect(inodeOf(one, 'left/index.js')).toBe(inodeOf(two, 'left/index.js'));
    expect(stage.scene.git(one, 'status', '--porcelain')).toBe('');
    await stage.cache.close();
    expect(stage.damage).toEqual([]);
  },
);

test('a write in place is refused to who is not root', () => {
  const user = { uid: 65534, gid: 65534 };
  const write = (file: string) => {
    const script = `require('fs').appendFileSync(${JSON.stringify(join(two, 'node_modules', file))}, '')`;
    return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', ...(process.getuid?.() === 0 ? user : {}) });
  };
  if (process.getuid?.() === 0) {
    // The files are that user's own, so it is the mode alone that refuses.
    sh('/', `chmod o+x ${stage.scene.folder} ${stage.scene.dataHome} ${stage.scene.dataHome}/worktrees`);
    sh(two, `chown -R ${user.uid}:${user.gid} node_modules`);
  }
  expect(write('left/index.js').stderr).toContain('EACCES');
  expect(write('.package-lock.json').stderr).toBe('');
});

test('what reached the cache all the same is found, named and built anew, and each worktree is right after its next turn', async () => {
  const file = join(one, 'node_modules/left/index.js');
  chmodSync(file, 0o644);
  appendFileSync(file, '// by an agent that may write everywhere\n');
  expect(readFileSync(join(two, 'node_modules/left/index.js'), 'utf8')).toContain('by an agent');
  await stage.cache.provision(one);
  await stage.cache.close();
  expect(stage.damage).toHaveLength(1);
  expect(stage.damage[0]?.worktrees).toEqual(expect.arrayContaining([one, two]));
  expect(stage.damage[0]?.words).toContain('node_modules/left/index.js was changed in place');
  // Nobody works in them, and still they are not taken for what they were.
  for (const slot of [one, two]) {
    await stage.cache.provision(slot, { isUnused: true });
    expect(snapshot(join(slot, 'node_modules'))).toEqual(pristine);
  }
  expect(snapshot(generation())).toEqual(pristine);
  stage.damage.length = 0;
});

test('contents that were changed under the same size and time are found by reading, and so is a damaged list', async () => {
  const file = join(generation(), 'left/index.js');
  const { mtimeMs } = statSync(file);
  chmodSync(file, 0o644);
  writeFileSync(file, readFileSync(file, 'utf8').replace('left', 'LEFT'));
  execFileSync('touch', ['-d', `@${mtimeMs / 1000}`, file]);
  expect(await stage.cache.verify()).toHaveLength(1);
  await stage.cache.provision(one);
  expect(snapshot(join(one, 'node_modules'))).toEqual(pristine);
  appendFileSync(join(generation(), '../../manifest.json'), ' ');
  rmSync(join(one, 'node_modules/left'), { recursive: true });
  await stage.cache.provision(one);
  expect(await stage.cache.verify()).toEqual([]);
  expect(snapshot(join(one, 'node_modules'))).toEqual(pristine);
});

test('another lock file has a generation of its own, and the worktree before is as it was', async () => {
  const { scene, cache } = stage;
  await cache.provision(two);
  const before = await cache.provision(two);
  tarball(join(one, 'vendor/right-1.0.0.tgz'), { name: 'right', version: '1.0.0' }, { 'index.js': 'right\n' });
  npm(one, 'install', './vendor/right-1.0.0.tgz');
  scene.git(one, 'add', '-A');
  scene.git(one, 'commit', '-qm', 'right');
  const after = await cache.provision(one);
  expect(after.generation).not.toBe(before.generation);
  expect(readFileSync(join(one, 'node_modules/right/index.js'), 'utf8')).toBe('right\n');
  expect(existsSync(join(two, 'node_modules/right'))).toBe(false);
  expect(snapshot(join(two, 'node_modules'))).toEqual(pristine);
  expect(cache.usage().generations).toBe(2);
  // What both have is one file.
  expect(inodeOf(one, 'left/index.js')).toBe(inodeOf(two, 'left/index.js'));
  // And back, without an install: what stays is not made anew.
  const inPlace = () => statSync(join(one, 'node_modules/left/lib')).ino;
  const folder = inPlace();
  scene.git(one, 'checkout', '-q', '--detach', 'main');
  expect((await cache.provision(one)).generation).toBe(before.generation);
  expect(inPlace()).toBe(folder);
  expect(snapshot(join(one, 'node_modules'))).toEqual(pristine);
});
