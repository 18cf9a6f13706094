// Owns the client's copy of the panes' cells, and which part of a pane is seen when its pty is larger than its box.
import { CELL_WORDS, type ExtendedStyle, type Frame, type PaneCursor, type PaneUpdate } from '../../protocol/cells.ts';
import type { PaneRun } from '../compositor/blessed-screen.ts';
import type { Compositor, ScreenCursor } from '../compositor/compositor.ts';
import type { Rect } from '../layout/rect.ts';

/** A row keeps the tables of the frame it came with: its cells point into them. */
interface Row {
  readonly cells: Uint32Array;
  strings: readonly string[];
  styles: readonly ExtendedStyle[];
}

interface PaneCopy {
  generation: number;
  cols: number;
  rows: number;
  cursor: PaneCursor;
  modes: number;
  readonly lines: Map<number, Row>;
  /** How many rows of the pty stand above the box. */
  offset: number;
}

const NOTHING: Row = { cells: new Uint32Array(0), strings: [], styles: [] };

/** Where panes are on the screen; asked anew at each painting. */
export interface PanePlaces {
  /** The visible stretches of a pane, as the chrome leaves them. */
  runs(pane: number): readonly PaneRun[];
  /** The inside of a pane; null when it is not on the screen. */
  rect(pane: number): Rect | null;
}

export class PaneCopies {
  readonly #copies = new Map<number, PaneCopy>();
  /** The changed rows of the pane that is being blitted. */
  readonly #changed = new Set<number>();

  /** Copies a frame's rows and blits what of them is on the screen. */
  receive(frame: Frame, compositor: Compositor, places: PanePlaces): void {
    for (const update of frame.panes) {
      const { generation, cols, rows, offset } = this.#copies.get(update.pane) ?? {};
      const copy = this.#take(update, frame);
      const rect = places.rect(update.pane);
      if (!rect) continue;
      copy.offset = rowsAbove(copy, rect);
      const isSamePlace =
        generation === copy.generation && cols === copy.cols && rows === copy.rows && offset === copy.offset;
      this.#changed.clear();
      for (const { y } of update.lines) this.#changed.add(y);
      blit(copy, places.runs(update.pane), isSamePlace ? this.#changed : null, compositor);
    }
  }

  /** Blits all that is on the screen of these panes, after the chrome was drawn. */
  paint(panes: Iterable<number>, compositor: Compositor, places: PanePlaces): void {
    for (const pane of panes) {
      const rect = places.rect(pane);
      const copy = this.#copies.get(pane);
      if (copy && rect) copy.offset = rowsAbove(copy, rect);
      blit(copy ?? null, places.runs(pane), null, compositor);
    }
  }

  /** PANE_MODE bits of the program in the pane; 0 for one that nothing is known of. */
  modes(pane: number): number {
    return this.#copies.get(pane)?.modes ?? 0;
  }

  /** How many rows of the pty stand above what is seen of it. */
  offset(pane: number): number {
    return this.#copies.get(pane)?.offset ?? 0;
  }

  /** Where the pane's cursor is on the screen; null when it is hidden or out of what is seen. */
  cursor(pane: number, places: PanePlaces): ScreenCursor | null {
    const copy = this.#copies.get(pane);
    const rect = places.rect(pane);
    if (!copy || !rect) return null;
    const { x, y, isVisible, shape } = copy.cursor;
    // A pty that waits with its cursor behind the last column shows it on the last one.
    const column = Math.min(x, copy.cols - 1);
    const row = y - copy.offset;
    if (!isVisible || column >= rect.width || row < 0 || row >= rect.height) return null;
    return { x: rect.x + column, y: rect.y + row, isVisible: true, shape };
  }

  /** Forgets all panes: a new connection begins with whole screens. */
  clear(): void {
    this.#copies.clear();
  }

  #take(update: PaneUpdate, { strings, styles }: Frame): PaneCopy {
    const { pane, generation, cols, rows, cursor, modes } = update;
    let copy = this.#copies.get(pane);
    if (!copy || copy.generation !== generation) {
      copy = { generation, cols, rows, cursor, modes, lines: new Map(), offset: 0 };
      this.#copies.set(pane, copy);
    }
    if (rows < copy.rows) for (const y of copy.lines.keys()) if (y >= rows) copy.lines.delete(y);
    copy.cols = cols;
    copy.rows = rows;
    copy.cursor = cursor;
    copy.modes = modes;
    for (const { y, cells } of update.lines) {
      const row = copy.lines.get(y);
      if (row?.cells.length === cells.length) {
        row.cells.set(cells);
        row.strings = strings;
        row.styles = styles;
      } else copy.lines.set(y, { cells: cells.slice(), strings, styles });
    }
    return copy;
  }
}

/** A pty higher than its box is seen where its cursor is; otherwise from its top. */
function rowsAbove(copy: PaneCopy, rect: Rect): number {
  const most = Math.max(0, copy.rows - rect.height);
  return Math.min(most, Math.max(0, copy.cursor.y - rect.height + 1));
}

/** `changed` holds rows of the pty; null is all of them. Rows that nothing is known of are blank. */
function blit(
  copy: PaneCopy | null,
  runs: readonly PaneRun[],
  changed: ReadonlySet<number> | null,
  compositor: Compositor,
): void {
  for (const run of runs) {
    const y = run.sourceY + (copy?.offset ?? 0);
    if (changed && !changed.has(y)) continue;
    const row = copy?.lines.get(y) ?? NOTHING;
    // The copy may be wider than the pty is now: what lies beyond is no longer part of it.
    const cells =
      copy && row.cells.length > copy.cols * CELL_WORDS ? row.cells.subarray(0, copy.cols * CELL_WORDS) : row.cells;
    compositor.blitLine(cells, row.strings, row.styles, { x: run.sourceX, width: run.width }, run.x, run.y);
  }
}
