// Owns a state that checks itself: every event says which one it is and which commit it belongs to.
import { openStore, type Store } from '../../../src/store/store.ts';

export interface NumberEvent {
  /** Its own sequence number. */
  readonly seq: number;
  /** The first and the last of its commit. */
  readonly first: number;
  readonly last: number;
  readonly padding: string;
}

export interface NumberState {
  /** The sum of all sequence numbers so far. */
  sum: number;
  newest: NumberEvent | null;
  slots: Map<number, NumberEvent>;
  /** What was wrong with an event; empty when nothing was. */
  fault: string;
}

interface NumberRecord extends Omit<NumberState, 'slots'> {
  slots: NumberEvent[];
}

const SLOTS = 64;

/** A commit of one to three events that begins with event `first`. */
export function commitFrom(first: number): NumberEvent[] {
  const last = first + (first % 3);
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    seq: first + index,
    first,
    last,
    padding: 'x'.repeat((first * 37) % 300),
  }));
}

/** What is wrong with a recovered state, of which `acknowledged` must be there; empty when nothing is. */
export function faultOf(store: { seq: number; state: NumberState }, acknowledged: number): string {
  const { seq, state } = store;
  if (seq < acknowledged) return `event ${acknowledged} was acknowledged, the store ends at ${seq}`;
  if (state.sum !== (seq * (seq + 1)) / 2) return `the sum of ${seq} events is ${state.sum}`;
  if (seq > 0 && state.newest?.last !== seq) return `the commit of event ${seq} is not whole`;
  const expected = Math.min(seq, SLOTS);
  const present = [...state.slots.values()].filter((event) => event.seq > seq - SLOTS).length;
  return present === expected ? state.fault : `${present} of ${expected} slots are right`;
}

/** A small limit on the journal, so that snapshots happen all the time. */
export const openNumbers = (
  directory: string,
  historyBytes = 200_000,
): Promise<Store<NumberState, NumberEvent, NumberRecord>> =>
  openStore<NumberState, NumberEvent, NumberRecord>({
    directory,
    now: () => Date.now(),
    version: 1,
    migrations: {},
    limits: { journalBytes: 20_000, historyBytes, reserveBytes: 4096 },
    initial: () => ({ sum: 0, newest: null, slots: new Map(), fault: '' }),
    apply(state, { seq, event }) {
      if (event.seq !== seq) state.fault ||= `event ${event.seq} is at ${seq}`;
      state.sum += seq;
      state.newest = event;
      state.slots.set(seq % SLOTS, event);
    },
    toRecord: (state) => ({ ...state, slots: [...state.slots.values()] }),
    fromRecord: (record) => ({ ...record, slots: new Map(record.slots.map((event) => [event.seq % SLOTS, event])) }),
  });
