// Owns the copy of a screen in the wire's cell words: which row changed when, and the tables that rows of one frame share.
import {
  BG_DIM,
  BG_HAS_EXTENDED,
  BG_ITALIC,
  BG_OVERLINE,
  CELL_CODE_MASK,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  COLOR_DEFAULT,
  COLOR_MODE_MASK,
  COLOR_RGB,
  type ExtendedStyle,
} from '../protocol/cells.ts';

/** What is read of a line of the emulator (its own packing, 3 words a cell). */
export interface EmulatorLine {
  readonly length: number;
  /** It continues the line above it. */
  isWrapped: boolean;
  readonly _data: Uint32Array;
  /** Ours: see line-ends.ts. */
  writtenTo?: number;
  writtenEra?: number;
  readonly _combined: Readonly<Record<number, string>>;
  readonly _extendedAttrs: Readonly<Record<number, EmulatorStyle | undefined>>;
}

/** Underline and link of a cell in the emulator's packing. */
export interface EmulatorStyle {
  readonly _ext: number;
  readonly _urlId: number;
}

const EMULATOR_WORDS = 3;
/** A cell never written to: no code point, one column. */
export const BLANK_CELL = 1 << CELL_WIDTH_SHIFT;
const RGB_MASK = 0xffffff;
const PALETTE_MASK = 0xff;
/** The top six bits of the fg word are all attributes. */
export const FG_ATTRIBUTES = 0xfc000000;
const BG_ATTRIBUTES = BG_ITALIC | BG_DIM | BG_OVERLINE;
/** More combining marks than this on one cell are an attack, not a script. Same limit as the decoder's (in UTF-16 units). */
const MAX_CELL_STRING = 32;
/** Beyond this many different clusters or styles the tables start anew, so that a program cannot grow them for ever. */
const MAX_TABLE = 4096;
const MAX_LINK = 2048;
const SAFE_LINK = /^(?:https?|file|mailto):[\x21-\x7e]*$/i;

/** The link when a client may hand it to the outer terminal (http, https, file or mailto, printable ASCII, at most 2048), else ''. */
export function safeLink(link: string): string {
  return link.length <= MAX_LINK && SAFE_LINK.test(link) ? link : '';
}

/** The colour without the bits that the emulator leaves behind when a colour's mode changes. */
export function cleanColor(word: number): number {
  const mode = word & COLOR_MODE_MASK;
  if (mode === COLOR_DEFAULT) return 0;
  return mode | (word & (mode === COLOR_RGB ? RGB_MASK : PALETTE_MASK));
}

/** Whether a code must not reach a terminal: a control character or half a character. 0 is a blank. */
export function isControl(code: number): boolean {
  return code !== 0 && (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000));
}

/** The style that a cell adds to its words; null for none. `linkOf` gives the target of a link id, or ''. */
export function styleOf(extended: EmulatorStyle, linkOf: (id: number) => string): ExtendedStyle | null {
  // The emulator's getter says "dashed" for every link; the raw word has what the program asked for.
  const underline = Math.min((extended._ext >>> 26) & 7, 5);
  const underlineColor = cleanColor(extended._ext & (COLOR_MODE_MASK | RGB_MASK));
  const link = extended._urlId === 0 ? '' : linkOf(extended._urlId);
  // A plain underline is told by the fg word alone.
  return underline <= 1 && underlineColor === 0 && link === '' ? null : { underline, underlineColor, link };
}

/** A cluster cut to MAX_CELL_STRING units, never through a surrogate pair. */
export function cutCluster(text: string): string {
  if (text.length <= MAX_CELL_STRING) return text;
  const last = text.charCodeAt(MAX_CELL_STRING - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_CELL_STRING - 1 : MAX_CELL_STRING);
}

/** Numbers equal values alike, from 1; 0 means none. */
class Table<T> {
  readonly values: (T | undefined)[] = [undefined];
  /** Made for the first value: most frames have none. */
  #indexes: Map<string, number> | undefined;

  index(key: string, make: () => T): number {
    this.#indexes ??= new Map();
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.values.length;
      this.values.push(make());
      this.#indexes.set(key, index);
    }
    return index;
  }
}

function styleKey(style: ExtendedStyle): string {
  return `${style.underline}|${style.underlineColor}|${style.link}`;
}

/** The tables of one frame; rows of several panes share them. */
export class FrameTables {
  readonly #strings = new Table<string>();
  readonly #styles = new Table<ExtendedStyle>();

  stringIndex(text: string): number {
    return this.#strings.index(text, () => text);
  }

  styleIndex(style: ExtendedStyle): number {
    return this.#styles.index(styleKey(style), () => style);
  }

  /** As Frame.strings wants it: index 0 is there and never used. */
  strings(): string[] {
    return this.#strings.values.map((text) => text ?? '');
  }

  styles(): ExtendedStyle[] {
    return this.#styles.values.map((style) => style ?? { underline: 0, underlineColor: 0, link: '' });
  }
}

/** Whether cells of the row point into tables. */
function hasIndexes(cells: Uint32Array): boolean {
  for (let i = 0; i < cells.length; i += CELL_WORDS)
    if (((cells[i] ?? 0) & CELL_COMBINED) !== 0 || cells[i + 3] !== 0) return true;
  return false;
}

/**
 * The last complete picture of a screen. Each row carries the version at which it last differed from what it was, so that any number of
 * clients find what is new to them by one number, and a redraw of the same content is no change.
 */
