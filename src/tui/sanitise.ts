// Owns the gate at the model's edge: text of agents, files and people becomes safe to lay out and to print.

/** Combining marks kept on one character; more is decoration that eats time and rows. */
const MAX_MARKS = 4;
/** C0 (tab and newlines are handled before), DEL, C1. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
/** Bidirectional controls (UAX #9), line and paragraph separators, BOM, tags: invisible and able to reorder or hide text. */
const INVISIBLE = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu');
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * One line of any text as plain printable text: tabs and newlines become spaces, controls and bidi controls are cut, at most
 * 4 combining marks stay on a character, lone surrogates become U+FFFD. Joiners (ZWJ, variation selectors) stay.
 */
export function sanitise(text: string): string {
  return text
    .replace(/\r\n|[\t\n\r\v\f\u0085]/g, ' ')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, '')
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(MARKS, '$1');
}

/** As sanitise, but newlines split: several lines of text. */
export function sanitiseLines(text: string): string[] {
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).map(sanitise);
}
