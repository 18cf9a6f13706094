// Owns how times and tables are written for a person, in the shell and in the command bar.
import { padText, textWidth, truncateText } from '../domain/text-width.ts';

/** `12:03:41` in local time. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `2026-11-22 12:03` in local time. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${day.join('-')} ${formatClock(at).slice(0, 5)}`;
}

/** A cell of a table: sanitised text, and how it is coloured once it has its width. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Rows with columns aligned and two blanks between; the last column is cut at `width`, the others keep their longest text. */
export function formatTable(rows: readonly (readonly (string | Cell)[])[], width: number): string {
  const cells = rows.map((row) => row.map((cell): Cell => (typeof cell === 'string' ? { text: cell } : cell)));
  const columns = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, index) =>
    Math.max(0, ...cells.map((row) => textWidth(row[index]?.text ?? ''))),
  );
  return cells.map((row) => formatRow(row, widths, width)).join('\n');
}

function formatRow(row: readonly Cell[], widths: readonly number[], width: number): string {
  let used = 0;
  let line = '';
  for (const [index, cell] of row.entries()) {
    const isLast = index === row.length - 1;
    // Below 10 columns nothing could be read: then the terminal may wrap.
    const text = isLast ? truncateText(cell.text, Math.max(10, width - used)) : padText(cell.text, widths[index] ?? 0);
    line += (cell.paint ? cell.paint(text) : text) + (isLast ? '' : '  ');
    used += textWidth(text) + 2;
  }
  return line.trimEnd();
}
