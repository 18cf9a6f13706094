// Owns the check of a generation before it is used: nobody changed a file of it since it was sealed.
import { chmodSync, lstatSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, eachFile, type FileItem, isListed, isSameTime, type Manifest } from './manifest.ts';

/**
 * The files that are not as they were sealed, at most ten. By size, time and inode, as a write leaves another time;
 * `isDeep` reads them all (0.9 s for 467 MiB). A file of which only the time or the mode was changed (touch, chmod -R) is
 * put right. The inode's own change time says nothing: each new hard link moves it.
 */
export function findDamage(tree: string, manifest: Manifest, isDeep: boolean): string[] {
  const damaged: string[] = [];
  eachFile(manifest, (path, item) => {
    if (damaged.length < 10 && !isIntact(join(tree, path), item, isDeep)) damaged.push(path);
  });
  return damaged;
}

function isIntact(path: string, item: FileItem, isDeep: boolean): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!isListed(stat, item)) return false;
  const isTouched = !isSameTime(stat.mtimeMs, item.mtime);
  if ((isTouched || isDeep) && digestOf(path) !== item.digest) return false;
  if (isTouched) utimesSync(path, stat.atimeMs / 1000, item.mtime / 1000);
  const sealed = item.mode & 0o555;
  if ((stat.mode & 0o7777) !== sealed) chmodSync(path, sealed);
  return true;
}
