// Owns the tests of the watchers of a worktree's folders, with real folders and a real git.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderWatchers } from '../../../src/server/folder-watchers.ts';

let root: string;
let watchers: FolderWatchers;
let heard: () => void;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'drover-folders-')));
  execFileSync('git', ['init', '-q', root]);
  heard = () => {};
  watchers = new FolderWatchers(root, () => heard());
});
afterEach(() => {
  watchers.close();
  rmSync(root, { recursive: true, force: true });
});

const make = (...folders: string[]): void => {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
};
/** Resolves when a change is heard of that `act` makes. */
const change = (act: () => void): Promise<void> =>
  new Promise((resolve) => {
    heard = resolve;
    act();
  });

test('watches what git looks into: not node_modules at any depth, nothing ignored, no link and no repository inside', async () => {
  writeFileSync(join(root, '.gitignore'), 'dist/\n/top\n');
  make(
    'src/deep/er',
    'dist/a',
    'src/dist',
    'top/a',
    'src/top',
    'node_modules/a',
    'src/node_modules/b',
    'empty',
    'inner/a',
  );
  execFileSync('git', ['init', '-q', join(root, 'inner')]);
  symlinkSync(root, join(root, 'loop'));
  expect(await watchers.follow()).toBe(true);
  // The root, src, src/deep, src/deep/er, src/top, empty, inner
  expect(watchers.size).toBe(7);
  expect(await watchers.follow()).toBe(false);
});

test('follows folders that come, are moved, go and come again under the same name', async () => {
  make('a/b');
  await watchers.follow();
  expect(watchers.size).toBe(3);
  await change(() => make('a/c/d'));
  await watchers.follow();
  expect(watchers.size).toBe(5);
  await change(() => writeFileSync(join(root, 'a/c/d/file'), 'x'));
  await change(() => renameSync(join(root, 'a'), join(root, 'z')));
  await watchers.follow();
  expect(watchers.size).toBe(5);
  await change(() => writeFileSync(join(root, 'z/c/d/file'), 'y'));
  await change(() => {
    rmSync(join(root, 'z/c'), { recursive: true });
    make('z/c');
  });
  await watchers.follow();
  expect(watchers.size).toBe(4);
  await change(() => writeFileSync(join(root, 'z/c/file'), 'x'));
});

test('a root that is gone, and a closed one, watch nothing', async () => {
  await watchers.follow();
  watchers.close();
  expect(watchers.size).toBe(0);
  make('late');
  await watchers.follow();
  expect(watchers.size).toBe(0);
  const gone = new FolderWatchers(join(root, 'nowhere'), () => {});
  expect(await gone.follow()).toBe(false);
  gone.close();
});
