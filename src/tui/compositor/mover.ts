// Owns where the terminal's cursor stands, and the shortest way to elsewhere.
import type { ByteWriter } from './byte-writer.ts';

const UNKNOWN = -1;

export class Mover {
  /** Moves since it was last set to 0; a frame of several is shown at once. */
  runs = 0;
  #x = UNKNOWN;
  #y = UNKNOWN;
  readonly #writer: ByteWriter;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  forget(): void {
    this.#x = UNKNOWN;
    this.#y = UNKNOWN;
  }

  /** The row is certain, the column is not. */
  forgetColumn(): void {
    this.#x = UNKNOWN;
  }

  /** The cursor has moved right by itself. At the edge terminals differ (it stays, or waits to wrap), so the column is unknown. */
  advance(columns: number, edge: number): void {
    if (this.#x === UNKNOWN) return;
    this.#x += columns;
    if (this.#x >= edge) this.#x = UNKNOWN;
  }

  /** Cells between the cursor and x to its right in the same row; 0 when there is no such way. */
  gapTo(x: number, y: number): number {
    return y === this.#y && this.#x !== UNKNOWN && x > this.#x ? x - this.#x : 0;
  }

  /** Moves to x, y by the shortest of the ways that are safe from here. */
  moveTo(x: number, y: number): void {
    if (x === this.#x && y === this.#y) return;
    this.runs++;
    if (y === this.#y) this.#alongRow(x);
    else if (this.#y === UNKNOWN) this.#absolute(x, y);
    else if (x === 0 && y === this.#y + 1) this.#writer.ascii('\r\n');
    else if (x === this.#x) this.#relative(y - this.#y, 'B', 'A');
    else this.#absolute(x, y);
    this.#x = x;
    this.#y = y;
  }

  #alongRow(x: number): void {
    const distance = this.#x === UNKNOWN ? UNKNOWN : x - this.#x;
    if (x === 0) this.#writer.byte(0x0d);
    else if (this.#x === UNKNOWN) this.#sequence(x + 1, 'G');
    else if (distance < 0 && distance >= -3) this.#writer.ascii('\b'.repeat(-distance));
    else if (digits(Math.abs(distance)) <= digits(x + 1)) this.#relative(distance, 'C', 'D');
    else this.#sequence(x + 1, 'G');
  }

  #relative(distance: number, forward: string, backward: string): void {
    this.#sequence(Math.abs(distance), distance > 0 ? forward : backward);
  }

  #absolute(x: number, y: number): void {
    this.#writer.ascii('\x1b[');
    if (y > 0 || x > 0) this.#writer.number(y + 1);
    if (x > 0) {
      this.#writer.byte(0x3b);
      this.#writer.number(x + 1);
    }
    this.#writer.byte(0x48);
  }

  #sequence(parameter: number, final: string): void {
    this.#writer.ascii('\x1b[');
    if (parameter !== 1) this.#writer.number(parameter);
    this.#writer.ascii(final);
  }
}

function digits(value: number): number {
  return value === 1 ? 0 : value < 10 ? 1 : value < 100 ? 2 : 3;
}
