// Owns bringing a worktree's provisioned folders to what a manifest says: made anew, mended, or seen to be so already.
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from '../../store/file-layer.ts';
import { digestOf, type FileItem, type Item, isSameTime, type Manifest } from './manifest.ts';
import { isStamped, type Stamp, type Stamps, stampOf } from './stamp.ts';

/** How a file comes into a worktree. */
export type Method = 'link' | 'reflink' | 'copy';

export interface ShareRequest {
  readonly manifest: Pick<Manifest, 'tops' | 'folders'>;
  readonly worktree: string;
  /** Where the generation's files are; null when there is none, and a tree that was installed in place is only seen to. */
  readonly tree: string | null;
  readonly method: Method;
  /** Of the same generation in the same worktree; empty when that is not known. */
  readonly stamps: Stamps;
  /** A folder of the same file system, for what has to go. */
  readonly trash: string;
}

export interface ShareResult {
  readonly stamps: Stamps;
  /** Entries that were made or taken away. */
  readonly changed: number;
  /** Without a generation: what is missing or was changed, at most ten. */
  readonly broken: readonly string[];
}

/**
 * Makes the roots of `worktree` what the manifest says. What else lies in them goes into the trash. A folder that is as
 * it was left costs one lstat; 3,600 of them cost about 15 ms. It may be interrupted at any time and done again.
 */
export function shareTree(request: ShareRequest): ShareResult {
  return new Sharing(request).run();
}

class Sharing {
  readonly #request: ShareRequest;
  readonly #folders: Record<string, Stamp> = {};
  readonly #files: Record<string, Stamp> = {};
  readonly #broken: string[] = [];
  #changed = 0;
  #trashed = 0;

  constructor(request: ShareRequest) {
    this.#request = request;
  }

  run(): ShareResult {
    const { manifest } = this.#request;
    for (const [root, item] of Object.entries(manifest.tops)) {
      this.#makeParents(root);
      this.#bring(root, item);
    }
    return { stamps: { folders: this.#folders, files: this.#files }, changed: this.#changed, broken: this.#broken };
  }

  /** The way to a root must lead through folders of the worktree: a link that stands there could lead anywhere. */
  #makeParents(root: string): void {
    const parts = root.split('/').slice(0, -1);
    for (let length = 1; length <= parts.length; length += 1) {
      const path = join(this.#request.worktree, ...parts.slice(0, length));
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined) mkdirSync(path);
      else if (!stat.isDirectory()) throw new Error(`${path} is no folder, so ${root} cannot be put there`);
    }
  }

  #bring(path: string, item: Item): void {
    if (item.kind === 'folder') this.#bringFolder(path);
    else if (item.kind === 'link') this.#bringLink(path, item.target);
    else this.#bringFile(path, item);
  }

  #bringFolder(folder: string): void {
    const { manifest, worktree, stamps } = this.#request;
    const full = join(worktree, folder);
    const items = manifest.folders[folder] ?? [];
    const before = lstatSync(full, { throwIfNoEntry: false });
    const isNew = before === undefined || !before.isDirectory();
    if (isNew) {
      if (this.#isMissing(folder)) return;
      if (before !== undefined) this.#discard(full);
      mkdirSync(full);
      this.#changed += 1;
    } else if (isStamped(before, stamps.folders[folder])) {
      for (const item of items) {
        if (item.kind === 'folder') this.#bringFolder(`${folder}/${item.name}`);
        else if (item.kind === 'file' && !this.#isShared(item)) this.#bringFile(`${folder}/${item.name}`, item);
      }
      this.#stamp(folder, full);
      return;
    } else {
      if ((before.mode & 0o777) !== 0o755) chmodSync(full, 0o755);
      const wanted = new Set(items.map((item) => item.name));
      for (const name of readdirSync(full)) if (!wanted.has(name)) this.#discard(join(full, name));
    }
    for (const item of items) this.#bring(`${folder}/${item.name}`, item);
    this.#stamp(folder, full);
  }

  #bringLink(path: string, target: string): void {
    const full = join(this.#request.worktree, path);
    const stat = lstatSync(full, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() && readlinkSync(full) === target) return;
    if (this.#isMissing(path)) return;
    if (stat !== undefined) this.#discard(full);
    symlinkSync(target, full);
    this.#changed += 1;
  }

  #bringFile(path: string, item: FileItem): void {
    const full = join(this.#request.worktree, path);
    const stat = lstatSync(full, { throwIfNoEntry: false });
    const isRight = stat !== undefined && this.#isRight(full, stat, item);
    if (!isRight && this.#isMissing(path)) return;
    if (!isRight) {
      if (stat !== undefined) this.#discard(full);
      this.#place(join(this.#request.tree ?? '', path), full, item);
      this.#changed += 1;
    }
    // What was installed in place may be linked into a store, and its inode changes with every other link.
    if (this.#request.tree !== null && !this.#isShared(item)) this.#files[path] = stampOf(lstatSync(full));
  }

  #isRight(full: string, stat: Stats, item: FileItem): boolean {
    if (this.#isShared(item)) return stat.ino === item.ino;
    if (!stat.isFile() || stat.size !== item.size) return false;
    if (this.#request.tree === null) return stat.ino === item.ino && isSameTime(stat.mtimeMs, item.mtime);
    return isSameTime(stat.mtimeMs, item.mtime) || digestOf(full) === item.digest;
  }

  #isShared(item: FileItem): boolean {
    return this.#request.tree !== null && this.#request.method === 'link' && !item.isOwn;
  }

  /** Without a generation nothing can be put in its place. */
  #isMissing(path: string): boolean {
    if (this.#request.tree !== null) return false;
    if (this.#broken.length < 10) this.#broken.push(path);
    return true;
  }

  #place(from: string, to: string, item: FileItem): void {
    if (this.#isShared(item) && linked(from, to)) return;
    copyFileSync(from, to, this.#request.method === 'copy' ? 0 : constants.COPYFILE_FICLONE);
    chmodSync(to, item.mode | 0o200);
    utimesSync(to, item.mtime / 1000, item.mtime / 1000);
  }

  #discard(full: string): void {
    this.#changed += 1;
    discard(full, join(this.#request.trash, String(this.#trashed++)));
  }

  #stamp(folder: string, full: string): void {
    this.#folders[folder] = stampOf(lstatSync(full));
  }
}

/** False when the file has as many names as its file system allows (65,000 on ext4). */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EMLINK') return false;
    throw error;
  }
}

/** Takes a file or a folder out of the way by one rename; where that can't be, it is removed on the spot. */
export function discard(path: string, into: string): void {
  mkdirSync(dirname(into), { recursive: true });
  try {
    renameSync(path, into);
  } catch {
    // Another file system (EXDEV), or a folder without write permission, which must be writable to be moved.
    removeTree(path);
  }
}

/** Removes a tree, also one of folders that were made read-only. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    openFolders(path);
    rmSync(path, { recursive: true, force: true });
  }
}

function openFolders(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  chmodSync(path, 0o755);
  for (const item of readdirSync(path, { withFileTypes: true })) {
    if (item.isDirectory()) openFolders(join(path, item.name));
  }
}
