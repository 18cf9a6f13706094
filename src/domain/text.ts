// Owns what is done to foreign text before a person or a terminal sees it: what would be obeyed, hide or reorder goes.

/** C0 and C1 but for line feed and tab; ESC is among them, so that no escape sequence is left whole. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/**
 * What hides or reorders text: bidi controls (UAX #9), line and paragraph separators, zero width space, word joiner and its kin, BOM,
 * annotations, tags. Joiners and variation selectors stay: emoji are made of them.
 */
const INVISIBLES = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const LONE_SURROGATES = /\p{Cs}/gu;
/** More combining marks than 4 on one character are a way to paint over other lines. */
const MARKS = /(\p{M}{4})\p{M}+/gu;

function clean(text: string): string {
  return text.replace(CONTROLS, '').replace(INVISIBLES, '').replace(LONE_SURROGATES, '\ufffd').replace(MARKS, '$1');
}

/** The text as several lines with everything removed that a terminal would obey; a tab becomes four spaces. Line feeds stay. */
export function sanitiseLines(text: string): string {
  return clean(text.replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, '\n')).replaceAll('\t', '    ');
}

/** The text as one line with everything removed that a terminal would obey; line breaks and tabs become one space, the ends are trimmed. */
export function sanitise(text: string): string {
  return sanitiseLines(text)
    .replace(/\s*\n\s*| {4}/g, ' ')
    .trim();
}

/** As `sanitise`, with every blank where it was: each line break or tab is one space, nothing is trimmed. For what somebody types, and for rows. */
export function printable(text: string): string {
  return clean(text.replace(/\r\n|[\t\n\r\v\f\u0085\u2028\u2029]/g, ' '));
}
