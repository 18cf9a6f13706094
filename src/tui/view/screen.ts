// Owns what is painted when: chrome at most twenty times a second, panes when their frames come, nothing while the terminal is full.
import type { Frame } from '../../protocol/cells.ts';
import { type BlessedScreen, createBlessedScreen } from '../compositor/blessed-screen.ts';
import { Compositor, type ScreenCursor } from '../compositor/compositor.ts';
import type { CopyMode } from '../copy-mode/copy-mode.ts';
import { copyCursor, paintCopyMode } from '../copy-mode/paint.ts';
import type { Rect } from '../layout/rect.ts';
import type { Model } from '../model.ts';
import type { Capabilities } from '../outer/capabilities.ts';
import type { OuterTerminal } from '../outer-terminal.ts';
import { type Theme, withoutColors } from '../theme/theme.ts';
import { Painter } from './painter.ts';
import { PaneCopies, type PanePlaces } from './pane-copies.ts';
import { type Scene, sceneOf } from './scene.ts';

/** ms between two paintings of the chrome; no eye follows faster changes of a title. */
const CHROME_INTERVAL = 50;
/** So long, in ms, the first painting waits for the state: an empty one before it would take the time that the panes need. */
const STATE_PATIENCE = 150;

export interface ScreenOptions {
  readonly terminal: OuterTerminal;
  readonly capabilities: Capabilities;
  readonly model: Model;
  /** Called with the number of each frame that has been written to the terminal. */
  readonly onPainted: (frame: number) => void;
}

export class Screen {
  readonly #terminal: OuterTerminal;
  readonly #compositor: Compositor;
  readonly #blessed: BlessedScreen;
  readonly #painter: Painter;
  readonly #copies = new PaneCopies();
  readonly #places: PanePlaces;
  readonly #onPainted: (frame: number) => void;
  #hasColors: boolean;
  #colorless: { readonly from: Theme; readonly theme: Theme } | null = null;
  #model: Model;
  #scene: Scene;
  #chromeTimer: NodeJS.Timeout | undefined;
  #lastChrome = Number.NEGATIVE_INFINITY;
  /** True while the first painting waits for the state. */
  #isEarly = false;
  #unacknowledged: number[] = [];
  /** True while the chrome is rendered only to be rendered again: nothing is flushed then. */
  #isHeld = false;
  #isClosed = false;
  #stillPaintings = 0;

