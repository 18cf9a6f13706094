// Owns the wanted frame: a grid of cells that is always well formed (no half of a wide character, no control, nothing stale).

import { graphemeWidth } from '../../domain/text-width.ts';
import {
  BG_DIM,
  BG_ITALIC,
  BG_OVERLINE,
  CELL_CODE_MASK,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  COLOR_MODE_MASK,
  COLOR_P256,
  COLOR_RGB,
  type ExtendedStyle,
  FG_INVERSE,
  FG_STRIKE,
  FG_UNDERLINE,
} from '../../protocol/cells.ts';
import { CellTables } from './cell-tables.ts';

const NARROW = 1 << CELL_WIDTH_SHIFT;
const WIDE = 2 << CELL_WIDTH_SHIFT;
/** A blank: a space, one cell wide. */
export const BLANK = NARROW | 0x20;
/** What the right half of a wide character holds: nothing, so that only its left half is ever compared. */
const RIGHT_HALF = 0;
const FG_SHOWS_ON_BLANKS = FG_INVERSE | FG_UNDERLINE | FG_STRIKE;
const BG_ATTRIBUTES = BG_ITALIC | BG_DIM | BG_OVERLINE;

/** A stretch of a source line, in cells. */
export interface Crop {
  readonly x: number;
  readonly width: number;
}

/** A pane's line with the tables of the frame that it came with. */
export interface SourceLine {
  readonly cells: Uint32Array;
  readonly strings: readonly string[];
  readonly styles: readonly ExtendedStyle[];
}

/** 0, 1 or 2. */
export function widthOf(content: number): number {
  return (content >>> CELL_WIDTH_SHIFT) & 3;
}

export class CellGrid {
  readonly cols: number;
  readonly rows: number;
  readonly cells: Uint32Array;
  readonly tables = new CellTables();
  /** 1 for each row that may differ from what the terminal shows. */
  readonly dirty: Uint8Array;

  constructor(cols: number, rows: number) {
    this.cols = cols;
    this.rows = rows;
    this.cells = new Uint32Array(cols * rows * CELL_WORDS);
    this.dirty = new Uint8Array(rows).fill(1);
    for (let at = 0; at < this.cells.length; at += CELL_WORDS) this.cells[at] = BLANK;
  }

  /** One grapheme at x, y. A wide one that does not fit before the edge becomes a blank. */
  set(x: number, y: number, text: string, fg: number, bg: number): void {
    if (x < 0 || y < 0 || x >= this.cols || y >= this.rows) return;
    const code = text.length === 1 ? text.charCodeAt(0) : 0;
    const isAscii = code >= 0x20 && code < 0x7f;
    const width = isAscii ? 1 : graphemeWidth(text);
    if (width === 0 || x + width > this.cols) {
      this.#claim(x, y, 1);
      this.#put(x, y, BLANK, fg, bg, 0);
      return;
    }
    this.#claim(x, y, width);
    this.#put(x, y, (width << CELL_WIDTH_SHIFT) | (isAscii ? code : this.#content(text)), fg, bg, 0);
    if (width === 2) this.#putRightHalf(x + 1, y);
  }

  /** Copies a crop of a line to x, y: clipped to the screen, padded with blanks, halves of wide characters blanked. */
  blit(line: SourceLine, source: Crop, x: number, y: number): void {
    if (y < 0 || y >= this.rows) return;
    const from = Math.max(0, -x, -source.x);
    const width = Math.min(source.width, this.cols - x);
    if (width <= from) return;
    const { cells } = line;
    const length = cells.length / CELL_WORDS;
    this.#claim(x + from, y, width - from);
    for (let step = from; step < width; step++) {
      const column = source.x + step;
      const at = column * CELL_WORDS;
      if (column >= length) {
        this.#put(x + step, y, BLANK, 0, 0, 0);
        continue;
      }
      const content = cells[at] as number;
      const fg = cells[at + 1] as number;
      const bg = cells[at + 2] as number;
      const ext = cells[at + 3] as number;
      const style = ext === 0 ? 0 : this.tables.styleId(line.styles[ext]);
      const isWhole =
        widthOf(content) === 2 &&
        step + 1 < width &&
        column + 1 < length &&
        widthOf(cells[at + CELL_WORDS] as number) === 0;
      this.#put(x + step, y, this.#sourceContent(content, line.strings, isWhole), fg, bg, style);
      if (isWhole) {
        step++;
        this.#putRightHalf(x + step, y);
      }
    }
  }

