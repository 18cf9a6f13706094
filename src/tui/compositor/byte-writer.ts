// Owns the growing buffer that a frame is written into, without strings in between.

/** Room kept before the first byte, for a header that is known only when the frame is complete. */
const HEADROOM = 32;
const START = 256 * 1024;
/** Up to this length it is less work to store characters one by one than to call the buffer's own writing. */
const SHORT = 16;

export class ByteWriter {
  #buffer = Buffer.allocUnsafe(START);
  #end = HEADROOM;

  get length(): number {
    return this.#end - HEADROOM;
  }

  clear(): void {
    this.#end = HEADROOM;
  }

  /** Forgets what was written after `length`. */
  truncate(length: number): void {
    this.#end = HEADROOM + length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#end++] = value;
  }

  /** Text of ASCII only. */
  ascii(text: string): void {
    this.#reserve(text.length);
    if (text.length > SHORT) {
      this.#end += this.#buffer.write(text, this.#end, 'latin1');
      return;
    }
    for (let at = 0; at < text.length; at += 1) this.#buffer[this.#end++] = text.charCodeAt(at);
  }

  utf8(text: string): void {
    this.#reserve(text.length * 3);
    this.#end += this.#buffer.write(text, this.#end, 'utf8');
  }

  /** A number from 0 in decimal digits. */
  number(value: number): void {
    if (value > 999) {
      this.ascii(String(value));
      return;
    }
    this.#reserve(3);
    const buffer = this.#buffer;
    if (value > 99) buffer[this.#end++] = 48 + Math.floor(value / 100);
    if (value > 9) buffer[this.#end++] = 48 + (Math.floor(value / 10) % 10);
    buffer[this.#end++] = 48 + (value % 10);
  }

  /** One code point as UTF-8. */
  codePoint(code: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    if (code < 0x80) {
      buffer[this.#end++] = code;
      return;
    }
    if (code < 0x800) {
      buffer[this.#end++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) {
        buffer[this.#end++] = 0xe0 | (code >> 12);
      } else {
        buffer[this.#end++] = 0xf0 | (code >> 18);
        buffer[this.#end++] = 0x80 | ((code >> 12) & 63);
      }
      buffer[this.#end++] = 0x80 | ((code >> 6) & 63);
    }
    buffer[this.#end++] = 0x80 | (code & 63);
  }

  /** Takes out what stands in from … to, so that what follows moves down. */
  cut(from: number, to: number): void {
    this.#buffer.copyWithin(HEADROOM + from, HEADROOM + to, this.#end);
    this.#end -= to - from;
  }

  /** All of it with `header` (ASCII, at most 32 bytes) before it; good until something is written again. */
  finish(header: string): Buffer {
    const start = HEADROOM - header.length;
    for (let at = 0; at < header.length; at += 1) this.#buffer[start + at] = header.charCodeAt(at);
    return this.#buffer.subarray(start, this.#end);
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
