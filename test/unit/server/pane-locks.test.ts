// Owns the tests of locks on panes and of when typing is told, with a clock of their own.
import { describe, expect, test } from 'vitest';
import type { DroverEvent } from '../../../src/domain/event.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { ABSENCE, PaneLocks } from '../../../src/server/pane-locks.ts';
import { SPELL, TypingLog } from '../../../src/server/typing-log.ts';

function stage() {
  const present = new Set(['ann', 'bob']);
  const changes: number[] = [];
  const waits = new Set<{ ms: number; act: () => void }>();
  const locks = new PaneLocks({
    isPresent: (operator) => present.has(operator),
    onChange: (pane) => void changes.push(pane),
    after: (ms, act) => {
      const wait = { ms, act };
      waits.add(wait);
      return () => void waits.delete(wait);
    },
  });
  const leave = (operator: string): void => {
    present.delete(operator);
    locks.left(operator);
  };
  const come = (operator: string): void => {
    present.add(operator);
    locks.arrived(operator);
  };
  const pass = (): void => {
    for (const wait of [...waits]) {
      waits.delete(wait);
      wait.act();
    }
  };
  return { locks, changes, waits, leave, come, pass };
}

describe('a lock', () => {
  test('is one operator’s, who may unlock it and give it away', () => {
    const { locks, changes } = stage();
    locks.lock(1, 'ann');
    locks.lock(1, 'ann');
    expect(changes).toEqual([1]);
    expect(locks.refusalOf(1, 'ann')).toBeNull();
    expect(locks.refusalOf(2, 'bob')).toBeNull();
    expect(locks.refusalOf(1, 'bob')).toEqual({
      code: 'pane-locked',
      message: 'pane 1 is locked by ann',
      next: 'ask ann for: drover give 1 bob',
    });
    for (const act of [
      () => locks.lock(1, 'bob'),
      () => locks.unlock(1, 'bob'),
      () => locks.give(1, 'bob', 'bob'),
      () => locks.give(2, 'ann', 'bob'),
    ])
      expect(act).toThrow(RefusalError);
    locks.give(1, 'ann', 'bob');
    expect(locks.holder(1)).toBe('bob');
    locks.unlock(1, 'bob');
    locks.unlock(1, 'bob');
    expect(locks.holder(1)).toBeUndefined();
    expect(changes).toEqual([1, 1, 1]);
  });

  test('of a namesake is told with the whole names', () => {
    const { locks } = stage();
    locks.lock(3, 'Bob <bob@home>');
    expect(locks.refusalOf(3, 'Bob <bob@work>')).toMatchObject({
      message: 'pane 3 is locked by Bob <bob@home>',
      next: "ask Bob <bob@home> for: drover give 3 'Bob <bob@work>'",
    });
  });

  test('ends when its holder has been away for a minute, not when it comes back before', () => {
    const { locks, waits, leave, come, pass } = stage();
    locks.lock(1, 'ann');
    locks.lock(2, 'bob');
    leave('ann');
    leave('ann');
    expect([...waits].map(({ ms }) => ms)).toEqual([ABSENCE]);
    come('ann');
    expect(waits.size).toBe(0);
    leave('ann');
    pass();
    expect([locks.holder(1), locks.holder(2)]).toEqual([undefined, 'bob']);
  });

  test('outlives one of several clients of its holder, and needs no clock when nothing is held', () => {
    const { locks, waits, leave } = stage();
    locks.lock(1, 'ann');
    locks.left('ann');
    leave('bob');
    expect(waits.size).toBe(0);
  });
});

test('typing is told once for each spell, and for each run', () => {
  let now = 0;
  const events: DroverEvent[] = [];
  const log = new TypingLog({ now: () => now, record: (event) => void events.push(event) });
  const type = (operator: string, runId: string | null = 'run-1', pane = 1): number => {
    log.typed(operator, { pane, runId, taskId: null });
    return events.length;
  };
  expect(type('ann')).toBe(1);
  now += SPELL - 1;
  expect(type('ann')).toBe(1);
  now += SPELL - 1;
  // Still the same spell: no minute has passed without a key.
  expect(type('ann')).toBe(1);
  expect(type('bob')).toBe(2);
  expect(type('ann', null, 101)).toBe(3);
  expect(type('ann', 'run-2')).toBe(4);
  now += SPELL;
  expect(type('ann', 'run-2')).toBe(5);
  log.forget(1);
  expect(type('ann', 'run-2')).toBe(6);
  expect(events[0]).toEqual({ type: 'pane.typed', operator: 'ann', pane: 1, runId: 'run-1', taskId: null });
});
