// Owns the terminal's drawing state: which attributes, colours and link are on, and the shortest way to the next ones.
import {
  BG_DIM,
  BG_ITALIC,
  BG_OVERLINE,
  COLOR_MODE_MASK,
  COLOR_RGB,
  type ExtendedStyle,
  FG_BLINK,
  FG_BOLD,
  FG_INVERSE,
  FG_INVISIBLE,
  FG_STRIKE,
  FG_UNDERLINE,
} from '../../protocol/cells.ts';
import type { Capabilities } from '../outer/capabilities.ts';
import type { ByteWriter } from './byte-writer.ts';
import { colorReducer } from './palette.ts';

const BOLD = 1;
const DIM = 2;
const ITALIC = 4;
const BLINK = 8;
const INVERSE = 16;
const INVISIBLE = 32;
const STRIKE = 64;
const OVERLINE = 128;
/** What shows on a blank cell. */
const ON_BLANKS = INVERSE | STRIKE | OVERLINE;
/** Attribute, code to switch it on, code to switch it off. Bold and dim share their off. */
const CODES: readonly (readonly [number, number, number])[] = [
  [BOLD, 1, 22],
  [DIM, 2, 22],
  [ITALIC, 3, 23],
  [BLINK, 5, 25],
  [INVERSE, 7, 27],
  [INVISIBLE, 8, 28],
  [STRIKE, 9, 29],
  [OVERLINE, 53, 55],
];

interface Look {
  flags: number;
  underline: number;
  fg: number;
  bg: number;
  underlineColor: number;
}

const DEFAULT_LOOK: Readonly<Look> = { flags: 0, underline: 0, fg: 0, bg: 0, underlineColor: 0 };

export class Pen {
  #now: Look = { ...DEFAULT_LOOK };
  #next: Look = { ...DEFAULT_LOOK };
  #isKnown = false;
  #link = '';
  /** The words of the last cell, so that the next cell of the same look costs three comparisons. */
  #fg = -1;
  #bg = -1;
  #ext = -1;
  #reduce: (word: number) => number;
  #hasUnderlineStyles: boolean;
  #hasLinks: boolean;

  constructor(capabilities: Capabilities) {
    this.#reduce = colorReducer(capabilities.color);
    this.#hasUnderlineStyles = capabilities.underlineStyles;
    this.#hasLinks = capabilities.links;
  }

  /** The terminal may be in any state: the next cell sets all of it. */
  forget(): void {
    this.#isKnown = false;
    this.forgetWords();
  }

  /** Ids of styles have changed their meaning; the look itself stands. */
  forgetWords(): void {
    this.#fg = -1;
  }

  /** True when a cell with these words needs no change. */
  isAt(fg: number, bg: number, ext: number): boolean {
    return fg === this.#fg && bg === this.#bg && ext === this.#ext;
  }

  /** True when a blank with nothing but this background looks right in the present state, whatever the text colour is. */
  suitsBlank(bg: number): boolean {
    const now = this.#now;
    const isPlain = this.#isKnown && (now.flags & ON_BLANKS) === 0 && now.underline === 0 && this.#link === '';
    return isPlain && now.bg === this.#reduce(bg);
  }

  /** The background that an erase leaves behind is the default one. */
  get isOnDefaultBackground(): boolean {
    return this.#isKnown && this.#now.bg === 0;
  }

  /** Writes the change to the look of a cell. `style` is what its ext means. */
  moveTo(writer: ByteWriter, words: { fg: number; bg: number; ext: number }, style: ExtendedStyle): void {
    if (this.isAt(words.fg, words.bg, words.ext)) return;
    this.#fg = words.fg;
    this.#bg = words.bg;
    this.#ext = words.ext;
    this.#readInto(this.#next, words, style);
    this.#switchTo(writer);
    this.#setLink(writer, this.#hasLinks ? style.link : '');
  }

  /** Ends an open link, so that nothing written between two frames belongs to it. */
  closeLink(writer: ByteWriter): void {
    if (this.#link === '') return;
    this.#setLink(writer, '');
    this.forgetWords();
  }

  #readInto(look: Look, words: { fg: number; bg: number }, style: ExtendedStyle): void {
    const { fg, bg } = words;
    look.flags =
      ((fg & FG_BOLD) !== 0 ? BOLD : 0) |
      ((bg & BG_DIM) !== 0 ? DIM : 0) |
      ((bg & BG_ITALIC) !== 0 ? ITALIC : 0) |
      ((fg & FG_BLINK) !== 0 ? BLINK : 0) |
      ((fg & FG_INVERSE) !== 0 ? INVERSE : 0) |
      ((fg & FG_INVISIBLE) !== 0 ? INVISIBLE : 0) |
      ((fg & FG_STRIKE) !== 0 ? STRIKE : 0) |
      ((bg & BG_OVERLINE) !== 0 ? OVERLINE : 0);
    const underline = (fg & FG_UNDERLINE) === 0 ? 0 : style.underline || 1;
    look.underline = this.#hasUnderlineStyles ? underline : Math.min(1, underline);
    look.underlineColor = underline > 0 && this.#hasUnderlineStyles ? this.#reduce(style.underlineColor) : 0;
    look.fg = this.#reduce(fg);
    look.bg = this.#reduce(bg);
  }

