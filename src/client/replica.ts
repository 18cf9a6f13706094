// Owns a client's copy of the state: the server's events folded in order, and the noticing of what was missed.
import { apply } from '../domain/apply.ts';
import type { Envelope } from '../domain/event.ts';
import { fromRecord } from '../domain/snapshot.ts';
import type { State } from '../domain/state.ts';
import type { Result } from '../protocol/methods.ts';

/** `applied`: the state is one event further. `old`: it held that event already. `gap`: events are missing; subscribe anew since `state.seq`. */
export type ReplicaStep = 'applied' | 'old' | 'gap';

/** Folds one event into the copy, which is changed in place; its seq tells whether it fits. */
export function replicate(state: State, envelope: Envelope): ReplicaStep {
  if (envelope.seq <= state.seq) return 'old';
  if (envelope.seq !== state.seq + 1) return 'gap';
  apply(state, envelope);
  return 'applied';
}

/**
 * The copy after a subscription: a new one when the reply carries the whole state, else the one there was, to which the
 * missed events follow. Some of those may be in it already: they can overtake whoever waits for the reply.
 */
export function adoptSubscription(state: State, reply: Pick<Result<'events.subscribe'>, 'state'>): State {
  return reply.state === null ? state : fromRecord(reply.state);
}
