// Owns a simulated disk with the least that POSIX promises: what was not synced may be lost, torn or reordered by a power cut.
import { basename, dirname } from 'node:path';
import type { FileHandle, FileLayer } from '../../../src/store/file-layer.ts';

/** What a disk writes whole or not at all. */
const SECTOR = 512;

type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly length: number };

interface Inode {
  /** What a reader sees. */
  current: Buffer;
  /** What is on the medium. */
  durable: Buffer;
  /** What is on its way, in order. */
  pending: Change[];
}

/** Making, replacing (`inode`) and removing (null) names; a rename is two of them that happen together. */
interface NameChange {
  readonly names: readonly (readonly [string, Inode | null])[];
}

export interface Operation {
  readonly name: keyof FileLayer | keyof FileHandle;
  /** File name without its folder. */
  readonly file: string;
}

export interface DiskOptions {
  /** Called before each operation; what it throws is the operation's error. */
  before?: (operation: Operation) => Promise<void> | void;
  /** Mutations: a disk layer that forgets to sync. */
  ignore?: ReadonlySet<'datasync' | 'syncFolder'>;
}

/** How a power cut treats one unsynced thing. */
export interface Fate {
  /** Whether it reached the medium. */
  keeps(): boolean;
  /** What a sector that did not reach the medium holds, in a file that grew: zeros or leftovers. */
  filler(): number;
}