  constructor({ terminal, capabilities, model, onPainted }: ScreenOptions) {
    const { columns: cols, rows } = model.size;
    this.#terminal = terminal;
    this.#model = model;
    this.#scene = sceneOf(model);
    this.#onPainted = onPainted;
    this.#compositor = new Compositor(cols, rows, capabilities);
    this.#blessed = createBlessedScreen({
      cols,
      rows,
      compositor: this.#compositor,
      onDamage: () => this.#repaintPanes(),
    });
    this.#hasColors = capabilities.color !== 'none';
    this.#painter = new Painter(this.#blessed, this.#compositor, this.#themeOf(model));
    // What a pane in copy mode shows is frozen: what its program prints is kept, not painted.
    const isCopying = (pane: number): boolean => this.#copyOf(pane) !== null;
    this.#places = {
      runs: (pane) => (isCopying(pane) ? [] : this.#blessed.paneRuns(pane)),
      rect: (pane) => (isCopying(pane) ? null : this.#painter.rect(pane)),
    };
    terminal.onDrain(() => this.#flush());
    terminal.onRepaint(() => this.redraw());
  }

  /** How many paintings of the chrome in a row have changed nothing. */
  get stillPaintings(): number {
    return this.#stillPaintings;
  }

  /** Shows a model, soon: what changes within one interval is painted once. What the clock changes is painted now, if the interval is over. */
  show(model: Model, isTick = false): void {
    const isCopyChanged = model.copy.panes !== this.#model.copy.panes;
    this.#model = model;
    if (isCopyChanged && !this.#isClosed) this.#repaintPanes();
    const isEarly = !model.hasState && this.#lastChrome === Number.NEGATIVE_INFINITY;
    if ((this.#chromeTimer !== undefined && this.#isEarly === isEarly) || this.#isClosed) return;
    clearTimeout(this.#chromeTimer);
    this.#isEarly = isEarly;
    const wait = isEarly ? STATE_PATIENCE : Math.max(0, this.#lastChrome + CHROME_INTERVAL - performance.now());
    if (isTick && wait === 0) this.#paintChrome();
    else this.#chromeTimer = setTimeout(() => this.#paintChrome(), wait);
  }

  /** Paints a frame's rows at once. */
  receive(frame: Frame): void {
    if (this.#isClosed) return;
    this.#copies.receive(frame, this.#compositor, this.#places);
    if (!frame.isFree) this.#unacknowledged.push(frame.number);
    this.#flush();
  }

  /** PANE_MODE bits of the program in the pane. */
  modes(pane: number): number {
    return this.#copies.modes(pane);
  }

  /** The row of the pty that stands at the top of the pane's box. */
  offset(pane: number): number {
    return this.#copies.offset(pane);
  }

  /** Paints every cell again. */
  redraw(): void {
    this.#compositor.invalidate();
    this.#paintChrome(true);
  }

  /** The terminal has said what it can do. */
  setCapabilities(capabilities: Capabilities): void {
    this.#compositor.setCapabilities(capabilities);
    this.#hasColors = capabilities.color !== 'none';
    this.#flush();
  }

  /** A new connection: what is held of the panes and of acknowledgements is void. */
  forgetPanes(): void {
    this.#copies.clear();
    this.#unacknowledged = [];
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#chromeTimer);
    this.#blessed.destroy();
  }

  #paintChrome(isForced = false): void {
    clearTimeout(this.#chromeTimer);
    this.#chromeTimer = undefined;
    if (this.#isClosed) return;
    this.#lastChrome = performance.now();
    const { columns, rows } = this.#model.size;
    const isResized = columns !== this.#compositor.cols || rows !== this.#compositor.rows;
    if (isResized) this.#resize(columns, rows);
    this.#scene = sceneOf(this.#model);
    this.#painter.setTheme(this.#themeOf(this.#model));
    // Rendering calls #repaintPanes; without it some rows may have changed, or the cursor.
    const shows = this.#painter.show(this.#scene, isForced || isResized);
    this.#stillPaintings = shows === 'same' ? this.#stillPaintings + 1 : 0;
    if (shows !== 'all') this.#flush();
  }

  /** Where there are no colours, attributes alone must tell what is selected. */
  #themeOf({ theme }: Model): Theme {
    if (this.#hasColors) return theme;
    if (this.#colorless?.from !== theme) this.#colorless = { from: theme, theme: withoutColors(theme) };
    return this.#colorless.theme;
  }

  #resize(columns: number, rows: number): void {
    this.#isHeld = true;
    this.#compositor.resize(columns, rows);
    this.#blessed.resize(columns, rows);
    this.#isHeld = false;
  }

  #repaintPanes(): void {
    if (this.#isHeld) return;
    this.#copies.paint(this.#painter.panes, this.#compositor, this.#places);
    this.#paintCopyModes();
    this.#flush();
  }

  #copyOf(pane: number): CopyMode | null {
    const mode = this.#model.copy.panes.get(pane);
    return mode?.kind === 'open' ? mode : null;
  }

  #paintCopyModes(): void {
    for (const pane of this.#painter.panes) {
      const mode = this.#copyOf(pane);
      const rect = this.#painter.rect(pane);
      if (mode && rect) paintCopyMode(mode, this.#blessed.paneRuns(pane), rect.height, this.#compositor);
    }
  }

  #flush(): void {
    if (this.#terminal.isBlocked || this.#isClosed) return;
    const bytes = this.#compositor.flush(this.#cursor());
    if (bytes && !this.#terminal.write(bytes)) return;
    const painted = this.#unacknowledged;
    this.#unacknowledged = [];
    for (const frame of painted) this.#onPainted(frame);
  }

  /** The line of input has the cursor while there is one, else the program in the focused pane where nothing covers it. */
  #cursor(): ScreenCursor | null {
    if (this.#scene.cursor) return { ...this.#scene.cursor, isVisible: true, shape: 0 };
    const { focused, mode } = this.#model;
    if (focused === null || mode.kind === 'help' || mode.kind === 'popup' || mode.kind === 'panel') return null;
    const copying = this.#copyOf(focused);
    const rect = this.#painter.rect(focused);
    const cursor = copying && rect ? cursorIn(copying, rect) : this.#copies.cursor(focused, this.#places);
    return cursor && this.#blessed.paneAt(cursor.x, cursor.y)?.pane === focused ? cursor : null;
  }
}

/** Copy mode's cursor on the screen. */
function cursorIn(mode: CopyMode, rect: Rect): ScreenCursor {
  const { x, y } = copyCursor(mode, rect);
  return { x: rect.x + x, y: rect.y + y, isVisible: true, shape: 0 };
}
