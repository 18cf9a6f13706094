// Owns one pane's emulator: bytes in, parsed when its owner says so; rows, cursor, modes, title and answers out.
import { PANE_MODE, type PaneCursor, type PaneLine } from '../protocol/cells.ts';
import { ByteQueue } from './byte-queue.ts';
import { CellGrid, type FrameTables, safeLink } from './cells.ts';
import { DARK_COLORS, type PaneColors } from './colors.ts';
import { createEmulator, type Emulator } from './emulator.ts';
import { History, type HistoryRange, type TextRow } from './history.ts';
import { Queries } from './queries.ts';

/** How long a program may hold its picture back with DEC 2026 before it is shown as it is, in ms. */
export const SYNC_LIMIT_MS = 300;
/** While brackets follow each other without a pause, a finished picture is kept once in this many ms. */
const SYNC_KEEP_MS = 16;
const MAX_TITLE = 256;

export interface ScreenOptions {
  readonly cols: number;
  readonly rows: number;
  /** Lines of history. */
  readonly scrollback: number;
  /** What XTVERSION answers. */
  readonly name: string;
  /** What programs are told that ask for colours. */
  readonly colors?: PaneColors;
  /** Monotonic ms. */
  readonly now: () => number;
  /** What the emulator answers to the program's questions; goes to the pty. */
  readonly onAnswer: (text: string) => void;
  readonly onTitle: (title: string) => void;
  readonly onBell: () => void;
  /** The emulator threw at what the program wrote; the rest of that piece is lost. Told once for each program; thrown when nobody listens. */
  readonly onFault?: (error: unknown) => void;
}

/** What changed after a version that the caller knows. */
export interface ScreenChange {
  readonly cols: number;
  readonly rows: number;
  readonly cursor: PaneCursor;
  readonly modes: number;
  readonly lines: PaneLine[];
  /** Ask from here the next time. */
  readonly version: number;
}

const BLANK_CURSOR: PaneCursor = { x: 0, y: 0, isVisible: true, shape: 0 };
const CURSOR_SHAPES = { block: 1, underline: 3, bar: 5 } as const;

/** A title as it may be shown: without control and direction characters, at most 256 code points. */
export function cleanTitle(title: string): string {
  const printable = title
    .slice(0, MAX_TITLE * 8)
    .replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
  return [...printable].slice(0, MAX_TITLE).join('');
}

