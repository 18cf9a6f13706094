// Owns the elements of blessed that show a scene: made and moved when the scene changes; where only words change, it paints their rows itself.
import type { Widgets } from 'blessed';
import { blessed } from '../compositor/blessed-library.ts';
import type { BlessedScreen } from '../compositor/blessed-screen.ts';
import type { Compositor } from '../compositor/compositor.ts';
import type { Rect } from '../layout/rect.ts';
import type { Style, Theme } from '../theme/theme.ts';
import type { Line } from './line.ts';
import { isSameLine, paintRow } from './row-painter.ts';
import type { Scene, Surface } from './scene.ts';

interface Shown {
  readonly element: Widgets.BoxElement;
  rect: Rect;
  /** What is on the screen of it; none for a pane. */
  lines: readonly Line[];
  /** Whether blessed holds those lines too. */
  isFilled: boolean;
}

/** What showing a scene has done: nothing, painted rows into the compositor, or had blessed render all. */
export type Shows = 'same' | 'rows' | 'all';

export class Painter {
  readonly #blessed: BlessedScreen;
  readonly #compositor: Compositor;
  #theme: Theme;
  #shown = new Map<string, Shown>();
  #order = '';
  #rects: ReadonlyMap<number, Rect> = new Map();

  /** `compositor` is the one that `screen` draws into. */
  constructor(screen: BlessedScreen, compositor: Compositor, theme: Theme) {
    this.#blessed = screen;
    this.#compositor = compositor;
    this.#theme = theme;
  }

  /** Draws in another theme from the next scene on. */
  setTheme(theme: Theme): void {
    if (theme === this.#theme) return;
    this.#theme = theme;
    this.#order = '';
  }

  /** The inside of a pane that is on the screen; null for another. */
  rect(pane: number): Rect | null {
    return this.#rects.get(pane) ?? null;
  }

  /** The panes on the screen. */
  get panes(): Iterable<number> {
    return this.#rects.keys();
  }

  /** Shows the scene. `isForced` has blessed render in any case. */
  show(scene: Scene, isForced = false): Shows {
    this.#rects = new Map(scene.panes.map(({ pane, rect }) => [pane, rect]));
    const ids = [...scene.back.map((it) => it.id), ...scene.panes.map(paneId), ...scene.front.map((it) => it.id)];
    const order = ids.join(' ');
    const isNewOrder = order !== this.#order;
    if (isNewOrder) this.#rebuild(scene);
    this.#order = order;
    let isMoved = isNewOrder || isForced;
    for (const { id, rect } of [...scene.back, ...scene.front]) isMoved = this.#move(id, rect) || isMoved;
    for (const pane of scene.panes) isMoved = this.#move(paneId(pane), pane.rect) || isMoved;
    if (!isMoved) return this.#paintRows(scene) ? 'rows' : 'same';
    for (const surface of [...scene.back, ...scene.front]) this.#fill(surface);
    this.#blessed.screen.render();
    return 'all';
  }

  /** Paints the rows that differ from those on the screen. False when none does. */
  #paintRows(scene: Scene): boolean {
    const surfaces = [...scene.back, ...scene.panes, ...scene.front];
    let isChanged = false;
    for (const [at, surface] of surfaces.entries()) {
      const shown = 'lines' in surface ? this.#shown.get(surface.id) : undefined;
      if (!('lines' in surface) || !shown) continue;
      const { rect, lines } = surface;
      const covers = surfaces.slice(at + 1).map((other) => other.rect);
      for (let row = 0; row < rect.height; row += 1) {
        const line = lines[row] ?? [];
        const before = shown.lines[row] ?? [];
        if (isSameLine(line, before)) continue;
        paintRow(
          line,
          before,
          { x: rect.x, y: rect.y + row, width: rect.width, covers },
          this.#theme,
          this.#compositor,
        );
        isChanged = true;
        shown.isFilled = false;
      }
      shown.lines = lines;
    }
    return isChanged;
  }

  /** Elements lie over each other in the order they were made in, so that a new order means new elements: they are few. */
  #rebuild(scene: Scene): void {
    for (const { element } of this.#shown.values()) element.destroy();
    this.#shown = new Map();
    for (const surface of scene.back) this.#add(surface);
    for (const pane of scene.panes) {
      const element = this.#blessed.paneBox(this.#blessed.screen, pane.pane, geometry(pane.rect));
      this.#shown.set(paneId(pane), { element, rect: pane.rect, lines: [], isFilled: true });
    }
    for (const surface of scene.front) this.#add(surface);
  }

  #add({ id, rect }: Surface): void {
    const element = blessed.box({ parent: this.#blessed.screen, wrap: false, ...geometry(rect) });
    this.#shown.set(id, { element, rect, lines: [], isFilled: false });
  }

  #fill({ id, lines }: Surface): void {
    const shown = this.#shown.get(id);
    if (!shown) return;
    const isSame =
      lines.length === shown.lines.length && lines.every((line, row) => isSameLine(line, shown.lines[row]));
    if (shown.isFilled && isSame) return;
    shown.lines = lines;
    shown.isFilled = true;
    shown.element.setContent(lines.map((line) => this.#format(line)).join('\n'));
  }

  #move(id: string, rect: Rect): boolean {
    const shown = this.#shown.get(id);
    if (!shown || sameRect(shown.rect, rect)) return false;
    shown.rect = rect;
    Object.assign(shown.element, geometry(rect));
    return true;
  }

  #format(line: Line): string {
    return line.map((part) => `${graphics(this.#theme.styles[part.style])}${part.text}\x1b[m`).join('');
  }
}

function paneId({ pane }: { readonly pane: number }): string {
  return `pane-${pane}`;
}

function geometry(rect: Rect): { left: number; top: number; width: number; height: number } {
  return { left: rect.x, top: rect.y, width: rect.width, height: rect.height };
}

function sameRect(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

/** The style as SGR, which blessed reads in an element's content. */
function graphics({ fg, bg, bold, inverse }: Style): string {
  const codes: (string | number)[] = [];
  if (bold) codes.push(1);
  if (inverse) codes.push(7);
  if (fg >= 0) codes.push(`38;5;${fg}`);
  if (bg >= 0) codes.push(`48;5;${bg}`);
  return codes.length > 0 ? `\x1b[${codes.join(';')}m` : '';
}
