// Owns the lines of a popup made from text: a verb's output as it is, a difference coloured by what each line says. Kept for as long as the text is: scrolling a long one makes nothing anew.
import { classifyDiff, type DiffLineKind } from '../../client/diff-text.ts';
import { printable } from '../../domain/text.ts';
import { textWidth, truncateText, wrap } from '../../domain/text-width.ts';
import type { StyleName } from '../theme/theme.ts';
import { type Line, lineWidth, span } from './line.ts';

export interface PopupText {
  readonly lines: readonly Line[];
  /** Cells of the widest line. */
  readonly width: number;
  /** What the lines are filled with. */
  readonly fill: StyleName;
}

const DIFF_STYLES: Readonly<Record<DiffLineKind, StyleName>> = {
  added: 'working',
  removed: 'trouble',
  place: 'titleFocused',
  head: 'strong',
  plain: 'text',
};

const known = new WeakMap<readonly string[], { readonly room: number; readonly made: PopupText }>();

/**
 * The text of a popup with `room` cells for a line; the same array in the same room gives the same lines. A longer line is broken between words, and what
 * follows is indented; a difference is left as it is.
 */
export function popupText(text: readonly string[], isDiff: boolean, room: number): PopupText {
  const found = known.get(text);
  if (found && (isDiff || found.room === room)) return found.made;
  const clean = text.map((line) => printable(line.replaceAll('\t', '    ')));
  const kinds = isDiff ? classifyDiff(clean) : [];
  const lines = isDiff
    ? clean.map((line, index): Line => [span(DIFF_STYLES[kinds[index] ?? 'plain'], line)])
    : clean.flatMap((line) => broken(line, room)).map((line): Line => [span('popup', line)]);
  const width = lines.reduce((widest, line) => Math.max(widest, lineWidth(line)), 0);
  const made: PopupText = { lines, width, fill: isDiff ? 'text' : 'popup' };
  known.set(text, { room, made });
  return made;
}

/** The first row keeps its blanks: it may be one of a table. */
function broken(line: string, room: number): string[] {
  const least = 20;
  if (textWidth(line) <= room || room < least) return [line];
  const margin = `${/^ */.exec(line)?.[0] ?? ''}  `;
  const head = truncateText(line, room + 1, '');
  const at = head.lastIndexOf(' ');
  const cut = at > margin.length ? at : truncateText(line, room, '').length;
  const rest = wrap(line.slice(cut).trim(), Math.max(least, room - margin.length));
  return [line.slice(0, cut).trimEnd(), ...rest.map((row) => margin + row)];
}
