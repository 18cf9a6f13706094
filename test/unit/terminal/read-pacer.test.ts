// Owns the proofs of the reading of panes: quiet ones together, loud and focused ones at once, and no timer for silence.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type PacedSource, ReadPacer } from '../../../src/terminal/read-pacer.ts';

/** A source with a kernel's buffer; `reads` tells when what was written came out. */
class FakeSource implements PacedSource {
  isFocused = false;
  isPolled = false;
  readonly reads: { at: number; bytes: number }[] = [];
  readonly #pacer: ReadPacer;
  #waiting = 0;

  constructor(pacer: ReadPacer) {
    this.#pacer = pacer;
  }

  write(bytes: number): void {
    this.#waiting += bytes;
    if (!this.isPolled) this.poll();
  }

  poll(): number {
    const bytes = this.#waiting;
    this.#waiting = 0;
    if (bytes === 0) return 0;
    this.reads.push({ at: Date.now(), bytes });
    this.#pacer.received(this, bytes);
    return bytes;
  }

  setPolled(isPolled: boolean): void {
    this.isPolled = isPolled;
    if (!isPolled) this.poll();
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: 10_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

function makeSources(count: number): { pacer: ReadPacer; sources: FakeSource[]; polledAt: number[] } {
  const polledAt: number[] = [];
  const pacer = new ReadPacer({ onPolled: () => polledAt.push(Date.now()), now: () => Date.now() });
  return { pacer, sources: Array.from({ length: count }, () => new FakeSource(pacer)), polledAt };
}

/** Lets each write so many bytes every 100 ms, each at a time of its own. */
function spin(sources: readonly FakeSource[], ms: number, bytes = 50): void {
  for (let at = 0; at < ms; at += 1) {
    for (const [index, source] of sources.entries()) if (at % 100 === index * 13) source.write(bytes);
    vi.advanceTimersByTime(1);
  }
}

it('the first output comes at once, and that of spinners together', () => {
  const { sources } = makeSources(7);
  spin(sources, 100);
  expect(sources.map(({ reads }) => reads[0]?.at)).toEqual([0, 13, 26, 39, 52, 65, 78].map((at) => 10_000 + at));
  spin(sources, 1200);
  const moments = new Set(sources.flatMap(({ reads }) => reads.slice(1).map(({ at }) => at)));
  expect(moments.size).toBeLessThanOrEqual(11);
  for (const { reads } of sources) {
    const gaps = reads.slice(1).map(({ at }, index) => at - (reads[index]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(240);
  }
});

it('tells when all have been polled', () => {
  const { sources, polledAt } = makeSources(3);
  spin(sources, 1000);
  const polled = new Set(sources.flatMap(({ reads }) => reads.slice(2).map(({ at }) => at)));
  expect(polled.size).toBeGreaterThan(3);
  for (const at of polled) expect(polledAt).toContain(at);
});

it('with every second picture of a focused pane the others are read, and at no other time', () => {
  const { sources, polledAt } = makeSources(7);
  const [focused, ...others] = sources;
  if (focused === undefined) throw new Error('no source');
  focused.isFocused = true;
  spin(sources, 2000);
  const moments = new Set(focused.reads.map(({ at }) => at));
  expect(focused.reads).toHaveLength(20);
  for (const { reads } of others) {
    const later = reads.filter(({ at }) => at > 10_500);
    expect(later).toHaveLength(7);
    for (const { at } of later) expect(moments).toContain(at);
  }
  // Whoever reads the focused pane has them all parsed.
  expect(polledAt.filter((at) => at > 10_500)).toEqual([]);
});

it('when the focused pane falls silent the others are read again within a second, and soon at the usual pace', () => {
  const { sources } = makeSources(7);
  const [focused, ...others] = sources;
  if (focused === undefined) throw new Error('no source');
  focused.isFocused = true;
  for (let silent = 0; silent < 500; silent += 50) {
    spin(sources, 2000 + silent);
    const from = Date.now();
    spin(others, 1500);
    for (const { reads } of others) {
      const times = [from, ...reads.map(({ at }) => at).filter((at) => at >= from)];
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(1000);
      expect(gaps.at(-1)).toBeLessThanOrEqual(240);
    }
  }
});

it('a loud source is read as it comes, also one that writes single lines', () => {
  const { sources } = makeSources(1);
  const [source] = sources;
  for (let ms = 0; ms < 2000; ms += 1) {
    source?.write(100);
    vi.advanceTimersByTime(1);
  }
  // But for its first moment, until the first poll.
  expect(source?.reads.length).toBeGreaterThan(1850);
  spin(sources, 1000);
  expect(source?.isPolled).toBe(true);
});

it('no timer runs for silence, and what comes after it comes at once', () => {
  const { sources } = makeSources(2);
  spin(sources, 1000);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(vi.getTimerCount()).toBe(0);
  sources[0]?.write(1);
  expect(sources[0]?.reads.at(-1)).toEqual({ at: Date.now(), bytes: 1 });
});

it('a source in a hurry is read at once for a while', () => {
  const { pacer, sources } = makeSources(1);
  const [source] = sources;
  if (source === undefined) throw new Error('no source');
  spin(sources, 1000);
  source.write(7);
  const before = source.reads.length;
  pacer.hurry(source);
  expect(source.reads).toHaveLength(before + 1);
  source.write(7);
  vi.advanceTimersByTime(200);
  source.write(7);
  expect(source.reads).toHaveLength(before + 3);
  spin(sources, 500);
  expect(source.isPolled).toBe(true);
});

it('a source whose program has ended is polled no more', () => {
  const { pacer, sources } = makeSources(1);
  const [source] = sources;
  if (source === undefined) throw new Error('no source');
  spin(sources, 1000);
  pacer.remove(source);
  expect(source.isPolled).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(vi.getTimerCount()).toBe(0);
});
