// Owns the compact store of lines that have left a pane: packed lines in chunks, the oldest chunk forgotten first.

/** Bytes of a chunk: some 500 lines of 100 columns. */
const CHUNK_BYTES = 64 * 1024;

interface Chunk {
  readonly bytes: Uint8Array;
  /** Bytes used. */
  at: number;
  /** Where each line ends. */
  readonly ends: number[];
  /** The number of its first line. */
  readonly first: number;
}

/** Lines numbered from 0 as they come; the newest `limit` of them are kept. */
export class Scrollback {
  readonly #limit: number;
  #chunks: Chunk[] = [];
  #last: Chunk | null = null;
  #end = 0;
  /** What `take` gives, made once: it is called for every line of a flood. */
  readonly #place: { bytes: Uint8Array; at: number } = { bytes: new Uint8Array(), at: 0 };
  /** The bytes of a forgotten chunk, for the next one: a flood of lines allocates nothing. */
  #spare: Uint8Array | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of the oldest line that is kept. */
  get first(): number {
    return Math.max(this.#end - this.#limit, this.#chunks[0]?.first ?? this.#end);
  }

  /** The number that the next line gets. */
  get end(): number {
    return this.#end;
  }

  /** Bytes held, for measurements. */
  get heldBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.bytes.length, this.#spare?.length ?? 0);
  }

  /** Makes room for one more packed line of `length` bytes, and gives where its bytes go. */
  take(length: number): { readonly bytes: Uint8Array; readonly at: number } {
    this.#end += 1;
    let chunk = this.#last;
    if (chunk === null || chunk.at + length > chunk.bytes.length) chunk = this.#addChunk(length);
    this.#place.bytes = chunk.bytes;
    this.#place.at = chunk.at;
    chunk.at += length;
    chunk.ends.push(chunk.at);
    const oldest = this.#chunks[0];
    if (oldest !== undefined && oldest.first + oldest.ends.length <= this.#end - this.#limit) this.#forget();
    return this.#place;
  }

  /** The packed line `number`, valid until the next `take`; undefined when it is not kept. */
  line(number: number): Uint8Array | undefined {
    if (number < this.first || number >= this.#end) return undefined;
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#chunks[middle]?.first ?? 0) <= number) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low];
    if (chunk === undefined) return undefined;
    const index = number - chunk.first;
    return chunk.bytes.subarray(index === 0 ? 0 : chunk.ends[index - 1], chunk.ends[index]);
  }

  /** Forgets all lines; numbers begin at 0 again. */
  clear(): void {
    this.#chunks = [];
    this.#last = this.#spare = null;
    this.#end = 0;
  }

  #addChunk(least: number): Chunk {
    const spare = this.#spare;
    const bytes = spare !== null && spare.length >= least ? spare : new Uint8Array(Math.max(CHUNK_BYTES, least));
    this.#spare = null;
    const chunk: Chunk = { bytes, at: 0, ends: [], first: this.#end - 1 };
    this.#chunks.push(chunk);
    this.#last = chunk;
    return chunk;
  }

  #forget(): void {
    const chunk = this.#chunks.shift();
    if (chunk === this.#last) this.#last = null;
    if (chunk?.bytes.length === CHUNK_BYTES) this.#spare = chunk.bytes;
  }
}
