// Owns the numbers and texts of a pane frame as bytes: unsigned LEB128 varints of at most 32 bits, and UTF-8 behind its length.

const FIRST_SIZE = 16 * 1024;
/** A larger buffer is its writer's alone. */
const MOST_SHARED = 1024 * 1024;
const MAX_VARINT_BYTES = 5;
/** What must never reach a terminal from inside a text. */
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/;

/** All writers write into it, one after the other: a frame is small, and is made ten times a second. */
let shared = Buffer.allocUnsafeSlow(FIRST_SIZE);

/** Writes into a buffer that grows. There is one writer at a time: `take` before the next one is made. */
export class FrameBytes {
  #buffer = shared;
  #at = 0;

  byte(value: number): void {
    this.#need(1);
    this.#buffer[this.#at] = value;
    this.#at += 1;
  }

  /** An unsigned number below 2^32. */
  varint(value: number): void {
    this.#need(MAX_VARINT_BYTES);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.#buffer[this.#at] = (rest & 0x7f) | 0x80;
      this.#at += 1;
      rest >>>= 7;
    }
    this.#buffer[this.#at] = rest;
    this.#at += 1;
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.#need(length);
    this.#at += this.#buffer.write(value, this.#at);
  }

  /** What was written, good until the next writer's first byte. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #need(more: number): void {
    if (this.#at + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + more));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
    if (larger.length <= MOST_SHARED) shared = larger;
  }
}

/** Reads what FrameBytes wrote. Every method throws, naming the matter, when the bytes end too soon or a value is over its limit. */
export class FrameCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new Error(`a pane frame ends too soon, at byte ${this.#at}`);
    this.#at += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1, unit *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new Error(`a pane frame has a number over 32 bits at byte ${this.#at}`);
  }

  limited(value: number, limit: number, what: string): number {
    if (value > limit) throw new Error(`a pane frame has ${what} ${value}; at most ${limit} is allowed`);
    return value;
  }

  /** 1 to `limit`. */
  size(limit: number, what: string): number {
    const value = this.limited(this.varint(), limit, what);
    if (value === 0) throw new Error(`a pane frame has no ${what}`);
    return value;
  }

  /** How many things follow, each of at least one byte: more than the bytes that are left is refused before anything is allocated. */
  count(limit: number, what: string): number {
    const value = this.limited(this.varint(), limit, `a number of ${what} of`);
    return this.limited(value, this.#bytes.length - this.#at, `a number of ${what} of`);
  }

  /** At most `limit` bytes of UTF-8 without control characters. */
  text(limit: number): string {
    const length = this.limited(this.varint(), Math.min(limit, this.#bytes.length - this.#at), 'a text length of');
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, length).toString('utf8');
    this.#at += length;
    if (CONTROLS.test(text)) throw new Error('a pane frame has a text with control characters');
    return text;
  }

  /** Refuses bytes behind the end. */
  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest !== 0) throw new Error(`a pane frame has ${rest} bytes behind its end`);
  }
}
