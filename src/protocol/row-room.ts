// Owns memory for the rows of one frame after the other: frames are alike, and ten a second of new rows would keep the collector busy.

export class RowRoom {
  readonly #words: Uint32Array;
  /** What was given of it, in the order of the asking: the next frame mostly asks for the same, and to make a view is more work than to fill it. */
  readonly #rows: Uint32Array[] = [];
  #used = 0;
  #count = 0;

  /** For so many words at a time. */
  constructor(words: number) {
    this.#words = new Uint32Array(words);
  }

  /** All that was taken may be used again. */
  clear(): void {
    this.#used = 0;
    this.#count = 0;
  }

  /** So many words, of any content; new ones when the room is full. */
  take(words: number): Uint32Array {
    const from = this.#used;
    if (from + words > this.#words.length) return new Uint32Array(words);
    const known = this.#rows[this.#count];
    const isSame = known?.length === words && known.byteOffset === from * Uint32Array.BYTES_PER_ELEMENT;
    const row = isSame ? known : this.#words.subarray(from, from + words);
    this.#rows[this.#count] = row;
    this.#used += words;
    this.#count += 1;
    return row;
  }
}
