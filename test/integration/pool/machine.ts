// Owns the file systems that the tests of copy-on-write stand on: real ones in image files, mounted, and unmounted for certain.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSystem } from '../../../src/pool/backend/probe.ts';

const BASE = tmpdir();
const NAME = 'drover-fs-';

export interface Ground {
  /** A folder on the file system. */
  readonly folder: string;
  /** Unmounts all that is mounted in it, and it. */
  close(): void;
}

/** Where each way of copy-on-write can be had. */
export const GROUNDS = { overlay: 'any', btrfs: 'btrfs', reflink: 'xfs' } as const;

/** Bytes; the smallest that mkfs.xfs takes. The file has holes. */
const SIZE = 320 * 1024 * 1024;

/** A folder on a new file system of a type, or why this machine cannot have one. `any` is the one of the temporary folder. */
export function makeGround(type: 'any' | 'xfs' | 'btrfs'): Ground | string {
  sweepGrounds();
  const folder = join(BASE, `${NAME}${process.pid}-${type}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'ground'), { recursive: true });
  if (type !== 'any') {
    const reason = mountImage(type, folder);
    if (reason !== null) {
      closeGround(folder);
      return reason;
    }
  }
  return { folder: join(folder, 'ground'), close: () => closeGround(folder) };
}

function mountImage(type: string, folder: string): string | null {
  if (process.getuid?.() !== 0) return `mounting a ${type} takes root`;
  const image = join(folder, 'image');
  try {
    run('truncate', '-s', String(SIZE), image);
    run(`mkfs.${type}`, '-q', image);
    run('mount', '-o', 'loop', image, join(folder, 'ground'));
    return fileSystem(join(folder, 'ground')) === type ? null : `the mounted file system is no ${type}`;
  } catch (error) {
    return `no ${type} here: ${(error as Error).message.trim().split('\n').at(-1)}`;
  }
}

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What an earlier run left that was killed. */
function sweepGrounds(): void {
  for (const name of readdirSync(BASE).filter((each) => each.startsWith(NAME))) {
    const pid = name.slice(NAME.length).split('-')[0] ?? '';
    if (!existsSync(`/proc/${pid}`)) closeGround(join(BASE, name));
  }
}

function closeGround(folder: string): void {
  for (const point of mountPoints(folder).reverse()) run('umount', '-l', point);
  rmSync(folder, { recursive: true, force: true });
}

/** Where something is mounted beneath a folder, oldest first; seen without the code that is tested. */
export function mountPoints(folder: string): string[] {
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return lines.map((line) => line.split(' ')[1] ?? '').filter((point) => point.startsWith(`${folder}/`));
}