function systemError(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${name}`), { code });
}

function applyTo(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    if (change.length <= content.length) return Buffer.from(content.subarray(0, change.length));
    return Buffer.concat([content, Buffer.alloc(change.length - content.length)]);
  }
  const end = change.position + change.bytes.length;
  const grown = Buffer.alloc(Math.max(end, content.length));
  content.copy(grown);
  change.bytes.copy(grown, change.position);
  return grown;
}

/** One folder of files. */
export class CrashDisk implements FileLayer {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pendingNames: NameChange[] = [];
  readonly options: DiskOptions;
  /** While true nothing that needs room succeeds. */
  isFull = false;
  /** While true a failing write takes half of its bytes first. */
  isShort = false;

  constructor(options: DiskOptions = {}) {
    this.options = options;
  }

  /** The names and contents that a reader sees. */
  contents(): Map<string, Buffer> {
    return new Map([...this.#names].map(([name, inode]) => [name, inode.current]));
  }

  /** Replaces a file as if it had always been so. */
  plant(name: string, content: Buffer): void {
    const inode: Inode = { current: content, durable: content, pending: [] };
    this.#names.set(name, inode);
    this.#durableNames.set(name, inode);
  }

  /** The same machine after the process died and nothing else: a reader sees everything, synced or not. */
  survivor(options: DiskOptions = {}): CrashDisk {
    const disk = new CrashDisk(options);
    // Copies, so that the dead process can't go on writing.
    const copies = new Map<Inode, Inode>();
    const copy = (inode: Inode): Inode => {
      const made = copies.get(inode) ?? { ...inode, pending: [...inode.pending] };
      copies.set(inode, made);
      return made;
    };
    for (const [name, inode] of this.#names) disk.#names.set(name, copy(inode));
    for (const [name, inode] of this.#durableNames) disk.#durableNames.set(name, copy(inode));
    disk.#pendingNames = this.#pendingNames.map(({ names }) => ({
      names: names.map(([name, inode]) => [name, inode === null ? null : copy(inode)] as const),
    }));
    disk.isFull = this.isFull;
    return disk;
  }

  /** The disk that the machine finds when the power is back. */
  afterPowerCut(fate: Fate, options: DiskOptions = {}): CrashDisk {
    const disk = new CrashDisk(options);
    const names = new Map(this.#durableNames);
    for (const { names: changes } of this.#pendingNames) {
      if (!fate.keeps()) continue;
      for (const [name, inode] of changes) {
        if (inode === null) names.delete(name);
        else names.set(name, inode);
      }
    }
    const contents = new Map<Inode, Buffer>();
    for (const [name, inode] of names) {
      const content = contents.get(inode) ?? tear(inode, fate);
      contents.set(inode, content);
      disk.plant(name, content);
    }
    return disk;
  }

  /** The medium refuses what is on its way, and the system counts it as written: what fsync's failure means on Linux. */
  dropPending(name: string): void {
    const inode = this.#names.get(name);
    if (inode !== undefined) inode.pending = [];
  }

  async #before(name: Operation['name'], path: string): Promise<void> {
    await this.options.before?.({ name, file: basename(path) });
  }

  #change(...names: (readonly [string, Inode | null])[]): void {
    for (const [name, inode] of names) {
      if (inode === null) this.#names.delete(name);
      else this.#names.set(name, inode);
    }
    this.#pendingNames.push({ names });
  }

  #needRoom(name: string): void {
    if (this.isFull) throw systemError('ENOSPC', name);
  }

  async makeFolder(folder: string): Promise<void> {
    await this.#before('makeFolder', folder);
  }

  async list(folder: string): Promise<string[]> {
    await this.#before('list', folder);
    return [...this.#names.keys()];
  }

  async read(path: string): Promise<Buffer | null> {
    await this.#before('read', path);
    return this.#names.get(basename(path))?.current ?? null;
  }

  async size(path: string): Promise<number | null> {
    await this.#before('size', path);
    return this.#names.get(basename(path))?.current.length ?? null;
  }

  async open(path: string, isEmptied: boolean): Promise<FileHandle> {
    await this.#before('open', path);
    const name = basename(path);
    let inode = this.#names.get(name);
    if (inode === undefined) {
      this.#needRoom(name);
      inode = { current: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] };
      this.#change([name, inode]);
    }
    if (isEmptied && inode.current.length > 0) this.#apply(inode, { kind: 'truncate', length: 0 });
    return this.#handle(inode, name);
  }

  #apply(inode: Inode, change: Change): void {
    inode.current = applyTo(inode.current, change);
    inode.pending.push(change);
  }

  #handle(inode: Inode, name: string): FileHandle {
    return {
      write: async (bytes, position) => {
        await this.#before('write', name);
        let taken = bytes.length;
        if (position + taken > inode.current.length && (this.isFull || this.isShort)) {
          taken = this.isShort ? Math.floor(taken / 2) : 0;
          if (taken === 0) throw systemError('ENOSPC', name);
        }
        this.#apply(inode, { kind: 'write', position, bytes: Buffer.from(bytes.subarray(0, taken)) });
        return taken;
      },
      datasync: async () => {
        await this.#before('datasync', name);
        if (this.options.ignore?.has('datasync')) return;
        inode.durable = inode.pending.reduce(applyTo, inode.durable);
        inode.pending = [];
      },
      truncate: async (length) => {
        await this.#before('truncate', name);
        this.#apply(inode, { kind: 'truncate', length });
      },
      close: async () => {
        await this.#before('close', name);
      },
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#before('rename', from);
    const inode = this.#names.get(basename(from));
    if (inode === undefined) throw systemError('ENOENT', from);
    this.#change([basename(from), null], [basename(to), inode]);
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#before('link', path);
    const inode = this.#names.get(basename(existing));
    if (inode === undefined) throw systemError('ENOENT', existing);
    if (this.#names.has(basename(path))) throw systemError('EEXIST', path);
    this.#needRoom(path);
    this.#change([basename(path), inode]);
  }

  async unlink(path: string): Promise<void> {
    await this.#before('unlink', path);
    if (this.#names.has(basename(path))) this.#change([basename(path), null]);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#before('syncFolder', dirname(`${folder}/x`));
    if (this.options.ignore?.has('syncFolder')) return;
    this.#durableNames = new Map(this.#names);
    this.#pendingNames = [];
  }
}

/** The file's content after the cut: of each unsynced write any sectors may be there and others not. */
function tear(inode: Inode, fate: Fate): Buffer {
  let content = inode.durable;
  for (const change of inode.pending) {
    if (change.kind === 'truncate') {
      if (fate.keeps()) content = applyTo(content, change);
      continue;
    }
    for (let at = 0; at < change.bytes.length; ) {
      const position = change.position + at;
      const length = Math.min(SECTOR - (position % SECTOR), change.bytes.length - at);
      const isKept = fate.keeps();
      const isLengthKept = position + length > content.length && fate.keeps();
      if (isKept) {
        content = applyTo(content, { kind: 'write', position, bytes: change.bytes.subarray(at, at + length) });
      } else if (isLengthKept) {
        // The length reached the medium, the data did not.
        const bytes = Buffer.alloc(position + length - content.length, fate.filler());
        content = applyTo(content, { kind: 'write', position: content.length, bytes });
      }
      at += length;
    }
  }
  return content;
}

/** Random numbers in [0, 1) that the seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Fate number `index` of a crash point: nothing kept, everything kept, then random mixtures of different kinds. */
export function fateOf(index: number, random: () => number): Fate {
  const chance = [0, 1, 0.5, 0.9, 0.1][index] ?? random();
  return { keeps: () => random() < chance, filler: () => [0, 0x0a, 0x41][Math.floor(random() * 3)] ?? 0 };
}
