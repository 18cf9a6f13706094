// Owns how sections of a sidebar share its height: none stands there as a heading without a row, and what has no room is counted.
import { type Line, span } from './line.ts';

/** `group` stands above the tasks that it names, `detail` below its task. */
export interface Row {
  readonly kind: 'task' | 'group' | 'detail';
  readonly line: Line;
}

export interface Section {
  readonly heading: Line;
  /** None: the heading says all. */
  readonly rows: readonly Row[];
}

/** A row. */
export function row(kind: Row['kind'], line: Line): Row {
  return { kind, line };
}

/** At most `height` lines, a blank one between two sections. The last sections are left out where not all have room for a row; the first ones have what more there is, and the very first is never left out. */
export function layOut(sections: readonly Section[], height: number): Line[] {
  const kept = [...sections];
  while (kept.length > 1 && leastOf(kept) > height) kept.pop();
  const lines: Line[] = [];
  kept.forEach(({ heading, rows }, index) => {
    if (index > 0) lines.push([]);
    const later = kept.slice(index + 1);
    const room = height - lines.length - (later.length === 0 ? 0 : leastOf(later) + 1);
    lines.push(heading, ...shorten(rows, room - 1));
  });
  return lines;
}

/** Lines of the sections with a row each, and the blanks between them. */
function leastOf(sections: readonly Section[]): number {
  return sections.reduce((sum, { rows }) => sum + (rows.length > 0 ? 3 : 2), -1);
}

/** The rows that have room; how many tasks have none stands in the last one, unless that is the only one. */
function shorten(rows: readonly Row[], room: number): Line[] {
  if (room < 1) return [];
  const [first] = rows.filter(({ kind }) => kind === 'task');
  if (rows.length > room && room === 1 && first) return [first.line];
  const shown = rows.slice(0, rows.length > room ? room - 1 : room);
  const hidden = rows.slice(shown.length).filter(({ kind }) => kind === 'task').length;
  if (hidden === 0) return rows.slice(0, room).map(({ line }) => line);
  while (shown.at(-1)?.kind === 'group') shown.pop();
  if (shown.length === 0 && first) return [first.line, [span('dim', `  … ${hidden - 1} more`)]];
  return [...shown.map(({ line }) => line), [span('dim', `  … ${hidden} more`)]];
}
