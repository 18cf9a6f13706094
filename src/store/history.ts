// Owns the past: the newest events in memory, older ones in the kept journals, and how many of those are kept.
import { join } from 'node:path';
import type { FileLayer } from './file-layer.ts';
import { envelopesOf, journalsAmong, journalsNeeded, type StoredEnvelope } from './journal-line.ts';
import { linesOf } from './journal-scan.ts';

/** The newest events, at least `limit` of them when there are so many. */
export class RecentEvents<E> {
  readonly #limit: number;
  #events: StoredEnvelope<E>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds events that follow the ones it has. */
  push(envelopes: readonly StoredEnvelope<E>[]): void {
    for (const envelope of envelopes) this.#events.push(envelope);
    // Trimmed by halves, so that it costs nothing per event.
    if (this.#events.length > 2 * this.#limit) this.#events = this.#events.slice(-this.#limit);
  }

  /** What follows event `seq`; null when some of it is no longer here. `last` is the newest event there is. */
  since(seq: number, last: number): StoredEnvelope<E>[] | null {
    if (seq >= last) return [];
    const first = this.#events[0];
    if (first === undefined || seq < first.seq - 1) return null;
    return this.#events.slice(seq - first.seq + 1);
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
