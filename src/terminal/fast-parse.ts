// Owns the short way of output into the emulator's cells: plain text, line ends and simple control sequences, which are nearly all of it.
import { BG_HAS_EXTENDED, CELL_WIDTH_SHIFT } from '../protocol/cells.ts';
import type { ControlHandler, EmulatorBuffer, EmulatorCore, EmulatorHandler, EmulatorParser } from './emulator-core.ts';
import { setPen } from './fast-sgr.ts';
import type { LineEnds } from './line-ends.ts';

/** The parser's state between sequences. */
const GROUND = 0;
const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const CSI = 0x5b;
const SEMICOLON = 0x3b;
const SGR = 0x6d;
/** Code points that the emulator's own parser is given at a time: a sequence that is none of the simple ones, and a little behind it. */
const GENERAL_STEP = 64;
/** The emulator keeps 32 parameters; longer sequences are its own business, and numbers of more digits too. */
const MAX_PARAMS = 31;
const MAX_VALUE = 99_999_999;
const WORDS = 3;
const NARROW = 1 << CELL_WIDTH_SHIFT;
const WIDE = 2 << CELL_WIDTH_SHIFT;
/** The last character's kind in a join state (bits 3 and up of what the width tables say); its high bits tell nothing. */
const KIND = 0b1111_000;
/** A join state after a character that joins with nothing by itself; the width is added in bits 1 and 2. */
const NO_KIND = 0;

/** Of each code point of the basic plane how many columns it takes, when it never joins with a plain one before it; else NOT_PLAIN. */
const plainWidths = new Uint8Array(0x10000);
const NOT_PLAIN = 3;

interface Lane {
  readonly core: EmulatorCore;
  readonly handler: EmulatorHandler;
  readonly parser: EmulatorParser;
  readonly ends: LineEnds;
  /** The emulator's own way. */
  readonly general: EmulatorParser['parse'];
}

/**
 * Makes the emulator take the short way wherever it leads to the same cells as its own. What it is not made for goes the emulator's own way:
 * clusters, links, insert mode, character sets, sequences with a prefix, with sub-parameters, or cut in two by the end of a read.
 */
export function installFastParse(core: EmulatorCore, ends: LineEnds): void {
  const handler = core._inputHandler;
  const parser = handler._parser;
  const lane: Lane = { core, handler, parser, ends, general: parser.parse };
  parser.parse = (data, length) => parse(lane, data, length);
  const erase = handler._eraseInBufferLine;
  handler._eraseInBufferLine = (y, start, end, clearsWrap = false, respectsProtect = false) => {
    if (respectsProtect) erase.call(handler, y, start, end, clearsWrap, respectsProtect);
    else eraseCells(handler, y, start, end, clearsWrap);
  };
}

function parse(lane: Lane, data: Uint32Array, length: number): void {
  const { parser } = lane;
  let at = 0;
  while (at < length) {
    const code = data[at] as number;
    let next = 0;
    if (parser.currentState !== GROUND) next = 0;
    else if (code >= 0x20) next = isPrintable(code) ? print(lane, data, at, length) : 0;
    else if (code === ESC) next = controlSequence(lane, data, at, length);
    else next = execute(lane, code) ? at + 1 : 0;
    at = next > 0 ? next : parseGenerally(lane, data, at, length);
  }
}

function isPrintable(code: number): boolean {
  return (code >= 0x20 && code < 0x7f) || code >= 0xa0;
}

function parseGenerally(lane: Lane, data: Uint32Array, at: number, length: number): number {
  // Never through a text: with no wrap-around it makes a difference where a text begins.
  const end = at + GENERAL_STEP < length ? textEnd(data, at + GENERAL_STEP - 1, length) : length;
  // What it wrote is not known, nor to which lines that began meanwhile.
  lane.ends.forget();
  lane.general.call(lane.parser, data.subarray(at, end), end - at);
  lane.ends.forget();
  return end;
}

/** A control character that is no part of a sequence. */
function execute({ parser, ends }: Lane, code: number): boolean {
  const handler = parser._executeHandlers[code];
  if (handler === undefined) return false;
  handler();
  if (code !== CR && code !== LF) ends.forget();
  parser.precedingJoinState = 0;
  return true;
}

/** A whole `CSI number ; … final` that begins at `at`; returns where it ends, or 0 when it is something else. */
function controlSequence({ handler, parser, ends }: Lane, data: Uint32Array, at: number, length: number): number {
  if (data[at + 1] !== CSI) return 0;
  const params = parser._params;
  const values = params.params;
  let count = 0;
  let value = 0;
  let i = at + 2;
  let code = 0;
  for (; i < length; i += 1) {
    code = data[i] as number;
    if (code >= 0x30 && code <= 0x39) value = value * 10 + code - 0x30;
    else if (code === SEMICOLON && count < MAX_PARAMS) {
      values[count++] = value;
      value = 0;
    } else break;
    if (value > MAX_VALUE) return 0;
  }
  if (i >= length || code < 0x40 || code > 0x7e) return 0;
  const handlers = parser._csiHandlers[code];
  if (handlers === undefined) return 0;
  values[count++] = value;
  if (code !== SGR || handlers.length > 1 || !setPen(handler._curAttrData, values, count)) {
    params.reset();
    for (let k = 0; k < count; k += 1) params._subParamsIdx[k] = 0;
    params.length = count;
    parser._collect = 0;
    ends.forget();
    dispatch(parser, handlers, code);
    ends.forget();
  }
  // Not before: a repeated character (REP) is known by it.
  parser.precedingJoinState = 0;
  return i + 1;
}

