// Owns which cells of the screen belong to which pane, after popups have covered some of them.

/** A visible stretch of a pane: cells x … x+width-1 of screen row y show the pane's row sourceY from column sourceX. */
export interface PaneRun {
  readonly y: number;
  readonly x: number;
  readonly width: number;
  readonly sourceX: number;
  readonly sourceY: number;
}

type GrowingRun = { -readonly [Key in keyof PaneRun]: PaneRun[Key] };

export interface PaneCell {
  readonly pane: number;
  readonly sourceX: number;
  readonly sourceY: number;
}

export class PaneMask {
  #cols = 0;
  #cells = new Uint16Array(0);
  #runs = new Map<number, GrowingRun[]>();
  #origins = new Map<number, { readonly x: number; readonly y: number }>();

  /** Where the pane's first cell lies on the screen; may be outside. */
  setOrigin(pane: number, x: number, y: number): void {
    this.#origins.set(pane, { x, y });
  }

  clear(cols: number, rows: number): void {
    this.#cols = cols;
    this.#cells = new Uint16Array(cols * rows);
    this.#runs.clear();
  }

  /** Cells come row by row, left to right. */
  add(pane: number, x: number, y: number): void {
    this.#cells[y * this.#cols + x] = pane;
    let runs = this.#runs.get(pane);
    if (runs === undefined) {
      runs = [];
      this.#runs.set(pane, runs);
    }
    const last = runs[runs.length - 1];
    if (last !== undefined && last.y === y && last.x + last.width === x) {
      last.width += 1;
      return;
    }
    const origin = this.#origins.get(pane) ?? { x: 0, y: 0 };
    runs.push({ y, x, width: 1, sourceX: x - origin.x, sourceY: y - origin.y });
  }

  runs(pane: number): readonly PaneRun[] {
    return this.#runs.get(pane) ?? [];
  }

  at(x: number, y: number): PaneCell | null {
    if (x < 0 || x >= this.#cols) return null;
    const pane = this.#cells[y * this.#cols + x] ?? 0;
    const origin = this.#origins.get(pane);
    return origin === undefined ? null : { pane, sourceX: x - origin.x, sourceY: y - origin.y };
  }
}
