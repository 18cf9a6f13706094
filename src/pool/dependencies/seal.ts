// Owns the last step of a build: a finished tree becomes read-only, knows nothing of the worktree it was built in, and is listed.
import {
  chmodSync,
  copyFileSync,
  linkSync,
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
import { eachFile, type FileItem, isListed, isSameTime, listTree, type Manifest, mapFiles } from './manifest.ts';
import { isOwnFile } from './own-files.ts';

export interface SealRequest {
  readonly tree: string;
  readonly roots: readonly string[];
  /** The worktree that the tree was built in. */
  readonly builtIn: string;
}

/** A sealed tree of an earlier lock file. */
export interface SealedTree {
  readonly tree: string;
  readonly manifest: Manifest;
}

/**
 * Makes every file read-only (0444, programs 0555); a link that led into the worktree by its absolute path leads there
 * relatively, so that it does so in any worktree. A file that one of `earlier` has at the same place, with the same contents, becomes
 * that one; every other has an inode that nothing else has. Gives the list of it all.
 */
export function sealTree({ tree, roots, builtIn }: SealRequest, earlier: readonly SealedTree[] = []): Manifest {
  for (const root of roots) sealItem(tree, root, builtIn);
  const manifest = listTree(tree, roots, { isOwn: isOwnFile, digests: true });
  return earlier.reduce((now, each) => shareWith(tree, now, each), manifest);
}

/** A worktree whose lock file changes then keeps the files that are the same, and only those that differ take room. */
function shareWith(tree: string, manifest: Manifest, earlier: SealedTree): Manifest {
  const known = new Map<string, FileItem>();
  eachFile(earlier.manifest, (path, item) => void known.set(path, item));
  return mapFiles(manifest, (path, item) => {
    const twin = known.get(path);
    if (twin === undefined || twin.ino === item.ino || !isTwin(item, twin)) return item;
    const from = join(earlier.tree, path);
    const stat = lstatSync(from, { throwIfNoEntry: false });
    // What was written to leaves another time; its contents are not trusted then.
    if (!isListed(stat, twin) || !isSameTime(stat.mtimeMs, twin.mtime)) return item;
    const full = join(tree, path);
    try {
      linkSync(from, `${full}${ASIDE}`);
    } catch {
      // It has as many names as the file system allows.
      return item;
    }
    renameSync(`${full}${ASIDE}`, full);
    return { ...item, ino: twin.ino, mtime: twin.mtime };
  });
}

function isTwin(one: FileItem, other: FileItem): boolean {
  return (
    !one.isOwn && !other.isOwn && one.size === other.size && one.mode === other.mode && one.digest === other.digest
  );
}

/** What stands beside a file until it takes its place. */
const ASIDE = '.drover-own';

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
  const aside = `${full}${ASIDE}`;
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
