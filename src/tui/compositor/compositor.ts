// Owns the screen's bytes: the frame on the terminal, the frame wanted, and the fewest bytes that turn the one into the other.
import { CELL_CODE_MASK, CELL_COMBINED, CELL_WORDS, type ExtendedStyle } from '../../protocol/cells.ts';
import type { Capabilities } from '../outer/capabilities.ts';
import { ByteWriter } from './byte-writer.ts';
import { BLANK, CellGrid, type Crop, widthOf } from './cell-grid.ts';
import { Mover } from './mover.ts';
import { Pen } from './pen.ts';

export interface ScreenCursor {
  readonly x: number;
  readonly y: number;
  readonly isVisible: boolean;
  /** DECSCUSR, as PaneCursor. */
  readonly shape: number;
}

/** No cell holds this, so that everything differs from it. */
const UNKNOWN = 0xffffffff;
/** The bits of a colour word that are no attributes. */
const COLOR_BITS = 0x3ffffff;
/** A frame of one run and less than this is not worth the 16 bytes of a synchronized update: nobody sees it tear. */
const SMALL_FRAME = 120;
/** `CSI K` is 3 bytes; `CSI n X` is 4 or 5 and does not move the cursor, which then costs 4 or 5 more. */
const ERASE_LINE_GAIN = 3;
const ERASE_CELLS_GAIN = 10;

export class Compositor {
  #grid: CellGrid;
  #front: Uint32Array;
  #capabilities: Capabilities;
  #pen: Pen;
  readonly #writer = new ByteWriter();
  readonly #mover = new Mover(this.#writer);
  /** What the terminal's cursor is: undefined when unknown. */
  #isShown: boolean | undefined;
  #shape: number | undefined;

  constructor(cols: number, rows: number, capabilities: Capabilities) {
    this.#grid = new CellGrid(cols, rows);
    this.#front = new Uint32Array(this.#grid.cells.length).fill(UNKNOWN);
    this.#capabilities = capabilities;
    this.#pen = new Pen(capabilities);
  }

  get cols(): number {
    return this.#grid.cols;
  }

  get rows(): number {
    return this.#grid.rows;
  }

  /** Keeps nothing of the wanted frame: everything is to be drawn again by the caller. The terminal is not cleared. */
  resize(cols: number, rows: number): void {
    this.#grid = new CellGrid(cols, rows);
    this.#front = new Uint32Array(this.#grid.cells.length);
    this.invalidate();
  }

  /** The probe has answered: when that changes anything, the screen is painted again at the next flush. */
  setCapabilities(capabilities: Capabilities): void {
    const { color, underlineStyles, links } = this.#capabilities;
    const isSame =
      color === capabilities.color && underlineStyles === capabilities.underlineStyles && links === capabilities.links;
    this.#capabilities = capabilities;
    if (isSame) return;
    this.#pen = new Pen(capabilities);
    this.invalidate();
  }

  /** What is on the terminal is unknown: the next flush paints everything. */
  invalidate(): void {
    this.#front.fill(UNKNOWN);
    this.#grid.dirty.fill(1);
    this.#pen.forget();
    this.#mover.forget();
    this.#isShown = undefined;
    this.#shape = undefined;
  }

  /** One grapheme of chrome at x, y; a wide one takes x+1 too. fg and bg are words as in cells.ts. Outside the screen: ignored. */
  setCell(x: number, y: number, text: string, fg: number, bg: number): void {
    this.#grid.set(x, y, text, fg, bg);
  }

  /**
   * Copies `source` of a pane's line to x, y. Where the line is shorter than the crop, blanks; a wide character cut at an edge
   * becomes a blank. `strings` and `styles` are the tables of the frame that `cells` came with. Clipped to the screen.
   */
  blitLine(
    cells: Uint32Array,
    strings: readonly string[],
    styles: readonly ExtendedStyle[],
    source: Crop,
    x: number,
    y: number,
  ): void {
    this.#grid.blit({ cells, strings, styles }, source, x, y);
  }

  /** True when the row may differ from what the terminal shows. */
  isRowDirty(y: number): boolean {
    return this.#grid.dirty[y] === 1;
  }

