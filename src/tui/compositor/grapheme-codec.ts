// Owns the trick that lets blessed lay out any text: each unusual grapheme travels as one private-use character for each cell.
import { graphemeWidth } from '../../domain/text-width.ts';

/**
 * blessed measures by UTF-16 units and Unicode 7. While it lays out, a wide, astral or combined grapheme is replaced by one
 * private-use character (and a filler for its second cell), so that units are cells; draw() puts the grapheme back.
 */
const FIRST = 0xe000;
const FILLER = 0xf8ff;
const CAPACITY = FILLER - FIRST;
const SIMPLE = /^[\x00-\x7f\u00a0-\u02ff\u2010-\u2027\u2190-\u2319\u2400-\u25fc\u2800-\u28ff]*$/;
/** SGR sequences and blessed's tags are markup: a combining mark behind one must not swallow its last character. */
const MARKUP = /(\x1b\[[\d;]*m|\{[^{}\n]*\})/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export class GraphemeCodec {
  #graphemes: string[] = [];
  #codes = new Map<string, string>();
  /** True when a grapheme found no room and was shown as `?`: reset, and lay everything out again. */
  isFull = false;

  /** Text as blessed may measure it. */
  encode(text: string): string {
    if (SIMPLE.test(text)) return text;
    return text
      .split(MARKUP)
      .map((part, index) => (index % 2 === 1 ? part : this.#encodePart(part)))
      .join('');
  }

  /** What a cell shows: its grapheme, or null for the second cell of a wide one. */
  decode(unit: string): string | null {
    const code = unit.charCodeAt(0);
    if (code < FIRST || code > FILLER) return unit;
    return code === FILLER ? null : (this.#graphemes[code - FIRST] ?? ' ');
  }

  reset(): void {
    this.#graphemes = [];
    this.#codes.clear();
    this.isFull = false;
  }

  #encodePart(part: string): string {
    if (SIMPLE.test(part)) return part;
    let encoded = '';
    for (const { segment } of segmenter.segment(part))
      encoded += SIMPLE.test(segment) ? segment : this.#encodeGrapheme(segment);
    return encoded;
  }

  #encodeGrapheme(grapheme: string): string {
    const known = this.#codes.get(grapheme);
    if (known !== undefined) return known;
    const width = graphemeWidth(grapheme);
    if (width === 0) return '';
    if (this.#graphemes.length >= CAPACITY) {
      this.isFull = true;
      return '?'.repeat(width);
    }
    const code = String.fromCharCode(FIRST + this.#graphemes.push(grapheme) - 1);
    const encoded = width === 2 ? code + String.fromCharCode(FILLER) : code;
    this.#codes.set(grapheme, encoded);
    return encoded;
  }
}
