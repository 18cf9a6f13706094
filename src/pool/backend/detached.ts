// Owns what was unmounted and has not ended: out of sight at once, and at its end when nobody waits for the disk.
import { type FileHandle, open } from 'node:fs/promises';
import { mountsBeneath } from './mounts.ts';

/** ms; by then the slot that is made anew in its place is ready, and that is recorded. */
const LINGER = 3_000;

export class Detached {
  readonly #held = new Set<FileHandle>();

  /**
   * Takes all that is mounted at or beneath a folder out of sight, the newest first. At its end the file system beneath is flushed, 0.2
   * to 0.4 s on a busy disk, for which everything waits that is written durably meanwhile: so it is held open for a while.
   */
  async add(folder: string): Promise<void> {
    const { execa } = await import('execa');
    for (const { point } of mountsBeneath(folder).reverse()) {
      const handle = await open(point);
      this.#held.add(handle);
      setTimeout(() => this.#end(handle), LINGER).unref();
      await execa('umount', ['-i', '-l', '--', point], { stdin: 'ignore' });
    }
  }

  /** Resolves when all of it has ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#held].map((handle) => this.#end(handle)));
  }

  /** Its last file is closed in another thread than the event loop's. */
  async #end(handle: FileHandle): Promise<void> {
    if (this.#held.delete(handle)) await handle.close().catch(() => undefined);
  }
}
