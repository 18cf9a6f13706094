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

  constructor(parts: {
    scheduler: ParseScheduler;
    scrollback: number;
    now: () => number;
    /** A pane began or ended a program, or changed its size or title. */
    onChange: (info: PaneInfo) => void;
  }) {
    this.#scheduler = parts.scheduler;
    this.#scrollback = parts.scrollback;
    this.#stream = new PaneStream({ now: parts.now });
    this.#onChange = parts.onChange;
  }

  /** Makes the panes 1 to `count`. */
  ensure(count: number): void {
    for (let number = 1; number <= count; number++) this.pane(number);
  }

  /** The pane of a worker; made when it does not exist. */
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
    pane.onChange(() => this.#onChange(pane.info()));
    return pane;
  }

  list(): PaneInfo[] {
    return [...this.#panes.values()].map((pane) => pane.info());
  }

  /** The visible text of a pane. Refuses an unknown one. */
  capture(number: number): { lines: string[]; title: string } {
    const pane = this.#panes.get(number);
    if (!pane) refuse('bad-params', `there is no pane ${number}; there are ${this.#panes.size}`, 'drover status');
    return { lines: pane.text(), title: pane.info().title };
  }

  addViewer(sink: { send(payload: Buffer): void; pending(): number }): PaneView {
    return this.#stream.addClient(sink);
  }

  removeViewer(view: PaneView): void {
    view.close();
    this.#sizes.delete(view);
  }

  /** Sets what a viewer sees; the panes take its sizes. Panes that do not exist are passed over. */
  look(view: PaneView, wanted: readonly ({ pane: number } & Size)[], focused: number | null): void {
    const seen = wanted.filter(({ pane }) => this.#panes.has(pane));
    this.#sizes.set(view, new Map(seen.map(({ pane, cols, rows }) => [pane, { cols, rows }])));
    for (const { pane, cols, rows } of seen) this.#panes.get(pane)?.resize(cols, rows);
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

  dispose(): void {
    for (const pane of this.#panes.values()) pane.dispose();
  }
}
