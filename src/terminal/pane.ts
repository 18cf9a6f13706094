// Owns a pane: a numbered place on the server that runs one program after another and keeps the last screen of each.
import type { PaneUpdate } from '../protocol/cells.ts';
import { PANE_MODE } from '../protocol/cells.ts';
import type { PaneInfo } from '../protocol/methods.ts';
import type { FrameTables } from './cells.ts';
import { DARK_COLORS, type PaneColors } from './colors.ts';
import type { HistoryRange, TextRow } from './history.ts';
import type { ParseScheduler, ParseSource } from './parse-scheduler.ts';
import { type Pty, type PtyExit, spawnPty } from './pty.ts';
import type { PacedSource, ReadPacer } from './read-pacer.ts';
import { Screen } from './screen.ts';

/** Bytes not parsed yet above which the program is made to wait, and below which it may go on. */
const PAUSE_ABOVE = 128 * 1024;
const RESUME_BELOW = 32 * 1024;
/** Claude Code swallows a carriage return that comes with the end of a paste: 5 ms apart it took it always, 100 leaves a margin. */
const SUBMIT_DELAY_MS = 100;
const DEFAULT_SCROLLBACK = 10_000;

export interface PaneOptions {
  /** The worker's number. */
  readonly pane: number;
  readonly cols: number;
  readonly rows: number;
  /** Lines of history; 10,000 unless told. */
  readonly scrollback?: number;
  readonly scheduler: ParseScheduler;
  /** Without it, output is read as it comes. */
  readonly pacer?: ReadPacer;
  /** Whether somebody has the keyboard in the pane; nobody unless told. */
  readonly isFocused?: () => boolean;
  /** Drover's version, for programs that ask which terminal they are in. */
  readonly version?: string;
  /** What programs are told that ask for colours; dark unless told. */
  readonly colors?: PaneColors;
  /** Monotonic ms. */
  readonly now?: () => number;
  /** The emulator threw at what a program wrote; told once for each program. */
  readonly onFault?: (error: unknown) => void;
}

export interface PaneLaunch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a program runs for; shown in the pane's info until the next program. */
export interface PaneOwner {
  readonly runId: string;
  readonly taskId: string;
}

/** A set of listeners of one kind. */
class Listeners<A extends unknown[]> {
  readonly #listeners = new Set<(...values: A) => void>();

