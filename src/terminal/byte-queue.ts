// Owns bytes that wait to be parsed: copied into pieces of one size that all panes use again, so that a flood allocates nothing.

/** Bytes of a piece: what is parsed between two looks at the clock, about a quarter of a millisecond. A pty gives 4 kB at a time. */
const PIECE_BYTES = 16 * 1024;
/** Pieces kept for later: 1 MB. */
const MAX_SPARE = 64;

interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes used. */
  length: number;
  /** The bytes used when it was last taken: a spinner's output is as long each time, and to make a view is more work than to copy it. */
  view: Uint8Array;
}

const spare: Piece[] = [];

function newPiece(): Piece {
  const bytes = new Uint8Array(PIECE_BYTES);
  return { bytes, length: 0, view: bytes };
}

export class ByteQueue {
  #pieces: Piece[] = [];
  #length = 0;
  /** The piece that `take` gave. */
  #taken: Piece | null = null;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Copies `bytes` to the end. */
  push(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      const piece = this.#open();
      const count = Math.min(bytes.length - at, PIECE_BYTES - piece.length);
      piece.bytes.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), piece.length);
      piece.length += count;
      at += count;
    }
  }

  /** The next bytes, at most 16 kB, valid until the next call; null when none wait. */
  take(): Uint8Array | null {
    this.#release();
    const piece = this.#pieces.shift();
    if (piece === undefined) return null;
    this.#taken = piece;
    this.#length -= piece.length;
    if (piece.view.length !== piece.length) piece.view = piece.bytes.subarray(0, piece.length);
    return piece.view;
  }

  /** Forgets all that waits. */
  clear(): void {
    this.#release();
    for (const piece of this.#pieces) this.#keep(piece);
    this.#pieces = [];
    this.#length = 0;
  }

  #open(): Piece {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length < PIECE_BYTES) return last;
    const piece = spare.pop() ?? newPiece();
    this.#pieces.push(piece);
    return piece;
  }

  #release(): void {
    if (this.#taken !== null) this.#keep(this.#taken);
    this.#taken = null;
  }

  #keep(piece: Piece): void {
    piece.length = 0;
    if (spare.length < MAX_SPARE) spare.push(piece);
  }
}