  #switchTo(writer: ByteWriter): void {
    const now = this.#now;
    const next = this.#next;
    const isSame =
      this.#isKnown &&
      now.flags === next.flags &&
      now.underline === next.underline &&
      now.fg === next.fg &&
      now.bg === next.bg &&
      now.underlineColor === next.underlineColor;
    if (!isSame) {
      const start = writer.length;
      if (this.#isKnown) writeChange(writer, now, next);
      const middle = writer.length;
      if (!this.#isKnown || turnsSomethingOff(now, next)) {
        writer.ascii('\x1b[0');
        // `CSI m` is `CSI 0 m`.
        if (writeParameters(writer, DEFAULT_LOOK, next) === 0) writer.truncate(writer.length - 1);
        writer.byte(0x6d);
        if (!this.#isKnown || writer.length - middle < middle - start) writer.cut(start, middle);
        else writer.truncate(middle);
      }
    }
    this.#isKnown = true;
    this.#now = next;
    this.#next = now;
  }

  #setLink(writer: ByteWriter, link: string): void {
    if (link === this.#link) return;
    this.#link = link;
    if (link === '') {
      writer.ascii('\x1b]8;;\x1b\\');
      return;
    }
    // An id joins the pieces of a link that are painted apart; the same target always gets the same one.
    writer.ascii(`\x1b]8;id=${linkId(link)};${link}\x1b\\`);
  }
}

/** FNV-1a in base 36: short, and the same for the same target. */
function linkId(link: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < link.length; index++) hash = Math.imul(hash ^ link.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
}

function turnsSomethingOff(now: Look, next: Look): boolean {
  return (
    (now.flags & ~next.flags) !== 0 ||
    (now.underline !== 0 && next.underline === 0) ||
    (now.fg !== 0 && next.fg === 0) ||
    (now.bg !== 0 && next.bg === 0) ||
    (now.underlineColor !== 0 && next.underlineColor === 0)
  );
}

function writeChange(writer: ByteWriter, now: Look, next: Look): void {
  writer.ascii('\x1b[');
  const start = writer.length;
  writeParameters(writer, now, next);
  // Each parameter is written with a semicolon before it.
  writer.cut(start, start + 1);
  writer.byte(0x6d);
}

/** Writes `;code` for each difference. Returns how many bytes that took. */
function writeParameters(writer: ByteWriter, now: Look, next: Look): number {
  const start = writer.length;
  let on = now.flags;
  const code = (value: number) => {
    writer.byte(0x3b);
    writer.number(value);
  };
  if ((on & ~next.flags & (BOLD | DIM)) !== 0) {
    code(22);
    on &= ~(BOLD | DIM);
  }
  for (const [flag, set, unset] of CODES) {
    if ((on & flag) === (next.flags & flag)) continue;
    code((next.flags & flag) !== 0 ? set : unset);
  }
  if (now.underline !== next.underline) {
    code(next.underline === 0 ? 24 : 4);
    if (next.underline > 1) {
      writer.byte(0x3a);
      writer.number(next.underline);
    }
  }
  if (now.fg !== next.fg) writeColor(writer, next.fg, 30);
  if (now.bg !== next.bg) writeColor(writer, next.bg, 40);
  if (now.underlineColor !== next.underlineColor) writeUnderlineColor(writer, next.underlineColor);
  return writer.length - start;
}

function writeColor(writer: ByteWriter, color: number, base: number): void {
  const mode = color & COLOR_MODE_MASK;
  const index = color & 0xff;
  writer.byte(0x3b);
  if (mode === 0) writer.number(base + 9);
  else if (mode === COLOR_RGB) {
    writer.number(base + 8);
    writer.ascii(';2;');
    writeRgb(writer, color, 0x3b);
  } else if (index < 8) writer.number(base + index);
  else if (index < 16) writer.number(base + 52 + index);
  else {
    writer.number(base + 8);
    writer.ascii(';5;');
    writer.number(index);
  }
}

/** In the colon form: terminals that know SGR 58 know colons, others skip the whole parameter. */
function writeUnderlineColor(writer: ByteWriter, color: number): void {
  const mode = color & COLOR_MODE_MASK;
  if (mode === 0) writer.ascii(';59');
  else if (mode === COLOR_RGB) {
    writer.ascii(';58:2::');
    writeRgb(writer, color, 0x3a);
  } else {
    writer.ascii(';58:5:');
    writer.number(color & 0xff);
  }
}

function writeRgb(writer: ByteWriter, color: number, separator: number): void {
  writer.number((color >> 16) & 255);
  writer.byte(separator);
  writer.number((color >> 8) & 255);
  writer.byte(separator);
  writer.number(color & 255);
}
