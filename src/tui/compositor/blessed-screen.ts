// Owns blessed: it lays out and draws the chrome into cells of the compositor, and never touches a terminal.
import type { Widgets } from 'blessed';
import type { Compositor } from './compositor.ts';

/** A visible stretch of a pane: cells x … x+width-1 of screen row y show the pane's row sourceY from column sourceX. */
export interface PaneRun {
  readonly y: number;
  readonly x: number;
  readonly width: number;
  readonly sourceX: number;
  readonly sourceY: number;
}

export interface BlessedScreenOptions {
  readonly cols: number;
  readonly rows: number;
  readonly compositor: Compositor;
  /** Called after each screen.render(): the chrome is in the compositor, the mask is new; blit all panes and flush. */
  readonly onDamage: () => void;
  /**
   * Colours of the chrome: a blessed colour number (0-255) to a colour word of cells.ts (COLOR_RGB | 0xrrggbb). Numbers that are
   * not in it are the terminal's palette.
   */
  readonly palette?: ReadonlyMap<number, number>;
}

export interface PaneGeometry {
  readonly left: number | string;
  readonly top: number | string;
  readonly width: number | string;
  readonly height: number | string;
}

export interface BlessedScreen {
  readonly screen: Widgets.Screen;
  /** An element that reserves its rectangle for a pane (1-65535). Later siblings cover it. Not focusable, draws nothing itself. */
  paneBox(parent: Widgets.Node, pane: number, geometry: PaneGeometry): Widgets.BoxElement;
  /** The visible stretches of a pane as of the last render, top to bottom, left to right. */
  paneRuns(pane: number): readonly PaneRun[];
  /** Which pane shows at x, y of the screen, and which of its cells; null on chrome. */
  paneAt(x: number, y: number): { readonly pane: number; readonly sourceX: number; readonly sourceY: number } | null;
  /** Lays out and renders at the new size. Resize the compositor first. */
  resize(cols: number, rows: number): void;
  /** Hands a key in tmux' notation to the focused widget as blessed's keypress. `ch` is the text it types, if any. */
  dispatchKey(key: string, ch?: string): void;
  setPalette(palette: ReadonlyMap<number, number>): void;
  destroy(): void;
}

/** Makes the screen on streams that lead nowhere. blessed leaves no process handlers behind. One at a time. */
export function createBlessedScreen(_options: BlessedScreenOptions): BlessedScreen {
  throw new Error('signature only');
}
