// Owns the past: the newest events in memory, older ones in the kept journals, and how many of those are kept.
import { join } from 'node:path';
import type { FileLayer } from './file-layer.ts';
import { envelopesOf, journalsAmong, journalsNeeded, type StoredEnvelope } from './journal-line.ts';
import { linesOf } from './journal-scan.ts';

/** Bytes of a block of recent lines. */
const BLOCK = 64 * 1024;

/** Whole lines one after another. */
interface Block {
  /** The first event in it. */
  readonly first: number;
  readonly bytes: Buffer;
  /** How many of the bytes are lines. */
  length: number;
}

/**
 * The newest events as lines of the journal, at least `limit` bytes of them when there are so many. As objects each
 * would live just long enough for the garbage collector to copy it twice, which took a fifth of the time of a commit.
 */
export class RecentEvents<E> {
  readonly #limit: number;
  #blocks: Block[] = [];
  /** Bytes of lines in all blocks. */
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds whole lines, with their newlines, that follow the ones it has; `first` is their first event. The bytes are copied. */
  push(first: number, lines: Uint8Array): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.length + lines.length > block.bytes.length) {
      block = { first, bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK, lines.length)), length: 0 };
      this.#blocks.push(block);
    }
    block.bytes.set(lines, block.length);
    block.length += lines.length;
    this.#total += lines.length;
    this.#trim();
  }

  #trim(): void {
    for (let oldest = this.#blocks[0]; oldest !== undefined; oldest = this.#blocks[0]) {
      if (this.#total - oldest.length < this.#limit) return;
      this.#total -= oldest.length;
      this.#blocks.shift();
    }
  }

  /** What follows event `seq`; null when some of it is no longer here. `last` is the newest event there is. */
  since(seq: number, last: number): StoredEnvelope<E>[] | null {
    if (seq >= last) return [];
    const from = this.#blocks.findLastIndex(({ first }) => first <= seq + 1);
    if (from < 0) return null;
    const found: StoredEnvelope<E>[] = [];
    for (const { bytes, length } of this.#blocks.slice(from)) {
      for (const { line } of linesOf<E>(bytes.subarray(0, length))) {
        if (line === null) throw new Error('a recent event was changed in memory');
        for (const envelope of envelopesOf(line)) if (envelope.seq > seq) found.push(envelope);
      }
    }
    return found;
  }
}

export interface HistoryQuery<E> {
  readonly filter: (envelope: StoredEnvelope<E>) => boolean;
  /** At most so many, the newest. */
  readonly limit: number;
  /** Nothing after this event. */
  readonly upTo: number;
}

/** Matching events from the journals of a folder, oldest first. What can't be read is left out. */
export async function readHistory<E>(
  files: FileLayer,
  folder: string,
  query: HistoryQuery<E>,
): Promise<StoredEnvelope<E>[]> {
  const found: StoredEnvelope<E>[] = [];
  let before = query.upTo + 1;
  const journals = journalsAmong(await files.list(folder)).reverse();
  for (const { name } of journals) {
    if (found.length >= query.limit) break;
    // One that was pruned since the listing is simply no longer history.
    const raw = (await files.read(join(folder, name))) ?? Buffer.alloc(0);
    const matching: StoredEnvelope<E>[] = [];
    let oldest = before;
    for (const { line } of linesOf<E>(raw)) {
      if (line === null) continue;
      oldest = Math.min(oldest, line.s);
      for (const envelope of envelopesOf(line)) {
        if (envelope.seq < before && query.filter(envelope)) matching.push(envelope);
      }
    }
    before = oldest;
    found.push(...matching.slice(-(query.limit - found.length)).reverse());
    await new Promise(setImmediate);
  }
  return found.reverse();
}

/** Removes the oldest journals until at most `limit` bytes of them are left, but never one that a snapshot at event `needed` is completed by. */
export async function pruneJournals(files: FileLayer, folder: string, needed: number, limit: number): Promise<void> {
  const journals = journalsAmong(await files.list(folder));
  const kept = new Set(journalsNeeded(journals, needed).map(({ name }) => name));
  const sizes = await Promise.all(journals.map(async ({ name }) => (await files.size(join(folder, name))) ?? 0));
  let total = sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, { name }] of journals.entries()) {
    if (total <= limit || kept.has(name)) return;
    await files.unlink(join(folder, name));
    total -= sizes[index] ?? 0;
  }
}
