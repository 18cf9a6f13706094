// Owns which cells of the screen belong to which pane, after popups have covered some of them.

/** A visible stretch of a pane: cells x … x+width-1 of screen row y show the pane's row sourceY from column sourceX. */
export interface PaneRun {
  readonly y: number;
  readonly x: number;
  readonly width: number;
  readonly sourceX: number;
  readonly sourceY: number;
}

export interface PaneCell {
  readonly pane: number;
  readonly sourceX: number;
  readonly sourceY: number;
}

interface Origin {
  readonly x: number;
  readonly y: number;
}

/** Cells x … x+width-1 of a row. */
interface Stretch {
  readonly pane: number;
  readonly x: number;
  width: number;
}

const NOWHERE: Origin = { x: 0, y: 0 };

export class PaneMask {
  #cols = 0;
  #cells = new Uint16Array(0);
  #rows: Stretch[][] = [];
  #origins = new Map<number, Origin>();
  /** Of the rows as they are; null when they have to be gathered anew. */
  #runs: Map<number, PaneRun[]> | null = null;

  /** Where the pane's first cell lies on the screen; may be outside. */
  setOrigin(pane: number, x: number, y: number): void {
    const { x: oldX, y: oldY } = this.#origins.get(pane) ?? {};
    if (x === oldX && y === oldY) return;
    this.#origins.set(pane, { x, y });
    this.#runs = null;
  }

  /** All cells are of no pane; does nothing when the size is the same. */
  resize(cols: number, rows: number): void {
    if (cols === this.#cols && rows === this.#rows.length) return;
    this.#cols = cols;
    this.#cells = new Uint16Array(cols * rows);
    this.#rows = Array.from({ length: rows }, () => []);
    this.#runs = null;
  }

  /** The cells of a row are of no pane. */
  clearRow(y: number): void {
    this.#cells.fill(0, y * this.#cols, (y + 1) * this.#cols);
    this.#rows[y] = [];
    this.#runs = null;
  }

  /** Cells of a row come left to right, after `clearRow`. */
  add(pane: number, x: number, y: number): void {
    this.#cells[y * this.#cols + x] = pane;
    const row = this.#rows[y];
    const last = row?.[row.length - 1];
    if (last !== undefined && last.pane === pane && last.x + last.width === x) last.width += 1;
    else row?.push({ pane, x, width: 1 });
  }

  runs(pane: number): readonly PaneRun[] {
    this.#runs ??= this.#gather();
    return this.#runs.get(pane) ?? [];
  }

  at(x: number, y: number): PaneCell | null {
    if (x < 0 || x >= this.#cols) return null;
    const pane = this.#cells[y * this.#cols + x] ?? 0;
    const origin = this.#origins.get(pane);
    return origin === undefined ? null : { pane, sourceX: x - origin.x, sourceY: y - origin.y };
  }

  #gather(): Map<number, PaneRun[]> {
    const all = new Map<number, PaneRun[]>();
    for (const [y, row] of this.#rows.entries()) {
      for (const { pane, x, width } of row) {
        const origin = this.#origins.get(pane) ?? NOWHERE;
        const runs = all.get(pane) ?? [];
        runs.push({ y, x, width, sourceX: x - origin.x, sourceY: y - origin.y });
        all.set(pane, runs);
      }
    }
    return all;
  }
}
