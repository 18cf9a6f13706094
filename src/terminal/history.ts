// Owns the lines above a pane's screen: the newest few in the emulator, the older ones packed, all under one row of numbers.
import type { PaneLine } from '../protocol/cells.ts';
import { type EmulatorLine, type FrameTables, safeLink } from './cells.ts';
import type { Emulator } from './emulator.ts';
import type { EmulatorLines } from './emulator-core.ts';
import { columnOf, isWrappedLine, lineWidth, packLine, packLineInto, unpackCells, unpackText } from './packed-line.ts';
import { PromptMarks } from './prompt-marks.ts';
import { Scrollback } from './scrollback.ts';

/** Lines that stay in the emulator: what a pane that grows (a zoom, a larger window) takes back onto its screen. 2 kB each. */
export const LIVE_LINES = 128;

/** Lines of a pane as they were read. */
export interface HistoryRange {
  /** The number of the oldest line that is kept. */
  readonly first: number;
  /** The number behind the newest line; numbers only grow until the history is emptied or the pane is resized. */
  readonly total: number;
  /** The number of the first line given. */
  readonly from: number;
  /** Wide enough for the widest line given, and for the pane. */
  readonly cols: number;
  /** y counts from 0. */
  readonly lines: PaneLine[];
  /** The y of the lines that continue the line before them. */
  readonly wrapped: number[];
  /** The y of the lines that begin a prompt. */
  readonly prompts: number[];
}

/** A row as text. */
export interface TextRow {
  readonly text: string;
  /** It continues the row before it. */
  readonly isWrapped: boolean;
  /** The column in which the character at `index` (UTF-16) stands. */
  columnOf(index: number): number;
}

export class History {
  readonly #archive: Scrollback;
  readonly #prompts = new PromptMarks();
  #emulator: Emulator | null = null;
  #isErasing = false;

  /** `limit`: lines kept, with those in the emulator. */
  constructor(limit: number) {
    this.#archive = new Scrollback(Math.max(limit - LIVE_LINES, 0));
  }

  /** How many lines the emulator is to keep by itself. */
  static liveLines(limit: number): number {
    return Math.min(limit, LIVE_LINES);
  }

  get first(): number {
    return this.#archive.first;
  }

  get total(): number {
    return this.#archive.end + (this.#emulator?.core.buffers.normal.ybase ?? 0);
  }

  /** Bytes of packed lines. */
  get heldBytes(): number {
    return this.#archive.heldBytes;
  }

  /** From now on keeps what leaves this emulator; what was kept of another is forgotten. */
  attach(emulator: Emulator): void {
    this.#emulator = emulator;
    this.#archive.clear();
    this.#watch(emulator);
    const { core, terminal } = emulator;
    this.#prompts.attach(terminal);
    // A full reset gives the emulator new buffers.
    core._inputHandler.onRequestReset(() => {
      this.#archive.clear();
      this.#prompts.clear();
      this.#watch(emulator);
    });
    for (const prefix of [undefined, '?']) {
      const id = prefix === undefined ? { final: 'J' } : { prefix, final: 'J' };
      terminal.parser.registerCsiHandler(id, (params) => {
        if (params[0] !== 3) return false;
        // On the alternate screen the emulator erases no history either.
        if (core.buffers.active === core.buffers.alt) return false;
        this.#archive.clear();
        this.#prompts.forgetKept();
        this.#isErasing = true;
        core._inputHandler.eraseInDisplay({ params: [3], length: 1 }, prefix !== undefined);
        this.#isErasing = false;
        return true;
      });
    }
  }

  /** Resizes the emulator. Lines that no longer fit in it, because narrower lines are more, are kept here. */
  resize(cols: number, rows: number, live: number): void {
    const terminal = this.#emulator?.terminal;
    if (terminal === undefined) return;
    const factor = Math.ceil(terminal.cols / cols);
    if (factor > 1) terminal.options.scrollback = (live + terminal.rows + rows) * factor;
    else if (cols < terminal.cols) terminal.options.scrollback = (live + terminal.rows + rows) * 2;
    this.#emulator?.ends.forget();
    terminal.resize(cols, rows);
    this.#emulator?.ends.forget();
    terminal.options.scrollback = live;
  }

