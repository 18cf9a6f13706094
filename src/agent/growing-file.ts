// Owns reading a file of lines while it grows: each line once, when its end is written.
import { open } from 'node:fs/promises';

/** Bytes that are read at once. */
const CHUNK = 1024 * 1024;

export class GrowingFile {
  readonly #path: string;
  #offset = 0;
  /** The beginning of a line whose end is not written yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** The lines that were written since the last call. A file that cannot be read has none. Calls must not overlap. */
  async read(): Promise<string[]> {
    const file = await open(this.#path, 'r').catch(() => null);
    const lines: string[] = [];
    if (file === null) return lines;
    try {
      const buffer = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, this.#offset);
        if (bytesRead === 0) return lines;
        this.#offset += bytesRead;
        this.#take(Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]), lines);
      }
    } finally {
      await file.close();
    }
  }

  #take(bytes: Buffer, lines: string[]): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      lines.push(bytes.toString('utf8', from, end));
      from = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(from));
  }
}
