// Owns the screen's bytes: two frames of cells, and the fewest bytes that turn the one on the terminal into the one wanted.
import type { ExtendedStyle } from '../../protocol/cells.ts';
import type { Capabilities } from '../outer/capabilities.ts';

export interface ScreenCursor {
  readonly x: number;
  readonly y: number;
  readonly isVisible: boolean;
  /** DECSCUSR, as PaneCursor. */
  readonly shape: number;
}

/** A stretch of a source line, in cells. */
export interface Crop {
  readonly x: number;
  readonly width: number;
}

export declare class Compositor {
  constructor(cols: number, rows: number, capabilities: Capabilities);
  readonly cols: number;
  readonly rows: number;
  /** Keeps nothing of the wanted frame: everything is to be drawn again by the caller. */
  resize(cols: number, rows: number): void;
  /** The probe has answered: what is on the screen is painted again in the new colours at the next flush. */
  setCapabilities(capabilities: Capabilities): void;
  /** What is on the terminal is unknown: the next flush paints everything. */
  invalidate(): void;
  /** One grapheme of chrome at x, y; a wide one takes x+1 too. fg and bg are words as in cells.ts. Outside the screen: ignored. */
  setCell(x: number, y: number, text: string, fg: number, bg: number): void;
  /**
   * Copies `source` of a pane's line to x, y. Where the line is shorter than the crop, blanks; a wide character cut at an edge
   * becomes a blank. `strings` and `styles` are the tables of the frame that `cells` came with. Clipped to the screen.
   */
  blitLine(
    cells: Uint32Array,
    strings: readonly string[],
    styles: readonly ExtendedStyle[],
    source: Crop,
    x: number,
    y: number,
  ): void;
  isRowDirty(y: number): boolean;
  /** The bytes that bring the terminal to the wanted frame and cursor (null hides it), or null when there are none. */
  flush(cursor: ScreenCursor | null): Buffer | null;
}
