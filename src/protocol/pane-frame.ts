// Owns the bytes of a pane frame: what a server sends as the payload of a FRAME.pane, and the checks with which a client reads it.

import {
  CELL_CODE_MASK,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  type ExtendedStyle,
  type Frame,
  type PaneLine,
  type PaneUpdate,
} from './cells.ts';
import { FrameBytes, FrameCursor } from './frame-bytes.ts';
import type { RowRoom } from './row-room.ts';

/** Raised when the byte form changes; a reader refuses another. */
const PANE_FRAME_FORMAT = 1;
/** The second byte of a frame that is not acknowledged. */
const FREE = 1;

// What no honest server exceeds. They bound what a frame can make a client allocate: runs compress, so that the length alone does not.
const MAX_PANES = 1024;
const MAX_SIDE = 4096;
const MAX_FRAME_CELLS = 2 * 1024 * 1024;
const MAX_TABLE = 1 << 20;
const MAX_STRING_BYTES = 256;
const MAX_LINK_BYTES = 4096;

const BLANK = 1 << CELL_WIDTH_SHIFT;
const MAX_CODE = 0x10ffff;

/**
 * A row is a list of steps; the low 3 bits of a step's varint say which, the rest how many cells:
 * - blanks: to the end of the row (count 0)
 * - style: no cell; fg, bg and ext of the cells that follow (three varints; count 0)
 * - ascii: so many bytes, each a cell of width 1 with that code
 * - cells: so many varints, each code << 3 | isCombined << 2 | width
 * - repeat: one such varint, standing for so many cells
 * A row begins with all style words 0.
 */
const STEP = { blanks: 0, style: 1, ascii: 2, cells: 3, repeat: 4 } as const;
const STEP_BITS = 3;
/** A run shorter than this is cheaper within its neighbours. */
const MIN_REPEAT = 4;

/** The payload for `frame`, good until the next one is encoded; framing is frame.ts. The frame is trusted: it is the server's own. */
export function encodePaneFrame(frame: Frame): Buffer {
  const out = new FrameBytes();
  out.byte(PANE_FRAME_FORMAT);
  out.byte(frame.isFree ? FREE : 0);
  out.varint(frame.number);
  out.varint(Math.max(frame.strings.length - 1, 0));
  for (const text of frame.strings.slice(1)) out.text(text);
  out.varint(Math.max(frame.styles.length - 1, 0));
  for (const style of frame.styles.slice(1)) {
    out.byte(style.underline);
    out.varint(style.underlineColor);
    out.text(style.link);
  }
  out.varint(frame.panes.length);
  for (const pane of frame.panes) encodePane(out, pane);
  return out.take();
}

/** Makes a free frame of an encoded one: how large it is, is known only then. */
export function makeFree(payload: Buffer): void {
  payload[1] = FREE;
}

function encodePane(out: FrameBytes, pane: PaneUpdate): void {
  out.varint(pane.pane);
  out.varint(pane.generation);
  out.varint(pane.cols);
  out.varint(pane.rows);
  out.varint(pane.cursor.x);
  out.varint(pane.cursor.y);
  out.byte((pane.cursor.shape << 1) | (pane.cursor.isVisible ? 1 : 0));
  out.varint(pane.modes);
  out.varint(pane.lines.length);
  for (const line of pane.lines) {
    out.varint(line.y);
    encodeRow(out, line.cells, pane.cols);
  }
}

function isBlank(cells: Uint32Array, x: number): boolean {
  const i = x * CELL_WORDS;
  return cells[i] === BLANK && cells[i + 1] === 0 && cells[i + 2] === 0 && cells[i + 3] === 0;
}

function isSameStyle(cells: Uint32Array, a: number, b: number): boolean {
  const i = a * CELL_WORDS;
  const j = b * CELL_WORDS;
  return cells[i + 1] === cells[j + 1] && cells[i + 2] === cells[j + 2] && cells[i + 3] === cells[j + 3];
}

function isAscii(content: number): boolean {
  return content >>> CELL_WIDTH_SHIFT === 1 && (content & CELL_COMBINED) === 0 && (content & CELL_CODE_MASK) < 0x80;
}

