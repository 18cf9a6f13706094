// Owns the journal that is being written: appending batches so that they last, and beginning the next file.
import { join } from 'node:path';
import { type FileHandle, type FileLayer, writeFully } from './file-layer.ts';
import { journalName } from './journal-line.ts';

/** The writing end. After any rejection the file's contents are unknown: the journal must not be used again. */
export class Journal {
  readonly #files: FileLayer;
  readonly #folder: string;
  #file: FileHandle | null = null;
  #start = 0;
  #end = 0;

  constructor(files: FileLayer, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** Bytes of records in the current file. */
  get bytes(): number {
    return this.#end;
  }

  /** Goes on with a file whose last record ends at byte `end`. */
  async resume(start: number, end: number): Promise<void> {
    this.#file = await this.#files.open(join(this.#folder, journalName(start)), false);
    this.#start = start;
    this.#end = end;
  }

  /** Closes the current file and begins one for what follows event `start`; nothing is done when that is the current one. */
  async begin(start: number): Promise<void> {
    if (this.#file !== null && this.#start === start) return;
    const previous = this.#file;
    this.#file = await this.#files.open(join(this.#folder, journalName(start)), true);
    // The name must last before anything in the file is acknowledged.
    await this.#files.syncFolder(this.#folder);
    this.#start = start;
    this.#end = 0;
    await previous?.close();
  }

  /** The lines are on the medium when this resolves. `durable` is the last event that already is. */
  async append(lines: string, durable: number): Promise<void> {
    // After a recovery that left no file to go on with, the first batch begins one: opening a store needs no room.
    if (this.#file === null) await this.begin(durable);
    if (this.#file === null) throw new Error('no journal is open');
    const bytes = Buffer.from(lines);
    await writeFully(this.#file, bytes, this.#end);
    await this.#file.datasync();
    this.#end += bytes.length;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