  /** Listens; the returned function ends it. */
  add(listener: (...values: A) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(...values: A): void {
    for (const listener of this.#listeners) listener(...values);
  }
}

/**
 * Text as it may be pasted into a program: no control characters but line feed and tab, and no end of paste in it. Carriage returns become line
 * feeds.
 */
export function cleanPaste(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\x1b[201~', '')
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

/** Soft reset, and the keyboard as it was: attributes, scroll region, hidden cursor and kitty's keys are a program's that may be gone. */
const LEFT_MODES = '\x1b[!p\x1b[=0u';

export class Pane implements ParseSource, PacedSource {
  readonly pane: number;
  readonly #scheduler: ParseScheduler;
  readonly #pacer: ReadPacer | undefined;
  readonly #isFocused: () => boolean;
  readonly #screen: Screen;
  readonly #changed = new Listeners<[]>();
  readonly #printed = new Listeners<[]>();
  readonly #titled = new Listeners<[title: string]>();
  readonly #rang = new Listeners<[]>();
  readonly #exited = new Listeners<[exit: PtyExit]>();
  readonly #typed = new Listeners<[bytes: Uint8Array | string]>();
  #owner: PaneOwner | null = null;
  #pty: Pty | null = null;
  /** Too much waits to be parsed. */
  #isPaused = false;
  #isPolled = false;
  #isDisposed = false;
  #generation = 0;
  /** Pastes go one after the other, each with its pause before the return. */
  #submits: Promise<unknown> = Promise.resolve();

  constructor(options: PaneOptions) {
    this.pane = options.pane;
    this.#scheduler = options.scheduler;
    this.#pacer = options.pacer;
    this.#isFocused = options.isFocused ?? (() => false);
    this.#screen = new Screen({
      cols: options.cols,
      rows: options.rows,
      scrollback: options.scrollback ?? DEFAULT_SCROLLBACK,
      name: options.version === undefined ? 'Drover' : `Drover ${options.version}`,
      colors: options.colors ?? DARK_COLORS,
      now: options.now ?? (() => performance.now()),
      onAnswer: (text) => {
        this.#pacer?.hurry(this);
        this.#pty?.write(text);
      },
      onTitle: (title) => {
        this.#titled.tell(title);
        this.#changed.tell();
      },
      onBell: () => this.#rang.tell(),
      ...(options.onFault && { onFault: options.onFault }),
    });
  }

  get queuedBytes(): number {
    return this.#screen.queuedBytes;
  }

  get generation(): number {
    return this.#generation;
  }

  get size(): { readonly cols: number; readonly rows: number } {
    return { cols: this.#screen.cols, rows: this.#screen.rows };
  }

  /** The process that runs here, or null. */
  get pid(): number | null {
    return this.#pty?.pid ?? null;
  }

  info(): PaneInfo {
    return {
      pane: this.pane,
      runId: this.#owner?.runId ?? null,
      taskId: this.#owner?.taskId ?? null,
      cols: this.#screen.cols,
      rows: this.#screen.rows,
      title: this.#screen.title,
      isAlive: this.#pty !== null,
    };
  }

  /**
   * Runs a program on a blank screen. `exited` resolves when it has ended and its last output is on the screen. Refuses ('no-agent') what cannot
   * be started, and leaves the screen as it was; throws when a program still runs here.
   */
  run(launch: PaneLaunch, owner: PaneOwner | null = null): { pid: number; exited: Promise<PtyExit> } {
    if (this.#isDisposed) throw new Error(`pane ${this.pane} is disposed`);
    if (this.#pty !== null) throw new Error(`pane ${this.pane} still runs process ${this.#pty.pid}`);
    const pty = spawnPty({ ...launch, cols: this.#screen.cols, rows: this.#screen.rows });
    this.#pty = pty;
    this.#isPaused = false;
    this.#generation += 1;
    this.#owner = owner;
    this.#screen.restart();
    pty.onData((bytes) => this.#receive(bytes));
    this.#changed.tell();
    this.#printed.tell();
    return { pid: pty.pid, exited: pty.exited.then((exit) => this.#finish(pty, exit)) };
  }

  /** Bytes from a keyboard, as they are. False when nothing runs or the program has not read for 16 MiB. */
  input(bytes: Uint8Array | string): boolean {
    this.prefer();
    return this.#pty?.write(bytes) ?? false;
  }

  /** Bytes that a person types: as `input`, and told to who listens. */
  type(bytes: Uint8Array | string): boolean {
    this.tellTyped(bytes);
    return this.input(bytes);
  }

  /** Tells who listens that a person types, by whatever way. */
  tellTyped(bytes: Uint8Array | string): void {
    this.#typed.tell(bytes);
  }

  /** Writes a sentence of Drover's own below what an ended program has printed, whatever modes that has left. */
  say(text: string): void {
    this.#screen.push(Buffer.from(`${LEFT_MODES}\r\n\x1b[7m ${text} \x1b[27m`));
    this.#screen.parse(Number.POSITIVE_INFINITY);
    this.#printed.tell();
  }

  /** Read at once, and parsed before other panes, from now on. */
  prefer(): void {
    this.#pacer?.hurry(this);
    this.#scheduler.prefer(this);
  }

  /** Pastes text (cleaned) as a terminal would: between paste marks when the program has asked for them. */
  paste(text: string): boolean {
    const clean = cleanPaste(text);
    const isBracketed = (this.#screen.modes & PANE_MODE.bracketedPaste) !== 0;
    return this.input(isBracketed ? `\x1b[200~${clean}\x1b[201~` : clean.replaceAll('\n', '\r'));
  }

  /**
   * Pastes text and presses Enter after the pause that programs need. Resolves to false when the program ended before, and when `isMeant`, asked
   * right before the text and before Enter, says no.
   */
  submit(text: string, isMeant: () => boolean = () => true): Promise<boolean> {
    const generation = this.#generation;
    const submitted = this.#submits.then(async () => {
      if (generation !== this.#generation || !isMeant() || !this.paste(text)) return false;
      await new Promise((resolve) => setTimeout(resolve, SUBMIT_DELAY_MS));
      return generation === this.#generation && isMeant() && this.input('\r');
    });
    this.#submits = submitted;
    return submitted;
  }

  resize(cols: number, rows: number): void {
    if (cols === this.#screen.cols && rows === this.#screen.rows) return;
    this.#screen.resize(cols, rows);
    // Its program draws all anew: the old lines in the new size are not to be seen until the next poll.
    this.#pacer?.hurry(this);
    this.#pty?.resize(this.#screen.cols, this.#screen.rows);
    this.#changed.tell();
    this.#printed.tell();
  }

  /** Signals the program's process group; SIGTERM unless told. */
  kill(signal?: NodeJS.Signals): void {
    this.#pty?.kill(signal);
  }

  /** The visible rows, trailing blanks cut. */
  text(): string[] {
    return this.#screen.text();
  }

  /** Lines that have scrolled off: at most `count` from number `from`, with indexes into `tables`. */
  history(from: number, count: number, tables: FrameTables): HistoryRange {
    return this.#screen.history(from, count, tables);
  }

  /** The numbers of lines, as `row` knows them, that begin a prompt: from `from` up to, without, `to`. */
  prompts(from: number, to: number): number[] {
    return this.#screen.prompts(from, to);
  }

  /** Which numbers `row` knows: the history from `first`, the rows of the screen from `total`, up to before `end`. */
  rowNumbers(): { first: number; total: number; end: number } {
    return this.#screen.rowNumbers();
  }

  /** A line of the history or a row of the screen as text; null for a number that is not there. */
  row(number: number): TextRow | null {
    return this.#screen.row(number);
  }

  /** From now on programs that ask are told these colours; one that wanted to know is told whether it is dark. */
  setColors(colors: PaneColors): void {
    this.#screen.setColors(colors);
  }

  /** Whether `takeUpdate(since)` may give something. */
  mayHaveChanged(since: number): boolean {
    return this.#screen.mayHaveChanged(since);
  }

  countChangedRows(since: number): number {
    return this.#screen.countChangedRows(since);
  }

  /** When a picture held back by the program is shown at the latest (ms of the clock), or 0. */
  heldUntil(): number {
    return this.#screen.heldUntil();
  }

  /**
   * What changed after `since`, the mark of the last call of the same client (0: everything), for a frame whose tables are `tables`. null when
   * nothing did; keep the old mark then.
   */
  takeUpdate(since: number, tables: FrameTables): { update: PaneUpdate; mark: number } | null {
    const change = this.#screen.changesSince(since, tables);
    if (change === null) return null;
    const { cols, rows, cursor, modes, lines, version } = change;
    return {
      update: { pane: this.pane, generation: this.#generation, cols, rows, cursor, modes, lines },
      mark: version,
    };
  }

  /** A program began or ended, or the size or title changed: what `info` says is new. The returned function ends the listening. */
  onChange(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  /** The screen may look different; comes after each slice of parsing. */
  onScreen(listener: () => void): () => void {
    return this.#printed.add(listener);
  }

  onTitle(listener: (title: string) => void): () => void {
    return this.#titled.add(listener);
  }

  /** A person types; before the program gets it. */
  onTyped(listener: (bytes: Uint8Array | string) => void): () => void {
    return this.#typed.add(listener);
  }

  onBell(listener: () => void): () => void {
    return this.#rang.add(listener);
  }

  /** The program has ended and all its output is on the screen. */
  onExit(listener: (exit: PtyExit) => void): () => void {
    return this.#exited.add(listener);
  }

  /** For the pacer. */
  get isFocused(): boolean {
    return this.#isFocused();
  }

  /** For the pacer. */
  poll(): number {
    return this.#isPaused ? 0 : (this.#pty?.poll() ?? 0);
  }

  /** For the pacer. */
  setPolled(isPolled: boolean): void {
    this.#isPolled = isPolled;
    this.#setReading();
  }

  #setReading(): void {
    if (this.#isPaused || this.#isPolled) this.#pty?.pause();
    else this.#pty?.resume();
  }

  /** For the scheduler. */
  parse(untilMs: number): void {
    this.#screen.parse(untilMs);
    if (this.#isPaused && this.#screen.queuedBytes < RESUME_BELOW) {
      this.#isPaused = false;
      this.#setReading();
    }
    this.#printed.tell();
  }

  /** Kills what runs and frees the emulator. Resolves when the program is gone. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const pty = this.#pty;
    pty?.kill('SIGKILL');
    await pty?.exited;
    this.#scheduler.remove(this);
    this.#pacer?.remove(this);
    this.#screen.dispose();
  }

  #receive(bytes: Buffer): void {
    if (this.#isDisposed) return;
    this.#screen.push(bytes);
    if (!this.#isPaused && this.#screen.queuedBytes > PAUSE_ABOVE) {
      this.#isPaused = true;
      this.#setReading();
    }
    if (this.#isPolled) {
      // The pacer polls it, and has all parsed that it has polled.
      this.#scheduler.add(this);
      return;
    }
    this.#pacer?.received(this, bytes.length);
    if (this.isFocused) this.#scheduler.wakeNow(this);
    else this.#scheduler.wake(this);
  }

  #finish(pty: Pty, exit: PtyExit): PtyExit {
    if (this.#pty === pty) this.#pty = null;
    this.#pacer?.remove(this);
    if (this.#isDisposed) return exit;
    this.#screen.parse(Number.POSITIVE_INFINITY);
    this.#printed.tell();
    this.#changed.tell();
    this.#exited.tell(exit);
    return exit;
  }
}
