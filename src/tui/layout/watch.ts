// Owns the watching of the folders with layouts and themes, so that saving a file changes the screen.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** ms; an editor that saves makes several changes. */
const SETTLE = 80;

/** Calls `onChange` some time after a file in `layouts/` or `themes/` of a home has changed; nothing else of it is looked at. Returns what ends it. A home that does not exist is not watched. */
export function watchHomes(homes: readonly string[], onChange: () => void): () => void {
  const known = homes.filter((home) => existsSync(home));
  if (known.length === 0) return () => {};
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | null = null;
  let isEnded = false;
  // Loaded behind the first painting.
  void import('chokidar').then(({ watch }) => {
    if (isEnded) return;
    watcher = watch(known, {
      ignoreInitial: true,
      depth: 1,
      ignored: (path) => !isOurs(path, known),
      // A folder on a network may be watched by nobody: a failure to watch must not end the workspace.
      ignorePermissionErrors: true,
    });
    watcher.on('all', () => {
      clearTimeout(timer);
      timer = setTimeout(onChange, SETTLE);
    });
    watcher.on('error', () => undefined);
  });
  return () => {
    isEnded = true;
    clearTimeout(timer);
    void watcher?.close();
  };
}

/** The home, its two folders, and the JSON files in them: `.drover` may hold worktrees, which would cost a gigabyte. */
function isOurs(path: string, homes: readonly string[]): boolean {
  return homes.some((home) => {
    const folders = [join(home, 'layouts'), join(home, 'themes')];
    if (path === home || folders.includes(path)) return true;
    return folders.includes(dirname(path)) && path.endsWith('.json');
  });
}
