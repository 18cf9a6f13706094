// Owns waiting for a file that an agent's tool makes.
import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** ms after which a file that never came fails the test. */
const PATIENCE = 90_000;

/** Resolves when the file is there; its folder must be. */
export function appearance(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      watcher.close();
      settle();
    };
    const look = (): void => {
      if (existsSync(path)) end(resolve);
    };
    const timer = setTimeout(() => end(() => reject(new Error(`${path} never appeared`))), PATIENCE);
    const watcher = watch(dirname(path), look);
    // It may have come before the watcher.
    look();
  });
}
