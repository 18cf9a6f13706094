// Owns how many cells text takes, counted in graphemes as the server's emulator counts them, and how it is cut, filled and wrapped to them.
import { isWide } from './wide.ts';

let segmenter: Intl.Segmenter | undefined;
/** Made at its first use: that takes longer than most verbs have, and plain text never needs it. */
function segments(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** A flag, or a character that a selector or a skin tone makes an emoji. */
const MADE_WIDE = /^\p{Regional_Indicator}{2}|.[\ufe0f\u{1f3fb}-\u{1f3ff}]/u;
const ZERO = /^[\p{M}\p{Cf}\p{Cc}]/u;
/** Text each of whose units is a grapheme of one cell: ASCII, the dots and dashes of punctuation, lines and blocks. */
const PLAIN = /^[\x20-\x7e\xb7\u2010-\u2027\u2500-\u259f]*$/;

/** Cells of one grapheme: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0);
  if (code === undefined) return 0;
  if (code < 0x300 && grapheme.length === 1)
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xad ? 0 : 1;
  if (MADE_WIDE.test(grapheme)) return 2;
  if (ZERO.test(grapheme)) return 0;
  return isWide(code) ? 2 : 1;
}

/** The graphemes of a text with their widths; what takes no cell of its own stays with its grapheme or is left out. */
export function* graphemes(text: string): Generator<{ readonly text: string; readonly width: number }> {
  if (PLAIN.test(text)) {
    for (const unit of text) yield { text: unit, width: 1 };
    return;
  }
  for (const { segment } of segments(text)) {
    const width = graphemeWidth(segment);
    if (width > 0) yield { text: segment, width };
  }
}

/** Cells that a text takes on one line. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += grapheme.width;
  return width;
}

/** The text cut to at most `width` cells, with `ellipsis` in the last cell where something was cut. Never half a grapheme. */
export function truncateText(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  const room = width - textWidth(ellipsis);
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    if (used + grapheme.width > room) break;
    kept += grapheme.text;
    used += grapheme.width;
  }
  return room < 0 ? '' : kept + ellipsis;
}

/** The text cut or padded with spaces to exactly `width` cells. */
export function fitText(text: string, width: number): string {
  return padText(truncateText(text, width), width);
}

/** The text filled with spaces on its right to at least `width` cells. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** The text broken between words into lines of at most `width` columns; a longer word is broken where it must be. Its own line feeds stay. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(1, width)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = /^ */.exec(line)?.[0] ?? '';
  let isEmpty = true;
  for (let word of line.trim().split(/ +/)) {
    if (!isEmpty && textWidth(current) + 1 + textWidth(word) > width) {
      lines.push(current);
      current = '';
      isEmpty = true;
    }
    while (textWidth(word) > width) {
      const head = headOf(word, width);
      lines.push(head);
      word = word.slice(head.length);
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, current];
}

/** The first graphemes that fit in `width` cells, and at least one that takes any. */
function headOf(word: string, width: number): string {
  let end = 0;
  let used = 0;
  for (const { segment } of segments(word)) {
    const cells = graphemeWidth(segment);
    if (used > 0 && used + cells > width) break;
    end += segment.length;
    used += cells;
  }
  return word.slice(0, end);
}
