// Owns the snapshot: `state.json` and `state.json.bak`, the lowdb adapter that writes them and what can be read of them.
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Adapter } from 'lowdb';
import { errorCode, type FileLayer, writeFully } from './file-layer.ts';
import { checksum } from './journal-line.ts';

export const SNAPSHOT = 'state.json';
export const BACKUP = 'state.json.bak';
export const TEMPORARY = 'state.json.tmp';
const FORMAT = 'drover.state';

/** A state at the event `seq`, as plain JSON. */
export interface Snapshot {
  readonly version: number;
  readonly seq: number;
  readonly record: unknown;
}

export type SnapshotReading =
  | { readonly kind: 'missing' }
  | { readonly kind: 'good'; readonly snapshot: Snapshot; readonly bytes: number }
  | { readonly kind: 'damaged'; readonly byte: number; readonly why: string; readonly raw: Buffer };

/** `"sum":"xxxxxxxx"}` and a newline: the last line of the file. */
const TRAILER = 18;

/** The snapshot in the bytes of a file. */
function parseSnapshot(raw: Buffer): SnapshotReading {
  const cut = raw.length - TRAILER;
  const damaged = (byte: number, why: string): SnapshotReading => ({ kind: 'damaged', byte, why, raw });
  if (cut < 1 || raw.subarray(cut, cut + 7).toString('latin1') !== '"sum":"') {
    return damaged(raw.length, 'its end is missing');
  }
  if (raw.subarray(cut).toString('latin1') !== `"sum":"${checksum(raw.subarray(0, cut))}"}\n`) {
    return damaged(firstBadLine(raw, cut), 'its checksum does not match');
  }
  const file = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
  const { format, version, seq, state } = file;
  if (format !== FORMAT || typeof version !== 'number' || typeof seq !== 'number') {
    return damaged(0, 'it is not a state file of Drover');
  }
  return { kind: 'good', snapshot: { version, seq, record: state }, bytes: raw.length };
}

/** Where the first record that is no JSON begins; 0 when the damage left all of them readable. */
function firstBadLine(raw: Buffer, end: number): number {
  for (let at = 0; at < end; ) {
    const next = raw.indexOf(10, at);
    const line = raw.subarray(at, next).toString('utf8').replace(/,$/, '');
    if (line.startsWith('{') && at > 0 && !isJson(line)) return at;
    at = next + 1;
  }
  return 0;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** About this many characters are turned into JSON before others get their turn (a few ms). */
const SLICE = 256 * 1024;

/** The file in slices: one line for each key of the record, and one for each element of an array that is a key's value. */
function* renderSnapshot(snapshot: Snapshot): Generator<string> {
  let text = `{"format":"${FORMAT}","version":${snapshot.version},"seq":${snapshot.seq},\n"state":{`;
  let before = '\n';
  for (const [key, value] of Object.entries(snapshot.record as Record<string, unknown>)) {
    if (value === undefined) continue;
    const isList = Array.isArray(value) && value.length > 0;
    text += `${before}${JSON.stringify(key)}:`;
    before = ',\n';
    if (!isList) {
      text += JSON.stringify(value) ?? 'null';
      continue;
    }
    for (const [index, element] of value.entries()) {
      text += `${index === 0 ? '[\n' : ',\n'}${JSON.stringify(element) ?? 'null'}`;
      if (text.length > SLICE) {
        yield text;
        text = '';
      }
    }
    text += '\n]';
  }
  yield `${text}\n},\n`;
}

/** Reads and replaces the snapshot of a folder; lowdb's `Low` stands on it. The previous one stays as `.bak`. */
export class SnapshotFile implements Adapter<Snapshot> {
  readonly #files: FileLayer;
  readonly #folder: string;
  /** Of the file as it was last read or written. */
  bytes = 0;

  constructor(files: FileLayer, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** What the file of that name (`SNAPSHOT` or `BACKUP`) holds. */
  async examine(name: string): Promise<SnapshotReading> {
    const raw = await this.#files.read(join(this.#folder, name));
    return raw === null ? { kind: 'missing' } : parseSnapshot(raw);
  }

  /** The event that the file of that name claims to cover, without checking the rest of it; null when it says nothing. */
  async peek(name: string): Promise<number | null> {
    const raw = await this.#files.read(join(this.#folder, name));
    const seq = /^\{"format":"drover\.state","version":\d+,"seq":(\d+),\n/.exec(
      raw?.subarray(0, 128).toString('latin1') ?? '',
    )?.[1];
    return seq === undefined ? null : Number(seq);
  }

  /** The current snapshot, or null when there is none that can be trusted. */
  async read(): Promise<Snapshot | null> {
    const reading = await this.examine(SNAPSHOT);
    if (reading.kind !== 'good') return null;
    this.bytes = reading.bytes;
    return reading.snapshot;
  }

  /** Puts `snapshot` in the place of the current one; it is on the medium when this resolves. */
  async write(snapshot: Snapshot): Promise<void> {
    const path = (name: string): string => join(this.#folder, name);
    this.bytes = await this.#writeTemporary(path(TEMPORARY), snapshot);
    if ((await this.#files.size(path(SNAPSHOT))) !== null) await this.#keepPrevious(path(SNAPSHOT), path(BACKUP));
    await this.#files.rename(path(TEMPORARY), path(SNAPSHOT));
    await this.#files.syncFolder(this.#folder);
  }

  async #writeTemporary(path: string, snapshot: Snapshot): Promise<number> {
    const file = await this.#files.open(path, true);
    try {
      let position = 0;
      let sum = 0;
      const put = async (text: string): Promise<void> => {
        const bytes = Buffer.from(text);
        sum = crc32(bytes, sum);
        await writeFully(file, bytes, position);
        position += bytes.length;
        await new Promise(setImmediate);
      };
      for (const slice of renderSnapshot(snapshot)) await put(slice);
      await put(`"sum":"${sum.toString(16).padStart(8, '0')}"}\n`);
      await file.datasync();
      return position;
    } finally {
      await file.close();
    }
  }

  async #keepPrevious(current: string, backup: string): Promise<void> {
    await this.#files.unlink(backup);
    try {
      await this.#files.link(current, backup);
    } catch (error) {
      // No hard links on this file system. A moment without state.json is safe: .bak and the journals hold everything.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errorCode(error))) throw error;
      await this.#files.rename(current, backup);
    }
  }
}
