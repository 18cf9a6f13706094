// Owns what each client is sent of the panes it looks at: how often, how much, and never more than it takes.
import type { PaneUpdate } from '../protocol/cells.ts';
import { encodePaneFrame } from '../protocol/pane-frame.ts';
import { FrameTables } from '../terminal/cells.ts';
import type { Pane } from '../terminal/pane.ts';

/** Shortest time between two paced frames of the focused pane, and of the others, in ms: 60 Hz where somebody types, 12 where not. */
const FOCUSED_MS = 16;
const OTHERS_MS = 80;
/** For so long after a key a small change of the pane that was typed into is its echo, and goes out at once. */
const ECHO_MS = 150;
const ECHO_ROWS = 4;
/** So many urgent frames for one key: an echo is one or two, a spinner must not come for free. */
const ECHO_FRAMES = 8;
/** Bytes that wait in the client's socket above which it gets no urgent frame, and no paced one. */
const URGENT_BELOW = 64 * 1024;
const PACED_BELOW = 256 * 1024;
/** A client whose socket is full is looked at again after this, in ms. */
const CONGESTED_MS = 50;

/** What a stream uses of a pane. */
export type StreamedPane = Pick<
  Pane,
  'pane' | 'onScreen' | 'prefer' | 'mayHaveChanged' | 'countChangedRows' | 'heldUntil' | 'takeUpdate'
>;

/** Where a client's frames go: payloads of FRAME.pane. */
export interface PaneSink {
  send(payload: Buffer): void;
  /** Bytes that wait in its socket. */
  pending(): number;
}

interface Watch {
  readonly pane: StreamedPane;
  /** Pane.takeUpdate's mark of what the client was sent last; 0 for nothing. */
  mark: number;
}

/** All panes and all clients of a server. */
export class PaneStream {
  readonly #now: () => number;
  readonly #panes = new Map<number, { pane: StreamedPane; stop: () => void }>();
  readonly #views = new Set<PaneView>();

  /** `now`: monotonic ms. */
  constructor(parts: { now?: () => number } = {}) {
    this.#now = parts.now ?? (() => performance.now());
  }

