// Owns the text form of the journal: one line for each commit, with its checksum, and the names of the journal files.
import { crc32 } from 'node:zlib';
import { crcOf } from './crc.ts';

/** An event with its place in history: `seq` counts from 1 without gaps, `at` is ms since epoch, `by` names who caused it. */
export interface StoredEnvelope<E> {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly event: E;
}

/** One line: a commit of one or more events that survive together or not at all. */
export interface JournalLine<E> {
  /** Schema version of the program that wrote it. */
  readonly v: number;
  /** Sequence number of the first event. */
  readonly s: number;
  /** Every event up to this one was on the medium before this line was written: the proof that damage below it is not a torn tail. */
  readonly d: number;
  readonly t: number;
  readonly by: string;
  readonly e: readonly E[];
}

/** CRC-32 (zlib's polynomial) as eight hex digits. */
export function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** A commit before it is known how much was durable when it is written. */
export interface LineParts {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  /** The events as a JSON array. */
  readonly json: string;
}

/** Length of `,"c":"xxxxxxxx"}`. */
const TRAILER = 16;
const TRAILER_START = Buffer.from(',"c":"');
const HEX = Buffer.from('0123456789abcdef');

/** Bytes that an encoder keeps at most between batches: a burst must not hold its memory for good. */
const KEPT_ROOM = 1 << 20;

/** Turns batches into the bytes that are written. What `encode` returns is good until its next call. */
export class BatchEncoder {
  readonly #version: number;
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #by = '';
  #byJson = '""';

  /** `version`: the schema version of the events. */
  constructor(version: number) {
    this.#version = version;
  }

  /** The lines of a batch, each with its newline; every event up to `durable` is on the medium already. */
  encode(batch: readonly LineParts[], durable: number): Buffer {
    if (this.#bytes.length > KEPT_ROOM) this.#bytes = Buffer.allocUnsafe(KEPT_ROOM);
    let start = 0;
    for (const { seq, at, by, json } of batch) {
      const body = `{"v":${this.#version},"s":${seq},"d":${durable},"t":${at},"by":${this.#quoted(by)},"e":${json}`;
      // No character takes more than three bytes in UTF-8 (one of four bytes is two of JavaScript's).
      this.#makeRoom(start, 3 * body.length + TRAILER + 1);
      const end = start + this.#bytes.write(body, start);
      start = putTrailer(this.#bytes, end, crcOf(this.#bytes, start, end));
    }
    return this.#bytes.subarray(0, start);
  }

  /** Most commits in a row are of the same operator. */
  #quoted(by: string): string {
    if (by !== this.#by) {
      this.#by = by;
      this.#byJson = JSON.stringify(by);
    }
    return this.#byJson;
  }

  #makeRoom(used: number, more: number): void {
    if (used + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (used + more));
    this.#bytes.copy(grown, 0, 0, used);
    this.#bytes = grown;
  }
}

/** Writes the end of a line whose body ends at byte `end`; returns where the next line begins. */
function putTrailer(bytes: Buffer, end: number, sum: number): number {
  let at = end;
  for (const character of TRAILER_START) {
    bytes[at] = character;
    at += 1;
  }
  for (let shift = 28; shift >= 0; shift -= 4) {
    bytes[at] = HEX[(sum >>> shift) & 15] ?? 0;
    at += 1;
  }
  // `"}` and a newline.
  bytes[at] = 34;
  bytes[at + 1] = 125;
  bytes[at + 2] = 10;
  return at + 3;
}

/** The commit in a line given without its newline; null when it is damaged. */
export function decodeLine<E>(line: Buffer): JournalLine<E> | null {
  const cut = line.length - TRAILER;
  if (cut < 1) return null;
  const body = line.subarray(0, cut);
  if (line.subarray(cut).toString('latin1') !== `,"c":"${checksum(body)}"}`) return null;
  try {
    return JSON.parse(`${body.toString('utf8')}}`) as JournalLine<E>;
  } catch {
    return null;
  }
}

/** The events of a line with their places. */
export function envelopesOf<E>(line: JournalLine<E>): StoredEnvelope<E>[] {
  return line.e.map((event, index) => ({ seq: line.s + index, at: line.t, by: line.by, event }));
}

/** The sequence number of the last event of a line. */
export function lastSeq(line: JournalLine<unknown>): number {
  return line.s + line.e.length - 1;
}

const JOURNAL_NAME = /^journal-(\d{12,})\.jsonl$/;

/** The journal that holds what follows event `start`. */
export function journalName(start: number): string {
  return `journal-${String(start).padStart(12, '0')}.jsonl`;
}

export interface JournalFile {
  readonly name: string;
  /** It was begun when every event up to this one was on the medium. */
  readonly start: number;
}

/** The journals among the names of a folder, oldest first. */
export function journalsAmong(names: readonly string[]): JournalFile[] {
  return names
    .flatMap((name) => {
      const start = JOURNAL_NAME.exec(name)?.[1];
      return start === undefined ? [] : [{ name, start: Number(start) }];
    })
    .sort((a, b) => a.start - b.start);
}

/** Which of the journals (oldest first) must be read to go on from event `seq`. */
export function journalsNeeded(journals: readonly JournalFile[], seq: number): JournalFile[] {
  const first = journals.findLastIndex((journal) => journal.start <= seq);
  return journals.slice(Math.max(0, first));
}
