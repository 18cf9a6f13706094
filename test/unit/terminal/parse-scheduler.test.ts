// Owns the proofs of the parse scheduler: short slices, preferred panes first, nobody starved, nothing running when idle.
import { describe, expect, it } from 'vitest';
import { ParseScheduler, type ParseSource } from '../../../src/terminal/parse-scheduler.ts';

/** A source of so many bytes that takes 1 ms of a clock of its own for each 1000, and tells of each turn. */
function makeRig(): {
  scheduler: ParseScheduler;
  source: (name: string, bytes: number) => ParseSource & { queuedBytes: number };
  turns: string[];
  idle: () => Promise<void>;
} {
  const clock = { ms: 0 };
  const turns: string[] = [];
  const sources: (ParseSource & { queuedBytes: number })[] = [];
  const scheduler = new ParseScheduler(() => clock.ms);
  const source = (name: string, bytes: number): ParseSource & { queuedBytes: number } => {
    const made = {
      queuedBytes: bytes,
      parse(untilMs: number): void {
        turns.push(name);
        do {
          clock.ms += 1;
          made.queuedBytes = Math.max(made.queuedBytes - 1000, 0);
        } while (made.queuedBytes > 0 && clock.ms < untilMs);
      },
    };
    sources.push(made);
    return made;
  };
  const idle = async (): Promise<void> => {
    while (sources.some(({ queuedBytes }) => queuedBytes > 0)) await new Promise((resolve) => setImmediate(resolve));
  };
  return { scheduler, source, turns, idle };
}

describe('the parse scheduler', () => {
  it('serves all in turn', async () => {
    const { scheduler, source, turns, idle } = makeRig();
    for (const name of ['a', 'b', 'c']) scheduler.wake(source(name, 20_000));
    await idle();
    expect(turns.slice(0, 9)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('serves a preferred one first in each slice, and starves no other', async () => {
    const { scheduler, source, turns, idle } = makeRig();
    const [a, b, c] = [source('a', 1_000_000), source('b', 20_000), source('c', 20_000)] as const;
    scheduler.prefer(c);
    scheduler.prefer(a);
    for (const each of [b, c, a]) scheduler.wake(each);
    await idle();
    expect(turns.slice(0, 2)).toEqual(['a', 'c']);
    const lastOther = Math.max(turns.lastIndexOf('b'), turns.lastIndexOf('c'));
    expect(turns.slice(0, lastOther).filter((name) => name === 'a').length).toBeLessThan(60);
  });

  it('tells of the end of each turn, when all that waited has been parsed', async () => {
    const { scheduler, source, turns, idle } = makeRig();
    scheduler.onTurn(() => turns.push('end'));
    for (const name of ['a', 'b']) scheduler.wake(source(name, 1000));
    await idle();
    expect(turns).toEqual(['a', 'b', 'end']);
  });

  it('parses little before it returns, together with what was added, and more in the next turn', async () => {
    const { scheduler, source, turns, idle } = makeRig();
    scheduler.onTurn(() => turns.push(scheduler.isParsing ? 'parsing' : 'end'));
    scheduler.add(source('a', 100));
    scheduler.wakeNow(source('b', 100));
    expect(turns).toEqual(['a', 'b', 'end']);
    scheduler.add(source('c', 2000));
    scheduler.wakeNow(source('d', 100));
    expect(turns).toHaveLength(3);
    await idle();
    expect(turns.slice(3)).toEqual(['c', 'd', 'end']);
  });

  it('parses what was added when it is told that there is something', async () => {
    const { scheduler, source, turns, idle } = makeRig();
    scheduler.add(source('a', 100));
    scheduler.wake();
    await idle();
    expect(turns).toEqual(['a']);
  });

  it('parses nothing twice that was woken and then parsed at once', async () => {
    const { scheduler, source, turns } = makeRig();
    scheduler.onTurn(() => turns.push('end'));
    scheduler.wake(source('a', 100));
    scheduler.wakeNow(source('b', 100));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toEqual(['a', 'b', 'end']);
  });

  it('lets the event loop in between slices', async () => {
    const { scheduler, source, turns } = makeRig();
    const flood = source('a', 50_000);
    scheduler.wake(flood);
    await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toHaveLength(1);
    expect(flood.queuedBytes).toBe(46_000);
    scheduler.remove(flood);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toHaveLength(1);
  });
});
