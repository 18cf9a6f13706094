// Owns the way of commits to the journal: all that wait are one batch with one sync, and a failure ends everything.
import type { Journal } from './journal.ts';
import { BatchEncoder, type LineParts, type StoredEnvelope } from './journal-line.ts';

interface Commit<E> extends LineParts {
  readonly envelopes: StoredEnvelope<E>[];
  readonly resolve: (envelopes: StoredEnvelope<E>[]) => void;
  readonly reject: (error: Error) => void;
}

/** A task that runs between two batches, when nothing is being written. */
interface Pause {
  readonly run: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface DurabilityWait {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface CommitQueueOptions<E> {
  readonly journal: Journal;
  /** The schema version of the events. */
  readonly version: number;
  /** The last event that is on the medium. */
  readonly durable: number;
  /**
   * Called with the events of a batch (at least one) as soon as they are durable, before the promises of their commits
   * resolve. `lines`, the same as the journal has them, are good during the call.
   */
  readonly onDurable: (envelopes: readonly StoredEnvelope<E>[], lines: Uint8Array) => void;
  /** Called once, with the first failure. */
  readonly onFatal: ((error: Error) => void) | undefined;
}

/** The only writer of a journal. */
export class CommitQueue<E> {
  readonly #journal: Journal;
  readonly #encoder: BatchEncoder;
  readonly #options: CommitQueueOptions<E>;
  #durable: number;
  #waiting: Commit<E>[] = [];
  #pauses: Pause[] = [];
  #durabilityWaits: DurabilityWait[] = [];
  #loop: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: CommitQueueOptions<E>) {
    this.#options = options;
    this.#journal = options.journal;
    this.#encoder = new BatchEncoder(options.version);
    this.#durable = options.durable;
  }

  /** The last event that no crash can take away. */
  get durable(): number {
    return this.#durable;
  }

  /** Why everything has ended; null as long as it has not. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Resolves when the events (at least one; `json` is their JSON array) are durable, all of them or after a crash none. */
  add(envelopes: StoredEnvelope<E>[], json: string): Promise<StoredEnvelope<E>[]> {
    const { seq, at, by } = envelopes[0] as StoredEnvelope<E>;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ seq, at, by, json, envelopes, resolve, reject });
      this.#start();
    });
  }

  /** Runs `run` when nothing is being written; its failure stops everything. */
  betweenBatches(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pauses.push({ run, resolve, reject });
      this.#start();
    });
  }

  /** Resolves when every event up to `seq` is durable. */
  untilDurable(seq: number): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (seq <= this.#durable) return Promise.resolve();
    return new Promise((resolve, reject) => this.#durabilityWaits.push({ seq, resolve, reject }));
  }

  /** Resolves when nothing waits and nothing is being written. */
  async idle(): Promise<void> {
    await this.#loop;
  }

  /**
   * Memory is ahead of the disk and the disk's contents are unknown: nothing may go on from here but a recovery.
   * Rejects everything that waits; returns the failure that counts, which is the first.
   */
  stop(cause: unknown): Error {
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
    this.#options.onFatal?.(failure);
    return failure;
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
        if (pause !== undefined) await pause.run().then(pause.resolve, (error) => pause.reject(this.stop(error)));
      }
    } catch (error) {
      this.stop(error);
    } finally {
      // In the same turn as the last look at the queue, so that no commit falls between.
      this.#loop = null;
    }
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    let lines: Uint8Array;
    try {
      lines = this.#encoder.encode(batch, this.#durable);
      await this.#journal.append(lines, this.#durable);
    } catch (error) {
      const failure = this.stop(error);
      for (const { reject } of batch) reject(failure);
      return;
    }
    const envelopes: StoredEnvelope<E>[] = [];
    for (const commit of batch) for (const envelope of commit.envelopes) envelopes.push(envelope);
    this.#durable += envelopes.length;
    this.#options.onDurable(envelopes, lines);
    for (const commit of batch) commit.resolve(commit.envelopes);
    this.#settleDurabilityWaits();
  }

  #settleDurabilityWaits(): void {
    if (this.#durabilityWaits.length === 0) return;
    const reached = this.#durabilityWaits.filter(({ seq }) => seq <= this.#durable);
    this.#durabilityWaits = this.#durabilityWaits.filter(({ seq }) => seq > this.#durable);
    for (const { resolve } of reached) resolve();
  }
}
