// Owns what is seen of a line that is being written, where it is longer than its field.
import { printable } from '../../domain/text.ts';
import { textWidth, truncateText } from '../../domain/text-width.ts';
import type { LineEdit } from '../command-bar/line-edit.ts';

/** The end of what is written, as much as fits up to the cursor, and where the cursor is in it. */
export function visibleEdit(edit: LineEdit, room: number): { text: string; cursor: number } {
  let before = printable(edit.text.slice(0, edit.cursor));
  while (textWidth(before) > room) before = [...before].slice(1).join('');
  const after = truncateText(printable(edit.text.slice(edit.cursor)), Math.max(0, room - textWidth(before)));
  return { text: before + after, cursor: textWidth(before) };
}
