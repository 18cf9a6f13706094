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
 * - style: no cell; fg, bg and a byte for the cells that follow (a varint each; the byte is 0, or 1 with underline, its colour and link behind it)
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

function isAscii(content: number): boolean {
  return (content & ~0x7f) === BLANK_CELL;
}

/** Where the run of cells of the kind and the raw attributes of cell `x` ends. */
function runEnd(data: Uint32Array, x: number, end: number, bits: number): number {
  const first = x * EMULATOR_WORDS;
  const fg = data[first + 1];
  const bg = data[first + 2];
  const ascii = isAscii(data[first] ?? 0);
  const combined = (data[first] ?? 0) & bits;
  let stop = x + 1;
  for (let i = first + EMULATOR_WORDS; stop < end; stop += 1, i += EMULATOR_WORDS) {
    const content = data[i] ?? 0;
    if (data[i + 1] !== fg || data[i + 2] !== bg || isAscii(content) !== ascii || (content & bits) !== combined) break;
  }
  return stop;
}

function putRun(line: EmulatorLine, from: number, end: number): void {
  const data = line._data;
  const first = data[from * EMULATOR_WORDS] ?? 0;
  need((end - from) * CELL_BYTES);
  if (isAscii(first)) {
    putVarint(((end - from) << 2) | STEP.ascii);
    for (let i = from * EMULATOR_WORDS, x = from; x < end; x += 1, i += EMULATOR_WORDS) {
      scratch[at] = (data[i] ?? 0) & 0x7f;
      at += 1;
    }
    return;
  }
  const isCombined = (first & CELL_COMBINED) !== 0;
  putVarint(((end - from) << 2) | (isCombined ? STEP.clusters : STEP.cells));
  for (let x = from; x < end; x += 1) {
    const content = data[x * EMULATOR_WORDS] ?? 0;
    const width = Math.min((content >>> CELL_WIDTH_SHIFT) & 3, 2);
    if (isCombined) {
      const text = cutCluster(line._combined[x] ?? '');
      putVarint((Buffer.byteLength(text) << 2) | width);
      at += scratch.write(text, at, 'utf8');
    } else putVarint(((content & CELL_CODE_MASK) << 2) | width);
  }
}

/**
 * Packs a line of the emulator. The bytes are valid until the next call. `linkOf` gives the target of a link id, '' for one that must not be
 * handed on.
 */
export function packLine(line: EmulatorLine, linkOf: (id: number) => string): Uint8Array {
  const data = line._data;
  let end = line.length;
  for (let i = (end - 1) * EMULATOR_WORDS; end > 0; end -= 1, i -= EMULATOR_WORDS)
    if (data[i] !== BLANK_CELL || data[i + 1] !== 0 || data[i + 2] !== 0) break;
  at = 0;
  scratch[at++] = line.isWrapped ? FLAG_WRAPPED : 0;
  let rawFg = 0;
  let rawBg = 0;
  let extended: EmulatorLine['_extendedAttrs'][number];
  for (let x = 0; x < end; ) {
    const fg = data[x * EMULATOR_WORDS + 1] ?? 0;
    const bg = data[x * EMULATOR_WORDS + 2] ?? 0;
    const hasExtended = (bg & BG_HAS_EXTENDED) !== 0;
    const own = hasExtended ? line._extendedAttrs[x] : undefined;
    if (fg !== rawFg || bg !== rawBg || own !== extended) {
      const style = own === undefined ? null : styleOf(own, linkOf);
      putStyle((fg & FG_ATTRIBUTES) | cleanColor(fg), (bg & BG_ATTRIBUTES) | cleanColor(bg), style);
      rawFg = fg;
      rawBg = bg;
      extended = own;
    }
    let stop = runEnd(data, x, end, CELL_COMBINED);
    if (hasExtended) for (let next = x + 1; next < stop; next += 1) if (line._extendedAttrs[next] !== own) stop = next;
    putRun(line, x, stop);
    x = stop;
  }
  return scratch.subarray(0, at);
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

/** The line's text; cells never written to are spaces, and blanks at the end are cut. */
export function unpackText(bytes: Uint8Array): string {
  let text = '';
  walk(bytes, {
    style: () => {},
    ascii: (codes, start, count) => {
      text += Buffer.from(codes.buffer, codes.byteOffset + start, count).toString('latin1');
    },
    cell: (code, width) => {
      if (width > 0) text += code === 0 ? ' ' : isControl(code) ? '\ufffd' : String.fromCodePoint(code);
    },
    cluster: (cluster) => {
      text += cluster;
    },
  });
  return text.replaceAll('\0', ' ').trimEnd();
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
