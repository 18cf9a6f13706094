// Owns the text form of the journal: one line for each commit, with its checksum, and the names of the journal files.
import { crc32 } from 'node:zlib';

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
export function checksum(bytes: Uint8Array | string, start = 0): string {
  return crc32(bytes, start).toString(16).padStart(8, '0');
}

/** A commit before it is known how much was durable when it is written. */
export interface LineParts {
  readonly version: number;
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  /** The events as a JSON array. */
  readonly events: string;
}

function bodyOf({ version, seq, at, by, events }: LineParts, durable: number): string {
  return `{"v":${version},"s":${seq},"d":${durable},"t":${at},"by":${JSON.stringify(by)},"e":${events}`;
}

/** The line of a commit, with its newline. */
function encodeLine(parts: LineParts, durable: number): string {
  const body = bodyOf(parts, durable);
  return `${body},"c":"${checksum(body)}"}\n`;
}

/** The lines of a batch, as the bytes that are written. */
export function encodeBatch(batch: readonly LineParts[], durable: number): Buffer {
  let text = '';
  const ends: number[] = [];
  for (const parts of batch) {
    text += bodyOf(parts, durable);
    ends.push(text.length);
    text += ',"c":"00000000"}\n';
  }
  const bytes = Buffer.from(text);
  // Plain ASCII is the rule; there a character is a byte, and the checksums are put in without a copy for each line.
  if (bytes.length !== text.length) return Buffer.from(batch.map((parts) => encodeLine(parts, durable)).join(''));
  let start = 0;
  for (const end of ends) {
    bytes.write(checksum(bytes.subarray(start, end)), end + 6, 'latin1');
    start = end + TRAILER + 1;
  }
  return bytes;
}

/** Length of `,"c":"xxxxxxxx"}`. */
const TRAILER = 16;

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
