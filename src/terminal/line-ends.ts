// Owns how far the lines of an emulator are written to, as far as that is known: where nothing but plain text came, the end of a text need not be looked for.
import { BLANK_CELL, type EmulatorLine } from './cells.ts';

const WORDS = 3;

export class LineEnds {
  /** What is known of a line holds in the era in which the line began, and only there. */
  #era = 1;

  /** A line begins: all of its cells are alike. */
  begin(line: EmulatorLine): void {
    line.writtenTo = 0;
    line.writtenEra = this.#era;
  }

  /** Cells of a line were written, before word `end` of it. */
  written(line: EmulatorLine, end: number): void {
    if (line.writtenEra === this.#era && end > (line.writtenTo as number)) line.writtenTo = end;
  }

  /** Anything may have been written anywhere. */
  forget(): void {
    this.#era += 1;
  }

  /** A number of cells behind which the line is blank; its length when nothing is known. */
  endOf(line: EmulatorLine): number {
    if (line.writtenEra !== this.#era) return line.length;
    const data = line._data;
    const last = (line.length - 1) * WORDS;
    // Alike, but with a background that is not the default's.
    const isBlank = data[last] === BLANK_CELL && data[last + 1] === 0 && data[last + 2] === 0;
    return isBlank ? Math.min((line.writtenTo as number) / WORDS, line.length) : line.length;
  }
}
