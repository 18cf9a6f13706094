// Owns which viewer's size a pane has: of the one that typed into it or turned to it last, and when that one leaves, of the next.

export interface PaneSize {
  readonly cols: number;
  readonly rows: number;
}

export interface PlacedPane extends PaneSize {
  readonly pane: number;
}

/** The largest pane; a cell costs the server some 30 bytes, and a client may ask for what it likes. */
const MOST = { cols: 1000, rows: 500 };

interface Seat extends PaneSize {
  /** Counts up over all seats: the highest of a pane has its size. */
  at: number;
}

export class PaneSeats<Viewer> {
  readonly #seats = new Map<Viewer, Map<number, Seat>>();
  readonly #resize: (pane: number, size: PaneSize) => void;
  #clock = 0;

  /** `resize` is called whenever a pane is to have a size, also one that it has. */
  constructor(resize: (pane: number, size: PaneSize) => void) {
    this.#resize = resize;
  }

  /** The viewer draws these panes. Those that are new to it, or of another size, or have its keyboard now, take its size. */
  look(viewer: Viewer, wanted: readonly PlacedPane[], focused: number | null): void {
    const before = this.#seats.get(viewer) ?? new Map<number, Seat>();
    const seats = new Map<number, Seat>();
    for (const { pane, ...size } of wanted) {
      const cols = Math.min(size.cols, MOST.cols);
      const rows = Math.min(size.rows, MOST.rows);
      const old = before.get(pane);
      const isOld = old !== undefined && old.cols === cols && old.rows === rows && pane !== focused;
      this.#clock += 1;
      seats.set(pane, { cols, rows, at: isOld ? old.at : this.#clock });
    }
    this.#seats.set(viewer, seats);
    for (const pane of new Set([...before.keys(), ...seats.keys()])) this.#settle(pane);
  }

  /** The viewer types into the pane. Nothing happens for one that does not draw it. */
  typed(viewer: Viewer, pane: number): void {
    const seat = this.#seats.get(viewer)?.get(pane);
    if (seat === undefined) return;
    this.#clock += 1;
    seat.at = this.#clock;
    this.#settle(pane);
  }

  /** The viewer is gone: its panes take the size of who is left. */
  leave(viewer: Viewer): void {
    const before = this.#seats.get(viewer);
    this.#seats.delete(viewer);
    for (const pane of before?.keys() ?? []) this.#settle(pane);
  }

  #settle(pane: number): void {
    let last: Seat | undefined;
    for (const seats of this.#seats.values()) {
      const seat = seats.get(pane);
      if (seat !== undefined && seat.at > (last?.at ?? 0)) last = seat;
    }
    // A pane that nobody draws keeps its size: its program would redraw for no one.
    if (last !== undefined) this.#resize(pane, last);
  }
}
