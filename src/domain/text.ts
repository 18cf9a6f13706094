// Owns what is done to foreign text before a person sees it: control characters out, widths counted, long lines cut and wrapped.

/** C0 and C1 but for line feed and tab; ESC is among them, so that no escape sequence is left whole. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Marks that turn the reading direction or hide text: bidi embeddings, overrides and isolates, zero width space, BOM, tag characters. */
const INVISIBLES = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const LONE_SURROGATES = /\p{Cs}/gu;
/** More combining marks than this on one character are a way to paint over other lines. */
const MARKS = /(\p{M}{8})\p{M}+/gu;

/** The text as several lines with everything removed that a terminal would obey; a tab becomes four spaces. Line feeds stay. */
export function sanitiseLines(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, '\n')
    .replace(CONTROLS, '')
    .replace(INVISIBLES, '')
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(MARKS, '$1')
    .replaceAll('\t', '    ');
}

/** The text as one line with everything removed that a terminal would obey; line breaks and tabs become one space. */
export function sanitise(text: string): string {
  return sanitiseLines(text)
    .replace(/\s*\n\s*| {4}/g, ' ')
    .trim();
}

/** Two columns: East Asian wide and fullwidth forms, and pictographs. Unicode's EastAsianWidth.txt in coarse ranges. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ZERO = /^(?:\p{M}|\u200d)$/u;

/** Terminal columns that one code point takes: 0, 1 or 2. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Terminal columns that a sanitised line takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** The line cut to at most `width` columns, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const columns = columnsOf(character);
    if (used + columns > width - 1) break;
    kept += character;
    used += columns;
  }
  return width > 0 ? `${kept}…` : '';
}

/** The line filled with blanks on its right to at least `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
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
    if (!isEmpty && displayWidth(current) + 1 + displayWidth(word) > width) {
      lines.push(current);
      current = '';
      isEmpty = true;
    }
    while (displayWidth(word) > width) {
      const head = headOf(word, width);
      lines.push(head);
      word = word.slice(head.length);
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, current];
}

/** The first characters that fit in `width` columns, and at least one. */
function headOf(word: string, width: number): string {
  let head = '';
  for (const character of word) {
    if (head !== '' && displayWidth(head) + columnsOf(character) > width) break;
    head += character;
  }
  return head;
}
