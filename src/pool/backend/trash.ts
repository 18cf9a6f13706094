// Owns removal: a tree goes out of the way by one rename and is deleted in the background.
import { existsSync, mkdtempSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { emptyTrash, TRASH } from '../../git/worktree-entry.ts';
import { dropSubvolume } from './btrfs.ts';

export class Trash {
  readonly #folder: string;
  #work: Promise<void> = Promise.resolve();

  /** `folder` is on the file system of all that is thrown away. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What is there is gone afterwards; nothing is mounted in it. */
  add(path: string): void {
    if (!existsSync(path)) return;
    const aside = join(mkdtempSync(join(this.#folder, TRASH)), basename(path));
    renameSync(path, aside);
    this.sweep(aside);
  }

  /** Deletes what was thrown away, and what an earlier server had no time for; what cannot be deleted is tried again then. */
  sweep(subvolume?: string): void {
    const drop = async () => {
      if (subvolume !== undefined && statSync(subvolume).ino === SUBVOLUME) await dropSubvolume(subvolume);
      await emptyTrash(this.#folder);
    };
    this.#work = this.#work.then(drop).catch(() => undefined);
  }

  /** Resolves when everything is deleted. */
  empty(): Promise<void> {
    return this.#work;
  }
}

/** The inode number of the top of each subvolume, btrfs(5). A folder elsewhere that has it by chance is none the worse. */
const SUBVOLUME = 256;
