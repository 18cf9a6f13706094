// Owns the colours and attributes that output sets most (SGR), in the emulator's own words.
import {
  BG_DIM,
  BG_ITALIC,
  BG_OVERLINE,
  COLOR_MODE_MASK,
  COLOR_P16,
  COLOR_P256,
  COLOR_RGB,
  FG_BLINK,
  FG_BOLD,
  FG_INVERSE,
  FG_INVISIBLE,
  FG_STRIKE,
} from '../protocol/cells.ts';
import type { Pen } from './emulator-core.ts';

const RGB_MASK = 0xffffff;
const PALETTE_MASK = 0xff;
const BRIGHT = 8;
/** Behind 38 and 48: a palette's number follows, or red, green and blue. */
const INDEXED = 5;
const DIRECT = 2;

/** The pen's words while a sequence is read. */
let fg = 0;
let bg = 0;

function palette16(word: number, index: number): number {
  return (word & ~(COLOR_MODE_MASK | PALETTE_MASK)) | COLOR_P16 | index;
}

function setPalette16(code: number): boolean {
  if (code >= 30 && code <= 37) fg = palette16(fg, code - 30);
  else if (code >= 40 && code <= 47) bg = palette16(bg, code - 40);
  else if (code >= 90 && code <= 97) fg = palette16(fg, (code - 90) | BRIGHT);
  else if (code >= 100 && code <= 107) bg = palette16(bg, (code - 100) | BRIGHT);
  else return false;
  return true;
}

/** True when the code stands for itself and was set. Underlines do not: they live outside of the two words. */
function setSimple(code: number): boolean {
  switch (code) {
    case 0:
      fg = 0;
      bg = 0;
      return true;
    case 1:
      fg |= FG_BOLD;
      return true;
    case 2:
      bg |= BG_DIM;
      return true;
    case 3:
      bg |= BG_ITALIC;
      return true;
    case 5:
      fg |= FG_BLINK;
      return true;
    case 7:
      fg |= FG_INVERSE;
      return true;
    case 8:
      fg |= FG_INVISIBLE;
      return true;
    case 9:
      fg |= FG_STRIKE;
      return true;
    case 22:
      fg &= ~FG_BOLD;
      bg &= ~BG_DIM;
      return true;
    case 23:
      bg &= ~BG_ITALIC;
      return true;
    case 27:
      fg &= ~FG_INVERSE;
      return true;
    case 29:
      fg &= ~FG_STRIKE;
      return true;
    case 39:
      fg &= ~(COLOR_MODE_MASK | RGB_MASK);
      return true;
    case 49:
      bg &= ~(COLOR_MODE_MASK | RGB_MASK);
      return true;
    case 53:
      bg |= BG_OVERLINE;
      return true;
    case 55:
      bg &= ~BG_OVERLINE;
      return true;
    default:
      return setPalette16(code);
  }
}

/** Reads the colour behind 38 or 48 at `at`; returns how many numbers it takes, or 0 when it is not whole. */
function setExtended(values: Int32Array, at: number, count: number): number {
  const mode = values[at + 1];
  const isFg = values[at] === 38;
  const word = isFg ? fg : bg;
  let color = 0;
  let taken = 0;
  if (mode === DIRECT && at + 4 < count) {
    const [r = 0, g = 0, b = 0] = [values[at + 2], values[at + 3], values[at + 4]];
    color = ((word | COLOR_RGB) & ~RGB_MASK) | ((r & 0xff) << 16) | ((g & 0xff) << 8) | (b & 0xff);
    taken = 5;
  } else if (mode === INDEXED && at + 2 < count) {
    color = (word & ~(COLOR_MODE_MASK | PALETTE_MASK)) | COLOR_P256 | ((values[at + 2] ?? 0) & 0xff);
    taken = 3;
  }
  if (taken > 0 && isFg) fg = color;
  else if (taken > 0) bg = color;
  return taken;
}

/** Sets a pen without underline and link as a sequence of `count` numbers says. False, and nothing set, when there is a code of another kind in it. */
export function setPen(pen: Pen, values: Int32Array, count: number): boolean {
  if (pen.extended._ext !== 0 || pen.extended._urlId !== 0) return false;
  fg = pen.fg;
  bg = pen.bg;
  for (let at = 0; at < count; ) {
    const code = values[at] as number;
    const taken = code === 38 || code === 48 ? setExtended(values, at, count) : setSimple(code) ? 1 : 0;
    if (taken === 0) return false;
    at += taken;
  }
  pen.fg = fg;
  pen.bg = bg;
  return true;
}
