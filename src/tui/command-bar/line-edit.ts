// Owns the editing of one line: text, cursor, and what each editing key does to them. Pure.

export interface LineEdit {
  readonly text: string;
  /** In UTF-16 units, always between two characters. */
  readonly cursor: number;
}

/** A line with its cursor at the end. */
export function lineOf(text: string): LineEdit {
  return { text, cursor: text.length };
}

/** Puts text in at the cursor; line breaks and other controls become blanks, so that it stays one line. */
export function insertText(line: LineEdit, text: string): LineEdit {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return {
    text: line.text.slice(0, line.cursor) + clean + line.text.slice(line.cursor),
    cursor: line.cursor + clean.length,
  };
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function boundaryBefore(line: LineEdit): number {
  let last = 0;
  for (const { index } of segmenter.segment(line.text)) {
    if (index >= line.cursor) break;
    last = index;
  }
  return last;
}

function boundaryAfter(line: LineEdit): number {
  for (const { index, segment } of segmenter.segment(line.text)) {
    if (index + segment.length > line.cursor) return index + segment.length;
  }
  return line.text.length;
}

function wordBefore(line: LineEdit): number {
  return line.text.slice(0, line.cursor).replace(/\S+\s*$|\s+$/, '').length;
}

function wordAfter(line: LineEdit): number {
  return line.cursor + (/^\s*\S*/.exec(line.text.slice(line.cursor))?.[0].length ?? 0);
}

function cut(line: LineEdit, from: number, to: number): LineEdit {
  return { text: line.text.slice(0, from) + line.text.slice(to), cursor: from };
}

const MOVES: Readonly<Record<string, (line: LineEdit) => LineEdit>> = {
  Left: (line) => ({ ...line, cursor: boundaryBefore(line) }),
  Right: (line) => ({ ...line, cursor: boundaryAfter(line) }),
  Home: (line) => ({ ...line, cursor: 0 }),
  End: (line) => ({ ...line, cursor: line.text.length }),
  'M-b': (line) => ({ ...line, cursor: wordBefore(line) }),
  'M-f': (line) => ({ ...line, cursor: wordAfter(line) }),
  BSpace: (line) => cut(line, boundaryBefore(line), line.cursor),
  DC: (line) => cut(line, line.cursor, boundaryAfter(line)),
  'C-w': (line) => cut(line, wordBefore(line), line.cursor),
  'C-u': (line) => cut(line, 0, line.cursor),
  'C-k': (line) => cut(line, line.cursor, line.text.length),
};

/** Other keys for the same move, as readline has them. */
const SAME: Readonly<Record<string, string>> = {
  'C-b': 'Left',
  'C-f': 'Right',
  'C-a': 'Home',
  'C-e': 'End',
  'C-h': 'BSpace',
  'C-BSpace': 'BSpace',
  'C-d': 'DC',
  'M-BSpace': 'C-w',
  'C-Left': 'M-b',
  'C-Right': 'M-f',
};

/** What an editing key or a printable one makes of the line; null when the key does not edit. */
export function editWithKey(line: LineEdit, key: string, text: string): LineEdit | null {
  const move = MOVES[SAME[key] ?? key];
  if (move) return move(line);
  return text === '' ? null : insertText(line, text);
}
