// Owns the characters of lines: a grid whose cells have arms of a weight, and which character joins them.

export const LIGHT = 1;
export const HEAVY = 2;
type Weight = typeof LIGHT | typeof HEAVY;

/** Where an arm's weight stands in a cell's byte. */
const UP = 6;
const RIGHT = 4;
const DOWN = 2;
const LEFT = 0;

/** Weights (up, right, down, left) and the character of Unicode's Box Drawing block that has them. */
const TABLE =
  '0101─ 1010│ 0110┌ 0011┐ 1100└ 1001┘ 1110├ 1011┤ 0111┬ 1101┴ 1111┼ 0100╶ 0001╴ 1000╵ 0010╷ ' +
  '0202━ 2020┃ 0220┏ 0022┓ 2200┗ 2002┛ 2220┣ 2022┫ 0222┳ 2202┻ 2222╋ 0200╺ 0002╸ 2000╹ 0020╻ ' +
  '0210┍ 0120┎ 0012┑ 0021┒ 1200┕ 2100┖ 1002┙ 2001┚ 1210┝ 2110┞ 1120┟ 2120┠ 2210┡ 1220┢ 1012┥ 2011┦ 1021┧ 2021┨ 2012┩ 1022┪ ' +
  '0112┭ 0211┮ 0212┯ 0121┰ 0122┱ 0221┲ 1102┵ 1201┶ 1202┷ 2101┸ 2102┹ 2201┺ ' +
  '1112┽ 1211┾ 1212┿ 2111╀ 1121╁ 2121╂ 2112╃ 2211╄ 1122╅ 1221╆ 2212╇ 1222╈ 2122╉ 2221╊ 0201╼ 1020╽ 0102╾ 2010╿';

/** By the byte of a cell. */
const CHARACTERS: readonly string[] = (() => {
  const characters = Array<string>(256).fill(' ');
  for (const entry of TABLE.split(' ')) characters[Number.parseInt(entry.slice(0, 4), 4)] = entry.slice(4);
  return characters;
})();

/** A stretch of a row of which all cells are heavy, or none is. */
export interface LineRun {
  readonly text: string;
  readonly isHeavy: boolean;
}

export class LineGrid {
  readonly #width: number;
  readonly #height: number;
  readonly #cells: Uint8Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#cells = new Uint8Array(width * height);
  }

  /** From the middle of cell `from` to the middle of cell `to`; what lies outside the grid is left out. */
  horizontal(y: number, from: number, to: number, weight: Weight): void {
    for (let x = from; x < to; x++) {
      this.#raise(x, y, RIGHT, weight);
      this.#raise(x + 1, y, LEFT, weight);
    }
  }

  /** As horizontal, downwards. */
  vertical(x: number, from: number, to: number, weight: Weight): void {
    for (let y = from; y < to; y++) {
      this.#raise(x, y, DOWN, weight);
      this.#raise(x, y + 1, UP, weight);
    }
  }

  /** Cells `from` to before `to` of a row as text. */
  runs(y: number, from: number, to: number): LineRun[] {
    const runs: LineRun[] = [];
    let text = '';
    let wasHeavy = false;
    for (let x = from; x < to; x++) {
      const cell = this.#cells[y * this.#width + x] ?? 0;
      // A weight of two has the upper bit of its pair.
      const isHeavy = (cell & 0b10101010) !== 0;
      if (isHeavy !== wasHeavy && text !== '') {
        runs.push({ text, isHeavy: wasHeavy });
        text = '';
      }
      wasHeavy = isHeavy;
      text += CHARACTERS[cell];
    }
    if (text !== '') runs.push({ text, isHeavy: wasHeavy });
    return runs;
  }

  #raise(x: number, y: number, arm: number, weight: Weight): void {
    if (x < 0 || y < 0 || x >= this.#width || y >= this.#height) return;
    const at = y * this.#width + x;
    const cell = this.#cells[at] ?? 0;
    if (((cell >> arm) & 3) < weight) this.#cells[at] = (cell & ~(3 << arm)) | (weight << arm);
  }
}
