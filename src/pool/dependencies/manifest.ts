// Owns the list of what a provisioned tree consists of: how it is made from a tree, written and read.
import { createHash, webcrypto } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file whose inode may be shared between worktrees. Times in ms, sizes in bytes; `digest` is empty where contents were not read. */
export interface FileItem {
  readonly kind: 'file';
  readonly name: string;
  readonly size: number;
  readonly mtime: number;
  readonly mode: number;
  readonly ino: number;
  readonly digest: string;
  /** Tools write it in place, so each worktree has a copy of its own. */
  readonly isOwn: boolean;
}

export type Item =
  | FileItem
  | { readonly kind: 'link'; readonly name: string; readonly target: string }
  | { readonly kind: 'folder'; readonly name: string };

export interface Manifest {
  /** Beneath the worktree, e.g. `node_modules`, `packages/a/node_modules`; none is within another. */
  readonly roots: readonly string[];
  /** Each root as an item of its folder. */
  readonly tops: Readonly<Record<string, Item>>;
  /** Folder -> what is in it. */
  readonly folders: Readonly<Record<string, readonly Item[]>>;
  readonly files: number;
  /** Bytes on the disk of the files that can be shared. */
  readonly shared: number;
  /** Bytes on the disk of what each worktree has for itself: folders, and files that tools write in place. */
  readonly own: number;
  /** Bytes of files that have another name elsewhere, such as in a package manager's store. */
  readonly linked: number;
}

/** Where a file of a root stands, for the question whether tools write it in place. */
export type IsOwn = (root: string, inRoot: string) => boolean;

/** Lists the roots beneath `base`. `digests` reads every file. What is neither file, folder nor link is left out. */
export function listTree(
  base: string,
  roots: readonly string[],
  options: { isOwn: IsOwn; digests: boolean },
): Manifest {
  const folders: Record<string, Item[]> = {};
  const tops: Record<string, Item> = {};
  let files = 0;
  let shared = 0;
  let own = 0;
  let linked = 0;
  const itemOf = (root: string, path: string, name: string): Item | null => {
    const full = join(base, path);
    const stat = lstatSync(full);
    if (stat.isSymbolicLink()) return { kind: 'link', name, target: readlinkSync(full) };
    if (stat.isDirectory()) {
      own += stat.blocks * 512;
      folders[path] = readdirSync(full)
        .sort()
        .flatMap((each) => itemOf(root, `${path}/${each}`, each) ?? []);
      return { kind: 'folder', name };
    }
    if (!stat.isFile()) return null;
    const isOwn = options.isOwn(root, path.slice(root.length + 1));
    files += 1;
    if (stat.nlink > 1) linked += stat.blocks * 512;
    if (isOwn) own += stat.blocks * 512;
    else shared += stat.blocks * 512;
    return { kind: 'file', name, ...seen(stat), digest: options.digests ? digestOf(full) : '', isOwn };
  };
  for (const root of roots) {
    const item = itemOf(root, root, root.slice(root.lastIndexOf('/') + 1));
    if (item !== null) tops[root] = item;
  }
  return { roots: Object.keys(tops), tops, folders, files, shared, own, linked };
}

/** What lstat says of a file, as a manifest holds it. */
function seen(stat: Stats): Pick<FileItem, 'size' | 'mtime' | 'mode' | 'ino'> {
  return { size: stat.size, mtime: stat.mtimeMs, mode: stat.mode & 0o7777, ino: stat.ino };
}

/** True for the very file that a manifest lists, as far as size and inode tell. */
export function isListed(stat: Stats | undefined, item: FileItem): stat is Stats {
  return stat?.isFile() === true && stat.size === item.size && stat.ino === item.ino;
}

/** True for the same time: utimes takes seconds as a floating-point number, which moves a time by less than 1 µs. */
export function isSameTime(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.002;
}

/** sha256 of a file's contents. */
export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('base64url');
}

/** The text of a manifest, with a line for each folder, and the hash that proves it whole. */
export function writeManifest({ folders, ...rest }: Manifest): { text: string; hash: string } {
  const lines = Object.entries(folders).map(([folder, items]) => `${keyOf(folder)}${JSON.stringify(items)}`);
  const text = `${JSON.stringify(rest).slice(0, -1)},"folders":{\n${lines.join(',\n')}\n}}`;
  return { text, hash: createHash('sha256').update(text).digest('hex') };
}

/** How the line of a folder begins; no line can begin so by chance, as JSON has no line breaks in texts. */
const keyOf = (folder: string) => `${JSON.stringify(folder)}:`;

/** Some folders of a manifest of that hash, without reading all the others; null when it is missing or another, or hasn't all of them. The event loop does not wait for it. */
export async function readFolders(
  { path, hash }: { readonly path: string; readonly hash: string },
  folders: readonly string[],
): Promise<Manifest['folders'] | null> {
  try {
    const bytes = await readFile(path);
    if (Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex') !== hash) return null;
    const lines = folders.map((folder) => {
      const start = bytes.indexOf(`\n${keyOf(folder)}`) + 1;
      return bytes.toString('utf8', start, bytes.indexOf(10, start)).replace(/,$/, '');
    });
    const found = JSON.parse(`{${lines.join(',')}}`) as Manifest['folders'];
    return folders.every((folder) => Array.isArray(found[folder])) ? found : null;
  } catch {
    return null;
  }
}

/** Reads a manifest of that hash; null when it is missing or another. */
export function readManifest(path: string, hash: string): Manifest | null {
  try {
    const bytes = readFileSync(path);
    return createHash('sha256').update(bytes).digest('hex') === hash
      ? (JSON.parse(bytes.toString('utf8')) as Manifest)
      : null;
  } catch {
    return null;
  }
}

/** Calls `visit` for every file of a manifest with its path beneath the base. */
export function eachFile(manifest: Manifest, visit: (path: string, item: FileItem) => void): void {
  for (const [root, item] of Object.entries(manifest.tops)) if (item.kind === 'file') visit(root, item);
  for (const [folder, items] of Object.entries(manifest.folders)) {
    for (const item of items) if (item.kind === 'file') visit(`${folder}/${item.name}`, item);
  }
}

/** The manifest with each file as `change` gives it. */
export function mapFiles(manifest: Manifest, change: (path: string, item: FileItem) => FileItem): Manifest {
  const changed = (path: string, item: Item): Item => (item.kind === 'file' ? change(path, item) : item);
  const tops = Object.entries(manifest.tops).map(([root, item]) => [root, changed(root, item)]);
  const folders = Object.entries(manifest.folders).map(([folder, items]) => [
    folder,
    items.map((item) => changed(`${folder}/${item.name}`, item)),
  ]);
  return { ...manifest, tops: Object.fromEntries(tops), folders: Object.fromEntries(folders) };
}
