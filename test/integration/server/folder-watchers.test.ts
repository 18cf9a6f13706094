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
/** Follows each change that is heard of after `act`, until so many folders are watched and, where that is asked for, one is watched anew. */
async function follows(act: () => void, size: number, isAnew = false): Promise<void> {
  let next = new Promise<void>((resolve) => {
    heard = resolve;
  });
  act();
  for (let hasMore = false; watchers.size !== size || (isAnew && !hasMore); ) {
    await next;
    next = new Promise((resolve) => {
      heard = resolve;
    });
    hasMore = (await watchers.follow()) || hasMore;
  }
}

test('watches what git looks into: not node_modules at any depth, nothing ignored, no link and no repository inside', async () => {
  writeFileSync(join(root, '.gitignore'), 'dist/\n/top\n');
  make(
    'src/deep/er',
    'src/:(top)x',
    'src/*',
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
  // The root, src, src/deep, src/deep/er, src/top, src/:(top)x, src/*, empty, inner
  expect(watchers.size).toBe(9);
  expect(await watchers.follow()).toBe(false);
});

test('follows folders that come, are moved, go and come again under the same name', async () => {
  make('a/b');
  await watchers.follow();
  expect(watchers.size).toBe(3);
  await follows(() => make('a/c/d'), 5);
  await follows(() => renameSync(join(root, 'a'), join(root, 'z')), 5, true);
  await follows(() => make('z/c/d/e'), 6);
  const again = (): void => {
    rmSync(join(root, 'z/c'), { recursive: true });
    make('z/c');
  };
  await follows(again, 4, true);
  await follows(() => make('z/c/f'), 5);
  await follows(() => rmSync(join(root, 'z'), { recursive: true }), 1);
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
