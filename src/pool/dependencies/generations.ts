// Owns the folder of generations: built aside, published by one rename, never changed afterwards, taken away by a rename.
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../store/file-layer.ts';
import { startOf } from '../../store/process-identity.ts';
import type { Sealed } from './tree-job.ts';

export interface Generation extends Sealed {
  /** sha256 of all that decides the install. */
  readonly key: string;
  /** Another one for each build: a rebuilt generation has other inodes. */
  readonly instance: string;
  /** `npm`, or the setup command's number. */
  readonly step: string;
  /** ms since the epoch. */
  readonly builtAt: number;
  readonly folder: string;
}

/** Beneath a generation, and beneath a build that becomes one. */
export const TREE = 'tree';
export const MANIFEST = 'manifest.json';
const COMPLETE = 'COMPLETE';
/** When its contents were read and compared last, and since which start of the machine. */
const CHECKED = 'checked';

/** ms; contents are read once a day, and after each start of the machine, before which the power may have been cut. */
const DEEP_EVERY = 24 * 3600_000;

/** Generations that nobody uses and that are kept all the same: the branch that one goes back to. */
const SPARE = 2;

/** The generations of one data home. Names that begin with a dot are on their way in or out. */
export class Generations {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The complete generation of a key; null when there is none. */
  find(key: string): Generation | null {
    return this.list().find((each) => each.key === key) ?? null;
  }

  /** All complete ones, the one that was used last first. */
  list(): Generation[] {
    return readdirSync(this.#folder)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) => readGeneration(join(this.#folder, name)) ?? [])
      .map((each) => ({ each, usedAt: statSync(each.folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.usedAt - a.usedAt)
      .map(({ each }) => each);
  }

  /** A folder for a build, with an empty `tree`. */
  begin(): string {
    const folder = this.#aside('tmp');
    mkdirSync(join(folder, TREE), { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Makes a sealed build the generation of its key. Who comes second has built in vain: its build goes, and the first one's is given. */
  publish(build: string, key: string, step: string, sealed: Sealed): Generation {
    const folder = join(this.#folder, `${step.replaceAll(/[^a-z0-9]+/g, '-')}-${key.slice(0, 32)}`);
    const generation = { ...sealed, key, instance: randomBytes(8).toString('hex'), step, builtAt: Date.now() };
    writeFileSync(join(build, CHECKED), bootOf());
    writeFileSync(join(build, COMPLETE), JSON.stringify(generation), { flush: true });
    syncFolder(build);
    try {
      renameSync(build, folder);
    } catch (error) {
      const winner = readGeneration(folder);
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
      if (winner !== null) {
        this.discard(build);
        return winner;
      }
      // A folder that is no generation stands in its place.
      this.discard(folder);
      renameSync(build, folder);
    }
    syncFolder(this.#folder);
    return { ...generation, folder };
  }

  /** Notes that a generation is used now. */
  touch({ folder }: Generation): void {
    const now = Date.now() / 1000;
    utimesSync(folder, now, now);
  }

  /** True when the contents should be read before the next use. */
  isDeepDue({ folder }: Generation): boolean {
    const file = join(folder, CHECKED);
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined || Date.now() - stat.mtimeMs > DEEP_EVERY || readFileSync(file, 'utf8') !== bootOf();
  }

  /** The contents were read, and were right. */
  deepDone({ folder }: Generation): void {
    writeFileSync(join(folder, CHECKED), bootOf());
  }

  /** Takes a folder out of the way by one rename; `trash()` is what then has to be removed. */
  discard(folder: string): void {
    if (existsSync(folder)) renameSync(folder, this.#aside('trash'));
  }

  /** A fresh place in which things are thrown away; it is made by whoever throws something away. */
  trashFolder(): string {
    return this.#aside('trash');
  }

  /** The folders to remove: all trash, and builds whose process has ended. */
  trash(): string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith('.trash-') || (name.startsWith('.tmp-') && !isOwned(name)))
      .map((name) => join(this.#folder, name));
  }

  /** Discards the generations that are not in `inUse` (keys), but for the two that were used last. Gives what went. */
  collect(inUse: ReadonlySet<string>): Generation[] {
    const gone = this.list()
      .filter(({ key }) => !inUse.has(key))
      .slice(SPARE);
    for (const { folder } of gone) this.discard(folder);
    return gone;
  }

  #aside(kind: 'tmp' | 'trash'): string {
    this.#count += 1;
    return join(
      this.#folder,
      `.${kind}-${process.pid}-${ownStart(process.pid)}-${this.#count}-${randomBytes(3).toString('hex')}`,
    );
  }
}

function readGeneration(folder: string): Generation | null {
  try {
    const value = JSON.parse(readFileSync(join(folder, COMPLETE), 'utf8')) as Generation;
    return typeof value.key === 'string' && typeof value.hash === 'string' ? { ...value, folder } : null;
  } catch {
    return null;
  }
}

/** A name's process still runs, and is the one that gave the name. */
function isOwned(name: string): boolean {
  const [, , pid = '', start = ''] = /^\.(tmp)-(\d+)-([0-9a-f]+)-/.exec(name) ?? [];
  return pid !== '' && ownStart(Number(pid)) === start;
}

/** A short hash of a process's start, for names. */
function ownStart(pid: number): string {
  return createHash('sha256')
    .update(startOf(pid) ?? '')
    .digest('hex')
    .slice(0, 12);
}

/** The start of the machine; empty where the system does not tell, and then the day counts alone. */
function bootOf(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  fsyncSync(file);
  closeSync(file);
}
