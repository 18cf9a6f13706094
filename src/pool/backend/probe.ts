// Owns the question which ways of copy-on-write work at a folder: each is tried for real, there.
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSubvolume, dropSubvolume, snapshot } from './btrfs.ts';
import { mountOverlay, unmountBeneath } from './mounts.ts';

export const COPY_ON_WRITE = ['btrfs', 'overlay', 'reflink'] as const;
export type CopyOnWrite = (typeof COPY_ON_WRITE)[number];

/** Why a way doesn't work here, in words; null when it works. */
export type Findings = Readonly<Record<CopyOnWrite, string | null>>;

/** In the folder that is probed; the sweep of a later start takes it away. */
export const PROBE = '.probe-';

/** Tries all of them in a folder that exists, and leaves nothing there. */
export async function probe(folder: string): Promise<Findings> {
  const [btrfs, overlay, reflink] = await Promise.all([
    attempt(folder, tryBtrfs),
    attempt(folder, tryOverlay),
    attempt(folder, tryReflink),
  ]);
  return { btrfs, overlay, reflink };
}

/** What is in a way, in words; null for nothing. */
type Trial = (place: string) => Promise<string | null> | string | null;

async function attempt(folder: string, trial: Trial): Promise<string | null> {
  const place = mkdtempSync(join(folder, PROBE));
  try {
    return await trial(place);
  } catch (error) {
    return lastLine(error);
  } finally {
    await unmountBeneath(place).catch(() => undefined);
    rmSync(place, { recursive: true, force: true });
  }
}

/** What a program said last, or what went wrong. */
function lastLine(error: unknown): string {
  const said = (error as { stderr?: unknown }).stderr;
  const text = typeof said === 'string' && said.trim() !== '' ? said : String((error as Error).message);
  return (
    text
      .trim()
      .split('\n')
      .filter((line) => !/^\s*dmesg\(1\)/.test(line))
      .at(-1)
      ?.trim() ?? ''
  );
}

/** It is mounted, written to, and a folder is renamed; the tree beneath must be as it was. */
async function tryOverlay(place: string): Promise<string | null> {
  if (process.platform !== 'linux') return `overlayfs is Linux only, this is ${process.platform}`;
  if (process.getuid?.() !== 0)
    return 'mounting takes root; a mount in a namespace of its own is not seen by your editor';
  const at = (...parts: string[]) => join(place, ...parts);
  for (const name of ['lower/folder', 'upper', 'work', 'point']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('lower', 'folder', 'file'), 'lower');
  await mountOverlay(at('point'), { home: place, lower: 'lower', upper: 'upper', work: 'work' });
  renameSync(at('point', 'folder'), at('point', 'renamed'));
  writeFileSync(at('point', 'renamed', 'file'), 'upper');
  const isWhole = readFileSync(at('lower', 'folder', 'file'), 'utf8') === 'lower' && existsSync(at('upper', 'renamed'));
  return isWhole ? null : 'the tree beneath an overlay was changed through it';
}

async function tryBtrfs(place: string): Promise<string | null> {
  const type = fileSystem(place);
  if (type !== 'btrfs') return `the file system is ${type}`;
  const [from, to] = [join(place, 'from'), join(place, 'to')];
  try {
    await createSubvolume(from);
    writeFileSync(join(from, 'file'), 'from');
    await snapshot(from, to);
    writeFileSync(join(to, 'file'), 'to');
    return readFileSync(join(from, 'file'), 'utf8') === 'from' ? null : 'a snapshot changed what it was made of';
  } finally {
    for (const path of [from, to]) await dropSubvolume(path);
  }
}

function tryReflink(place: string): string | null {
  const [from, to] = [join(place, 'from'), join(place, 'to')];
  writeFileSync(from, 'from');
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return null;
  } catch {
    return `${fileSystem(place)} cannot share blocks between files`;
  }
}

/** statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
  3393526350: 'bcachefs',
  26985: 'nfs',
};

export function fileSystem(folder: string): string {
  const { type } = statfsSync(folder);
  return FILE_SYSTEMS[type] ?? `of type 0x${type.toString(16)}`;
}
