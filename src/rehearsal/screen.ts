// Owns the bytes on the terminal: finished lines that scroll away, and the live lines below them that are drawn again and again.
import { type Block, renderBlock } from './block.ts';

/** What a screen needs of standard output. */
export interface Output {
  write(bytes: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/** Blocks kept for drawing anew after a resize. */
const KEPT = 500;
/** Synchronized output: the terminal shows a frame whole. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
/** Bracketed paste, focus reports, hidden cursor; and back, with the title emptied. */
const ENTER = '\x1b[?2004h\x1b[?1004h\x1b[?25l';
/** The alternate screen, from its top; and the main one again. */
const ENTER_ALTERNATE = '\x1b[?1049h\x1b[H';
const LEAVE_ALTERNATE = '\x1b[?1049l';
const LEAVE = '\x1b[?2004l\x1b[?1004l\x1b[?25h\x1b[0m\x1b]0;\x07';

/** The main screen of a terminal, of which nothing is cleared but our own live lines; or the alternate one, which keeps no history. */
export class Screen {
  readonly #output: Output;
  readonly #log: Block[] = [];
  #live: readonly Block[] = [];
  #shown: readonly string[] = [];
  readonly #isAlternate: boolean;
  #isOpen = false;

  constructor(output: Output, isAlternate = false) {
    this.#output = output;
    this.#isAlternate = isAlternate;
  }

  open(): void {
    this.#isOpen = true;
    this.#output.write(`${this.#isAlternate ? ENTER_ALTERNATE : ''}${ENTER}`);
  }

  /** Gives the terminal back; finished lines stay. */
  close(): void {
    if (!this.#isOpen) return;
    this.#live = [];
    this.#paint([]);
    this.#isOpen = false;
    this.#output.write(`${LEAVE}${this.#isAlternate ? LEAVE_ALTERNATE : ''}`);
  }

  /** Finished lines, printed above the live ones, which become `live` in the same frame. */
  print(blocks: readonly Block[], live: readonly Block[]): void {
    this.#log.push(...blocks);
    this.#log.splice(0, this.#log.length - KEPT);
    this.#live = live;
    this.#paint(blocks.flatMap((block) => renderBlock(block, this.#width)));
  }

  /** Draws the live lines; what is on the screen already is not written again. */
  show(live: readonly Block[]): void {
    this.#live = live;
    this.#paint([]);
  }

  /** Draws all anew for another size: the old lines were broken at the old width. */
  redraw(live: readonly Block[]): void {
    this.#live = live;
    if (!this.#isOpen) return;
    const lines = this.#log.flatMap((block) => renderBlock(block, this.#width));
    const shown = this.#liveLines();
    const above = lines.slice(-Math.max(1, this.#height - shown.length));
    this.#shown = shown;
    this.#output.write(`${BEGIN}\x1b[H\x1b[2J${[...above, ...shown].join('\r\n')}${END}`);
  }

  title(text: string): void {
    if (this.#isOpen) this.#output.write(`\x1b]0;${text}\x07`);
  }

  get #width(): number {
    return Math.max(1, this.#output.columns ?? 80);
  }

  get #height(): number {
    return Math.max(1, this.#output.rows ?? 24);
  }

  /** More than a screenful would scroll away and could not be taken back. The last line is where the cursor rests, so there is always one. */
  #liveLines(): string[] {
    const lines = this.#live.flatMap((block) => renderBlock(block, this.#width)).slice(-this.#height);
    return lines.length === 0 ? [''] : lines;
  }

  #paint(printed: readonly string[]): void {
    if (!this.#isOpen) return;
    const before = this.#shown;
    const after = this.#liveLines();
    this.#shown = after;
    const isSame = printed.length === 0 && before.length === after.length;
    const bytes = isSame ? changedLines(before, after) : replacedLines(before.length, [...printed, ...after]);
    if (bytes !== '') this.#output.write(`${BEGIN}${bytes}${END}`);
  }
}

/** The cursor rests on the last live line: only the lines that differ are written, bottom up and back. */
function changedLines(before: readonly string[], after: readonly string[]): string {
  let bytes = '';
  for (const [index, text] of after.entries()) {
    if (text === before[index]) continue;
    const up = after.length - 1 - index;
    const [rise, fall] = up === 0 ? ['', ''] : [`\x1b[${up}A`, `\x1b[${up}B`];
    bytes += `\r${rise}${text}\x1b[K${fall}`;
  }
  return bytes;
}

function replacedLines(height: number, lines: readonly string[]): string {
  const rise = height > 1 ? `\x1b[${height - 1}A` : '';
  return `\r${rise}\x1b[J${lines.join('\r\n')}`;
}
