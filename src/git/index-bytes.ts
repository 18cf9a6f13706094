// Owns the form of git's index, and comparing two of them entry by entry as bytes: 60,000 files in some milliseconds, where to read each into an object takes a hundred.
import { readFileSync } from 'node:fs';

const VERSION = 2;
/** Where an entry's mode is, what precedes its id, and the flags behind that (gitformat-index(5)). */
const MODE_AT = 24;
const ID_AT = 40;
const GITLINK = 0o160000;
const ORDINARY = new Set([0o100644, 0o100755, 0o120000]);
/** assume-unchanged, extended, the stage of an unfinished merge. */
const MARKS = 0xf000;
/** Extensions that say nothing about what the entries mean. */
const HARMLESS = new Set(['TREE', 'REUC', 'UNTR', 'EOIE', 'IEOT']);

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

/** An index in memory whose entries are in git's order, that of their names' bytes. */
export class IndexBytes {
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;
  readonly #nameAt: number;
  /** Name of an extension -> its content. */
  readonly #extensions: ReadonlyMap<string, Buffer>;

  private constructor(bytes: Buffer, starts: Uint32Array, nameAt: number, extensions: ReadonlyMap<string, Buffer>) {
    this.#bytes = bytes;
    this.#starts = starts;
    this.#nameAt = nameAt;
    this.#extensions = extensions;
  }

  /** Reads an index with ids of `idLength` hex digits. null for what only git should judge: another version than 2, a submodule, a file that was marked, an unfinished merge, a split or sparse index, an extension that is not known. Throws when the file cannot be read, a RangeError when it is cut. */
  static read(file: string | number, idLength: number): IndexBytes | null {
    const bytes = readFileSync(file);
    const nameAt = ID_AT + idLength / 2 + 2;
    if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'DIRC' || bytes.readUInt32BE(4) !== VERSION)
      return null;
    const count = bytes.readUInt32BE(8);
    if (count * nameAt > bytes.length) return null;
    const starts = new Uint32Array(count);
    let at = 12;
    for (let index = 0; index < starts.length; index += 1) {
      starts[index] = at;
      const flags = bytes.readUInt16BE(at + nameAt - 2);
      if ((flags & MARKS) !== 0 || bytes.readUInt32BE(at + MODE_AT) === GITLINK) return null;
      // The low 12 bits are the length of the name; when they are all set, it is longer.
      const length = flags & 0xfff;
      const end = length < 0xfff ? at + nameAt + length : bytes.indexOf(0, at + nameAt);
      // One to eight NULs, up to a multiple of eight.
      at += (((end - at) >> 3) + 1) * 8;
    }
    const extensions = new Map<string, Buffer>();
    while (at < bytes.length - idLength / 2) {
      const name = bytes.toString('latin1', at, at + 4);
      if (!HARMLESS.has(name)) return null;
      const end = at + 8 + bytes.readUInt32BE(at + 4);
      extensions.set(name, bytes.subarray(at + 8, end));
      at = end;
    }
    return new IndexBytes(bytes, starts, nameAt, extensions);
  }

  get length(): number {
    return this.#starts.length;
  }

  /** The name of the entry at a place; a view. */
  name(at: number): Buffer {
    const start = this.#start(at) + this.#nameAt;
    return this.#bytes.subarray(start, this.#bytes.indexOf(0, start));
  }

  /** The content of an extension; null without it. */
  extension(name: string): Buffer | null {
    return this.#extensions.get(name) ?? null;
  }

  /** What git wrote down of the file at a place. null for a name that is not UTF-8, and for what is neither a file nor a link. */
  entry(at: number): IndexEntry | null {
    const path = this.name(at).toString('utf8');
    const mode = this.#field(at, 6);
    if (path.includes('\uFFFD') || !ORDINARY.has(mode)) return null;
    const idAt = this.#start(at) + ID_AT;
    return {
      path,
      ctimeMs: this.#time(at, 0),
      mtimeMs: this.#time(at, 2),
      ino: this.#field(at, 5),
      mode,
      uid: this.#field(at, 7),
      gid: this.#field(at, 8),
      size: this.#field(at, 9),
      id: this.#bytes.toString('hex', idAt, this.#start(at) + this.#nameAt - 2),
    };
  }

  /** True when the file had the inode, the size and the time that lstat gives, when git last looked at it. */
  isLike(at: number, stat: { readonly ino: number; readonly size: number; readonly mtimeMs: number }): boolean {
    const isSame = this.#field(at, 5) === stat.ino >>> 0 && this.#field(at, 9) === stat.size >>> 0;
    return isSame && this.#time(at, 2) === stat.mtimeMs;
  }

  /** The first place whose name is not before `name`. */
  placeOf(name: Buffer): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(this.name(middle), name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True when it has this very name, or names beneath it as a folder. */
  holds(path: string): boolean {
    const name = Buffer.from(path);
    const at = this.placeOf(name);
    return (at < this.length && this.name(at).equals(name)) || this.holdsBeneath(path);
  }

  holdsBeneath(folder: string): boolean {
    const prefix = Buffer.from(`${folder}/`);
    const at = this.placeOf(prefix);
    return at < this.length && this.name(at).subarray(0, prefix.length).equals(prefix);
  }

  /** The names of entries that are not in both, or not the same in all that git wrote down of the file; with `most` of them it stops. */
  differing(other: IndexBytes, most: number): Buffer[] {
    const names: Buffer[] = [];
    let [mine, theirs] = [0, 0];
    while ((mine < this.length || theirs < other.length) && names.length <= most) {
      if (mine < this.length && theirs < other.length && this.#isSame(mine, other, theirs)) {
        mine += 1;
        theirs += 1;
        continue;
      }
      const order = this.#order(mine, other, theirs);
      names.push(order <= 0 ? this.name(mine) : other.name(theirs));
      if (order <= 0) mine += 1;
      if (order >= 0) theirs += 1;
    }
    return names;
  }

  #field(at: number, index: number): number {
    return this.#bytes.readUInt32BE(this.#start(at) + 4 * index);
  }

  /** ms since the epoch, rounded as the Stats of node are. */
  #time(at: number, index: number): number {
    return this.#field(at, index) * 1000 + this.#field(at, index + 1) / 1e6;
  }

  #order(mine: number, other: IndexBytes, theirs: number): number {
    if (mine >= this.length) return 1;
    return theirs >= other.length ? -1 : Buffer.compare(this.name(mine), other.name(theirs));
  }

  #isSame(mine: number, other: IndexBytes, theirs: number): boolean {
    const [from, to] = [this.#start(mine), this.#start(mine + 1)];
    const [start, end] = [other.#start(theirs), other.#start(theirs + 1)];
    return to - from === end - start && this.#bytes.compare(other.#bytes, start, end, from, to) === 0;
  }

  /** Of the last one the end is where its padding ends. */
  #start(at: number): number {
    const start = this.#starts[at];
    if (start !== undefined) return start;
    const last = this.#starts[this.length - 1] ?? 12;
    const end = this.#bytes.indexOf(0, last + this.#nameAt);
    return last + (((end - last) >> 3) + 1) * 8;
  }
}
