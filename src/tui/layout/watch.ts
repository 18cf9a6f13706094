// Owns the watching of the folders with layouts and themes, so that saving a file changes the screen.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** ms; an editor that saves makes several changes. */
const SETTLE = 80;

/** Calls `onChange` some time after a file in `layouts/` or `themes/` of a home has changed; nothing else of it is looked at. Folders may come, go and come again. Returns what ends it. */
export function watchHomes(homes: readonly string[], onChange: () => void): () => void {
  const folders = homes.flatMap((home) => [join(home, 'layouts'), join(home, 'themes')]);
  let places: readonly string[] = folders.map(nearestFolder);
  let hasChanged = false;
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | null = null;
  let isEnded = false;

  function settle(): void {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE);
  }

  /** Goes on to folders that have come; what came in them meanwhile is found by looking once more. */
  function look(): void {
    const before = places;
    places = folders.map(nearestFolder);
    const come = places.filter((place) => !before.includes(place));
    if (come.length > 0) {
      watcher?.add(come);
      settle();
      hasChanged ||= come.some((place) => folders.includes(place));
    } else if (hasChanged) {
      hasChanged = false;
      onChange();
    }
  }

  // Loaded behind the first painting.
  void import('chokidar').then(({ watch }) => {
    if (isEnded) return;
    watcher = watch([...new Set(places)], {
      ignoreInitial: true,
      depth: 0,
      ignored: (path) => !concerns(path, folders),
      // A folder on a network may be watched by nobody: a failure to watch must not end the workspace.
      ignorePermissionErrors: true,
    });
    watcher.on('all', (_event, path) => {
      hasChanged ||= folders.includes(dirname(path));
      settle();
    });
    watcher.on('ready', settle);
    watcher.on('error', () => undefined);
  });
  return () => {
    isEnded = true;
    clearTimeout(timer);
    void watcher?.close();
  };
}

/** The folder, or the first one above it that exists: there it will come. */
function nearestFolder(folder: string): string {
  if (dirname(folder) === folder || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  return nearestFolder(dirname(folder));
}

/** The folders, what lies above them, and the JSON files in them: `.drover` may hold worktrees, which would cost a gigabyte. */
function concerns(path: string, folders: readonly string[]): boolean {
  if (folders.includes(dirname(path))) return path.endsWith('.json');
  return folders.some((folder) => folder === path || folder.startsWith(path === '/' ? path : `${path}/`));
}
