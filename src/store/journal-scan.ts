// Owns reading one journal at recovery: which commits follow the state so far, and whether damage is a torn tail or a loss.
import { decodeLine, type JournalLine, lastSeq } from './journal-line.ts';

/** How the reading of one journal ended. */
export interface Scan {
  readonly end: ScanEnd;
  /** The last event in it that could be read; 0 when there is none. */
  readonly last: number;
  /** The byte from which no later record proves that the medium holds what was read. */
  readonly unprovenFrom: number;
}

export type ScanEnd =
  /** Everything could be read; `byte` is the one after the last line. */
  | { readonly kind: 'whole'; readonly byte: number }
  /** From `byte` on there is no record that anybody can prove was acknowledged. */
  | { readonly kind: 'torn'; readonly byte: number }
  /** The record at `byte` was acknowledged and can't be read. */
  | { readonly kind: 'damaged'; readonly byte: number; readonly why: string };

interface Line<E> {
  readonly at: number;
  readonly next: number;
  /** Null when it is damaged. */
  readonly line: JournalLine<E> | null;
}

/** The lines from `start` on; blank ones are room made in advance and are no lines. */
export function* linesOf<E>(raw: Buffer, start = 0): Generator<Line<E>> {
  for (let at = start; at < raw.length; ) {
    if (raw[at] === 10) {
      at += 1;
      continue;
    }
    const newline = raw.indexOf(10, at);
    const next = newline < 0 ? raw.length : newline + 1;
    yield { at, next, line: newline < 0 ? null : decodeLine<E>(raw.subarray(at, newline)) };
    at = next;
  }
}

/**
 * Hands every commit after `seq` to `take`, in order. Damage to records that are older than `seq` (a snapshot holds
 * them) is passed over; `take`, which is given the bytes from `at` up to `next` as well, may throw to stop.
 */
export function scanJournal<E>(
  raw: Buffer,
  seq: number,
  take: (line: JournalLine<E>, at: number, next: number) => void,
): Scan {
  let reached = seq;
  let last = 0;
  let byte = 0;
  let firstBad = -1;
  let unprovenFrom = 0;
  let batch = -1;
  const ended = (end: ScanEnd): Scan => ({ end, last, unprovenFrom });
  for (const { at, next, line } of linesOf<E>(raw)) {
    if (line === null) {
      if (firstBad < 0) firstBad = at;
      continue;
    }
    if (line.s > reached + 1) return ended(judge(raw, firstBad < 0 ? at : firstBad, reached));
    if (line.s <= reached && lastSeq(line) > reached) {
      return ended({ kind: 'damaged', byte: at, why: `the commit of event ${line.s} overlaps event ${reached}` });
    }
    // The lines of one batch carry the same proof; the first line of the newest batch is where proof ends.
    if (line.d !== batch) unprovenFrom = at;
    batch = line.d;
    firstBad = -1;
    byte = next;
    last = lastSeq(line);
    if (line.s <= reached) continue;
    take(line, at, next);
    reached = last;
  }
  return ended(firstBad < 0 ? { kind: 'whole', byte } : judge(raw, firstBad, reached));
}

/** A record after the damage that was written when more than `reached` was durable proves that the lost one was acknowledged. */
function judge(raw: Buffer, byte: number, reached: number): ScanEnd {
  for (const { at, line } of linesOf(raw, byte)) {
    if (line !== null && line.d > reached) {
      return { kind: 'damaged', byte, why: `event ${reached + 1} was acknowledged, as the record at byte ${at} shows` };
    }
  }
  return { kind: 'torn', byte };
}
