// Owns a toy state for the store's tests, and an oracle that knows every state it may be found in.
import type { FileLayer } from '../../../src/store/file-layer.ts';
import type { StoredEnvelope } from '../../../src/store/journal-line.ts';
import { openStore, type Store, type StoreLimits, type StoreOptions } from '../../../src/store/store.ts';

export type ToyEvent =
  | { readonly kind: 'put'; readonly id: string; readonly text: string }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'bug' };

interface Item {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
}

export interface ToyState {
  readonly items: Map<string, Item>;
  changes: number;
}

export interface ToyRecord {
  changes: number;
  items: Item[];
}

export type ToyStore = Store<ToyState, ToyEvent, ToyRecord>;

const initialToy = (): ToyState => ({ items: new Map(), changes: 0 });

function applyToy(state: ToyState, { event, seq }: StoredEnvelope<ToyEvent>): void {
  state.changes += 1;
  if (event.kind === 'bug') throw new Error('a bug in apply');
  if (event.kind === 'remove') state.items.delete(event.id);
  else state.items.set(event.id, { id: event.id, text: event.text, revision: seq });
}

const toyRecord = (state: ToyState): ToyRecord => ({ changes: state.changes, items: [...state.items.values()] });

export const digestOf = (state: ToyState): string => JSON.stringify(toyRecord(state));

/** Small, so that a short program sees several snapshots and prunings. */
const SMALL_LIMITS: StoreLimits = {
  journalBytes: 1500,
  historyBytes: 6000,
  reserveBytes: 700,
  recentBytes: 5000,
};

export interface ToyOptions {
  readonly files?: FileLayer;
  readonly directory?: string;
  readonly limits?: Partial<StoreLimits>;
  readonly onFatal?: (error: Error) => void;
  readonly version?: number;
  readonly migrations?: Record<number, (record: unknown) => unknown>;
}

function toyOptions(options: ToyOptions): StoreOptions<ToyState, ToyEvent, ToyRecord> {
  let clock = 1_700_000_000_000;
  return {
    directory: '/simulated',
    version: 1,
    migrations: {},
    ...options,
    limits: { ...SMALL_LIMITS, ...options.limits },
    now: () => {
      clock += 1;
      return clock;
    },
    initial: initialToy,
    apply: applyToy,
    toRecord: toyRecord,
    fromRecord: (record) => ({
      changes: record.changes,
      items: new Map(record.items.map((item) => [item.id, item])),
    }),
  };
}

export const openToy = (options: ToyOptions): Promise<ToyStore> => openStore(toyOptions(options));

export const put = (id: string, text = ''): ToyEvent => ({ kind: 'put', id, text });

/** Knows the state after each commit and what was acknowledged, by means of nothing but `applyToy`. */
export class Oracle {
  #state = initialToy();
  #seq = 0;
  /** Digest after each commit, by the last event's number; the numbers between are no state anybody may see. */
  readonly #digests = new Map<number, string>([[0, digestOf(this.#state)]]);
  acknowledged = 0;

  get seq(): number {
    return this.#seq;
  }

  submit(events: readonly ToyEvent[]): void {
    for (const event of events) {
      this.#seq += 1;
      applyToy(this.#state, { seq: this.#seq, at: 0, by: '', event });
    }
    this.#digests.set(this.#seq, digestOf(this.#state));
  }

  acknowledge(seq: number): void {
    this.acknowledged = Math.max(this.acknowledged, seq);
  }

  /** What is wrong with a recovered state; null when nothing is. */
  judge(store: { readonly seq: number; readonly state: ToyState }, acknowledged = this.acknowledged): string | null {
    const { seq } = store;
    if (seq < acknowledged) return `lost: ${acknowledged} was acknowledged, ${seq} is there`;
    const expected = this.#digests.get(seq);
    if (expected === undefined) return `wrong: no commit ends at ${seq}`;
    return digestOf(store.state) === expected ? null : `wrong: the state at ${seq} differs`;
  }

  /** From now on the store's past is what it recovered: what was not kept never happened. */
  rewind(store: { readonly seq: number; readonly state: ToyState }): void {
    this.#seq = store.seq;
    this.#state = { changes: store.state.changes, items: new Map(store.state.items) };
    for (const seq of this.#digests.keys()) if (seq > store.seq) this.#digests.delete(seq);
    this.acknowledged = store.seq;
  }
}

/** Commits through the store and tells the oracle; never rejects, because a store that stops is part of the tests. */
export async function commitToy(store: ToyStore, oracle: Oracle, events: readonly ToyEvent[]): Promise<boolean> {
  const promise = store.commit(events, 'tester');
  if (store.seq > oracle.seq) oracle.submit(events);
  return promise.then(
    (envelopes) => {
      oracle.acknowledge(envelopes.at(-1)?.seq ?? 0);
      return true;
    },
    () => false,
  );
}
