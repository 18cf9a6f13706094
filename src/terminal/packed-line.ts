// Owns the compact form of a line that has left the screen: UTF-8 text and runs of attributes instead of cells.
import {
  BG_DIM,
  BG_HAS_EXTENDED,
  BG_ITALIC,
  BG_OVERLINE,
  CELL_CODE_MASK,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  type ExtendedStyle,
} from '../protocol/cells.ts';
import {
  BLANK_CELL,
  cleanColor,
  cutCluster,
  type EmulatorLine,
  FG_ATTRIBUTES,
  type FrameTables,
  isControl,
  styleOf,
} from './cells.ts';

/**
 * A packed line is one byte of flags and then steps up to its end; the low 2 bits of a step's varint say which, the rest how many cells:
 * - style: no cell; fg, bg and a byte for the cells that follow (a varint each; the third is 0, or 1 with underline, its colour and link behind it)
 * - ascii: so many bytes, each a cell of width 1 with that code (0: never written to)
 * - cells: so many cells, each a varint `code << 2 | width`
 * - clusters: so many cells, each a varint `bytes << 2 | width` and the UTF-8 behind it
 * Blank cells at the end are left out. A line begins with all style words 0.
 */
const STEP = { style: 0, ascii: 1, cells: 2, clusters: 3 } as const;
const FLAG_WRAPPED = 1;
const BG_ATTRIBUTES = BG_ITALIC | BG_DIM | BG_OVERLINE;
const EMULATOR_WORDS = 3;
/** The most that one style step takes: three varints, the underline, and a link of 2,048 ASCII characters. */
const STYLE_BYTES = 2048 + 32;
/** The most that one cell takes: a cluster of 32 UTF-16 units and its varints. */
const CELL_BYTES = 128;

/** Where lines are packed before they are stored: one for all panes, since packing one line is never interrupted. */
let scratch: Buffer = Buffer.allocUnsafeSlow(16 * 1024);
let at = 0;

function need(more: number): void {
  if (at + more <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, at + more));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

function putVarint(value: number): void {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    scratch[at] = (rest & 0x7f) | 0x80;
    at += 1;
    rest >>>= 7;
  }
  scratch[at] = rest;
  at += 1;
}

function putStyle(fg: number, bg: number, style: ExtendedStyle | null): void {
  need(STYLE_BYTES);
  putVarint(STEP.style);
  putVarint(fg);
  putVarint(bg);
  putVarint(style === null ? 0 : 1);
  if (style === null) return;
  putVarint(style.underline);
  putVarint(style.underlineColor);
  putVarint(style.link.length);
  at += scratch.write(style.link, at, 'latin1');
}

/** A count that is known only after its cells are written has two bytes kept for it: 4,095 cells. */
function putCount(start: number, count: number, kind: number): void {
  const value = (count << 2) | kind;
  scratch[start] = (value & 0x7f) | 0x80;
  scratch[start + 1] = value >>> 7;
}
const MAX_RUN = 4095;

/** Writes the cells from `x` that are ASCII and have the raw attributes `fg` and `bg`; returns where they end. */
function putAscii(data: Uint32Array, run: Run): number {
  const { x, end, fg, bg } = run;
  const start = at;
  const bytes = scratch;
  let o = at + 2;
  let i = x * EMULATOR_WORDS;
  const stop = Math.min(end, x + MAX_RUN) * EMULATOR_WORDS;
  for (; i < stop; i += EMULATOR_WORDS) {
    const content = data[i] as number;
    if ((content & ~0x7f) !== BLANK_CELL || data[i + 1] !== fg || data[i + 2] !== bg) break;
    bytes[o++] = content;
  }
  at = o;
  putCount(start, o - start - 2, STEP.ascii);
  return i / EMULATOR_WORDS;
}

/** The same for cells that are not ASCII, all of them clusters or none. */
function putCells(line: EmulatorLine, run: Run): number {
  const { end, fg, bg } = run;
  const data = line._data;
  const combined = (data[run.x * EMULATOR_WORDS] ?? 0) & CELL_COMBINED;
  const start = at;
  at += 2;
  let x = run.x;
  for (; x < Math.min(end, run.x + MAX_RUN); x += 1) {
    const i = x * EMULATOR_WORDS;
    const content = data[i] ?? 0;
    if ((content & CELL_COMBINED) !== combined || (content & ~0x7f) === BLANK_CELL) break;
    if (data[i + 1] !== fg || data[i + 2] !== bg) break;
    const width = Math.min((content >>> CELL_WIDTH_SHIFT) & 3, 2);
    if (combined !== 0) {
      const text = cutCluster(line._combined[x] ?? '');
      putVarint((Buffer.byteLength(text) << 2) | width);
      at += scratch.write(text, at, 'utf8');
    } else putVarint(((content & CELL_CODE_MASK) << 2) | width);
  }
  putCount(start, x - run.x, combined === 0 ? STEP.cells : STEP.clusters);
  return x;
}

