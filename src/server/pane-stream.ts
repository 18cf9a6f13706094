// Owns what each client is sent of the panes it looks at: how often, how much, and never more than it takes.
import type { PaneUpdate } from '../protocol/cells.ts';
import { encodePaneFrame, makeFree } from '../protocol/pane-frame.ts';
import { FrameTables } from '../terminal/cells.ts';
import type { Pane } from '../terminal/pane.ts';

/** Shortest time between two paced frames of the focused pane, and of the others, in ms: 60 Hz where somebody types, 10 where not. */
const FOCUSED_MS = 16;
const OTHERS_MS = 100;
/** What is due so soon goes with a frame that is sent now: one write, and one client woken, for all of it. */
const TOGETHER_MS = 20;
/** So many bytes of small frames go out without waiting for an acknowledgement: the spinners of eight panes for a second, 16 ms of a slow link. */
const FREE_BYTES = 8 * 1024;
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

/** Where a client's frames go: payloads of FRAME.pane, each good until the next one. */
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
  readonly #isParsing: () => boolean;
  readonly #panes = new Map<number, { pane: StreamedPane; stop: () => void }>();
  readonly #views = new Set<PaneView>();

  /** `isParsing` tells that `flush` will be called in this turn of the event loop. `now`: monotonic ms. */
  constructor(parts: { now?: () => number; isParsing?: () => boolean } = {}) {
    this.#now = parts.now ?? (() => performance.now());
    this.#isParsing = parts.isParsing ?? (() => false);
  }

  addPane(pane: StreamedPane): void {
    const stop = pane.onScreen(() => {
      for (const view of this.#views) view.paneChanged(pane);
    });
    this.#panes.set(pane.pane, { pane, stop });
  }

  /** Whether a client has its keyboard in this pane. */
  isFocused(number: number): boolean {
    for (const view of this.#views) if (view.focused === number) return true;
    return false;
  }

  removePane(number: number): void {
    this.#panes.get(number)?.stop();
    this.#panes.delete(number);
    for (const view of this.#views) view.forget(number);
  }

  /** Sends what is due at once: a turn of parsing has ended. */
  flush(): void {
    for (const view of this.#views) view.flush();
  }

  /** A client; it is sent nothing until its first `view`. */
  addClient(sink: PaneSink): PaneView {
    const view = new PaneView({
      sink,
      now: this.#now,
      isParsing: this.#isParsing,
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
  readonly isParsing: () => boolean;
  readonly paneOf: (number: number) => StreamedPane | undefined;
  readonly onClose: () => void;
}

/**
 * One client's view. Beside some small ones at most one paced frame is on its way; what changes meanwhile is in the next one, in its newest form.
 * There is a timer only while something is to be sent.
 */
export class PaneView {
  readonly #parts: ViewParts;
  #watches = new Map<number, Watch>();
  #focused: number | null = null;
  #number = 0;
  /** The frame whose acknowledgement is waited for; 0 for none. */
  #inFlight = 0;
  /** Bytes of free frames that may go out before one is to be acknowledged. */
  #credit = FREE_BYTES;
  #focusedAt = Number.NEGATIVE_INFINITY;
  #othersAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = 0;
  /** Something is due now: it goes out when all panes have been parsed that were read together, and when nothing is parsed, soon. */
  #isDue = false;
  #immediate: NodeJS.Immediate | null = null;
  #echo = { pane: -1, until: 0, left: 0 };
  #isClosed = false;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /** The pane that has the client's keyboard. */
  get focused(): number | null {
    return this.#focused;
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
    this.#credit = FREE_BYTES;
    this.#schedule();
  }

  /** The client has typed into this pane. */
  typed(pane: number): void {
    this.#echo = { pane, until: this.#parts.now() + ECHO_MS, left: ECHO_FRAMES };
  }

  /** From PaneStream: what is due now goes out now, and not in the event loop's next turn. */
  flush(): void {
    if (this.#isDue) this.#tick();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#focused = null;
    this.#clearTimers();
    this.#watches.clear();
    this.#parts.onClose();
  }

  /** From PaneStream: the pane's screen may look different. */
  paneChanged(pane: StreamedPane): void {
    const watch = this.#watches.get(pane.pane);
    if (watch === undefined) return;
    if (pane.mayHaveChanged(watch.mark)) this.#sendEcho(watch);
    this.#scheduleAt(this.#dueOf(watch));
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
    const payload = this.#encode([watch], true);
    if (payload !== null) this.#parts.sink.send(payload);
  }

  /** Has the next frame sent when it is due, if there is something to send and nothing on its way. */
  #schedule(): void {
    let due = Number.POSITIVE_INFINITY;
    for (const watch of this.#watches.values()) due = Math.min(due, this.#dueOf(watch));
    this.#scheduleAt(due);
  }

  #scheduleAt(wanted: number): void {
    if (this.#isClosed || this.#inFlight !== 0 || this.#isDue) return;
    if (wanted === Number.POSITIVE_INFINITY) return;
    const now = this.#parts.now();
    const due = this.#parts.sink.pending() > PACED_BELOW ? Math.max(wanted, now + CONGESTED_MS) : wanted;
    if (this.#timer !== null && this.#timerAt <= due) return;
    this.#clearTimers();
    if (due <= now) {
      this.#isDue = true;
      if (!this.#parts.isParsing()) this.#immediate = setImmediate(() => this.#tick());
    } else {
      this.#timerAt = due;
      this.#timer = setTimeout(() => this.#tick(), Math.ceil(due - now));
    }
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
    this.#clearTimers();
    if (this.#isClosed || this.#inFlight !== 0) return;
    if (this.#parts.sink.pending() <= PACED_BELOW) {
      const now = this.#parts.now();
      const due: Watch[] = [];
      let first = Number.POSITIVE_INFINITY;
      for (const watch of this.#watches.values()) {
        const at = this.#dueOf(watch);
        if (at <= now + TOGETHER_MS) due.push(watch);
        first = Math.min(first, at);
      }
      if (first <= now) this.#sendPaced(due, now);
    }
    this.#schedule();
  }

  #sendPaced(due: readonly Watch[], now: number): void {
    if (due.some(({ pane }) => pane.pane === this.#focused)) this.#focusedAt = now;
    if (due.some(({ pane }) => pane.pane !== this.#focused)) this.#othersAt = now;
    const payload = this.#encode(due, false);
    if (payload === null) return;
    if (payload.length <= this.#credit) {
      makeFree(payload);
      this.#credit -= payload.length;
    } else {
      this.#inFlight = this.#number;
    }
    this.#parts.sink.send(payload);
  }

  /** A frame of what is new in these panes; null when nothing is. */
  #encode(watches: readonly Watch[], isFree: boolean): Buffer | null {
    const tables = new FrameTables();
    const panes: PaneUpdate[] = [];
    for (const watch of watches) {
      const taken = watch.pane.takeUpdate(watch.mark, tables);
      if (taken === null) continue;
      watch.mark = taken.mark;
      panes.push(taken.update);
    }
    if (panes.length === 0) return null;
    this.#number += 1;
    return encodePaneFrame({
      number: this.#number,
      isFree,
      strings: tables.strings(),
      styles: tables.styles(),
      panes,
    });
  }

  #clearTimers(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = false;
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
  }
}
