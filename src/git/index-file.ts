// Owns reading git's index: what it says of each file, in the plain form that nearly every index has.
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** A tracked file as it was when git last wrote or compared it. */
export interface IndexEntry {
  readonly path: string;
  /** ms since the epoch, rounded as the Stats of node are. */
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  /** This and the next three: the low 32 bits of what lstat gives. */
  readonly ino: number;
  /** 0o100644, 0o100755 or 0o120000. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Of the blob. */
  readonly id: string;
}

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
 * Reads an index (the form: gitformat-index(5)), with ids of `idLength` hex digits. null for anything but version 2 with
 * at most `most` ordinary files: an unfinished merge, a submodule, a file that was marked (assume-unchanged,
 * skip-worktree, intent-to-add), a split or sparse index, a name that is not UTF-8, no index at all.
 */
export function readIndex(path: string, idLength: number, most: number): GitIndex | null {
  try {
    const file = openSync(path, 'r');
    try {
      const stat = fstatSync(file);
      // An entry has at least 62 bytes and mostly a longer name than that leaves room for.
      if (stat.size > most * 512) return null;
      const parsed = new Parser(readFileSync(file), idLength / 2).parse(most);
      return { ...parsed, identity: identityOf(stat), writtenAt: stat.mtimeMs };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof Unusual || error instanceof RangeError || isFileError(error)) return null;
    throw error;
  }
}

/** What `GitIndex.identity` is, of an index that was not read. */
export function identityOf(stat: Stats): string {
  return `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

const isFileError = (error: unknown) => typeof (error as NodeJS.ErrnoException).syscall === 'string';

/** The index holds something that only git should judge. */
class Unusual extends Error {}

const VERSION = 2;
const ORDINARY = new Set([0o100644, 0o100755, 0o120000]);
/** Flags: assume-unchanged, extended, the stage of an unfinished merge. */
const MARKS = 0xf000;

class Parser {
  readonly #bytes: Buffer;
  readonly #idBytes: number;
  #at = 12;

  constructor(bytes: Buffer, idBytes: number) {
    this.#bytes = bytes;
    this.#idBytes = idBytes;
  }

  parse(most: number): Pick<GitIndex, 'entries' | 'trees'> {
    const count = this.#bytes.readUInt32BE(8);
    const isPlain = this.#bytes.toString('latin1', 0, 4) === 'DIRC' && this.#bytes.readUInt32BE(4) === VERSION;
    if (!isPlain || count > most) throw new Unusual();
    const entries = Array.from({ length: count }, () => this.#entry());
    return { entries, trees: this.#trees() };
  }

  #entry(): IndexEntry {
    const start = this.#at;
    const field = (index: number) => this.#bytes.readUInt32BE(start + 4 * index);
    const idAt = start + 40;
    const nameAt = idAt + this.#idBytes + 2;
    const mode = field(6);
    if (!ORDINARY.has(mode) || (this.#bytes.readUInt16BE(nameAt - 2) & MARKS) !== 0) throw new Unusual();
    const end = this.#bytes.indexOf(0, nameAt);
    const path = this.#text(nameAt, end);
    // One to eight NULs, up to a multiple of eight.
    this.#at = start + (((end - start) >> 3) + 1) * 8;
    return {
      path,
      ctimeMs: field(0) * 1000 + field(1) / 1e6,
      mtimeMs: field(2) * 1000 + field(3) / 1e6,
      ino: field(5),
      mode,
      uid: field(7),
      gid: field(8),
      size: field(9),
      id: this.#bytes.toString('hex', idAt, idAt + this.#idBytes),
    };
  }

  #text(from: number, to: number): string {
    const text = this.#bytes.toString('utf8', from, to);
    if (to < from || text.includes('\uFFFD')) throw new Unusual();
    return text;
  }

  /** Goes over the extensions. One with a small first letter changes what the entries mean. */
  #trees(): Map<string, string> {
    const trees = new Map<string, string>();
    while (this.#at < this.#bytes.length - this.#idBytes) {
      const name = this.#bytes.toString('latin1', this.#at, this.#at + 4);
      const length = this.#bytes.readUInt32BE(this.#at + 4);
      if (!/^[A-Z]/.test(name)) throw new Unusual();
      this.#at += 8;
      const end = this.#at + length;
      if (name === 'TREE') this.#folder('', trees);
      this.#at = end;
    }
    return trees;
  }

  /** `name NUL count SP folders LF [id]`, then its folders; a count of -1 has no id. */
  #folder(parent: string, trees: Map<string, string>): void {
    const nul = this.#bytes.indexOf(0, this.#at);
    const line = this.#bytes.indexOf(10, nul);
    const path = parent + this.#text(this.#at, nul);
    const [count = NaN, folders = NaN] = this.#text(nul + 1, line)
      .split(' ')
      .map(Number);
    if (!Number.isInteger(count) || !Number.isInteger(folders)) throw new Unusual();
    this.#at = line + 1;
    if (count >= 0) {
      trees.set(path, this.#bytes.toString('hex', this.#at, this.#at + this.#idBytes));
      this.#at += this.#idBytes;
    }
    for (let at = 0; at < folders; at += 1) this.#folder(path === '' ? '' : `${path}/`, trees);
  }
}
