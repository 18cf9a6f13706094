import { describe, expect, test } from 'vitest';
import { adoptSubscription, replicate } from '../../../src/client/replica.ts';
import type { Envelope } from '../../../src/domain/event.ts';
import { toRecord } from '../../../src/domain/snapshot.ts';
import { emptyState } from '../../../src/domain/state.ts';

function started(seq: number, workers = 2): Envelope {
  return { seq, at: seq, by: 'ada', event: { type: 'session.started', workers, agent: 'rehearsal', epicId: null } };
}

describe('a client’s copy of the state', () => {
  test('folds events in order, each once', () => {
    const state = emptyState();
    expect(replicate(state, started(1, 3))).toBe('applied');
    expect(replicate(state, started(1, 9))).toBe('old');
    expect(state.session.workers).toBe(3);
    expect(state.seq).toBe(1);
  });

  test('notices a gap and leaves the state as it was', () => {
    const state = emptyState();
    expect(replicate(state, started(2))).toBe('gap');
    expect(state).toEqual(emptyState());
  });

  test('takes the whole state, and keeps its own when only events were missed, also when they came before the reply was read', () => {
    const whole = emptyState();
    for (let seq = 1; seq <= 4; seq++) replicate(whole, started(seq, seq));
    expect(adoptSubscription(emptyState(), { state: toRecord(whole) })).toEqual(whole);
    expect(adoptSubscription(whole, { state: null })).toBe(whole);
    expect(adoptSubscription(whole, { state: null })).toBe(whole);
  });
});
