// Owns what the server's unit tests stand on: a store in memory that makes events durable when it is told to.

import { apply } from '../../../src/domain/apply.ts';
import { decide } from '../../../src/domain/decide.ts';
import type { DroverEvent, Envelope } from '../../../src/domain/event.ts';
import type { Intent } from '../../../src/domain/intent.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import type { Core, DroverStore } from '../../../src/server/core.ts';

export class MemoryStore {
  readonly state: State = emptyState();
  durableSeq = 0;
  /** Events before this one are forgotten. */
  firstKept = 1;
  readonly #all: Envelope[] = [];
  readonly #waits: { readonly seq: number; readonly resolve: () => void }[] = [];
  readonly #listeners = new Set<(envelopes: readonly Envelope[]) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Applies at once, as the real one does; not durable yet. */
  apply(...events: DroverEvent[]): void {
    for (const event of events) {
      const envelope = { seq: this.state.seq + 1, at: 1, by: 'test', event };
      apply(this.state, envelope);
      this.#all.push(envelope);
    }
  }

  flush(): void {
    const fresh = this.#all.slice(this.durableSeq);
    this.durableSeq = this.state.seq;
    for (const listener of this.#listeners) listener(fresh);
    for (const { seq, resolve } of this.#waits.splice(0)) this.untilDurable(seq).then(resolve);
  }

  untilDurable(seq: number): Promise<void> {
    if (seq <= this.durableSeq) return Promise.resolve();
    return new Promise((resolve) => this.#waits.push({ seq, resolve }));
  }

  async commit(events: readonly DroverEvent[]): Promise<Envelope[]> {
    this.apply(...events);
    this.flush();
    return this.#all.slice(-events.length);
  }

  since(seq: number): Envelope[] | null {
    if (seq >= this.durableSeq) return [];
    return seq < this.firstKept - 1 ? null : this.#all.slice(seq, this.durableSeq);
  }

  subscribe(listener: (envelopes: readonly Envelope[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  asStore(): DroverStore {
    return this as unknown as DroverStore;
  }
}

/** A core over the store in memory, with a clock that the test sets. */
export class MemoryCore {
  readonly store = new MemoryStore();
  readonly logged: string[] = [];
  readonly log = {
    info: (message: string) => void this.logged.push(message),
    error: (message: string, error: unknown) => void this.logged.push(`${message}: ${error}`),
  };
  clock = 1000;
  #ids = 0;

  get state(): State {
    return this.store.state;
  }

  now(): number {
    return this.clock;
  }

  async intend(intent: Intent, by = 'drover'): Promise<readonly Envelope[]> {
    const events = decide(this.state, intent, {
      now: this.clock,
      by,
      newId: () => this.#newId(),
      random: () => 0.5,
      subtasks: { maxDepth: 3, maxPerTask: 20, perMinute: 10, maxTokens: null, maxCost: null },
      retry: { maxAttempts: 3, baseDelay: 100, maxDelay: 1000 },
    });
    return events.length === 0 ? [] : this.store.commit(events);
  }

  #newId(): string {
    this.#ids += 1;
    return String(22_222 + this.#ids);
  }

  background(name: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.log.error(name, error));
  }

  asCore(): Core {
    return this as unknown as Core;
  }
}
