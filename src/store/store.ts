// Owns the store: one state in memory, changed only by events that are on the medium before anybody is told.
import { Low } from 'lowdb';
import { CommitQueue } from './commit-queue.ts';
import { type FileLayer, nodeFiles } from './file-layer.ts';
import { pruneJournals, RecentEvents, readHistory } from './history.ts';
import { Journal } from './journal.ts';
import type { StoredEnvelope } from './journal-line.ts';
import { type Recovered, Recovery, type RecoveryReport, type Schema } from './recovery.ts';
import { type Snapshot, SnapshotFile } from './snapshot.ts';

/** Sizes at which the store does something about its own files. */
export interface StoreLimits {
  /** A snapshot is written when the journal has more bytes than this and than a quarter of the snapshot. */
  readonly journalBytes: number;
  /** Closed journals beyond this are removed, oldest first. */
  readonly historyBytes: number;
  /** Room that is made in advance in the journal, as blank lines; 0 for none. */
  readonly reserveBytes: number;
  /** How many bytes of the newest events are kept in memory for `since`. */
  readonly recentBytes: number;
}

/**
 * 8 MB of journal, about 50,000 small events, replay in about half a second on a busy machine; 256 MB hold about a million events; 1 MB is room for some
 * thousand commits; 4 MB, about 14,000 small events, are a long absence of a client.
 */
const DEFAULT_LIMITS: StoreLimits = {
  journalBytes: 8 << 20,
  historyBytes: 256 << 20,
  reserveBytes: 1 << 20,
  recentBytes: 4 << 20,
};

export interface StoreOptions<S, E, R> {
  /** The data home; made when it is missing, 0700. */
  readonly directory: string;
  /** Default: the real file system. */
  readonly files?: FileLayer;
  /** Milliseconds since epoch. */
  readonly now: () => number;
  readonly initial: () => S;
  /** Changes the state's index and replaces records, never mutates one. Events are plain JSON: what is replayed is their JSON. */
  readonly apply: (state: S, envelope: StoredEnvelope<E>) => void;
  /** Plain JSON with arrays of its own; the arrays at its top level are written one element a line. */
  readonly toRecord: (state: S) => R;
  readonly fromRecord: (record: R) => S;
  /** The schema version of R and E. */
  readonly version: number;
  /** From version n (the key) to n + 1. */
  readonly migrations: Record<number, (record: unknown) => unknown>;
  /** Called once, when the store has stopped for good. */
  readonly onFatal?: (error: Error) => void;
  readonly limits?: Partial<StoreLimits>;
}

type Listener<E> = (envelopes: readonly StoredEnvelope<E>[]) => void;

/**
 * Opens the store of a folder, recovering what a crash left. Hold the lock (`lockStore`) first.
 * Refuses `store-damaged` and `store-newer`.
 */
export async function openStore<S, E, R>(options: StoreOptions<S, E, R>): Promise<Store<S, E, R>> {
  const files = options.files ?? nodeFiles;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  await files.makeFolder(options.directory);
  const snapshots = new SnapshotFile(files, options.directory);
  const recent = new RecentEvents<E>(limits.recentBytes);
  const schema: Schema<S, E, R> = options;
  const recovery = new Recovery(files, options.directory, schema, (first, lines) => recent.push(first, lines));
  const recovered = await recovery.run(snapshots);
  const journal = new Journal(files, options.directory, limits.reserveBytes);
  if (recovered.tip !== null) await journal.resume(recovered.tip);
  return new Store({ options, files, limits, snapshots, recent, journal, recovered });
}

interface Parts<S, E, R> {
  readonly options: StoreOptions<S, E, R>;
  readonly files: FileLayer;
  readonly limits: StoreLimits;
  readonly snapshots: SnapshotFile;
  readonly recent: RecentEvents<E>;
  readonly journal: Journal;
  readonly recovered: Recovered<S>;
}

