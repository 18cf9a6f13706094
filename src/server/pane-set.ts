// Owns the panes of the session: one for each worker, their sizes, and who looks at them.
import { droverVersion } from '../config/version.ts';
import { refuse } from '../domain/refusal.ts';
import type { PaneInfo } from '../protocol/methods.ts';
import { Pane } from '../terminal/pane.ts';
import type { ParseScheduler } from '../terminal/parse-scheduler.ts';
import { PaneStream, type PaneView } from './pane-stream.ts';

/** The size of a pane that nobody has looked at yet; wide enough for an agent's diffs. */
const UNSEEN = { cols: 120, rows: 40 };

interface Size {
  readonly cols: number;
  readonly rows: number;
}

export class PaneSet {
  readonly #scheduler: ParseScheduler;
  readonly #scrollback: number;
  readonly #panes = new Map<number, Pane>();
  readonly #stream: PaneStream;
  /** The sizes in which each viewer draws; the pty follows the one that looked or typed last. */
  readonly #sizes = new Map<PaneView, Map<number, Size>>();
  readonly #onChange: (info: PaneInfo) => void;
  readonly #describe: (info: PaneInfo) => PaneInfo;

  constructor(parts: {
    scheduler: ParseScheduler;
    scrollback: number;
    now: () => number;
    /** A pane began or ended a program, or changed its size or title. */
    onChange: (info: PaneInfo) => void;
    /** Adds what others know of a pane. */
    describe?: (info: PaneInfo) => PaneInfo;
  }) {
    this.#scheduler = parts.scheduler;
    this.#scrollback = parts.scrollback;
    this.#stream = new PaneStream({ now: parts.now });
    this.#onChange = parts.onChange;
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
      version: droverVersion(),
    });
    this.#panes.set(number, pane);
    this.#stream.addPane(pane);
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
    await pane?.dispose();
  }

  #require(number: number): Pane {
    const pane = this.#panes.get(number);
    if (!pane) refuse('unknown-pane', `there is no pane ${number}; there are ${this.#panes.size}`, 'drover panes');
    return pane;
  }

  /** The visible text of a pane. Refuses an unknown one. */
  capture(number: number): { lines: string[]; title: string } {
    const pane = this.#require(number);
    return { lines: pane.text(), title: pane.info().title };
  }

  addViewer(sink: { send(payload: Buffer): void; pending(): number }): PaneView {
    return this.#stream.addClient(sink);
  }

  removeViewer(view: PaneView): void {
    view.close();
    this.#sizes.delete(view);
  }

  /** Sets what a viewer sees; the panes take its sizes, unless it only looks on. Panes that do not exist are passed over. */
  look(view: PaneView, wanted: readonly ({ pane: number } & Size)[], focused: number | null, isReadOnly = false): void {
    const seen = wanted.filter(({ pane }) => this.#panes.has(pane));
    this.#sizes.set(view, new Map(seen.map(({ pane, cols, rows }) => [pane, { cols, rows }])));
    if (!isReadOnly) for (const { pane, cols, rows } of seen) this.#panes.get(pane)?.resize(cols, rows);
    view.view(
      seen.map(({ pane }) => pane),
      focused,
    );
  }

  /** Types bytes into a pane; its pty takes the size of the viewer that typed. */
  type(view: PaneView, number: number, bytes: Buffer): void {
    const pane = this.#panes.get(number);
    if (!pane) return;
    const size = this.#sizes.get(view)?.get(number);
    if (size) pane.resize(size.cols, size.rows);
    view.typed(number);
    pane.input(bytes);
  }

  /** Pastes text into a pane and presses Enter. Refuses a pane in which nothing runs. */
  async submit(number: number, text: string): Promise<void> {
    const pane = this.#require(number);
    if (!(await pane.submit(text)))
      refuse('not-running', `nothing runs in pane ${number} that takes words`, 'drover panes');
  }

  dispose(): void {
    for (const pane of this.#panes.values()) pane.dispose();
  }
}