/** A headless terminal with its own scheduling. Nothing is parsed until `parse` is called. */
export class Screen {
  readonly #options: ScreenOptions;
  readonly #grid: CellGrid;
  readonly #history: History;
  readonly #queries: Queries;
  /** null until there is something to parse, or a program that is about to print: the emulator's modules take 25 ms. */
  #made: Emulator | null = null;
  readonly #queue = new ByteQueue();
  #dirty: Uint8Array;
  /** Something was parsed since the grid was last brought up to date. */
  #isTouched = true;
  #heldSince = 0;
  #keptAt = 0;
  #cursor: PaneCursor = BLANK_CURSOR;
  #modes = 0;
  #stateVersion = 0;
  #title = '';
  #isFaulty = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#grid = new CellGrid(options.cols, options.rows);
    this.#history = new History(options.scrollback);
    this.#queries = new Queries({
      name: options.name,
      colors: options.colors ?? DARK_COLORS,
      answer: options.onAnswer,
    });
    this.#dirty = new Uint8Array(options.rows).fill(1);
  }

  get #emulator(): Emulator {
    this.#made ??= this.#create(this.cols, this.rows);
    return this.#made;
  }

  get cols(): number {
    return this.#grid.cols;
  }

  get rows(): number {
    return this.#grid.rows;
  }

  get title(): string {
    return this.#title;
  }

  /** Bytes that wait for `parse`. */
  get queuedBytes(): number {
    return this.#queue.length;
  }

  /** The PANE_MODE bits as they are now, not as last drawn. */
  get modes(): number {
    return this.#readModes();
  }

  /** Takes a copy of output of the program. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /** Parses what waits until it is used up or `untilMs` (of the clock given) has come; at least one step is made. */
  parse(untilMs: number): void {
    let step = this.#queue.take();
    if (step === null) return;
    while (step !== null) {
      this.#take(step);
      step = this.#options.now() < untilMs ? this.#queue.take() : null;
    }
    this.#isTouched = true;
    if (!this.#emulator.core.coreService.decPrivateModes.synchronizedOutput) this.#heldSince = 0;
    else if (this.#heldSince === 0) this.#heldSince = this.#options.now();
  }

  /** What the emulator cannot take must not end the server with all other panes: it goes on behind this piece. */
  #take(piece: Uint8Array): void {
    const { _inputHandler } = this.#emulator.core;
    try {
      _inputHandler.parse(piece);
    } catch (error) {
      if (!this.#options.onFault) throw error;
      _inputHandler._parser.reset();
      this.#markDirty(0, this.rows - 1);
      if (!this.#isFaulty) this.#options.onFault(error);
      this.#isFaulty = true;
    }
  }

  /** When a picture that the program holds back (DEC 2026) is shown at the latest, in ms of the clock; 0 when none is held. */
  heldUntil(): number {
    return this.#isTouched && this.#heldSince > 0 ? this.#heldSince + SYNC_LIMIT_MS : 0;
  }

  /** Whether `changesSince(version)` may have something. Cheap; may say yes for a redraw of the same. */
  mayHaveChanged(version: number): boolean {
    return this.#grid.version > version || (this.#isTouched && !this.#isHeld());
  }

  /** How many rows changed after `version`, as a client would see it now. */
  countChangedRows(version: number): number {
    this.#refresh();
    return this.#grid.changedRows(version).length;
  }

  /** What changed after `version` (0: everything), rows with their indexes into `tables`; null when nothing did. */
  changesSince(version: number, tables: FrameTables): ScreenChange | null {
    this.#refresh();
    const rows = this.#grid.changedRows(version);
    if (rows.length === 0 && this.#stateVersion <= version) return null;
    return {
      cols: this.#grid.cols,
      rows: this.#grid.rows,
      cursor: this.#cursor,
      modes: this.#modes,
      lines: rows.map((y) => ({ y, cells: this.#grid.rowCells(y, tables) })),
      version: this.#grid.version,
    };
  }

  /** The visible rows as text, blanks at their ends cut, as they are now. */
  text(): string[] {
    const buffer = this.#made?.terminal.buffer.active;
    return Array.from(
      { length: this.rows },
      (_, y) =>
        buffer
          ?.getLine(buffer.baseY + y)
          ?.translateToString(true)
          .replace(/ +$/, '') ?? '',
    );
  }

  /** Lines that have scrolled off, as they are now: at most `count` from number `from`. */
  history(from: number, count: number, tables: FrameTables): HistoryRange {
    return this.#history.read(from, count, tables);
  }

  /** The numbers of lines, as `row` knows them, that begin a prompt: from `from` up to, without, `to`. */
  prompts(from: number, to: number): number[] {
    return this.#history.prompts(from, to);
  }

  /** The numbers of the lines that `row` knows: from `first` the history, from `total` the rows of the screen, up to before `end`. */
  rowNumbers(): { first: number; total: number; end: number } {
    const { first, total } = this.#history;
    return { first, total, end: total + this.rows };
  }

  /** A line of the history or of the screen as text; null for a number that is not there. */
  row(number: number): TextRow | null {
    return this.#history.row(number);
  }

  /** From now on programs that ask are told these colours; one that wanted to know is told whether it is dark. */
  setColors(colors: PaneColors): void {
    this.#queries.setColors(colors);
  }

  /** All rows count as changed. Sizes below 2 by 1 are raised to it: the emulator knows no smaller. */
  resize(cols: number, rows: number): void {
    // What was written for the old size is drawn at the old size.
    this.parse(Number.POSITIVE_INFINITY);
    const size = [Math.max(cols, 2), Math.max(rows, 1)] as const;
    this.#history.resize(...size, History.liveLines(this.#options.scrollback));
    this.#renew(...size);
  }

  /** A blank screen with no history, title or modes, for the next program. */
  restart(): void {
    this.#made?.terminal.dispose();
    this.#queue.clear();
    this.#made = this.#create(this.cols, this.rows);
    this.#renew(this.cols, this.rows);
    this.#setTitle('');
    this.#isFaulty = false;
  }

  /** Frees the emulator. The screen is not used afterwards. */
  dispose(): void {
    this.#queue.clear();
    this.#made?.terminal.dispose();
  }

  #create(cols: number, rows: number): Emulator {
    const emulator = createEmulator(cols, rows, History.liveLines(this.#options.scrollback));
    const { terminal, core } = emulator;
    this.#history.attach(emulator);
    core._inputHandler.onRequestRefreshRows((range) => this.#markDirty(range?.start ?? 0, range?.end ?? this.rows - 1));
    core._inputHandler.onRequestReset(() => this.#markDirty(0, this.rows - 1));
    terminal.onData(this.#options.onAnswer);
    terminal.onTitleChange((title) => this.#setTitle(title));
    terminal.onBell(this.#options.onBell);
    this.#queries.attach(emulator);
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, (params) => {
      if (params.includes(2026)) this.#endSync();
      return false;
    });
    return emulator;
  }

  #setTitle(title: string): void {
    const clean = cleanTitle(title);
    if (clean === this.#title) return;
    this.#title = clean;
    this.#options.onTitle(clean);
  }

  #markDirty(start: number, end: number): void {
    this.#dirty.fill(1, Math.max(start, 0), end + 1);
  }

  #renew(cols: number, rows: number): void {
    this.#grid.resize(cols, rows);
    this.#dirty = new Uint8Array(rows).fill(1);
    this.#isTouched = true;
    this.#heldSince = 0;
  }

  #isHeld(): boolean {
    return this.#heldSince > 0 && this.#options.now() < this.#heldSince + SYNC_LIMIT_MS;
  }

  /** At the end of a held picture it is complete: kept now, since the next bracket may open in the same read. */
  #endSync(): void {
    if (!this.#emulator.core.coreService.decPrivateModes.synchronizedOutput) return;
    const now = this.#options.now();
    this.#heldSince = 0;
    if (now - this.#keptAt < SYNC_KEEP_MS) return;
    this.#markDirty(0, this.rows - 1);
    this.#isTouched = true;
    this.#refresh();
  }

  /** Brings the grid up to date, unless the program holds its picture back. */
  #refresh(): void {
    if (!this.#isTouched || this.#isHeld()) return;
    if (this.#heldSince > 0) this.#heldSince = this.#options.now();
    if (this.#grid.isCrowded) this.#renewTables();
    this.#isTouched = false;
    this.#keptAt = this.#options.now();
    const core = this.#made?.core;
    const linkOf = (id: number): string => safeLink(core?._oscLinkService.getLinkData(id)?.uri ?? '');
    const version = this.#grid.version + 1;
    let isChanged = false;
    for (let y = 0; y < this.rows; y += 1) {
      if (this.#dirty[y] === 0) continue;
      this.#dirty[y] = 0;
      if (this.#grid.copyRow(y, core?.buffer.lines.get(core.buffer.ybase + y), version, linkOf)) isChanged = true;
    }
    if (this.#refreshState(version)) isChanged = true;
    if (isChanged) this.#grid.version = version;
  }

  #renewTables(): void {
    const heldSince = this.#heldSince;
    this.#renew(this.cols, this.rows);
    this.#heldSince = heldSince;
  }

  #refreshState(version: number): boolean {
    const cursor = this.#readCursor();
    const modes = this.#readModes();
    const old = this.#cursor;
    const isSame =
      cursor.x === old.x &&
      cursor.y === old.y &&
      cursor.isVisible === old.isVisible &&
      cursor.shape === old.shape &&
      modes === this.#modes;
    if (isSame) return false;
    this.#cursor = cursor;
    this.#modes = modes;
    this.#stateVersion = version;
    return true;
  }

  #readCursor(): PaneCursor {
    if (this.#made === null) return BLANK_CURSOR;
    const { buffer, coreService } = this.#made.core;
    const { cursorStyle, cursorBlink } = coreService.decPrivateModes;
    return {
      // One past the end means that the next character wraps; the cursor is drawn on the last column.
      x: Math.min(buffer.x, this.cols - 1),
      y: Math.min(buffer.y, this.rows - 1),
      isVisible: !coreService.isCursorHidden,
      shape: cursorStyle === undefined ? 0 : CURSOR_SHAPES[cursorStyle] + (cursorBlink === true ? 0 : 1),
    };
  }

  #readModes(): number {
    if (this.#made === null) return 0;
    const { coreService, coreMouseService, buffers } = this.#made.core;
    const modes = coreService.decPrivateModes;
    const mouse = coreMouseService.activeProtocol;
    return (
      (modes.bracketedPasteMode ? PANE_MODE.bracketedPaste : 0) |
      (modes.applicationCursorKeys ? PANE_MODE.applicationCursor : 0) |
      (modes.applicationKeypad ? PANE_MODE.applicationKeypad : 0) |
      (buffers.active === buffers.alt ? PANE_MODE.alternateScreen : 0) |
      (mouse === 'X10' || mouse === 'VT200' ? PANE_MODE.mouseClick : 0) |
      (mouse === 'DRAG' ? PANE_MODE.mouseDrag : 0) |
      (mouse === 'ANY' ? PANE_MODE.mouseAny : 0) |
      (coreMouseService.activeEncoding === 'SGR' ? PANE_MODE.mouseSgr : 0) |
      (modes.sendFocus ? PANE_MODE.focusEvents : 0)
    );
  }
}
