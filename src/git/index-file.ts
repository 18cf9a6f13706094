// Owns reading a whole index of git into objects: what it says of each file, and of each folder's tree.
import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { IndexBytes, type IndexEntry } from './index-bytes.ts';

export interface GitIndex {
  /** Another one for each index that git writes: it is a new file each time. */
  readonly identity: string;
  /** Of the index itself, ms since the epoch. */
  readonly writtenAt: number;
  readonly entries: readonly IndexEntry[];
  /** Folder -> id of the tree that it has in the index; '' is the root. Without the folders that changed since their tree was written. */
  readonly trees: ReadonlyMap<string, string>;
}

/**
 * Reads an index with ids of `idLength` hex digits. null for one with more than `most` files, with a name that is not
 * UTF-8, or that only git should judge (`IndexBytes.read`), and for no index at all.
 */
export function readIndex(path: string, idLength: number, most: number): GitIndex | null {
  try {
    const file = openSync(path, 'r');
    try {
      const stat = fstatSync(file);
      // An entry has at least 62 bytes and mostly a longer name than that leaves room for.
      if (stat.size > most * 512) return null;
      const bytes = IndexBytes.read(file, idLength);
      if (bytes === null || bytes.length > most) return null;
      const entries: IndexEntry[] = [];
      for (let at = 0; at < bytes.length; at += 1) {
        const entry = bytes.entry(at);
        if (entry === null) return null;
        entries.push(entry);
      }
      const trees = new Map<string, string>();
      const folders = bytes.extension('TREE');
      if (folders !== null) readTrees(folders, idLength / 2, trees);
      return { entries, trees, identity: identityOf(stat), writtenAt: stat.mtimeMs };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof RangeError || isFileError(error)) return null;
    throw error;
  }
}

/** What `GitIndex.identity` is, of an index that was not read. */
export function identityOf(stat: Stats): string {
  return `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

const isFileError = (error: unknown) => typeof (error as NodeJS.ErrnoException).syscall === 'string';

/** `name NUL count SP folders LF [id]`, then its folders; a count of -1 has no id. Throws a RangeError when that is cut. */
function readTrees(bytes: Buffer, idBytes: number, trees: Map<string, string>): void {
  let at = 0;
  const readFolder = (parent: string): void => {
    const nul = bytes.indexOf(0, at);
    const line = bytes.indexOf(10, nul);
    const [count = Number.NaN, folders = Number.NaN] = bytes
      .toString('latin1', nul + 1, line)
      .split(' ')
      .map(Number);
    if (!Number.isInteger(count) || !Number.isInteger(folders)) throw new RangeError('a folder of an index');
    const path = parent + bytes.toString('utf8', at, nul);
    at = line + 1;
    if (count >= 0) {
      trees.set(path, bytes.toString('hex', at, at + idBytes));
      at += idBytes;
    }
    for (let left = folders; left > 0; left -= 1) readFolder(path === '' ? '' : `${path}/`);
  };
  readFolder('');
}
