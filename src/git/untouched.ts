// Owns questions about a working tree that are answered without a process: did nobody touch a file, is there nothing else, and is the way free for new ones.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { IndexEntry } from './index-bytes.ts';
import { type GitIndex, readIndex } from './index-file.ts';
import { readLoose } from './loose-object.ts';

/** Files. An lstat takes 3 to 5 µs, so for more than these a git that looks beside us is no slower. */
const MOST_FILES = 4_000;
/** Files between two turns of the event loop. */
const AT_ONCE = 250;
/** Bytes of a file that is read because its time proves nothing. */
const MOST_BYTES = 1 << 20;

/**
 * The index of a working tree, if it holds the tree `tree` and every file is the one that git wrote or compared: all that
 * lstat gives is the same. null says nothing: something differs, or is out of the ordinary, and git has to look. A
 * stricter question than `git status`, which reads the content of a file that only has another time.
 */
export async function untouchedIndex(root: string, index: string, tree: string): Promise<GitIndex | null> {
  const read = readIndex(index, tree.length, MOST_FILES);
  if (read === null || read.trees.get('') !== tree) return null;
  const folders = new Folders(root);
  for (const [at, entry] of read.entries.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await turn();
    if (!folders.areReal(dirname(entry.path)) || !isUntouched(root, entry, read.writtenAt)) return null;
  }
  return read;
}

function isUntouched(root: string, entry: IndexEntry, writtenAt: number): boolean {
  const path = `${root}/${entry.path}`;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  const isSame =
    stat !== undefined &&
    modeOf(stat) === entry.mode &&
    stat.mtimeMs === entry.mtimeMs &&
    stat.ctimeMs === entry.ctimeMs &&
    low(stat.ino) === entry.ino &&
    low(stat.size) === entry.size &&
    low(stat.uid) === entry.uid &&
    low(stat.gid) === entry.gid;
  if (!isSame) return false;
  // Changed in the moment in which the index was written, maybe after it: the time cannot tell ("racy git").
  return stat.mtimeMs < writtenAt || (stat.size <= MOST_BYTES && blobOf(path, stat, entry.id.length) === entry.id);
}

/** True when a working tree holds no file and no folder but those of its index: nothing untracked or ignored, not even an empty folder, but for what `spare` names. */
export function holdsNothingElse(root: string, index: GitIndex, spare: readonly string[] = []): boolean {
  const files = new Set(index.entries.map((entry) => entry.path));
  const spared = new Set(spare);
  const folders = new Set<string>();
  for (const path of files)
    for (let at = dirname(path); at !== '.' && !folders.has(at); at = dirname(at)) folders.add(at);
  const isWhole = (folder: string): boolean =>
    readdirSync(join(root, folder), { withFileTypes: true }).every((item) => {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      return (
        files.has(path) ||
        spared.has(path) ||
        path === '.git' ||
        (item.isDirectory() && folders.has(path) && isWhole(path))
      );
    });
  return isWhole('');
}

const low = (number: number) => number >>> 0;

/** As git writes it down; another number for what is neither a file nor a link. */
function modeOf(stat: Stats): number {
  if (stat.isSymbolicLink()) return 0o120000;
  if (!stat.isFile()) return 0;
  return (stat.mode & 0o100) === 0 ? 0o100644 : 0o100755;
}

/** The id of the content as it lies there; with a filter it is another one, and then git has to look. */
function blobOf(path: string, stat: Stats, digits: number): string {
  const content = stat.isSymbolicLink() ? readlinkSync(path, 'buffer') : readFileSync(path);
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}

/**
 * True when nothing at all lies where the tree `tree` has files that the index has not: ignored files are the user's too
 * (`.env`). False also when that cannot be told.
 */
export function isWayFree(root: string, index: GitIndex, objects: string, tree: string): boolean {
  const tracked = new Set(index.entries.map((entry) => entry.path));
  const folders = new Folders(root);
  const isFree = (path: string) =>
    folders.areReal(dirname(path)) && lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined;
  const isFolderFree = (folder: string, id: string): boolean => {
    if (index.trees.get(folder) === id) return true;
    const isItemFree = ({ mode, name, id: itemId }: TreeItem): boolean => {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (mode === '40000') return isFolderFree(path, itemId);
      return mode !== '160000' && (tracked.has(path) || isFree(path));
    };
    return readTree(objects, id)?.every(isItemFree) ?? false;
  };
  return isFolderFree('', tree);
}

/** Folders of a working tree, each looked at once. */
class Folders {
  readonly #root: string;
  readonly #known = new Map<string, boolean>([['.', true]]);

  constructor(root: string) {
    this.#root = root;
  }

  /** False when a part of the way is there and is no folder: a file, or a link that leads elsewhere. */
  areReal(folder: string): boolean {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const isReal =
      this.areReal(dirname(folder)) &&
      (lstatSync(join(this.#root, folder), { throwIfNoEntry: false })?.isDirectory() ?? true);
    this.#known.set(folder, isReal);
    return isReal;
  }
}

interface TreeItem {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

/** The items of a tree that is a loose object, as one that was just written is; null when it is packed, or has a name that is not UTF-8. */
function readTree(objects: string, id: string): TreeItem[] | null {
  const whole = readLoose(objects, id);
  if (whole === null) return null;
  const items: TreeItem[] = [];
  // `tree SP length NUL (mode SP name NUL id)*`
  for (let at = whole.indexOf(0) + 1; at < whole.length; ) {
    const blank = whole.indexOf(32, at);
    const nul = whole.indexOf(0, blank);
    const end = nul + 1 + id.length / 2;
    const name = whole.toString('utf8', blank + 1, nul);
    if (name.includes('\uFFFD')) return null;
    items.push({ mode: whole.toString('latin1', at, blank), name, id: whole.toString('hex', nul + 1, end) });
    at = end;
  }
  return items;
}