function packContent(content: number): number {
  return (
    ((content & CELL_CODE_MASK) << 3) | ((content & CELL_COMBINED) === 0 ? 0 : 4) | ((content >>> CELL_WIDTH_SHIFT) & 3)
  );
}

function encodeRow(out: FrameBytes, cells: Uint32Array, cols: number): void {
  let end = cols;
  while (end > 0 && isBlank(cells, end - 1)) end -= 1;
  let x = 0;
  let fg = 0;
  let bg = 0;
  let ext = 0;
  while (x < end) {
    const i = x * CELL_WORDS;
    if (cells[i + 1] !== fg || cells[i + 2] !== bg || cells[i + 3] !== ext) {
      fg = cells[i + 1] ?? 0;
      bg = cells[i + 2] ?? 0;
      ext = cells[i + 3] ?? 0;
      out.varint(STEP.style);
      out.varint(fg);
      out.varint(bg);
      out.varint(ext);
    }
    let stop = x + 1;
    while (stop < end && isSameStyle(cells, x, stop)) stop += 1;
    encodeRun(out, cells, x, stop);
    x = stop;
  }
  if (end < cols) out.varint(STEP.blanks);
}

/** Where the run of equal contents that begins at `x` ends. */
function repeatEnd(cells: Uint32Array, x: number, end: number): number {
  const content = cells[x * CELL_WORDS];
  let stop = x + 1;
  while (stop < end && cells[stop * CELL_WORDS] === content) stop += 1;
  return stop;
}

/** Cells `from` to `end` of one style. */
function encodeRun(out: FrameBytes, cells: Uint32Array, from: number, end: number): void {
  let x = from;
  while (x < end) {
    const content = cells[x * CELL_WORDS] ?? 0;
    const same = repeatEnd(cells, x, end);
    if (same - x >= MIN_REPEAT) {
      out.varint(((same - x) << STEP_BITS) | STEP.repeat);
      out.varint(packContent(content));
      x = same;
      continue;
    }
    const ascii = isAscii(content);
    let stop = x + 1;
    while (
      stop < end &&
      isAscii(cells[stop * CELL_WORDS] ?? 0) === ascii &&
      repeatEnd(cells, stop, Math.min(stop + MIN_REPEAT, end)) - stop < MIN_REPEAT
    ) {
      stop += 1;
    }
    out.varint(((stop - x) << STEP_BITS) | (ascii ? STEP.ascii : STEP.cells));
    for (; x < stop; x += 1) {
      const word = cells[x * CELL_WORDS] ?? 0;
      if (ascii) out.byte(word & 0x7f);
      else out.varint(packContent(word));
    }
  }
}

/**
 * Reads a payload. Throws, naming what is wrong, on anything that `encodePaneFrame` would not have written from honest cells. With `room` the rows are
 * in it, good until the next frame is decoded into it.
 */
export function decodePaneFrame(payload: Uint8Array, room: RowRoom | null = null): Frame {
  room?.clear();
  const input = new FrameCursor(payload);
  const format = input.byte();
  if (format !== PANE_FRAME_FORMAT)
    throw new Error(`a pane frame has format ${format}; this client reads ${PANE_FRAME_FORMAT}`);
  const isFree = input.byte() === FREE;
  const number = input.varint();
  const strings = [''];
  const stringCount = input.count(MAX_TABLE, 'strings');
  for (let i = 0; i < stringCount; i += 1) strings.push(input.text(MAX_STRING_BYTES));
  const styles: ExtendedStyle[] = [{ underline: 0, underlineColor: 0, link: '' }];
  const styleCount = input.count(MAX_TABLE, 'styles');
  for (let i = 0; i < styleCount; i += 1) {
    const underline = input.limited(input.byte(), 5, 'underline style');
    styles.push({
      underline,
      underlineColor: input.limited(input.varint(), 0x3ffffff, 'underline colour'),
      link: input.text(MAX_LINK_BYTES),
    });
  }
  const budget: Budget = { room, cells: MAX_FRAME_CELLS, strings: strings.length, styles: styles.length };
  const panes: PaneUpdate[] = [];
  const paneCount = input.count(MAX_PANES, 'panes');
  for (let i = 0; i < paneCount; i += 1) panes.push(decodePane(input, budget));
  input.end();
  return { number, isFree, strings, styles, panes };
}

