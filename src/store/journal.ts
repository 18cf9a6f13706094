// Owns the journal that is being written: appending batches so that they last, and beginning the next file.
import { join } from 'node:path';
import { errorCode, type FileHandle, type FileLayer, writeFully } from './file-layer.ts';
import { journalName } from './journal-line.ts';

/**
 * Batches up to this many bytes get room in advance. A sync that also has to record a new file length costs about half
 * as much again (measured on ext4: 9,600 against 7,100 a second, and on a busy disk 8 % for batches of 90 KB); a bigger
 * batch would use up the room at once.
 */
const SMALL_BATCH = 256 * 1024;

/** The writing end. After any rejection the file's contents are unknown: the journal must not be used again. */
export class Journal {
  readonly #files: FileLayer;
  readonly #folder: string;
  readonly #reserve: number;
  #file: FileHandle | null = null;
  #start = 0;
  #end = 0;
  /** The file's length: from the last record to here there are blank lines. */
  #length = 0;

  /** `reserve`: how many bytes of room are made at a time. */
  constructor(files: FileLayer, folder: string, reserve: number) {
    this.#files = files;
    this.#folder = folder;
    this.#reserve = reserve;
  }

  /** Bytes of records in the current file. */
  get bytes(): number {
    return this.#end;
  }

  /** Goes on with a file whose last record ends at byte `end`, and which has nothing but blank lines from there to `length`. */
  async resume({ start, end, length }: { start: number; end: number; length: number }): Promise<void> {
    this.#file = await this.#files.open(join(this.#folder, journalName(start)), false);
    this.#start = start;
    this.#end = end;
    this.#length = length;
  }

  /** Closes the current file and begins one for what follows event `start`; nothing is done when that is the current one. */
  async begin(start: number): Promise<void> {
    if (this.#file !== null && this.#start === start) return;
    await this.close();
    this.#file = await this.#files.open(join(this.#folder, journalName(start)), true);
    // The name must last before anything in the file is acknowledged.
    await this.#files.syncFolder(this.#folder);
    this.#start = start;
    this.#end = 0;
    this.#length = 0;
  }

  /** The lines are on the medium when this resolves. `durable` is the last event that already is. */
  async append(bytes: Uint8Array, durable: number): Promise<void> {
    // After a recovery that left no file to go on with, the first batch begins one: opening a store needs no room.
    if (this.#file === null) await this.begin(durable);
    if (this.#file === null) throw new Error('no journal is open');
    const end = this.#end + bytes.length;
    await writeFully(this.#file, bytes, this.#end);
    if (end > this.#length) this.#length = await this.#makeRoom(this.#file, end, bytes.length);
    await this.#file.datasync();
    this.#end = end;
  }

  /** Returns the file's new length. */
  async #makeRoom(file: FileHandle, end: number, batch: number): Promise<number> {
    if (this.#reserve === 0 || batch > SMALL_BATCH) return end;
    try {
      await writeFully(file, Buffer.alloc(this.#reserve, '\n'), end);
      return end + this.#reserve;
    } catch (error) {
      // Room in advance is a convenience: the records themselves are written, and may well be the last that fit.
      if (errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT') return end;
      throw error;
    }
  }

  /** Gives back the room that was not used, and closes the file. */
  async close(): Promise<void> {
    if (this.#file !== null && this.#length > this.#end) await this.#file.truncate(this.#end);
    await this.abandon();
  }

  /** Closes the file and leaves it as it is: after a failure only a recovery may judge what it holds. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
