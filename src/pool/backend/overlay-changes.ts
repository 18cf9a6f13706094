// Owns the question what may have been changed in an overlay: answered from its layer of changes, without a look at the files beneath.
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { IndexBytes } from '../../git/index-bytes.ts';

export interface OverlayView {
  /** Where it is mounted. */
  readonly point: string;
  /** Its layer of changes. */
  readonly upper: string;
  /** The index of the golden tree beneath and the one of the slot; ids in them have so many hex digits. */
  readonly index: { readonly golden: string; readonly slot: string; readonly idLength: number };
}

/** Paths. Each is looked for among all entries of the index by git, so for more than these it is no slower to look at all files. */
const MOST = 100;

/**
 * The files and folders in which alone the slot may hold something else than its index says, as paths that are in the index or on the disk. A file
 * that is not in the layer is the golden tree's, and so is what its index says of it; what is in a folder of the layer is judged by that folder. null when it cannot
 * be told, or is too much: then all of them have to be looked at.
 *
 * A folder of the layer may hide the one beneath (it was made anew, or moved to here), which only extended attributes say, and those cannot be read
 * without a helper program. But a file that is seen in it and not in the layer then has another inode, or is not there: one such file tells.
 */
export function changedPlaces({ point, upper, index }: OverlayView): string[] | null {
  const [before, now] = [index.golden, index.slot].map((path) => IndexBytes.read(path, index.idLength));
  if (!before || !now) return null;
  const places = new Set<string>();
  let isOdd = false;
  const isThere = (path: string) => lstatSync(join(point, path), { throwIfNoEntry: false }) !== undefined;
  const isKnown = (path: string) => now.holds(path) || isThere(path);
  const add = (path: string) => {
    isOdd ||= path === '' || path.includes('\uFFFD') || basename(path) === IGNORES;
    if (isOdd || isKnown(path)) places.add(path);
  };
  for (const name of now.differing(before, MOST)) add(textOf(name));

  const walk = (folder: string): void => {
    const items = readdirSync(join(upper, folder), { withFileTypes: true });
    if (!isPlain(before, folder, items, point)) {
      add(folder);
      return;
    }
    for (const item of items) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      if (isOdd || places.size > MOST || path === '.git') continue;
      if (item.isDirectory() && (now.holdsBeneath(path) || before.holdsBeneath(path))) walk(path);
      else add(path);
    }
  };
  walk('');
  return isOdd || places.size > MOST ? null : [...places];
}

/** It changes what of the golden tree git would look at. */
const IGNORES = '.gitignore';

const textOf = (name: Buffer) => name.toString('utf8');

/** True when the folder of the layer lies over the one of the same name beneath, as far as any file of that is to be seen. `items` are what the layer has in it. */
function isPlain(before: IndexBytes, folder: string, items: readonly Dirent[], point: string): boolean {
  const own = new Set(items.map(({ name }) => name));
  const prefix = folder === '' ? '' : `${folder}/`;
  const bytes = Buffer.from(prefix);
  for (let at = before.placeOf(bytes); at < before.length; ) {
    const name = before.name(at);
    if (!name.subarray(0, bytes.length).equals(bytes)) return true;
    const path = textOf(name);
    const first = path.slice(prefix.length).split('/', 1)[0] ?? '';
    if (!own.has(first)) {
      const stat = lstatSync(join(point, path), { throwIfNoEntry: false });
      return stat !== undefined && before.isLike(at, stat);
    }
    // Behind all that is beneath it as a folder: `0` follows `/`.
    at = path === prefix + first ? at + 1 : Math.max(at + 1, before.placeOf(Buffer.from(`${prefix}${first}0`)));
  }
  return true;
}
