// Owns the lines of a popup made from text: a verb's output as it is, a difference coloured by what each line says. Kept for as long as the text is: scrolling a long one makes nothing anew.
import { classifyDiff, type DiffLineKind } from '../../client/diff-text.ts';
import { printable } from '../../domain/text.ts';
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

const known = new WeakMap<readonly string[], PopupText>();

/** The text of a popup; the same array gives the same lines. */
export function popupText(text: readonly string[], isDiff: boolean): PopupText {
  const found = known.get(text);
  if (found) return found;
  const clean = text.map((line) => printable(line.replaceAll('\t', '    ')));
  const kinds = isDiff ? classifyDiff(clean) : [];
  const lines = clean.map((line, index): Line => [span(isDiff ? DIFF_STYLES[kinds[index] ?? 'plain'] : 'popup', line)]);
  const width = lines.reduce((widest, line) => Math.max(widest, lineWidth(line)), 0);
  const made: PopupText = { lines, width, fill: isDiff ? 'text' : 'popup' };
  known.set(text, made);
  return made;
}
