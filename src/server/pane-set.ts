// Owns the panes of the session: one for each worker, their sizes, and who looks at them.
import { droverVersion } from '../config/version.ts';
import { refuse } from '../domain/refusal.ts';
import type { PaneInfo, Result } from '../protocol/methods.ts';
import { encodePaneFrame } from '../protocol/pane-frame.ts';
import { FrameTables } from '../terminal/cells.ts';
import { DARK_COLORS } from '../terminal/colors.ts';
import { Pane } from '../terminal/pane.ts';
import type { ParseScheduler } from '../terminal/parse-scheduler.ts';
import { ReadPacer } from '../terminal/read-pacer.ts';
import { freezePane } from './pane-freeze.ts';
import { PanePalette } from './pane-palette.ts';
import { searchPanes } from './pane-search.ts';
import { PaneSeats, type PlacedPane } from './pane-seats.ts';
import { type PaneSignal, PaneSignals } from './pane-signals.ts';
import { PaneStream, type PaneView } from './pane-stream.ts';

/** The size of a pane that nobody has looked at yet; wide enough for an agent's diffs. */
const UNSEEN = { cols: 120, rows: 40 };
/** Matches of a search that come back at the most: some 250 kB. */
const MOST_MATCHES = 500;

export class PaneSet {
  readonly #scheduler: ParseScheduler;
  readonly #pacer: ReadPacer;
  readonly #scrollback: number;
  readonly #panes = new Map<number, Pane>();
  readonly #stream: PaneStream;
  readonly #seats = new PaneSeats<PaneView>((pane, { cols, rows }) => this.#panes.get(pane)?.resize(cols, rows));
  readonly #now: () => number;
  /** In which colours panes are shown. */
  readonly palette = new PanePalette(DARK_COLORS, (colors) => {
    for (const pane of this.#panes.values()) pane.setColors(colors);
  });
  readonly #signals: PaneSignals;
  readonly #onChange: (info: PaneInfo) => void;
  readonly #onFault: (pane: number, error: unknown) => void;
  readonly #describe: (info: PaneInfo) => PaneInfo;

  constructor(parts: {
    scheduler: ParseScheduler;
    scrollback: number;
    now: () => number;
    /** A pane began or ended a program, or changed its size or title. */
    onChange: (info: PaneInfo) => void;
    /** A pane's program has rung or printed. */
    onSignal?: (pane: number, signal: PaneSignal) => void;
    /** A pane's emulator threw at what its program wrote, and goes on behind it. */
    onFault?: (pane: number, error: unknown) => void;
    /** Adds what others know of a pane. */
    describe?: (info: PaneInfo) => PaneInfo;
  }) {
    this.#scheduler = parts.scheduler;
    this.#pacer = new ReadPacer({ onPolled: () => this.#scheduler.wake(), now: parts.now });
    this.#scrollback = parts.scrollback;
    this.#now = parts.now;
    this.#stream = new PaneStream({ now: parts.now, isParsing: () => this.#scheduler.isParsing });
    this.#scheduler.onTurn(() => this.#stream.flush());
    this.#signals = new PaneSignals({ now: parts.now, onSignal: parts.onSignal ?? (() => undefined) });
    this.#onChange = parts.onChange;
    this.#onFault = parts.onFault ?? (() => undefined);
    this.#describe = parts.describe ?? ((info) => info);
  }

  /** Makes the panes 1 to `count`. */
  ensure(count: number): void {
    for (let number = 1; number <= count; number++) this.pane(number);
  }

  /** The pane of that number; made when it does not exist. */
  pane(number: number): Pane {
    const known = this.#panes.get(number);
    if (known) return known;
    const pane = new Pane({
      pane: number,
      ...UNSEEN,
      scrollback: this.#scrollback,
      scheduler: this.#scheduler,
      pacer: this.#pacer,
      isFocused: () => this.#stream.isFocused(number),
      version: droverVersion(),
      colors: this.palette.colors,
      onFault: (error) => this.#onFault(number, error),
    });
    this.#panes.set(number, pane);
    this.#stream.addPane(pane);
    this.#signals.watch(pane);
    pane.onChange(() => this.announce(number));
    return pane;
  }

  has(number: number): boolean {
    return this.#panes.has(number);
  }

  list(): PaneInfo[] {
    return [...this.#panes.values()].map((pane) => this.#describe(pane.info()));
  }

  /** What is known of a pane. Refuses an unknown one. */
  info(number: number): PaneInfo {
    return this.#describe(this.#require(number).info());
  }

  /** Tells that something about a pane is new; nothing for one that is gone. */
  announce(number: number): void {
    if (this.#panes.has(number)) this.#onChange(this.info(number));
  }

  /** Frees a pane with all of its screen; what runs there is killed. */
  async remove(number: number): Promise<void> {
    const pane = this.#panes.get(number);
    this.#panes.delete(number);
    this.#stream.removePane(number);
    this.#signals.forget(number);
    await pane?.dispose();
  }

  #require(number: number): Pane {
    const pane = this.#panes.get(number);
    if (!pane) refuse('unknown-pane', `there is no pane ${number}`, 'drover panes');
    return pane;
  }

  /** The visible text of a pane. Refuses an unknown one. */
  capture(number: number): { lines: string[]; title: string } {
    const pane = this.#require(number);
    return { lines: pane.text(), title: pane.info().title };
  }

  /** Lines that have scrolled off a pane, as a pane frame in base64. Refuses an unknown pane. */
  history(number: number, from: number, count: number): Result<'pane.history'> {
    const pane = this.#require(number);
    const { generation } = pane;
    const tables = new FrameTables();
    const { first, total, from: start, cols, lines, wrapped, prompts } = pane.history(from, count, tables);
    const cursor = { x: 0, y: 0, isVisible: false, shape: 0 };
    const update = { pane: number, generation, cols, rows: Math.max(lines.length, 1), cursor, modes: 0, lines };
    const frame = encodePaneFrame({
      number: 0,
      isFree: false,
      strings: tables.strings(),
      styles: tables.styles(),
      panes: [update],
    });
    return { generation, first, total, from: start, wrapped, prompts, frame: frame.toString('base64') };
  }

  /** A pane's screen and at most `count` lines above it, of one moment. Refuses an unknown pane. */
  freeze(number: number, count: number): Result<'pane.freeze'> {
    return freezePane(this.#require(number), count);
  }

  /** Finds words in what one pane or all of them show and have shown. Refuses an unknown pane. */
  search(wanted: {
    query: string;
    pane?: number | undefined;
    limit?: number | undefined;
  }): Promise<Result<'pane.search'>> {
    const panes = wanted.pane === undefined ? [...this.#panes.values()] : [this.#require(wanted.pane)];
    return searchPanes(panes, {
      query: wanted.query,
      limit: Math.min(wanted.limit ?? MOST_MATCHES, MOST_MATCHES),
      now: this.#now,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    });
  }

  addViewer(sink: { send(payload: Buffer): void; pending(): number }): PaneView {
    return this.#stream.addClient(sink);
  }

  removeViewer(view: PaneView): void {
    view.close();
    this.#seats.leave(view);
  }

  /** Sets what a viewer sees; the panes take its sizes, unless it only looks on. Panes that do not exist are passed over. */
  look(view: PaneView, wanted: readonly PlacedPane[], focused: number | null, isReadOnly = false): void {
    const seen = wanted.filter(({ pane }) => this.#panes.has(pane));
    if (!isReadOnly) this.#seats.look(view, seen, focused);
    view.view(
      seen.map(({ pane }) => pane),
      focused,
    );
  }

  /** Types bytes into a pane; its pty takes the size of the viewer that typed. */
  type(view: PaneView, number: number, bytes: Buffer): void {
    const pane = this.#panes.get(number);
    if (!pane) return;
    this.#seats.typed(view, number);
    view.typed(number);
    pane.type(bytes);
  }

  /** Gives bytes to a pane's program that nobody typed. */
  tell(number: number, bytes: Buffer): void {
    this.#panes.get(number)?.input(bytes);
  }

  /** Pastes text into a pane and presses Enter. Refuses a pane in which nothing runs. */
  async submit(number: number, text: string): Promise<void> {
    const pane = this.#require(number);
    pane.tellTyped(`${text}\r`);
    if (!(await pane.submit(text)))
      refuse('not-running', `nothing runs in pane ${number} that takes words`, 'drover panes');
  }

  dispose(): void {
    this.#signals.close();
    for (const pane of this.#panes.values()) pane.dispose();
  }
}
