// Owns a terminal for the compositor's tests: what is written to it, and what it then shows, in the words of cells.ts.
import { createRequire } from 'node:module';
import { isWide } from '../../../../src/domain/wide.ts';
import {
  BG_DIM,
  BG_ITALIC,
  BG_OVERLINE,
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  COLOR_MODE_MASK,
  COLOR_P16,
  COLOR_P256,
  COLOR_RGB,
  type ExtendedStyle,
  FG_INVERSE,
  FG_STRIKE,
  FG_UNDERLINE,
} from '../../../../src/protocol/cells.ts';

const require = createRequire(import.meta.url);
// The addon reads its table out of Node's shared pool unless there is none.
const pool = Buffer.poolSize;
Buffer.poolSize = 0;
const { UnicodeGraphemesAddon } = require('@xterm/addon-unicode-graphemes');
Buffer.poolSize = pool;
const { Terminal } = require('@xterm/headless');

/**
 * How a terminal counts: clusters, each code point by itself with its own width, or by Unicode 6, for which an emoji is one column wide. Most
 * terminals are one of the three.
 */
export type WidthModel = 'graphemes' | 'code points' | 'unicode 6';

const JOINS = 1;
/** Property words as the emulator packs them: the width in bits 1 and 2. */
const CODE_POINTS = {
  version: 'code points',
  wcwidth: (code: number) => (/^[\p{M}\p{Cf}]$/u.test(String.fromCodePoint(code)) ? 0 : isWide(code) ? 2 : 1),
  charProperties(code: number, preceding: number) {
    const width = CODE_POINTS.wcwidth(code);
    return width === 0 && preceding !== 0 ? (preceding & 0b110) | JOINS : width << 1;
  },
};

/** What a person can see of one cell. */
export interface Seen {
  readonly text: string;
  readonly width: number;
  readonly fg: number;
  readonly bg: number;
  readonly underline: number;
  readonly underlineColor: number;
  readonly link: string;
}

export interface FrameLine {
  readonly cells: Uint32Array;
  readonly strings: readonly string[];
  readonly styles: readonly ExtendedStyle[];
}

interface BufferLine {
  readonly length: number;
  readonly _data: Uint32Array;
  readonly _combined: Record<number, string>;
  readonly _extendedAttrs: Record<number, { _ext: number; _urlId: number } | undefined>;
  getString(x: number): string;
  getWidth(x: number): number;
}

export class Emulator {
  readonly terminal;
  readonly #core;

