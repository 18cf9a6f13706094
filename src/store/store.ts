// Owns the store: one state in memory, changed only by events that are on the medium before anybody is told.
import { Low } from 'lowdb';
import { type FileLayer, nodeFiles } from './file-layer.ts';
import { pruneJournals, RecentEvents, readHistory } from './history.ts';
import { Journal } from './journal.ts';
import { encodeBatch, type StoredEnvelope } from './journal-line.ts';
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
  /** How many of the newest events are kept in memory for `since`. */
  readonly recentEvents: number;
}

/**
 * 4 MB of journal replay in well under a second; 256 MB hold about a million events; 1 MB is room for some
 * thousand commits; 10,000 events are a long absence of a client.
 */
const DEFAULT_LIMITS: StoreLimits = {
  journalBytes: 4 << 20,
  historyBytes: 256 << 20,
  reserveBytes: 1 << 20,
  recentEvents: 10_000,
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

interface Commit<E> {
  readonly envelopes: StoredEnvelope<E>[];
  readonly events: string;
  readonly resolve: (envelopes: StoredEnvelope<E>[]) => void;
  readonly reject: (error: Error) => void;
}

/** A task that runs between two batches, when nothing is being written. */
interface Pause {
  readonly run: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens the store of a folder, recovering what a crash left. Hold the lock (`lockStore`) first.
 * Refuses `store-damaged` and `store-newer`.
 */
export async function openStore<S, E, R>(options: StoreOptions<S, E, R>): Promise<Store<S, E, R>> {
  const files = options.files ?? nodeFiles;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  await files.makeFolder(options.directory);
  const snapshots = new SnapshotFile(files, options.directory);
  const recent = new RecentEvents<E>(limits.recentEvents);
  const schema: Schema<S, E, R> = options;
  const recovery = new Recovery(files, options.directory, schema, (envelopes) => recent.push(envelopes));
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
  readonly #listeners = new Set<Listener<E>>();
  #seq: number;
  #durable: number;
  #snapshotSeq: number | null;
  #isMigrated: boolean;
  #backupSeq: number | null;
  #waiting: Commit<E>[] = [];
  #pauses: Pause[] = [];
  #durabilityWaits: { readonly seq: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
    [];
  #loop: Promise<void> | null = null;
  #checkpoint: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(parts: Parts<S, E, R>) {
    const { recovered, options } = parts;
    this.#parts = parts;
    this.state = recovered.state;
    this.recovery = recovered.report;
    this.#seq = recovered.seq;
    this.#durable = recovered.seq;
    this.#snapshotSeq = recovered.snapshotSeq;
    this.#isMigrated = recovered.report.migratedFrom !== null;
    this.#backupSeq = recovered.backupSeq;
    this.#low = new Low<Snapshot>(parts.snapshots, { version: options.version, seq: 0, record: {} });
  }

  /** The last event that is in `state`; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** The last event that no crash can take away. */
  get durableSeq(): number {
    return this.#durable;
  }

  /**
   * Applies the events at once and resolves when they are durable; after a crash either all of them are there or none.
   * A rejection means that the store has stopped (`onFatal` says why) and that only a restart shows whether they were
   * kept. When `apply` throws, nothing of the commit is recorded, and because the state may be half changed the store stops.
   */
  commit(events: readonly E[], by: string): Promise<StoredEnvelope<E>[]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closing !== null) return Promise.reject(new Error('the store is closed'));
    if (events.length === 0) return Promise.resolve([]);
    const at = this.#parts.options.now();
    const envelopes = events.map((event, index) => ({ seq: this.#seq + 1 + index, at, by, event }));
    let json: string;
    try {
      json = JSON.stringify(events);
    } catch (error) {
      return Promise.reject(error);
    }
    try {
      for (const envelope of envelopes) this.#parts.options.apply(this.state, envelope);
    } catch (error) {
      return Promise.reject(
        this.#stop(new Error('the store stopped: an event could not be applied', { cause: error })),
      );
    }
    this.#seq += events.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ envelopes, events: json, resolve, reject });
      this.#start();
    });
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
    return this.#parts.recent.since(seq, this.#durable);
  }

  /** The newest `limit` durable events that match, oldest first, as far back as journals are kept. */
  history(filter: (envelope: StoredEnvelope<E>) => boolean, limit: number): Promise<StoredEnvelope<E>[]> {
    const { files, options } = this.#parts;
    return readHistory(files, options.directory, { filter, limit, upTo: this.#durable });
  }

  /** Writes a snapshot of now, in the background of further commits. Several calls at a time are one. */
  checkpoint(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
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
    if (this.#failure === null) await this.#runCheckpoint().catch(() => undefined);
    await this.#loop;
    if (this.#failure === null) return this.#parts.journal.close();
    await this.#parts.journal.abandon();
    throw this.#failure;
  }

  #start(): void {
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    // What is committed in the same turn of the event loop shares one batch.
    await null;
    try {
      while (this.#failure === null && (this.#waiting.length > 0 || this.#pauses.length > 0)) {
        if (this.#waiting.length > 0) await this.#writeBatch();
        const pause = this.#pauses.shift();
        if (pause !== undefined) await pause.run().then(pause.resolve, (error) => pause.reject(this.#stop(error)));
      }
    } catch (error) {
      this.#stop(error);
    } finally {
      // In the same turn as the last look at the queue, so that no commit falls between.
      this.#loop = null;
    }
  }

  async #writeBatch(): Promise<void> {
    const { options, journal, recent } = this.#parts;
    const batch = this.#waiting;
    this.#waiting = [];
    const durable = this.#durable;
    const lines = batch.map(({ envelopes, events }) => {
      const { seq, at, by } = envelopes[0] as StoredEnvelope<E>;
      return { version: options.version, seq, at, by, events };
    });
    try {
      await journal.append(encodeBatch(lines, durable), durable);
    } catch (error) {
      const failure = this.#stop(error);
      for (const { reject } of batch) reject(failure);
      return;
    }
    const envelopes: StoredEnvelope<E>[] = [];
    for (const commit of batch) for (const envelope of commit.envelopes) envelopes.push(envelope);
    this.#durable = durable + envelopes.length;
    recent.push(envelopes);
    this.#publish(envelopes);
    for (const commit of batch) commit.resolve(commit.envelopes);
    this.#settleDurabilityWaits();
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

  #settleDurabilityWaits(): void {
    const reached = this.#durabilityWaits.filter(({ seq }) => seq <= this.#durable);
    if (reached.length === 0) return;
    this.#durabilityWaits = this.#durabilityWaits.filter(({ seq }) => seq > this.#durable);
    for (const { resolve } of reached) resolve();
  }

  #untilDurable(seq: number): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (seq <= this.#durable) return Promise.resolve();
    return new Promise((resolve, reject) => this.#durabilityWaits.push({ seq, resolve, reject }));
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
        throw this.#stop(error);
      })
      .finally(() => {
        this.#checkpoint = null;
      });
    return this.#checkpoint;
  }

  async #writeCheckpoint(): Promise<void> {
    const { options, journal, files, limits } = this.#parts;
    if (this.#seq === (this.#snapshotSeq ?? 0) && !this.#isMigrated) return;
    await this.#betweenBatches(() => journal.begin(this.#durable));
    // A view of this moment: records are replaced, never mutated, so writing may take its time.
    const seq = this.#seq;
    const record = options.toRecord(this.state);
    // A snapshot must never hold what the journal could still lose.
    await this.#untilDurable(seq);
    this.#low.data = { version: options.version, seq, record };
    await this.#low.write();
    if (this.#snapshotSeq !== null) this.#backupSeq = this.#snapshotSeq;
    this.#snapshotSeq = seq;
    this.#isMigrated = false;
    // As long as there is no backup, the journals from the first event on take its place.
    await pruneJournals(files, options.directory, this.#backupSeq ?? 0, limits.historyBytes);
  }

  #betweenBatches(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pauses.push({ run, resolve, reject });
      this.#start();
    });
  }

  /** Memory is ahead of the disk and the disk's contents are unknown: nothing may go on from here but a recovery. */
  #stop(cause: unknown): Error {
    if (this.#failure !== null) return this.#failure;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const failure = new Error(reason.startsWith('the store stopped') ? reason : `the store stopped: ${reason}`, {
      cause,
    });
    this.#failure = failure;
    for (const { reject } of [...this.#waiting, ...this.#pauses, ...this.#durabilityWaits]) reject(failure);
    this.#waiting = [];
    this.#pauses = [];
    this.#durabilityWaits = [];
    this.#parts.options.onFatal?.(failure);
    return failure;
  }
}