/** A sequence's handlers, the last one first, until one says that it was it. */
function dispatch(parser: EmulatorParser, handlers: readonly ControlHandler[], final: number): void {
  let left = handlers.length - 1;
  while (left >= 0 && (handlers[left] as ControlHandler)(parser._params) !== true) left -= 1;
  if (left < 0) parser._csiHandlerFb(final, parser._params);
}

/** Prints from `at` on; returns where it stopped, which need not be the end of the text. */
function print(lane: Lane, data: Uint32Array, at: number, length: number): number {
  const { handler, parser } = lane;
  const pen = handler._curAttrData;
  const { modes, decPrivateModes } = handler._coreService;
  if (
    handler._charsetService.charset !== undefined ||
    modes.insertMode ||
    !decPrivateModes.wraparound ||
    pen.extended._urlId !== 0 ||
    (pen.bg & BG_HAS_EXTENDED) !== 0
  )
    return printGenerally(lane, data, at, textEnd(data, at, length));
  if ((parser.precedingJoinState & KIND) !== NO_KIND) return printGenerally(lane, data, at, at + 1);
  const next = printPlain(lane, data, at, length);
  // The end of the line, or a character that is not plain.
  return next === at ? printGenerally(lane, data, at, at + 1) : next;
}

function printGenerally({ handler, ends }: Lane, data: Uint32Array, at: number, end: number): number {
  ends.forget();
  handler.print(data, at, end);
  ends.forget();
  return end;
}

function textEnd(data: Uint32Array, at: number, length: number): number {
  let end = at + 1;
  while (end < length && isPrintable(data[end] as number)) end += 1;
  return end;
}

/** Writes plain characters into the cursor's row until it is full, or another one comes; returns where it stopped. */
function printPlain({ core, handler, parser, ends }: Lane, data: Uint32Array, at: number, length: number): number {
  const buffer: EmulatorBuffer = handler._activeBuffer;
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  if (line === undefined) return at;
  const cells = line._data;
  const { fg, bg } = handler._curAttrData;
  const end = handler._bufferService.cols * WORDS;
  const start = buffer.x * WORDS;
  let cell = start;
  let i = at;
  let width = 1;
  for (; i < length; i += 1) {
    const code = data[i] as number;
    if (code < 0x20 || cell >= end) break;
    width = code < 0x7f ? 1 : code > 0xffff ? NOT_PLAIN : plainWidth(core, code);
    if (width === 1) cells[cell] = code | NARROW;
    else if (width === 2 && cell + WORDS < end) {
      cells[cell] = code | WIDE;
      cells[cell + 1] = fg;
      cells[cell + 2] = bg;
      cell += WORDS;
      cells[cell] = 0;
    } else break;
    cells[cell + 1] = fg;
    cells[cell + 2] = bg;
    cell += WORDS;
  }
  if (i === at) return at;
  handler._dirtyRowTracker.markDirty(buffer.y);
  // The left half of a wide character whose right half is overwritten, and the right half of one whose left is.
  if (start > 0 && (cells[start - WORDS] as number) >>> CELL_WIDTH_SHIFT === 2) blank(cells, start - WORDS, fg, bg);
  buffer.x = cell / WORDS;
  parser.precedingJoinState = (cells[cell - WORDS] === 0 ? 2 : 1) << 1;
  const isOver = i === length || !isPrintable(data[i] as number);
  if (isOver && cell < end && cells[cell] === 0) blank(cells, cell, fg, bg);
  ends.written(line, Math.min(cell + WORDS, end));
  return i;
}

function blank(cells: Uint32Array, cell: number, fg: number, bg: number): void {
  cells[cell] = NARROW;
  cells[cell + 1] = fg;
  cells[cell + 2] = bg;
}

/** Erases cells of a row of the screen, and the other halves of wide characters that are cut at its ends. */
function eraseCells(handler: EmulatorHandler, y: number, start: number, end: number, clearsWrap: boolean): void {
  const buffer = handler._activeBuffer;
  const line = buffer.lines.get(buffer.ybase + y);
  if (line === undefined) return;
  const cells = line._data;
  const { bg } = handler._eraseAttrData();
  if (start > 0 && isLeftHalf(cells, start - 1)) blank(cells, (start - 1) * WORDS, 0, bg);
  if (end < line.length && isLeftHalf(cells, end - 1)) blank(cells, end * WORDS, 0, bg);
  const last = Math.min(end, line.length) * WORDS;
  for (let cell = start * WORDS; cell < last; cell += WORDS) {
    cells[cell] = NARROW;
    cells[cell + 1] = 0;
    cells[cell + 2] = bg;
  }
  if (clearsWrap) line.isWrapped = false;
}

function isLeftHalf(cells: Uint32Array, x: number): boolean {
  return (cells[x * WORDS] as number) >>> CELL_WIDTH_SHIFT === 2;
}

function plainWidth(core: EmulatorCore, code: number): number {
  const known = plainWidths[code] as number;
  if (known !== 0) return known;
  const properties = code < 0xa0 ? 1 : core.unicodeService.charProperties(code, NO_KIND | (1 << 1));
  const isPlain = code >= 0xa0 && (properties & KIND) === NO_KIND && (properties & 1) === 0;
  const width = isPlain ? (properties >> 1) & 3 : NOT_PLAIN;
  plainWidths[code] = width;
  return width;
}
