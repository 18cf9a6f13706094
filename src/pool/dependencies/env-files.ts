// Owns the copying of environment files from the user's checkout into a worktree.
import { copyFileSync, lstatSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFolderWithin } from './steps.ts';
import { ignoredOf, trackedOf } from './untracked.ts';

/**
 * Copies the files of the list that are there, with their mode. A file that git tracks or would commit is left alone, as is
 * one that is a link or that is reached by one: nothing from outside of the checkout comes in. Gives what was not copied
 * and should have been, a sentence each.
 */
export async function copyEnvFiles(checkout: string, worktree: string, names: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const there = names.filter((name) => lstatSync(join(checkout, name), { throwIfNoEntry: false }) !== undefined);
  const [tracked, ignored] = await Promise.all([trackedOf(worktree, there), ignoredOf(worktree, there)]);
  for (const name of there) {
    const problem = tracked.has(name)
      ? 'git tracks it'
      : ignored.has(name)
        ? copyOne(checkout, worktree, name)
        : 'git does not ignore it, so it would be committed';
    if (problem !== '') problems.push(`copy: ${name} was not copied: ${problem}`);
  }
  return problems;
}

function copyOne(checkout: string, worktree: string, name: string): string {
  const from = join(checkout, name);
  const to = join(worktree, name);
  const folder = dirname(name);
  if (!lstatSync(from).isFile()) return 'it is no file';
  if (folder !== '.' && !isFolderWithin(checkout, folder)) return 'a link leads to it';
  if (folder !== '.') mkdirWithin(worktree, folder);
  if (folder !== '.' && !isFolderWithin(worktree, folder)) return 'in the worktree a link leads to it';
  const before = lstatSync(to, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) return 'something else stands in its place';
  copyFileSync(from, to);
  const { atime, mtime } = statSync(from);
  utimesSync(to, atime, mtime);
  return '';
}

function mkdirWithin(root: string, folder: string): void {
  const parts = folder.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const path = join(root, ...parts.slice(0, length));
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path);
  }
}
