// Owns what is written down of each slot that was made by copy-on-write, and how: whole or not at all, also when the power fails.
import {
  closeSync,
  existsSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CopyOnWrite } from './probe.ts';

export interface TreeRecord {
  readonly backend: CopyOnWrite;
  /** The number of the golden tree that it was made from. */
  readonly golden: number;
  /** The folder of its changes; of an overlay only. A new one each time, so that a mount that somebody keeps busy is never written to by two. */
  readonly layer: string;
  /** False while it is being made: nobody has worked in it. */
  readonly isReady: boolean;
}

/** One file for each slot: `worktree-1.json`. */
export class TreeRecords {
  readonly #folder: string;
  readonly #records = new Map<string, TreeRecord>();
  /** Slots whose record cannot be read: nothing of theirs may be removed. */
  readonly unreadable: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const id = /^(worktree-[1-9]\d*)\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      const record = readRecord(join(folder, name));
      if (record === null) this.unreadable.push(id);
      else this.#records.set(id, record);
    }
  }

  get(id: string): TreeRecord | null {
    return this.#records.get(id) ?? null;
  }

  all(): [id: string, TreeRecord][] {
    return [...this.#records];
  }

  /** It holds at once, and for the next server when this resolves. */
  set(id: string, record: TreeRecord): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#records.set(id, record);
    return writeRecord(join(this.#folder, `${id}.json`), JSON.stringify(record));
  }

  delete(id: string): void {
    rmSync(join(this.#folder, `${id}.json`), { force: true });
    this.#records.delete(id);
  }
}

function readRecord(path: string): TreeRecord | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as TreeRecord;
    return typeof value.backend === 'string' && Number.isInteger(value.golden) && /^[\w.-]*$/.test(value.layer)
      ? value
      : null;
  } catch {
    return null;
  }
}

/** Writes a file so that after a crash there is the old one or the new one, whole. On a busy disk that takes 50 ms, for which the event loop does not wait. */
export async function writeRecord(path: string, text: string): Promise<void> {
  const aside = `${path}.new`;
  const file = openSync(aside, 'w', 0o600);
  try {
    writeSync(file, text);
    await sync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
  const folder = openSync(dirname(path), 'r');
  try {
    await sync(folder);
  } finally {
    closeSync(folder);
  }
}

const sync = promisify(fsync);