export class CellGrid {
  cols: number;
  rows: number;
  /** Grows with each change and never falls, also over resizes. */
  version = 0;
  #cells: Uint32Array;
  #rowVersions: Float64Array;
  #scratch: Uint32Array;
  /** The memory of single rows, made when they are first read. */
  #views: Uint32Array[] = [];
  #strings = new Table<string>();
  #styles = new Table<ExtendedStyle>();

  constructor(cols: number, rows: number) {
    this.cols = cols;
    this.rows = rows;
    this.#cells = new Uint32Array(cols * rows * CELL_WORDS);
    this.#rowVersions = new Float64Array(rows);
    this.#scratch = new Uint32Array(cols * CELL_WORDS);
    this.resize(cols, rows);
  }

  /** All rows are blank and new to everybody. */
  resize(cols: number, rows: number): void {
    this.cols = cols;
    this.rows = rows;
    this.#cells = new Uint32Array(cols * rows * CELL_WORDS);
    for (let i = 0; i < this.#cells.length; i += CELL_WORDS) this.#cells[i] = BLANK_CELL;
    this.#scratch = new Uint32Array(cols * CELL_WORDS);
    this.#views = [];
    this.#strings = new Table();
    this.#styles = new Table();
    this.version += 1;
    this.#rowVersions = new Float64Array(rows).fill(this.version);
  }

  /** True when the tables have grown so large that the owner should `resize` (to the same size) and copy all rows again. */
  get isCrowded(): boolean {
    return this.#strings.values.length > MAX_TABLE || this.#styles.values.length > MAX_TABLE;
  }

  /** Copies an emulator's line into row `y` and stamps the row with `version` if it differs. Returns whether it did. */
  copyRow(y: number, line: EmulatorLine | undefined, version: number, linkOf: (id: number) => string): boolean {
    this.#read(line, linkOf);
    const start = y * this.cols * CELL_WORDS;
    const length = this.cols * CELL_WORDS;
    let i = 0;
    while (i < length && this.#cells[start + i] === this.#scratch[i]) i += 1;
    if (i === length) return false;
    this.#cells.set(this.#scratch, start);
    this.#rowVersions[y] = version;
    return true;
  }

  /** The rows that changed after `since`. */
  changedRows(since: number): number[] {
    const changed: number[] = [];
    for (let y = 0; y < this.rows; y += 1) if ((this.#rowVersions[y] ?? 0) > since) changed.push(y);
    return changed;
  }

  /** A row for a frame, its indexes turned to the frame's tables. Where it has none, it is the grid's own memory: good until the next `copyRow`. */
  rowCells(y: number, tables: FrameTables): Uint32Array {
    const length = this.cols * CELL_WORDS;
    this.#views[y] ??= this.#cells.subarray(y * length, (y + 1) * length);
    const own = this.#views[y];
    if (!hasIndexes(own)) return own;
    const cells = own.slice();
    for (let i = 0; i < length; i += CELL_WORDS) {
      const content = cells[i] ?? 0;
      if ((content & CELL_COMBINED) !== 0) {
        const text = this.#strings.values[content & CELL_CODE_MASK] ?? '';
        cells[i] = (content & ~CELL_CODE_MASK) | tables.stringIndex(text);
      }
      const ext = cells[i + 3] ?? 0;
      const style = ext === 0 ? undefined : this.#styles.values[ext];
      if (style !== undefined) cells[i + 3] = tables.styleIndex(style);
    }
    return cells;
  }

  /** Reads a line into the scratch row. */
  #read(line: EmulatorLine | undefined, linkOf: (id: number) => string): void {
    const out = this.#scratch;
    const data = line?._data;
    const filled = line === undefined ? 0 : Math.min(line.length, this.cols);
    for (let x = 0, i = 0, o = 0; x < this.cols; x += 1, i += EMULATOR_WORDS, o += CELL_WORDS) {
      if (line === undefined || data === undefined || x >= filled) {
        out[o] = BLANK_CELL;
        out[o + 1] = out[o + 2] = out[o + 3] = 0;
        continue;
      }
      const fg = data[i + 1] ?? 0;
      const bg = data[i + 2] ?? 0;
      out[o] = this.#content(data[i] ?? 0, line, x);
      out[o + 1] = (fg & FG_ATTRIBUTES) | cleanColor(fg);
      out[o + 2] = (bg & BG_ATTRIBUTES) | cleanColor(bg);
      out[o + 3] = (bg & BG_HAS_EXTENDED) === 0 ? 0 : this.#style(line, x, linkOf);
    }
  }

  #content(content: number, line: EmulatorLine, x: number): number {
    // Two columns is the most that a cell can be; a cluster that claims three is drawn in two.
    const width = Math.min((content >>> CELL_WIDTH_SHIFT) & 3, 2) << CELL_WIDTH_SHIFT;
    if ((content & CELL_COMBINED) !== 0) {
      const text = cutCluster(line._combined[x] ?? '');
      return width | CELL_COMBINED | this.#strings.index(text, () => text);
    }
    const code = content & CELL_CODE_MASK;
    return width | (isControl(code) ? 0xfffd : code);
  }

  #style(line: EmulatorLine, x: number, linkOf: (id: number) => string): number {
    const extended = line._extendedAttrs[x];
    if (extended === undefined) return 0;
    const style = styleOf(extended, linkOf);
    if (style === null) return 0;
    return this.#styles.index(styleKey(style), () => style);
  }
}