interface Run {
  x: number;
  end: number;
  /** The emulator's words, with all their bookkeeping. */
  fg: number;
  bg: number;
}

/** Where the blank cells at the end of a line begin. */
function trimmedLength(line: EmulatorLine, most: number): number {
  const data = line._data;
  let i = (most - 1) * EMULATOR_WORDS;
  for (; i >= 0; i -= EMULATOR_WORDS)
    if ((((data[i] as number) ^ BLANK_CELL) | (data[i + 1] as number) | (data[i + 2] as number)) !== 0) break;
  return i / EMULATOR_WORDS + 1;
}

/** Where the cells that share the style of cell `x` end. */
function styleEnd(line: EmulatorLine, x: number, end: number): number {
  const own = line._extendedAttrs[x];
  let stop = x + 1;
  while (stop < end && line._extendedAttrs[stop] === own) stop += 1;
  return stop;
}

/** Packs a line of the emulator. The bytes are valid until the next call. `linkOf` gives the target of a link id, '' for one that must not be handed on. */
export function packLine(line: EmulatorLine, linkOf: (id: number) => string): Uint8Array {
  const length = pack(line, linkOf);
  return scratch.subarray(0, length);
}

/** Packs a line to the end of `target`, whose `take` is told how many bytes are to come and gives where they go; behind `most` cells the line is known to be blank. */
export function packLineInto(
  target: { take(length: number): { readonly bytes: Uint8Array; readonly at: number } },
  line: EmulatorLine,
  linkOf: (id: number) => string,
  most = line.length,
): void {
  const length = pack(line, linkOf, most);
  const { bytes, at: start } = target.take(length);
  // Views and native copies cost more than the loop for what a line usually is.
  if (length > LOOP_BYTES) bytes.set(scratch.subarray(0, length), start);
  else for (let i = 0; i < length; i += 1) bytes[start + i] = scratch[i] as number;
}
const LOOP_BYTES = 256;

/** Packs a line into `scratch`; returns how many bytes it takes. */
function pack(line: EmulatorLine, linkOf: (id: number) => string, most = line.length): number {
  const data = line._data;
  const length = trimmedLength(line, most);
  at = 0;
  need(length * CELL_BYTES);
  scratch[at++] = line.isWrapped ? FLAG_WRAPPED : 0;
  let extended: EmulatorLine['_extendedAttrs'][number];
  const run: Run = { x: 0, end: length, fg: 0, bg: 0 };
  while (run.x < length) {
    const i = run.x * EMULATOR_WORDS;
    const fg = data[i + 1] ?? 0;
    const bg = data[i + 2] ?? 0;
    const own = (bg & BG_HAS_EXTENDED) === 0 ? undefined : line._extendedAttrs[run.x];
    if (fg !== run.fg || bg !== run.bg || own !== extended) {
      run.fg = fg;
      run.bg = bg;
      extended = own;
      const style = own === undefined ? null : styleOf(own, linkOf);
      putStyle((fg & FG_ATTRIBUTES) | cleanColor(fg), (bg & BG_ATTRIBUTES) | cleanColor(bg), style);
      need((length - run.x) * CELL_BYTES);
    }
    run.end = (bg & BG_HAS_EXTENDED) === 0 ? length : styleEnd(line, run.x, length);
    const isAscii = ((data[i] ?? 0) & ~0x7f) === BLANK_CELL;
    run.x = isAscii ? putAscii(data, run) : putCells(line, run);
  }
  return at;
}

/** What a reader of a packed line is told, from left to right. */
interface LineVisitor {
  style(fg: number, bg: number, style: ExtendedStyle | null): void;
  /** `count` cells of width 1 whose codes are the bytes from `start`. */
  ascii(bytes: Uint8Array, start: number, count: number): void;
  /** One cell with a code point (0 for none). */
  cell(code: number, width: number): void;
  cluster(text: string, width: number): void;
}