  /** Rebuilds tables that have grown large. Returns true when the ids in the cells have changed. */
  compact(): boolean {
    if (!this.tables.isLarge) return false;
    const old = this.tables.reset();
    const { cells } = this;
    for (let at = 0; at < cells.length; at += CELL_WORDS) {
      const content = cells[at] as number;
      if ((content & CELL_COMBINED) !== 0) {
        cells[at] = (content & ~CELL_CODE_MASK) | this.tables.stringId(old.strings[content & CELL_CODE_MASK] ?? '');
      }
      const ext = cells[at + 3] as number;
      if (ext !== 0) cells[at + 3] = this.tables.styleId(old.styles[ext]);
    }
    return true;
  }

  /** What is written to x … x+width-1 cuts wide characters that reach in from either side: their other half becomes a blank. */
  #claim(x: number, y: number, width: number): void {
    const row = y * this.cols;
    if (x > 0 && widthOf(this.cells[(row + x - 1) * CELL_WORDS] as number) === 2) this.#blank(x - 1, y, row + x - 1);
    const end = x + width;
    if (end < this.cols && widthOf(this.cells[(row + end) * CELL_WORDS] as number) === 0)
      this.#blank(end, y, row + end - 1);
  }

  /** A blank with the background of the cell whose character it was part of. */
  #blank(x: number, y: number, owner: number): void {
    const bg = this.cells[owner * CELL_WORDS + 2] as number;
    this.#put(x, y, BLANK, 0, bg & ~BG_ATTRIBUTES, 0);
  }

  #putRightHalf(x: number, y: number): void {
    this.#store((y * this.cols + x) * CELL_WORDS, y, RIGHT_HALF, 0, 0, 0);
  }

  #put(x: number, y: number, content: number, fg: number, bg: number, ext: number): void {
    const at = (y * this.cols + x) * CELL_WORDS;
    // Of a blank only what shows is kept, so that what does not show costs no bytes.
    const isBare = content === BLANK && ext === 0 && (fg & FG_SHOWS_ON_BLANKS) === 0 && (bg & BG_OVERLINE) === 0;
    this.#store(at, y, content, isBare ? 0 : tidy(fg, 0xfc000000), tidy(bg, isBare ? 0 : BG_ATTRIBUTES), ext);
  }

  #store(at: number, y: number, content: number, fg: number, bg: number, ext: number): void {
    const { cells } = this;
    if (cells[at] === content && cells[at + 1] === fg && cells[at + 2] === bg && cells[at + 3] === ext) return;
    cells[at] = content;
    cells[at + 1] = fg;
    cells[at + 2] = bg;
    cells[at + 3] = ext;
    this.dirty[y] = 1;
  }

  #content(text: string): number {
    const code = text.codePointAt(0) ?? 0x20;
    if (text.length === (code > 0xffff ? 2 : 1)) return printable(code);
    const id = this.tables.stringId(text);
    return id === 0 ? 0x20 : CELL_COMBINED | id;
  }

  #sourceContent(content: number, strings: readonly string[], isWhole: boolean): number {
    const width = widthOf(content);
    if (width !== 1 && !isWhole) return BLANK;
    const shift = isWhole ? WIDE : NARROW;
    if ((content & CELL_COMBINED) !== 0) return shift | this.#content(strings[content & CELL_CODE_MASK] ?? ' ');
    return shift | printable(content & CELL_CODE_MASK);
  }
}

/** A code point that may be sent to a terminal; controls and 0 become a space. */
function printable(code: number): number {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0x20;
  if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return 0xfffd;
  return code;
}

/** A colour word with the wanted attributes and no bits that its colour mode does not use. Unsigned. */
function tidy(word: number, attributes: number): number {
  const mode = word & COLOR_MODE_MASK;
  const color = mode === COLOR_RGB ? word & 0xffffff : mode === 0 ? 0 : word & 0xff;
  // A number of the first 16 is the same colour in either mode.
  const tidied = mode === COLOR_P256 && color < 16 ? color | (COLOR_P256 >> 1) : mode | color;
  return ((word & attributes) | tidied) >>> 0;
}
