// Owns the watchers of a worktree's folders: one for each folder that git looks into, so that 10,000 files cost some hundred of them. What git ignores, and node_modules in any case, is not watched.
import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ignoredOf } from '../git/ignored.ts';

/** Folders of one worktree; in a larger one the rest is seen by the poll. */
const MOST_FOLDERS = 4_000;
const NEVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

export class FolderWatchers {
  readonly #root: string;
  readonly #onChange: () => void;
  /** By path beneath the root; the root itself is ''. */
  readonly #watched = new Map<string, FSWatcher>();
  /** Folders in which a name came or went since they were last read. */
  readonly #doubtful = new Set(['']);
  #isClosed = false;

  /** Watches nothing before `follow` is called. `onChange` may be called many times for one change. */
  constructor(root: string, onChange: () => void) {
    this.#root = root;
    this.#onChange = onChange;
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Watches the folders that have come since the last call, and leaves those that are gone. True when it watches one more: what was in it before is
   * not known. Never rejects: what cannot be watched is left to the poll.
   */
  async follow(): Promise<boolean> {
    let count = this.#watched.has('') ? 0 : await this.#add(['']);
    while (this.#doubtful.size > 0 && !this.#isClosed) {
      const folders = [...this.#doubtful];
      this.#doubtful.clear();
      const fresh = (await Promise.all(folders.map((folder) => this.#read(folder)))).flat();
      const ignored = await ignoredOf(this.#root, fresh).catch(() => new Set(fresh));
      // Watched first, then read: what comes in between is seen by one or the other.
      count += await this.#add(fresh.filter((folder) => !ignored.has(folder)));
    }
    return count > 0;
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** Gives how many of them are watched now. */
  async #add(folders: readonly string[]): Promise<number> {
    const before = this.#watched.size;
    for (const folder of folders) {
      const isFolder = await this.#isFolder(folder);
      if (!isFolder || this.#isClosed || this.#watched.size >= MOST_FOLDERS) continue;
      try {
        const watcher = watch(join(this.#root, folder), { persistent: false }, (kind, name) =>
          this.#hear(folder, kind, name),
        );
        watcher.on('error', () => this.#drop(folder));
        this.#watched.set(folder, watcher);
        this.#doubtful.add(folder);
      } catch {
        // Gone again, or the system has no more watches to give.
      }
    }
    return this.#watched.size - before;
  }

  /** The folders in it that are to be watched and are not; those that are gone from it are left. */
  async #read(folder: string): Promise<string[]> {
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch(() => null);
    if (entries === null) {
      if (folder !== '') this.#drop(folder);
      return [];
    }
    // A repository of its own inside of this one is not git's to look into.
    if (folder !== '' && entries.some(({ name }) => name === '.git')) return [];
    const found = entries.filter((entry) => entry.isDirectory() && !NEVER.has(entry.name));
    const paths = found.map(({ name }) => (folder === '' ? name : `${folder}/${name}`));
    for (const known of this.#childrenOf(folder)) if (!paths.includes(known)) this.#drop(known);
    return paths.filter((path) => !this.#watched.has(path));
  }

  /** A link to one is none. */
  async #isFolder(path: string): Promise<boolean> {
    const stat = await lstat(join(this.#root, path)).catch(() => null);
    return stat?.isDirectory() ?? false;
  }

  #childrenOf(folder: string): string[] {
    const beginning = folder === '' ? '' : `${folder}/`;
    return [...this.#watched.keys()].filter(
      (path) => path !== '' && path.startsWith(beginning) && !path.slice(beginning.length).includes('/'),
    );
  }

  /** With all that is under it. */
  #drop(folder: string): void {
    for (const [path, watcher] of this.#watched) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watched.delete(path);
    }
  }

  #hear(folder: string, kind: string, name: string | null): void {
    if (this.#isClosed || (name !== null && NEVER.has(name))) return;
    if (kind === 'rename') this.#doubtful.add(folder);
    // Its own name: it is gone or was moved, whatever has that name now, and its watcher hears no more.
    if (kind === 'rename' && folder !== '' && name === basename(folder)) {
      this.#drop(folder);
      this.#doubtful.add(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))));
    }
    this.#onChange();
  }
}
