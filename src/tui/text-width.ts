// Owns how many cells text takes, counted in graphemes as the server's emulator counts them.

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** East Asian Wide and Fullwidth of Unicode 15 outside the emoji, as inclusive pairs. */
const WIDE = [
  0x1100, 0x115f, 0x2329, 0x232a, 0x2e80, 0x303e, 0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xa000, 0xa4cf,
  0xa960, 0xa97f, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff01, 0xff60, 0xffe0, 0xffe6,
  0x16fe0, 0x16fff, 0x17000, 0x18cff, 0x1aff0, 0x1b2ff, 0x1f200, 0x1f265, 0x20000, 0x2fffd, 0x30000, 0x3fffd,
];
const EMOJI = /^\p{Emoji_Presentation}/u;
const FLAG = /^\p{Regional_Indicator}{2}/u;
const ZERO = /^[\p{M}\p{Cf}\p{Cc}]/u;
const ASCII = /^[\x20-\x7e]*$/;

/** Cells of one grapheme: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0);
  if (code === undefined) return 0;
  if (code < 0x300 && grapheme.length === 1)
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xad ? 0 : 1;
  if (grapheme.includes('\ufe0f') || FLAG.test(grapheme) || EMOJI.test(grapheme)) return 2;
  if (ZERO.test(grapheme)) return 0;
  return isWide(code) ? 2 : 1;
}

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  let low = 0;
  let high = WIDE.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < (WIDE[middle * 2] ?? 0)) high = middle - 1;
    else if (code > (WIDE[middle * 2 + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
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
