// Owns how the documents of copy mode are made: rows of a frozen pane from its frames, rows of a conversation from its entries.

import { sanitiseLines } from '../../domain/text.ts';
import { BG_DIM, BG_ITALIC, COLOR_P16, FG_BOLD } from '../../protocol/cells.ts';
import type { ConversationEntry } from '../../protocol/methods.ts';
import { decodePaneFrame } from '../../protocol/pane-frame.ts';
import type { SourceLine } from '../compositor/cell-grid.ts';
import { breaksOf } from './reflow.ts';
import { type Cells, type CopyRow, cellsOfLine, cellsOfText, type RowColours } from './row.ts';

/** Frames that stay decoded; what is on the screen lies in one or two of them. */
const KEPT_FRAMES = 3;

/** The lines of a frame, decoded when they are asked for: a long history stays as small as it came. */
class FrameLines {
  static #decoded: FrameLines[] = [];
  readonly #payload: Buffer;
  #lines: SourceLine[] | null = null;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  get lines(): readonly SourceLine[] {
    if (this.#lines) return this.#lines;
    const { panes, strings, styles } = decodePaneFrame(this.#payload);
    this.#lines = panes.flatMap(({ lines }) => lines.map(({ cells }) => ({ cells, strings, styles })));
    const decoded = [...FrameLines.#decoded, this];
    for (const other of decoded.slice(0, -KEPT_FRAMES)) other.#lines = null;
    FrameLines.#decoded = decoded.slice(-KEPT_FRAMES);
    return this.#lines;
  }
}

/**
 * The rows of a frame of history or of a frozen pane. `wrapped` has the rows that go on from the one before, `prompts` those that begin a prompt.
 * Throws for a frame that is none.
 */
export function rowsOfFrame(base64: string, wrapped: readonly number[], prompts: readonly number[]): CopyRow[] {
  const frame = new FrameLines(Buffer.from(base64, 'base64'));
  const goesOn = new Set(wrapped.map((y) => y - 1));
  const begins = new Set(prompts);
  const blank: SourceLine = { cells: new Uint32Array(0), strings: [], styles: [] };
  return frame.lines.map((line, y): CopyRow => {
    const cells: Cells = cellsOfLine(line, goesOn.has(y));
    return { cells, isWrapped: goesOn.has(y), isPrompt: begins.has(y), look: { line: () => frame.lines[y] ?? blank } };
  });
}

interface EntryLook {
  readonly first: string;
  readonly rest: string;
  readonly colours: RowColours;
}

/** How Claude Code marks them on its own screen, so that the eye knows them. */
const LOOKS: Readonly<Record<ConversationEntry['kind'], EntryLook>> = {
  user: { first: '❯ ', rest: '  ', colours: { fg: COLOR_P16 | 6 | FG_BOLD, bg: 0 } },
  assistant: { first: '● ', rest: '  ', colours: { fg: 0, bg: 0 } },
  tool: { first: '● ', rest: '  ', colours: { fg: COLOR_P16 | 2, bg: 0 } },
  result: { first: '  ⎿ ', rest: '    ', colours: { fg: 0, bg: BG_DIM } },
  note: { first: '· ', rest: '  ', colours: { fg: 0, bg: BG_DIM | BG_ITALIC } },
};

/** The rows of a conversation at a width, and the row in which each entry begins. */
export function rowsOfConversation(
  entries: readonly ConversationEntry[],
  width: number,
): { rows: CopyRow[]; starts: number[] } {
  const rows: CopyRow[] = [];
  const starts: number[] = [];
  let before: ConversationEntry['kind'] | null = null;
  for (const { kind, text } of entries) {
    // A result belongs to its tool; all else is set apart by an empty row.
    if (before !== null && kind !== 'result') rows.push({ cells: '', isWrapped: false, look: { fg: 0, bg: 0 } });
    const start = rows.length;
    starts.push(start);
    const { first, rest, colours } = LOOKS[kind];
    for (const [index, line] of sanitiseLines(text).split('\n').entries())
      rows.push(...wrapLine(`${index === 0 ? first : rest}${line}`, width, colours));
    const head = rows[start];
    if (kind === 'user' && head) rows[start] = { ...head, isPrompt: true };
    before = kind;
  }
  return { rows, starts };
}

/** A line broken behind blanks, or within a word that is longer than the width; nothing of its text is lost. */
function wrapLine(line: string, width: number, look: RowColours): CopyRow[] {
  const cells = cellsOfText(line);
  const starts = breaksOf(cells, width, 'blanks');
  return starts.map((start, at) => ({
    cells: cells.slice(start, starts[at + 1]),
    isWrapped: at < starts.length - 1,
    look,
  }));
}