  /** Lines from number `from`, at most `count`; those that are not kept are left out. */
  read(from: number, count: number, tables: FrameTables): HistoryRange {
    const { first, total } = this;
    const start = Math.min(Math.max(from, first), total);
    const end = Math.min(Math.max(from + count, start), total);
    // A line in the emulator is packed into bytes that the next one overwrites.
    let cols = this.#emulator?.terminal.cols ?? 1;
    for (let number = start; number < Math.min(end, this.#archive.end); number += 1) {
      const bytes = this.#packed(number);
      if (bytes !== undefined) cols = Math.max(cols, lineWidth(bytes));
    }
    const lines: PaneLine[] = [];
    const wrapped: number[] = [];
    for (let number = start; number < end; number += 1) {
      const bytes = this.#packed(number);
      if (bytes === undefined) continue;
      const y = number - start;
      if (isWrappedLine(bytes)) wrapped.push(y);
      lines.push({ y, cells: unpackCells(bytes, cols, tables) });
    }
    return { first, total, from: start, cols, lines, wrapped, prompts: this.prompts(start, end).map((n) => n - start) };
  }

  /** A line of the history, or behind it (from `total` on) a row of the screen as it is now; null for a number of neither. */
  row(number: number): TextRow | null {
    const bytes = this.#packed(number);
    if (bytes === undefined) return null;
    return {
      text: unpackText(bytes),
      isWrapped: isWrappedLine(bytes),
      columnOf: (index) => columnOf(this.#packed(number) ?? bytes, index),
    };
  }

  /** The numbers of lines, of the history and of the screen, that begin a prompt: from `from` up to, without, `to`. */
  prompts(from: number, to: number): number[] {
    const { active, alt } = this.#emulator?.core.buffers ?? {};
    // The alternate screen has none; the rows that it covers are not there.
    const end = active === alt ? Math.min(to, this.total) : to;
    return this.#prompts.within(Math.max(from, this.first), end, this.#archive.end);
  }

  #packed(number: number): Uint8Array | undefined {
    if (number < this.#archive.end) return this.#archive.line(number);
    const buffers = this.#emulator?.core.buffers;
    if (buffers === undefined) return undefined;
    const live = number - this.#archive.end;
    const { normal, active } = buffers;
    const screenRow = live - normal.ybase;
    if (screenRow >= (this.#emulator?.terminal.rows ?? 0)) return undefined;
    const line = screenRow < 0 ? normal.lines.get(live) : active.lines.get(active.ybase + screenRow);
    return line === undefined ? undefined : packLine(line, this.#linkOf);
  }

  readonly #linkOf = (id: number): string => safeLink(this.#emulator?.core._oscLinkService.getLinkData(id)?.uri ?? '');

  /** Every way in which the emulator drops lines from the top of its list goes through one of these. */
  #watch(emulator: Emulator): void {
    const lines: EmulatorLines = emulator.core.buffers.normal.lines;
    const { recycle, splice, trimStart } = lines;
    lines.recycle = () => {
      this.#keep(lines, 1);
      const line = recycle.call(lines);
      emulator.ends.begin(line);
      return line;
    };
    lines.trimStart = (count) => {
      if (!this.#isErasing) this.#keep(lines, count);
      trimStart.call(lines, count);
    };
    lines.splice = (start, deleteCount, ...items) => {
      this.#keep(lines, lines.length - deleteCount + items.length - lines.maxLength);
      splice.call(lines, start, deleteCount, ...items);
    };
  }

  #keep(lines: EmulatorLines, count: number): void {
    this.#prompts.keep(count, this.#archive.end, this.#archive.first);
    for (let index = 0; index < Math.min(count, lines.length); index += 1) {
      const line: EmulatorLine | undefined = lines.get(index);
      if (line !== undefined) packLineInto(this.#archive, line, this.#linkOf, this.#emulator?.ends.endOf(line));
    }
  }
}
