// Owns the last step of a build: a finished tree becomes read-only, knows nothing of the worktree it was built in, and is listed.
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { listTree, type Manifest } from './manifest.ts';
import { isOwnFile } from './own-files.ts';

export interface SealRequest {
  readonly tree: string;
  readonly roots: readonly string[];
  /** The worktree that the tree was built in. */
  readonly builtIn: string;
}

/**
 * Makes every file read-only (0444, programs 0555) and gives each an inode that nothing else has; a link that led into the
 * worktree by its absolute path leads there relatively, so that it does so in any worktree. Gives the list of it all.
 */
export function sealTree({ tree, roots, builtIn }: SealRequest): Manifest {
  for (const root of roots) sealItem(tree, root, builtIn);
  return listTree(tree, roots, { isOwn: isOwnFile, digests: true });
}

function sealItem(tree: string, path: string, builtIn: string): void {
  const full = join(tree, path);
  const stat = lstatSync(full);
  if (stat.isSymbolicLink()) {
    relink(full, join(builtIn, path), builtIn);
  } else if (stat.isDirectory()) {
    chmodSync(full, 0o755);
    for (const name of readdirSync(full)) sealItem(tree, `${path}/${name}`, builtIn);
  } else if (stat.isFile()) {
    // Linked into a store of the package manager, or elsewhere: what is written there must not reach us.
    if (stat.nlink > 1) unshare(full, stat);
    chmodSync(full, stat.mode & 0o555);
  } else {
    rmSync(full);
  }
}

function unshare(full: string, { atime, mtime }: Stats): void {
  const aside = `${full}.drover-own`;
  copyFileSync(full, aside);
  utimesSync(aside, atime, mtime);
  renameSync(aside, full);
}

function relink(full: string, inWorktree: string, builtIn: string): void {
  const target = readlinkSync(full);
  if (!isAbsolute(target) || !(target === builtIn || target.startsWith(builtIn + sep))) return;
  rmSync(full);
  symlinkSync(relative(dirname(inWorktree), target), full);
}