interface Budget {
  readonly room: RowRoom | null;
  /** Cells that the frame may still have. */
  cells: number;
  readonly strings: number;
  readonly styles: number;
}

function decodePane(input: FrameCursor, budget: Budget): PaneUpdate {
  const pane = input.limited(input.varint(), 0xffff, 'pane number');
  const generation = input.varint();
  const cols = input.size(MAX_SIDE, 'columns');
  const rows = input.size(MAX_SIDE, 'rows');
  const x = input.limited(input.varint(), cols - 1, 'cursor column');
  const y = input.limited(input.varint(), rows - 1, 'cursor row');
  const look = input.byte();
  const cursor = { x, y, isVisible: (look & 1) === 1, shape: input.limited(look >> 1, 6, 'cursor shape') };
  const modes = input.varint();
  const lines: PaneLine[] = [];
  const lineCount = input.limited(input.varint(), rows, 'number of rows');
  budget.cells -= lineCount * cols;
  if (budget.cells < 0) throw new Error(`a pane frame has more than ${MAX_FRAME_CELLS} cells`);
  for (let i = 0; i < lineCount; i += 1) {
    const row = input.limited(input.varint(), rows - 1, 'row');
    const before = lines.at(-1)?.y ?? -1;
    if (row <= before) throw new Error(`a pane frame has row ${row} after row ${before}`);
    const words = cols * CELL_WORDS;
    const cells = budget.room?.take(words) ?? new Uint32Array(words);
    decodeRow(input, cells, budget);
    lines.push({ y: row, cells });
  }
  return { pane, generation, cols, rows, cursor, modes, lines };
}

/** A cell's content word. Refuses what must not reach a terminal: control characters and half characters. */
function unpackContent(packed: number, budget: Budget): number {
  const width = packed & 3;
  const isCombined = (packed & 4) !== 0;
  const code = packed >>> 3;
  if (width === 3) throw new Error('a pane frame has a cell of width 3');
  if (isCombined) {
    if (code === 0 || code >= budget.strings)
      throw new Error(`a pane frame names string ${code} of ${budget.strings - 1}`);
    return (width << CELL_WIDTH_SHIFT) | CELL_COMBINED | code;
  }
  const isControl = (code < 0x20 && code !== 0) || (code >= 0x7f && code < 0xa0);
  if (isControl || (code >= 0xd800 && code < 0xe000) || code > MAX_CODE)
    throw new Error(`a pane frame has a cell with code ${code}`);
  return (width << CELL_WIDTH_SHIFT) | code;
}

function decodeRow(input: FrameCursor, cells: Uint32Array, budget: Budget): void {
  let fg = 0;
  let bg = 0;
  let ext = 0;
  let at = 0;
  while (at < cells.length) {
    const step = input.varint();
    const kind = step & ((1 << STEP_BITS) - 1);
    let end = at + (step >>> STEP_BITS) * CELL_WORDS;
    if (kind === STEP.style) {
      fg = input.varint();
      bg = input.varint();
      ext = input.limited(input.varint(), budget.styles - 1, 'style');
      continue;
    }
    if (kind === STEP.blanks) {
      fg = bg = ext = 0;
      end = cells.length;
    } else if (end === at || end > cells.length) {
      const left = (cells.length - at) / CELL_WORDS;
      throw new Error(`a pane frame has ${step >>> STEP_BITS} cells where ${left} are left in the row`);
    }
    if (kind > STEP.repeat) throw new Error(`a pane frame has an unknown step ${kind}`);
    let content = kind === STEP.repeat ? unpackContent(input.varint(), budget) : BLANK;
    for (; at < end; at += CELL_WORDS) {
      if (kind === STEP.ascii) content = unpackContent((input.byte() << 3) | 1, budget);
      else if (kind === STEP.cells) content = unpackContent(input.varint(), budget);
      cells[at] = content;
      cells[at + 1] = fg;
      cells[at + 2] = bg;
      cells[at + 3] = ext;
    }
  }
}