function walk(bytes: Uint8Array, visitor: LineVisitor): void {
  let i = 1;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[i++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const text = (length: number): string => {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset + i, length).toString('utf8');
    i += length;
    return value;
  };
  while (i < bytes.length) {
    const step = varint();
    const kind = step & 3;
    const count = step >>> 2;
    if (kind === STEP.style) {
      const fg = varint();
      const bg = varint();
      const hasStyle = varint() === 1;
      visitor.style(fg, bg, hasStyle ? { underline: varint(), underlineColor: varint(), link: text(varint()) } : null);
    } else if (kind === STEP.ascii) {
      visitor.ascii(bytes, i, count);
      i += count;
    } else {
      for (let k = 0; k < count; k += 1) {
        const value = varint();
        if (kind === STEP.cells) visitor.cell(value >>> 2, value & 3);
        else visitor.cluster(text(value >>> 2), value & 3);
      }
    }
  }
}

/** Whether the line continues the one before it. */
export function isWrappedLine(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & FLAG_WRAPPED) !== 0;
}

/** How many columns the line's text takes. */
export function lineWidth(bytes: Uint8Array): number {
  let width = 0;
  walk(bytes, {
    style: () => {},
    ascii: (_bytes, _start, count) => {
      width += count;
    },
    cell: () => {
      width += 1;
    },
    cluster: () => {
      width += 1;
    },
  });
  return width;
}

/** The line as cells of a frame, filled with blanks up to `cols`; what does not fit is left out. */
export function unpackCells(bytes: Uint8Array, cols: number, tables: FrameTables): Uint32Array {
  const out = new Uint32Array(cols * CELL_WORDS);
  let x = 0;
  let [fg, bg, ext] = [0, 0, 0];
  const put = (content: number): void => {
    if (x >= cols) return;
    const o = x * CELL_WORDS;
    out[o] = content;
    out[o + 1] = fg;
    out[o + 2] = bg;
    out[o + 3] = ext;
    x += 1;
  };
  const putCode = (code: number, width: number): void =>
    put((width << CELL_WIDTH_SHIFT) | (isControl(code) ? 0xfffd : code));
  walk(bytes, {
    style: (nextFg, nextBg, style) => {
      fg = nextFg;
      bg = nextBg;
      ext = style === null ? 0 : tables.styleIndex(style);
    },
    ascii: (codes, start, count) => {
      for (let k = 0; k < count; k += 1) putCode(codes[start + k] ?? 0, 1);
    },
    cell: putCode,
    cluster: (text, width) => put((width << CELL_WIDTH_SHIFT) | CELL_COMBINED | tables.stringIndex(text)),
  });
  // A wide character whose right half did not fit would shift the rows of whoever draws it.
  const last = (cols - 1) * CELL_WORDS;
  if (x === cols && (out[last] ?? 0) >>> CELL_WIDTH_SHIFT === 2) out[last] = BLANK_CELL;
  fg = bg = ext = 0;
  while (x < cols) put(BLANK_CELL);
  return out;
}

/** The line's text; cells never written to are spaces, and are cut at the end: blanks that were written may stand between words of a wrapped line. */
export function unpackText(bytes: Uint8Array): string {
  let text = '';
  walk(bytes, {
    style: () => {},
    ascii: (codes, start, count) => {
      text += Buffer.from(codes.buffer, codes.byteOffset + start, count).toString('latin1');
    },
    cell: (code, width) => {
      if (width > 0) text += code === 0 ? '\0' : isControl(code) ? '\ufffd' : String.fromCodePoint(code);
    },
    cluster: (cluster) => {
      text += cluster;
    },
  });
  return text.replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** In which column the character at `index` (UTF-16) of `unpackText` stands. */
export function columnOf(bytes: Uint8Array, index: number): number {
  let left = index;
  let x = 0;
  const take = (length: number): void => {
    if (left < 0) return;
    if (left < length || length === 0) {
      if (length > 0) left = -1;
      else x += 1;
      return;
    }
    left -= length;
    x += 1;
  };
  walk(bytes, {
    style: () => {},
    ascii: (_codes, _start, count) => {
      if (left < 0) return;
      const taken = Math.min(left, count);
      x += taken;
      left = taken < count ? -1 : left - taken;
    },
    cell: (code, width) => take(width === 0 ? 0 : code > 0xffff ? 2 : 1),
    cluster: (text) => take(text.length),
  });
  return x;
}
