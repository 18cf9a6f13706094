// Owns rows of keys with their words, as action bars have them.
import { type Line, lineWidth, type Span, span } from './line.ts';

type Pair = readonly [key: string, word: string];

/** The keys in one row, each with its word. */
export function keyRow(pairs: readonly Pair[]): Line {
  return pairs.flatMap(([key, word]) => [span('key', ` ${key} `), span('dim', ` ${word}  `)]);
}

/** As many rows of at most `width` cells as they take. */
export function keyRows(pairs: readonly Pair[], width: number): Line[] {
  const rows: Span[][] = [[]];
  for (const pair of pairs) {
    const spans = keyRow([pair]);
    const row = rows.at(-1) ?? [];
    if (row.length > 0 && lineWidth(row) + lineWidth(spans) > width + 2) rows.push([...spans]);
    else row.push(...spans);
  }
  // A blank that does not fit would be shown as a cut.
  return rows.map((row) =>
    row.map((each, at) => (at === row.length - 1 ? { ...each, text: each.text.trimEnd() } : each)),
  );
}
