// Owns putting a worktree's provisioned folders right where little differs, without a process: an agent that has put a file among its dependencies costs a look at that folder.
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { readFolders } from './manifest.ts';
import { type ShareRequest, shareTree } from './share-tree.ts';
import { isStamped, readStamps, type Stamp, type Stamps, writeStamps } from './stamp.ts';

export interface MendRequest extends Pick<ShareRequest, 'worktree' | 'trash'> {
  /** Of the generation that the worktree has by hard links. */
  readonly manifest: { readonly path: string; readonly hash: string };
  readonly tree: string;
  /** The file of the stamps of that generation in the worktree. */
  readonly stamps: string;
}

/** Folders, and entries of all of them together; more take longer than the event loop may wait, and are mended by a process. */
const MOST_FOLDERS = 20;
const MOST_ENTRIES = 1_000;

/**
 * True when the folders, and the files that the worktree has for itself, are as the stamps say, or were put right. False when that
 * cannot be told, or is too much: then everything has to be looked at.
 */
export async function mendTree(request: MendRequest): Promise<boolean> {
  const { worktree, tree, trash } = request;
  const stamps = readStamps(request.stamps);
  if (stamps === null) return false;
  const changed = await changedFolders(worktree, stamps);
  if (changed === null || changed.length === 0) return changed !== null;
  const folders = await readFolders(request.manifest, changed);
  const entries = Object.values(folders ?? {}).reduce((sum, items) => sum + items.length, 0);
  if (folders === null || entries > MOST_ENTRIES) return false;
  const tops = Object.fromEntries(changed.map((name) => [name, { kind: 'folder', name } as const]));
  const done = shareTree({ manifest: { tops, folders }, worktree, tree, method: 'link', stamps, trash });
  writeStamps(request.stamps, {
    folders: { ...stamps.folders, ...done.stamps.folders },
    files: { ...stamps.files, ...done.stamps.files },
  });
  return true;
}

/** Entries between two turns of the event loop: about a ms. */
const AT_ONCE = 200;

/** The folders that are not as they were left, or hold a file that is not; null when one is gone, or they are many. Others have their turn meanwhile; 4,000 entries take about 20 ms. */
async function changedFolders(worktree: string, { folders, files }: Stamps): Promise<string[] | null> {
  const changed = new Set<string>();
  let looked = 0;
  const look = async (stamps: Readonly<Record<string, Stamp>>, isFolder: boolean): Promise<boolean> => {
    for (const [path, stamp] of Object.entries(stamps)) {
      looked += 1;
      if (looked % AT_ONCE === 0) await turn();
      const stat = lstatSync(join(worktree, path), { throwIfNoEntry: false });
      if (isFolder && !stat?.isDirectory()) return false;
      if (stat === undefined || !isStamped(stat, stamp)) changed.add(isFolder ? path : dirname(path));
      if (changed.size > MOST_FOLDERS) return false;
    }
    return true;
  };
  return (await look(folders, true)) && (await look(files, false)) ? [...changed] : null;
}
