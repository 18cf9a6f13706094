// Owns what a program is told that asks for colours: what it set itself, else those of the theme.
import type { Terminal } from '@xterm/headless';
import { type PaneColors, paletteColor } from './colors.ts';

/** OSC 10 to 19: text, background, cursor, pointer (2), Tektronix (2), selection, Tektronix cursor, selected text. */
const FIRST_DYNAMIC = 10;
const LAST_DYNAMIC = 19;
const BACKGROUNDS: ReadonlySet<number> = new Set([11, 14, 16, 19]);
const CURSORS: ReadonlySet<number> = new Set([12, 18]);
/** OSC 5 and 105: bold, underline, blink, reverse, italic. OSC 4 knows them as 256 to 260. */
const SPECIALS = 5;
const PALETTE = 256;
/** A question is at most this long; a real one is one or a few colours. */
const MAX_PARTS = 1024;

/** `rgb:rrrr/gggg/bbbb`, as xterm answers, of 0xRRGGBB. */
function colorSpec(color: number): string {
  const part = (shift: number): string => ((color >> shift) & 0xff).toString(16).padStart(2, '0').repeat(2);
  return `rgb:${part(16)}/${part(8)}/${part(0)}`;
}

/** The 16 bits of a component of `digits`: `rgb:` scales, `#` pads with zeros (XParseColor). */
function component(digits: string, isScaled: boolean): string {
  if (!isScaled) return digits.padEnd(4, '0');
  const full = 16 ** digits.length - 1;
  return Math.round((Number.parseInt(digits, 16) * 0xffff) / full)
    .toString(16)
    .padStart(4, '0');
}

/** A colour that a program names, as it would be told; null for a form that is not known. */
function parseColorSpec(text: string): string | null {
  const low = text.toLowerCase();
  const scaled = /^rgb:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})$/.exec(low);
  if (scaled !== null) return `rgb:${[1, 2, 3].map((i) => component(scaled[i] ?? '0', true)).join('/')}`;
  const intensity = /^rgbi:([\d.]+)\/([\d.]+)\/([\d.]+)$/.exec(low);
  if (intensity !== null) {
    const values = [1, 2, 3].map((i) => Math.round(Math.min(Number(intensity[i]), 1) * 0xffff));
    if (values.some(Number.isNaN)) return null;
    return `rgb:${values.map((value) => value.toString(16).padStart(4, '0')).join('/')}`;
  }
  const digits = /^#([\da-f]+)$/.exec(low)?.[1];
  if (digits === undefined || digits.length % 3 !== 0 || digits.length > 12) return null;
  const size = digits.length / 3;
  return `rgb:${[0, 1, 2].map((i) => component(digits.slice(i * size, (i + 1) * size), false)).join('/')}`;
}

/**
 * A colour that a program sets is remembered for its own questions and not drawn: panes are shown in the colours of the outer terminal. Nothing
 * of it is left for the next program.
 */
export class ColorAnswers {
  readonly #answer: (text: string) => void;
  colors: PaneColors;
  #palette = new Map<number, string>();
  #dynamic = new Map<number, string>();

  constructor(colors: PaneColors, answer: (text: string) => void) {
    this.colors = colors;
    this.#answer = answer;
  }

  /** Forgets what a program has set. */
  reset(): void {
    this.#palette.clear();
    this.#dynamic.clear();
  }

  attach({ parser }: Terminal): void {
    const on = (code: number, act: (data: string) => void): void => {
      parser.registerOscHandler(code, (data) => {
        act(data);
        return true;
      });
    };
    on(4, (data) => this.#indexed(data, { code: 4, offset: 0, limit: PALETTE + SPECIALS }));
    on(5, (data) => this.#indexed(data, { code: 5, offset: PALETTE, limit: SPECIALS }));
    on(104, (data) => this.#restore(data, 0, PALETTE));
    on(105, (data) => this.#restore(data, PALETTE, SPECIALS));
    for (let code = FIRST_DYNAMIC; code <= LAST_DYNAMIC; code += 1) {
      on(code, (data) => this.#setDynamic(code, data));
      on(code + 100, () => this.#dynamic.delete(code));
    }
  }

  /** Pairs of an index and a colour or '?'. */
  #indexed(data: string, range: { code: number; offset: number; limit: number }): void {
    const parts = data.split(';', MAX_PARTS);
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const index = Number(parts[i]);
      const value = parts[i + 1] ?? '';
      if (!/^\d+$/.test(parts[i] ?? '') || index >= range.limit) continue;
      const key = index + range.offset;
      if (value === '?') this.#answer(`\x1b]${range.code};${index};${this.#paletteSpec(key)}\x1b\\`);
      else {
        const spec = parseColorSpec(value);
        if (spec !== null) this.#palette.set(key, spec);
      }
    }
  }

  #paletteSpec(key: number): string {
    const theme = key < PALETTE ? paletteColor(key, this.colors) : this.colors.foreground;
    return this.#palette.get(key) ?? colorSpec(theme);
  }

  #restore(data: string, offset: number, count: number): void {
    if (data === '') for (let i = 0; i < count; i += 1) this.#palette.delete(offset + i);
    else
      for (const part of data.split(';', MAX_PARTS))
        if (/^\d+$/.test(part)) this.#palette.delete(offset + Number(part));
  }

  /** Colours or '?', the first for OSC `first`, the second for the one after it, and so on. */
  #setDynamic(first: number, data: string): void {
    data.split(';', LAST_DYNAMIC - first + 1).forEach((part, offset) => {
      const code = first + offset;
      if (part === '?') this.#answer(`\x1b]${code};${this.#dynamicSpec(code)}\x1b\\`);
      else {
        const spec = parseColorSpec(part);
        if (spec !== null) this.#dynamic.set(code, spec);
      }
    });
  }

  #dynamicSpec(code: number): string {
    const { foreground, background, cursor } = this.colors;
    const theme = BACKGROUNDS.has(code) ? background : CURSORS.has(code) ? cursor : foreground;
    return this.#dynamic.get(code) ?? colorSpec(theme);
  }
}