  /** The bytes that bring the terminal to the wanted frame and cursor (null hides it), good until the next flush; null when there are none. */
  flush(cursor: ScreenCursor | null): Buffer | null {
    const writer = this.#writer;
    writer.clear();
    this.#mover.runs = 0;
    for (let y = 0; y < this.#grid.rows; y++) {
      if (this.#grid.dirty[y] !== 1) continue;
      this.#grid.dirty[y] = 0;
      this.#paintRow(y);
    }
    this.#pen.closeLink(writer);
    const header = this.#header(cursor);
    this.#placeCursor(cursor, header);
    if (this.#grid.compact()) {
      // After a flush both frames are equal, so the new ids serve both.
      this.#front.set(this.#grid.cells);
      this.#pen.forgetWords();
    }
    return writer.length === 0 && header === '' ? null : writer.finish(header);
  }

  /** What comes before the painting: several runs are shown at once, or at least without a wandering cursor. */
  #header(cursor: ScreenCursor | null): string {
    const isWanted = cursor?.isVisible === true;
    const isLarge = this.#mover.runs > 1 || this.#writer.length >= SMALL_FRAME;
    const isSynced = isLarge && this.#capabilities.sync;
    const isHiding = this.#isShown !== false && (!isWanted || (isLarge && !isSynced));
    if (isHiding) this.#isShown = false;
    return `${isSynced ? '\x1b[?2026h' : ''}${isHiding ? '\x1b[?25l' : ''}`;
  }

  #placeCursor(cursor: ScreenCursor | null, header: string): void {
    const writer = this.#writer;
    if (cursor?.isVisible === true) {
      const x = Math.max(0, Math.min(cursor.x, this.cols - 1));
      const y = Math.max(0, Math.min(cursor.y, this.rows - 1));
      this.#mover.moveTo(x, y);
      if (cursor.shape !== (this.#shape ?? 0)) writer.ascii(`\x1b[${cursor.shape} q`);
      this.#shape = cursor.shape;
      if (this.#isShown !== true) writer.ascii('\x1b[?25h');
      this.#isShown = true;
    }
    if (header.startsWith('\x1b[?2026h')) writer.ascii('\x1b[?2026l');
  }

  #paintRow(y: number): void {
    const { cols, cells } = this.#grid;
    const front = this.#front;
    const row = y * cols * CELL_WORDS;
    let x = 0;
    while (x < cols) {
      const at = row + x * CELL_WORDS;
      const isSame =
        cells[at] === front[at] &&
        cells[at + 1] === front[at + 1] &&
        cells[at + 2] === front[at + 2] &&
        cells[at + 3] === front[at + 3];
      const content = cells[at] as number;
      if (isSame) x++;
      else if (isBareBlank(cells, at)) x = this.#paintBlanks(x, y);
      else if (widthOf(content) === 0) {
        // Painted together with its left half.
        this.#settle(at, 1);
        x++;
      } else x = this.#paintCell(x, y);
    }
  }

  /** Paints the run of equal bare blanks that starts at x. Returns the column after it. */
  #paintBlanks(x: number, y: number): number {
    const { cols, cells } = this.#grid;
    const row = y * cols * CELL_WORDS;
    const bg = cells[row + x * CELL_WORDS + 2] as number;
    let end = x;
    let last = x;
    for (; end < cols; end++) {
      const at = row + end * CELL_WORDS;
      if (cells[at] !== BLANK || cells[at + 1] !== 0 || cells[at + 2] !== bg || cells[at + 3] !== 0) break;
      if (
        this.#front[at] !== BLANK ||
        this.#front[at + 1] !== 0 ||
        this.#front[at + 2] !== bg ||
        this.#front[at + 3] !== 0
      )
        last = end;
    }
    const changed = last - x + 1;
    this.#moveTo(x, y);
    if (!this.#pen.suitsBlank(bg)) this.#pen.moveTo(this.#writer, { fg: 0, bg, ext: 0 }, this.#grid.tables.style(0));
    // GNU screen erases to its default background only.
    const canErase = !this.#capabilities.isScreen || this.#pen.isOnDefaultBackground;
    if (canErase && end === cols && changed > ERASE_LINE_GAIN) {
      this.#writer.ascii('\x1b[K');
    } else if (canErase && changed >= ERASE_CELLS_GAIN) {
      this.#writer.ascii(`\x1b[${changed}X`);
    } else {
      this.#writer.ascii(' '.repeat(changed));
      this.#mover.advance(changed, cols);
    }
    this.#settle(row + x * CELL_WORDS, changed);
    return last + 1;
  }

  /** Paints one character. Returns the column after it. */
  #paintCell(x: number, y: number): number {
    const { cols, cells, tables } = this.#grid;
    const at = (y * cols + x) * CELL_WORDS;
    const content = cells[at] as number;
    const width = widthOf(content);
    const words = { fg: cells[at + 1] as number, bg: cells[at + 2] as number, ext: cells[at + 3] as number };
    this.#moveTo(x, y);
    this.#pen.moveTo(this.#writer, words, tables.style(words.ext));
    const code = content & CELL_CODE_MASK;
    const isCombined = (content & CELL_COMBINED) !== 0;
    const isDisputed = isCombined || (width === 2 && !isWideEverywhere(code));
    if (isDisputed && width === 2) this.#clearUnder(at);
    if (isCombined) this.#writer.utf8(tables.string(code));
    else this.#writer.codePoint(code);
    this.#settle(at, width);
    this.#mover.advance(width, cols);
    if (isDisputed) {
      // The terminal may count this character otherwise: the column is set anew, and what it may have covered painted again.
      this.#mover.forgetColumn();
      const end = Math.min(cols, x + Math.max(width + 1, isCombined ? tables.widest(code) : 0));
      for (let column = x + width; column < end; column++) this.#front[(y * cols + column) * CELL_WORDS] = UNKNOWN;
    }
    return x + width;
  }

