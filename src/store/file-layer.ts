// Owns the few file operations the store is built from, so that the same store runs on a disk and on a simulated power cut.
import { close, constants, fdatasync, ftruncate, open as openCallback, write, writeSync } from 'node:fs';
import { chmod, link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** An open file. Every method rejects with the system's error (`code` set) when the operation failed. */
export interface FileHandle {
  /** Writes at `position` (bytes from the start); resolves with how many bytes were taken, which may be fewer than given. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** The file's contents and length are on the medium when this resolves. */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** What the store needs of a file system. Paths are absolute. */
export interface FileLayer {
  /** Makes the folder and its parents, durably, for this user alone (0700). */
  makeFolder(folder: string): Promise<void>;
  /** Names in the folder. */
  list(folder: string): Promise<string[]>;
  /** The whole file; null when there is none. */
  read(path: string): Promise<Buffer | null>;
  /** Bytes; null when there is none. */
  size(path: string): Promise<number | null>;
  /** Opens for reading and writing, creating it (0600); `isEmptied` drops what it held. */
  open(path: string, isEmptied: boolean): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  /** Removing what is not there is no error. */
  unlink(path: string): Promise<void>;
  /** Names made, renamed and removed in the folder are on the medium when this resolves. */
  syncFolder(folder: string): Promise<void>;
}

/** The system's code of a failed file operation, such as ENOSPC; empty for other errors. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Writes all of `bytes` at `position`, however many writes that takes. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const taken = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
    if (taken <= 0) throw new Error(`the system took none of ${bytes.length - done} bytes`);
    done += taken;
  }
}

/** Up to this many bytes a write into the page cache costs less than the trip to a worker thread (measured: a few tens of microseconds at most, against 60 and more). */
const INLINE_WRITE = 256 * 1024;

const openFd = promisify(openCallback);
const datasyncFd = promisify(fdatasync);
const truncateFd = promisify(ftruncate);
const closeFd = promisify(close);

async function openFile(path: string, isEmptied: boolean): Promise<FileHandle> {
  const fd = await openFd(path, constants.O_RDWR | constants.O_CREAT | (isEmptied ? constants.O_TRUNC : 0), 0o600);
  return {
    async write(bytes, position) {
      if (bytes.length <= INLINE_WRITE) return writeSync(fd, bytes, 0, bytes.length, position);
      return new Promise((resolve, reject) => {
        write(fd, bytes, 0, bytes.length, position, (error, taken) => (error ? reject(error) : resolve(taken)));
      });
    },
    datasync: () => datasyncFd(fd),
    truncate: (length) => truncateFd(fd, length),
    close: () => closeFd(fd),
  };
}

async function unlessMissing<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) {
    const mode = (await stat(folder)).mode & 0o777;
    if ((mode & 0o077) !== 0) await chmod(folder, mode & 0o700);
    return;
  }
  // A new folder lasts only when its name in the parent does, all the way up to the first one made.
  for (let at = folder; at !== dirname(first); at = dirname(at)) await syncFolder(dirname(at));
}

/** The real file system. */
export const nodeFiles: FileLayer = {
  makeFolder: (folder) => makeFolder(join(folder)),
  list: (folder) => readdir(folder),
  read: (path) => unlessMissing(readFile(path)),
  size: async (path) => (await unlessMissing(stat(path)))?.size ?? null,
  open: openFile,
  rename,
  link,
  unlink: async (path) => {
    await unlessMissing(unlink(path));
  },
  syncFolder,
};