  constructor(cols: number, rows: number, widths: WidthModel = 'graphemes') {
    this.terminal = new Terminal({ cols, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' });
    if (widths === 'graphemes') {
      this.terminal.loadAddon(new UnicodeGraphemesAddon());
      this.terminal.unicode.activeVersion = '15-graphemes';
    } else if (widths === 'code points') {
      this.terminal.unicode.register(CODE_POINTS);
      this.terminal.unicode.activeVersion = 'code points';
    }
    this.#core = this.terminal._core;
  }

  write(bytes: Uint8Array | string): void {
    this.#core._inputHandler.parse(bytes);
  }

  get cursor(): { x: number; y: number; isVisible: boolean; shape: number } {
    const { x, y } = this.#core.buffer;
    const { isCursorHidden, decPrivateModes } = this.#core.coreService;
    const shape = ['block', 'underline', 'bar'].indexOf(decPrivateModes.cursorStyle) * 2 + 1;
    return {
      x: Math.min(x, this.terminal.cols - 1),
      y,
      isVisible: !isCursorHidden,
      // DECSCUSR: -1, not one of them, is the default.
      shape: shape < 0 ? 0 : shape + (decPrivateModes.cursorBlink ? 0 : 1),
    };
  }

  line(y: number): BufferLine {
    return this.#core.buffer.lines.get(this.#core.buffer.ydisp + y);
  }

  text(y: number): string {
    let text = '';
    for (let x = 0; x < this.terminal.cols; x++)
      if (this.line(y).getWidth(x) > 0) text += this.line(y).getString(x) || ' ';
    return text;
  }

  /** A row in the form that the server sends. */
  frameLine(y: number): FrameLine {
    const line = this.line(y);
    const strings = [''];
    const styles: ExtendedStyle[] = [{ underline: 0, underlineColor: 0, link: '' }];
    const cells = new Uint32Array(line.length * CELL_WORDS);
    for (let x = 0; x < line.length; x++) {
      let content = line._data[x * 3] as number;
      if ((content & CELL_COMBINED) !== 0)
        content = (content & 0xc00000) | CELL_COMBINED | (strings.push(line._combined[x] ?? '') - 1);
      cells[x * 4] = content;
      cells[x * 4 + 1] = line._data[x * 3 + 1] as number;
      cells[x * 4 + 2] = line._data[x * 3 + 2] as number;
      const style = this.#style(y, x);
      if (style.link !== '' || style.underline > 0) cells[x * 4 + 3] = styles.push(style) - 1;
    }
    return { cells, strings, styles };
  }

  #style(y: number, x: number): ExtendedStyle {
    const line = this.line(y);
    const extended = ((line._data[x * 3 + 2] as number) & 0x10000000) !== 0 ? line._extendedAttrs[x] : undefined;
    if (extended === undefined) return { underline: 0, underlineColor: 0, link: '' };
    const link = extended._urlId === 0 ? '' : (this.#core._oscLinkService.getLinkData(extended._urlId)?.uri ?? '');
    return { underline: (extended._ext >>> 26) & 7, underlineColor: extended._ext & 0x3ffffff, link };
  }

  seen(y: number): Seen[] {
    const line = this.line(y);
    return Array.from({ length: line.length }, (_, x): Seen => {
      // Erasing part of a wide character can leave half of one behind in the emulator: it shows as a blank.
      const isHalf =
        line.getWidth(x) === 0
          ? x === 0 || line.getWidth(x - 1) !== 2
          : line.getWidth(x) === 2 && (x + 1 >= line.length || line.getWidth(x + 1) !== 0);
      const text = isHalf ? ' ' : line.getString(x) || ' ';
      const width = isHalf ? 1 : line.getWidth(x);
      const fg = line._data[x * 3 + 1] as number;
      const bg = line._data[x * 3 + 2] as number;
      const style = this.#style(y, x);
      const isUnderlined = (fg & FG_UNDERLINE) !== 0;
      const isBlank = text === ' ' && style.link === '';
      const attributes = isBlank ? fg & (FG_INVERSE | FG_STRIKE | FG_UNDERLINE) : fg & 0xfc000000;
      const isBare = isBlank && attributes === 0 && (bg & BG_OVERLINE) === 0;
      if (width === 0) return { text: '', width, fg: 0, bg: 0, underline: 0, underlineColor: 0, link: '' };
      return {
        text,
        width,
        fg: isBare ? 0 : (attributes | plainColor(fg)) >>> 0,
        bg: ((isBlank ? bg & BG_OVERLINE : bg & (BG_OVERLINE | BG_DIM | BG_ITALIC)) | plainColor(bg)) >>> 0,
        underline: isUnderlined ? style.underline || 1 : 0,
        underlineColor: isUnderlined ? plainColor(style.underlineColor) : 0,
        link: style.link,
      };
    });
  }
}

/** A colour without what its mode leaves unused; the first 16 in one mode. */
function plainColor(word: number): number {
  const mode = word & COLOR_MODE_MASK;
  // 0x3ffffff is the emulator's -1: no underline colour.
  if (mode === 0 || (word & 0x3ffffff) === 0x3ffffff) return 0;
  if (mode === COLOR_RGB) return word & 0x3ffffff;
  return (word & 0xff) < 16 ? COLOR_P16 | (word & 0xff) : COLOR_P256 | (word & 0xff);
}

/** A line of plain narrow text in one look. */
export function textLine(text: string, fg = 0, bg = 0): FrameLine {
  const cells = new Uint32Array(text.length * CELL_WORDS);
  for (let x = 0; x < text.length; x++)
    cells.set([text.charCodeAt(x) | (1 << CELL_WIDTH_SHIFT), fg, bg, 0], x * CELL_WORDS);
  return { cells, strings: [''], styles: [{ underline: 0, underlineColor: 0, link: '' }] };
}