  addPane(pane: StreamedPane): void {
    const stop = pane.onScreen(() => {
      for (const view of this.#views) view.paneChanged(pane);
    });
    this.#panes.set(pane.pane, { pane, stop });
  }

  removePane(number: number): void {
    this.#panes.get(number)?.stop();
    this.#panes.delete(number);
    for (const view of this.#views) view.forget(number);
  }

  /** A client; it is sent nothing until its first `view`. */
  addClient(sink: PaneSink): PaneView {
    const view = new PaneView({
      sink,
      now: this.#now,
      paneOf: (number) => this.#panes.get(number)?.pane,
      onClose: () => this.#views.delete(view),
    });
    this.#views.add(view);
    return view;
  }
}

interface ViewParts {
  readonly sink: PaneSink;
  readonly now: () => number;
  readonly paneOf: (number: number) => StreamedPane | undefined;
  readonly onClose: () => void;
}

/**
 * One client's view. At most one paced frame is on its way; what changes meanwhile is in the next one, in its newest form. There is a timer only
 * while something is to be sent.
 */
export class PaneView {
  readonly #parts: ViewParts;
  #watches = new Map<number, Watch>();
  #focused: number | null = null;
  #number = 0;
  /** The paced frame that was not acknowledged yet; 0 for none. */
  #inFlight = 0;
  #focusedAt = Number.NEGATIVE_INFINITY;
  #othersAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = 0;
  #echo = { pane: -1, until: 0, left: 0 };
  #isClosed = false;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /**
   * Which panes the client looks at, each once, and which has its keyboard. Of a pane that it did not look at until now the next frame carries all
   * rows; of the others it holds a copy that goes on. Unknown ones are passed over.
   */
  view(panes: readonly number[], focused: number | null): void {
    if (this.#isClosed) return;
    const before = this.#watches;
    this.#watches = new Map();
    for (const number of panes) {
      const pane = this.#parts.paneOf(number);
      if (pane === undefined) continue;
      const known = before.get(number);
      if (known?.pane !== pane) this.#othersAt = Number.NEGATIVE_INFINITY;
      this.#watches.set(number, known?.pane === pane ? known : { pane, mark: 0 });
    }
    this.#focused = focused;
    this.#watches.get(focused ?? -1)?.pane.prefer();
    this.#focusedAt = Number.NEGATIVE_INFINITY;
    this.#schedule();
  }

  /** The client has painted this frame. Numbers of no frame on its way are passed over. */
  ack(number: number): void {
    if (this.#inFlight === 0 || number < this.#inFlight || number > this.#number) return;
    this.#inFlight = 0;
    this.#schedule();
  }

  /** The client has typed into this pane. */
  typed(pane: number): void {
    this.#echo = { pane, until: this.#parts.now() + ECHO_MS, left: ECHO_FRAMES };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clearTimer();
    this.#watches.clear();
    this.#parts.onClose();
  }

  /** From PaneStream: the pane's screen may look different. */
  paneChanged(pane: StreamedPane): void {
    const watch = this.#watches.get(pane.pane);
    if (watch === undefined || !pane.mayHaveChanged(watch.mark)) {
      if (watch !== undefined && pane.heldUntil() > 0) this.#schedule();
      return;
    }
    this.#sendEcho(watch);
    this.#schedule();
  }

  /** From PaneStream: the pane is gone. */
  forget(number: number): void {
    this.#watches.delete(number);
  }

  #sendEcho(watch: Watch): void {
    const echo = this.#echo;
    if (watch.pane.pane !== echo.pane || echo.left === 0 || this.#parts.now() >= echo.until) return;
    if (watch.mark === 0 || this.#parts.sink.pending() > URGENT_BELOW) return;
    if (watch.pane.countChangedRows(watch.mark) > ECHO_ROWS) return;
    echo.left -= 1;
    this.#send([watch], true);
  }

  /** Sets the timer for the next frame, if there is something to send and nothing on its way. */
  #schedule(): void {
    if (this.#isClosed || this.#inFlight !== 0) return;
    const now = this.#parts.now();
    let due = Number.POSITIVE_INFINITY;
    for (const watch of this.#watches.values()) due = Math.min(due, this.#dueOf(watch));
    if (due === Number.POSITIVE_INFINITY) return;
    if (this.#parts.sink.pending() > PACED_BELOW) due = Math.max(due, now + CONGESTED_MS);
    if (this.#timer !== null) {
      if (this.#timerAt <= due) return;
      this.#clearTimer();
    }
    this.#timerAt = Math.max(due, now);
    this.#timer = setTimeout(() => this.#tick(), Math.max(Math.ceil(due - now), 0));
  }

  /** When this pane may be sent next; infinity when it has nothing new. */
  #dueOf(watch: Watch): number {
    const { pane, mark } = watch;
    const isFocused = pane.pane === this.#focused;
    const paced = isFocused ? this.#focusedAt + FOCUSED_MS : this.#othersAt + OTHERS_MS;
    if (pane.mayHaveChanged(mark)) return paced;
    const held = pane.heldUntil();
    return held > 0 ? Math.max(held, paced) : Number.POSITIVE_INFINITY;
  }

  #tick(): void {
    this.#timer = null;
    if (this.#isClosed || this.#inFlight !== 0) return;
    if (this.#parts.sink.pending() <= PACED_BELOW) {
      const now = this.#parts.now();
      const due = [...this.#watches.values()].filter((watch) => this.#dueOf(watch) <= now);
      if (due.some(({ pane }) => pane.pane === this.#focused)) this.#focusedAt = now;
      if (due.some(({ pane }) => pane.pane !== this.#focused)) this.#othersAt = now;
      if (this.#send(due, false)) this.#inFlight = this.#number;
    }
    this.#schedule();
  }

  /** Sends what is new in these panes. False when nothing was. */
  #send(watches: readonly Watch[], isUrgent: boolean): boolean {
    const tables = new FrameTables();
    const panes: PaneUpdate[] = [];
    for (const watch of watches) {
      const taken = watch.pane.takeUpdate(watch.mark, tables);
      if (taken === null) continue;
      watch.mark = taken.mark;
      panes.push(taken.update);
    }
    if (panes.length === 0) return false;
    this.#number += 1;
    const frame = { number: this.#number, isUrgent, strings: tables.strings(), styles: tables.styles(), panes };
    this.#parts.sink.send(encodePaneFrame(frame));
    return true;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
