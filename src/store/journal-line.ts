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

/** The end of a line, with room for the checksum of all that stands before it. */
const TRAILER = ',"c":"--------"}\n';
/** Its length without the newline, and how much of that stands behind the checksum. */
const TRAILER_LENGTH = TRAILER.length - 1;
const TRAILER_END = 2;
const HEX = Buffer.from('0123456789abcdef');

/** Bytes that an encoder keeps at most between batches: a burst must not hold its memory for good. */
const KEPT_ROOM = 1 << 20;

/** Turns batches into the bytes that are written. What `encode` returns is good until its next call. */
export class BatchEncoder {
  readonly #head: string;
  #bytes = Buffer.allocUnsafe(64 * 1024);

  /** `version`: the schema version of the events. */
  constructor(version: number) {
    this.#head = `{"v":${version},"s":`;
  }

  /** The lines of a batch, each with its newline; every event up to `durable` is on the medium already. */
  encode(batch: readonly LineParts[], durable: number): Buffer {
    // One text and one conversion for all of them: a call into the runtime for each line costs more than its checksum.
    let text = '';
    let last: LineParts | undefined;
    let middle = '';
    for (const parts of batch) {
      const { seq, at, by, json } = parts;
      // Most commits of a batch are of the same millisecond and the same operator.
      if (at !== last?.at || by !== last.by) middle = `,"d":${durable},"t":${at},"by":${JSON.stringify(by)},"e":`;
      last = parts;
      text += `${this.#head}${seq}${middle}${json}${TRAILER}`;
    }
    const bytes = this.#roomFor(text);
    const end = bytes.write(text);
    // A newline inside of JSON is escaped.
    for (let start = 0; start < end; ) {
      const newline = bytes.indexOf(10, start);
      putHex(bytes, newline - TRAILER_END, crcOf(bytes, start, newline - TRAILER_LENGTH));
      start = newline + 1;
    }
    return bytes.subarray(0, end);
  }

  #roomFor(text: string): Buffer {
    // No character takes more than three bytes in UTF-8 (one of four bytes is two of JavaScript's).
    const needed = 3 * text.length;
    if (this.#bytes.length > KEPT_ROOM && needed <= KEPT_ROOM) this.#bytes = Buffer.allocUnsafe(KEPT_ROOM);
    if (this.#bytes.length < needed) this.#bytes = Buffer.allocUnsafe(2 * needed);
    return this.#bytes;
  }
}

/** Writes the eight digits of `sum` so that they end before byte `end`. */
function putHex(bytes: Buffer, end: number, sum: number): void {
  for (let at = end - 8, shift = 28; shift >= 0; at += 1, shift -= 4) bytes[at] = HEX[(sum >>> shift) & 15] ?? 0;
}

/** The commit in a line given without its newline; null when it is damaged. */
export function decodeLine<E>(line: Buffer): JournalLine<E> | null {
  const cut = line.length - TRAILER_LENGTH;
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
