// Owns how many cells text takes, counted in graphemes as the server's emulator counts them.
import { isWide } from '../protocol/wide.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** A flag, or a character that a selector or a skin tone makes an emoji. */
const MADE_WIDE = /^\p{Regional_Indicator}{2}|.[\ufe0f\u{1f3fb}-\u{1f3ff}]/u;
const ZERO = /^[\p{M}\p{Cf}\p{Cc}]/u;
const ASCII = /^[\x20-\x7e]*$/;

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
  for (const { segment } of segmenter.segment(text)) {
    const width = graphemeWidth(segment);
    if (width > 0) yield { text: segment, width };
  }
}

/** Cells that a text takes on one line. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
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
  const cut = truncateText(text, width);
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)));
}
