// Owns telling whether a file or a folder is what it was: by its inode and its times.
import type { Stats } from 'node:fs';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

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

/** null when there are none that can be read. */
export function readStamps(file: string): Stamps | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stamps;
  } catch {
    return null;
  }
}

/** Whole or not at all. */
export function writeStamps(file: string, stamps: Stamps): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(stamps), { mode: 0o600 });
  renameSync(aside, file);
}