/** Made by `openStore`. */
export class Store<S, E, R> {
  /** Includes everything committed, also what is not durable yet. */
  readonly state: S;
  readonly recovery: Readonly<RecoveryReport>;
  readonly #parts: Parts<S, E, R>;
  readonly #low: Low<Snapshot>;
  readonly #queue: CommitQueue<E>;
  readonly #listeners = new Set<Listener<E>>();
  #seq: number;
  #snapshotSeq: number | null;
  #isMigrated: boolean;
  #backupSeq: number | null;
  #checkpoint: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: Parts<S, E, R>) {
    const { recovered, options } = parts;
    this.#parts = parts;
    this.state = recovered.state;
    this.recovery = recovered.report;
    this.#seq = recovered.seq;
    this.#snapshotSeq = recovered.snapshotSeq;
    this.#isMigrated = recovered.report.migratedFrom !== null;
    this.#backupSeq = recovered.backupSeq;
    this.#low = new Low<Snapshot>(parts.snapshots, { version: options.version, seq: 0, record: {} });
    this.#queue = new CommitQueue({
      journal: parts.journal,
      version: options.version,
      durable: recovered.seq,
      onDurable: (envelopes, lines) => this.#onDurable(envelopes, lines),
      onFatal: options.onFatal,
    });
  }

  /** The last event that is in `state`; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** The last event that no crash can take away. */
  get durableSeq(): number {
    return this.#queue.durable;
  }

  /** Resolves when no crash can take away what `state` held up to the event `seq`; rejects when the store has stopped. */
  untilDurable(seq: number): Promise<void> {
    return this.#queue.untilDurable(seq);
  }

  /**
   * Applies the events at once and resolves when they are durable; after a crash either all of them are there or none.
   * A rejection means that the store has stopped (`onFatal` says why) and that only a restart shows whether they were
   * kept. When `apply` throws, nothing of the commit is recorded, and because the state may be half changed the store stops.
   */
  commit(events: readonly E[], by: string): Promise<StoredEnvelope<E>[]> {
    if (this.#queue.failure !== null) return Promise.reject(this.#queue.failure);
    if (this.#closing !== null) return Promise.reject(new Error('the store is closed'));
    if (events.length === 0) return Promise.resolve([]);
    const { options } = this.#parts;
    const at = options.now();
    const envelopes = events.map((event, index) => ({ seq: this.#seq + 1 + index, at, by, event }));
    let json: string;
    try {
      json = JSON.stringify(events);
    } catch (error) {
      return Promise.reject(error);
    }
    try {
      for (const envelope of envelopes) options.apply(this.state, envelope);
    } catch (error) {
      return Promise.reject(
        this.#queue.stop(new Error('the store stopped: an event could not be applied', { cause: error })),
      );
    }
    this.#seq += events.length;
    return this.#queue.add(envelopes, json);
  }

  /**
   * Calls `listener` with the durable events in order, before the promise of their commit resolves; returns how to stop
   * that. What a listener throws is rethrown outside of the store as an uncaught exception.
   */
  subscribe(listener: Listener<E>): () => void {
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const own: Listener<E> = (envelopes) => listener(envelopes);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** The durable events after `seq`; null when memory doesn't reach back so far. */
  since(seq: number): StoredEnvelope<E>[] | null {
    return this.#parts.recent.since(seq, this.#queue.durable);
  }

  /** The newest `limit` durable events that match, oldest first, as far back as journals are kept. */
  history(filter: (envelope: StoredEnvelope<E>) => boolean, limit: number): Promise<StoredEnvelope<E>[]> {
    const { files, options } = this.#parts;
    return readHistory(files, options.directory, { filter, limit, upTo: this.#queue.durable });
  }

  /** Writes a snapshot of now, in the background of further commits. Several calls at a time are one. */
  checkpoint(): Promise<void> {
    if (this.#queue.failure !== null) return Promise.reject(this.#queue.failure);
    if (this.#closing !== null) return Promise.reject(new Error('the store is closed'));
    return this.#runCheckpoint();
  }

  /** Waits for what was committed, writes a snapshot and closes the files. After a failure it only closes them. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // One checkpoint may be under way; what came after its view is caught by the second.
    await this.#checkpoint?.catch(() => undefined);
    if (this.#queue.failure === null) await this.#runCheckpoint().catch(() => undefined);
    await this.#queue.idle();
    if (this.#queue.failure === null) return this.#parts.journal.close();
    await this.#parts.journal.abandon();
    throw this.#queue.failure;
  }

  #onDurable(envelopes: readonly StoredEnvelope<E>[], lines: Uint8Array): void {
    this.#parts.recent.push((envelopes[0] as StoredEnvelope<E>).seq, lines);
    this.#publish(envelopes);
    this.#checkpointWhenDue();
  }

  #publish(envelopes: readonly StoredEnvelope<E>[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(envelopes);
      } catch (error) {
        // The events are durable whatever a listener does with them; its bug must not look like a failed commit.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #checkpointWhenDue(): void {
    const { limits, journal, snapshots } = this.#parts;
    if (this.#checkpoint !== null || this.#closing !== null) return;
    if (journal.bytes <= Math.max(limits.journalBytes, snapshots.bytes / 4)) return;
    // Its failure stops the store and is reported there.
    this.#runCheckpoint().catch(() => undefined);
  }

  #runCheckpoint(): Promise<void> {
    this.#checkpoint ??= this.#writeCheckpoint()
      .catch((error: unknown) => {
        throw this.#queue.stop(error);
      })
      .finally(() => {
        this.#checkpoint = null;
      });
    return this.#checkpoint;
  }

  async #writeCheckpoint(): Promise<void> {
    const { options, journal, files, limits } = this.#parts;
    if (this.#seq === (this.#snapshotSeq ?? 0) && !this.#isMigrated) return;
    await this.#queue.betweenBatches(() => journal.begin(this.#queue.durable));
    // A view of this moment: records are replaced, never mutated, so writing may take its time.
    const seq = this.#seq;
    const record = options.toRecord(this.state);
    // A snapshot must never hold what the journal could still lose: after a crash the next journal would begin where the
    // snapshot ends, and the backup with the journals, the way out when this snapshot is damaged, would have a gap.
    await this.#queue.untilDurable(seq);
    this.#low.data = { version: options.version, seq, record };
    await this.#low.write();
    if (this.#snapshotSeq !== null) this.#backupSeq = this.#snapshotSeq;
    this.#snapshotSeq = seq;
    this.#isMigrated = false;
    // As long as there is no backup, the journals from the first event on take its place.
    await pruneJournals(files, options.directory, this.#backupSeq ?? 0, limits.historyBytes);
  }
}
