// Owns the delivery of events to one client: replay from an id, then live, dropped when the client is too slow.
import type { Envelope } from '../domain/event.ts';
import { type StateRecord, toRecord } from '../domain/snapshot.ts';
import type { Connection } from '../protocol/connection.ts';
import type { DroverStore } from './core.ts';

/** Bytes that may wait for a client before its events are dropped and it is told to begin anew. */
const MAX_BACKLOG = 4 * 1024 * 1024;

/** One client's subscription. */
export class EventStream {
  readonly #store: DroverStore;
  readonly #connection: Connection;
  #unsubscribe: (() => void) | null = null;
  /** Events that wait until the reply to the subscription is on its way; null once they flow. */
  #held: Envelope[] | null = null;
  #lastSent = 0;

  constructor(store: DroverStore, connection: Connection) {
    this.#store = store;
    this.#connection = connection;
  }

  /**
   * Gives the state now, or null when all events after `since` are still at hand. The reply may be sent when the store has made `seq`
   * durable: a state that a crash takes back would stay with the client for ever. Every later event follows the reply.
   */
  subscribe(since: number | undefined): { seq: number; state: StateRecord | null } {
    this.close();
    // A client may have seen more than a killed server could keep: what it has beyond that never happened.
    const isKnown = since !== undefined && since <= this.#store.durableSeq;
    const missed = isKnown ? this.#store.since(since) : null;
    const record = missed === null ? toRecord(this.#store.state) : null;
    this.#lastSent = record?.seq ?? since ?? 0;
    this.#held = [...(missed ?? [])];
    const unsubscribe = this.#store.subscribe((envelopes) => this.#take(envelopes));
    this.#unsubscribe = unsubscribe;
    const release = (): void => {
      if (this.#unsubscribe !== unsubscribe || this.#held === null) return;
      const held = this.#held;
      this.#held = null;
      this.#take(held);
    };
    // A store that has stopped ends the server.
    this.#store.untilDurable(this.#lastSent).then(
      () => setImmediate(release),
      () => undefined,
    );
    return { seq: this.#lastSent, state: record };
  }

  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#held = null;
  }

  #take(envelopes: readonly Envelope[]): void {
    if (this.#held !== null) {
      for (const envelope of envelopes) this.#held.push(envelope);
      return;
    }
    if (this.#connection.pending > MAX_BACKLOG) {
      this.close();
      this.#connection.sendControl({ notice: 'resync' });
      return;
    }
    for (const envelope of envelopes) {
      if (envelope.seq <= this.#lastSent) continue;
      this.#lastSent = envelope.seq;
      this.#connection.sendControl({ notice: 'event', envelope });
    }
  }
}
