// Owns telling whether a file or a folder is what it was: by its inode and its times.
import type { Stats } from 'node:fs';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

/** The inode, the time of the last write (of a folder: of its entries), and that of the last change of any kind, in ms. */
export type Stamp = readonly [ino: number, mtime: number, ctime: number];

/** A worktree's provisioned folders as they were left. */
export interface Stamps {
  /** One that still is what it was has the same entries, and they need not be looked at. */
  readonly folders: Readonly<Record<string, Stamp>>;
  /** Of the files that can be written in place without anybody else seeing it. */
  readonly files: Readonly<Record<string, Stamp>>;
}

export function stampOf(stat: Stats): Stamp {
  return [stat.ino, stat.mtimeMs, stat.ctimeMs];
}

export function isStamped(stat: Stats, stamp: Stamp | undefined): boolean {
  return stamp !== undefined && stat.ino === stamp[0] && stat.mtimeMs === stamp[1] && stat.ctimeMs === stamp[2];
}

/** Entries between two turns of the event loop: about a ms. */
const AT_ONCE = 200;

/** True when a worktree's folders, and the files that it has for itself, are as its stamps say. */
export async function isAsStamped(worktree: string, file: string): Promise<boolean> {
  const stamps = readStamps(file);
  return stamps !== null && (await areAll(worktree, stamps.folders)) && areAll(worktree, stamps.files);
}

/** null when there are none that can be read. */
export function readStamps(file: string): Stamps | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stamps;
  } catch {
    return null;
  }
}

/** True when everything beneath `root` is as it was stamped. Others have their turn meanwhile; 4,000 entries take about 20 ms. */
async function areAll(root: string, stamps: Readonly<Record<string, Stamp>>): Promise<boolean> {
  for (const [at, [path, stamp]] of Object.entries(stamps).entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await turn();
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined || !isStamped(stat, stamp)) return false;
  }
  return true;
}