  /** A terminal that thinks this character narrow would leave what stood under its right half. */
  #clearUnder(at: number): void {
    const under = this.#front[at + CELL_WORDS] as number;
    if (under === BLANK || under === 0) return;
    this.#writer.ascii('\x1b[2X');
  }

  /** Moves there; over a few unchanged characters of the present look by writing them again, where that is shorter. */
  #moveTo(x: number, y: number): void {
    const gap = this.#mover.gapTo(x, y);
    const start = (y * this.#grid.cols + x - gap) * CELL_WORDS;
    // `CSI C` is 3 bytes, `CSI n C` 4.
    if (gap < 1 || gap > 3 || !this.#isRewritable(start, gap)) {
      this.#mover.moveTo(x, y);
      return;
    }
    for (let at = start; at < start + gap * CELL_WORDS; at += CELL_WORDS)
      this.#writer.byte((this.#grid.cells[at] as number) & 0x7f);
    this.#mover.advance(gap, this.#grid.cols);
  }

  #isRewritable(start: number, count: number): boolean {
    const { cells } = this.#grid;
    for (let at = start; at < start + count * CELL_WORDS; at += CELL_WORDS) {
      const content = cells[at] as number;
      if (widthOf(content) !== 1 || (content & CELL_COMBINED) !== 0 || (content & CELL_CODE_MASK) > 0x7e) return false;
      const bg = cells[at + 2] as number;
      const hasLook = isBareBlank(cells, at) ? this.#pen.suitsBlank(bg) : false;
      if (!hasLook && !this.#pen.isAt(cells[at + 1] as number, bg, cells[at + 3] as number)) return false;
    }
    return true;
  }

  /** `count` cells from word `at` are now on the terminal. */
  #settle(at: number, count: number): void {
    const { cells } = this.#grid;
    for (let index = at; index < at + count * CELL_WORDS; index++) this.#front[index] = cells[index] as number;
  }
}

/** A blank of which nothing shows but its background. */
function isBareBlank(cells: Uint32Array, at: number): boolean {
  return (
    cells[at] === BLANK && cells[at + 1] === 0 && ((cells[at + 2] as number) & ~COLOR_BITS) === 0 && cells[at + 3] === 0
  );
}

/** Kana, CJK ideographs (before Unicode 8), Hangul syllables and fullwidth forms: two cells in every terminal and every version of Unicode. */
function isWideEverywhere(code: number): boolean {
  if (code < 0x4e00) return (code >= 0x3041 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x4db5);
  return code <= 0x9fcc || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xff01 && code <= 0xff60);
}
