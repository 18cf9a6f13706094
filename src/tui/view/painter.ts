// Owns the elements of blessed that show a scene: made, moved and filled when the scene changes, left alone when it does not.
import blessed, { type Widgets } from 'blessed';
import type { BlessedScreen } from '../compositor/blessed-screen.ts';
import type { Rect } from '../layout/rect.ts';
import { graphemes } from '../text-width.ts';
import type { Style, Theme } from '../theme/theme.ts';
import type { Line } from './line.ts';
import type { Scene, Surface } from './scene.ts';

interface Shown {
  readonly element: Widgets.BoxElement;
  rect: Rect;
  /** What stands in it, to be compared; empty for a pane. */
  lines: readonly Line[];
}

export class Painter {
  readonly #blessed: BlessedScreen;
  readonly #theme: Theme;
  #shown = new Map<string, Shown>();
  #order = '';
  #rects: ReadonlyMap<number, Rect> = new Map();

  constructor(screen: BlessedScreen, theme: Theme) {
    this.#blessed = screen;
    this.#theme = theme;
  }

  /** The inside of a pane that is on the screen; null for another. */
  rect(pane: number): Rect | null {
    return this.#rects.get(pane) ?? null;
  }

  /** The panes on the screen. */
  get panes(): Iterable<number> {
    return this.#rects.keys();
  }

  /** Shows the scene; returns false, and renders nothing, when it is what stands there already. `isForced` renders in any case. */
  show(scene: Scene, isForced = false): boolean {
    this.#rects = new Map(scene.panes.map(({ pane, rect }) => [pane, rect]));
    const ids = [
      ...scene.back.map((it) => it.id),
      ...scene.panes.map((it) => `pane-${it.pane}`),
      ...scene.front.map((it) => it.id),
    ];
    const order = ids.join(' ');
    const isNewOrder = order !== this.#order;
    if (isNewOrder) this.#rebuild(scene);
    this.#order = order;
    let isChanged = isNewOrder || isForced;
    for (const surface of [...scene.back, ...scene.front]) isChanged = this.#fill(surface) || isChanged;
    for (const { pane, rect } of scene.panes) isChanged = this.#move(`pane-${pane}`, rect) || isChanged;
    if (isChanged) this.#blessed.screen.render();
    return isChanged;
  }

  /** Elements lie over each other in the order they were made in, so that a new order means new elements: they are few. */
  #rebuild(scene: Scene): void {
    for (const { element } of this.#shown.values()) element.destroy();
    this.#shown = new Map();
    for (const surface of scene.back) this.#add(surface);
    for (const { pane, rect } of scene.panes) {
      const element = this.#blessed.paneBox(this.#blessed.screen, pane, geometry(rect));
      this.#shown.set(`pane-${pane}`, { element, rect, lines: [] });
    }
    for (const surface of scene.front) this.#add(surface);
  }

  #add({ id, rect }: Surface): void {
    const element = blessed.box({ parent: this.#blessed.screen, ...geometry(rect) });
    const shown: Shown = { element, rect, lines: [] };
    drawWith(element, this.#blessed.screen, () => ({ rect: shown.rect, lines: shown.lines, theme: this.#theme }));
    this.#shown.set(id, shown);
  }

  #fill({ id, rect, lines }: Surface): boolean {
    const shown = this.#shown.get(id);
    const isMoved = this.#move(id, rect);
    if (!shown || (!isMoved && sameLines(shown.lines, lines))) return isMoved;
    shown.lines = lines;
    return true;
  }

  #move(id: string, rect: Rect): boolean {
    const shown = this.#shown.get(id);
    if (!shown || sameRect(shown.rect, rect)) return false;
    shown.rect = rect;
    Object.assign(shown.element, geometry(rect));
    return true;
  }
}

function geometry(rect: Rect): { left: number; top: number; width: number; height: number } {
  return { left: rect.x, top: rect.y, width: rect.width, height: rect.height };
}

function sameRect(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function sameLines(a: readonly Line[], b: readonly Line[]): boolean {
  return a.length === b.length && a.every((line, index) => sameLine(line, b[index] ?? []));
}

function sameLine(a: Line, b: Line): boolean {
  return (
    a.length === b.length && a.every((part, index) => part.text === b[index]?.text && part.style === b[index]?.style)
  );
}

/** blessed's own attribute word: flags, foreground, background; 0x1ff is the default colour. */
function attribute({ fg, bg, bold, inverse }: Style): number {
  const color = (index: number): number => (index < 0 ? 0x1ff : index);
  return (((bold ? 1 : 0) | (inverse ? 8 : 0)) << 18) | (color(fg) << 9) | color(bg);
}

type ScreenLine = [attribute: number, character: string][] & { dirty?: boolean };

/** blessed lays the element out; its cells are written here, because blessed counts widths by an old Unicode. */
function drawWith(
  element: Widgets.BoxElement,
  screen: Widgets.Screen,
  content: () => { rect: Rect; lines: readonly Line[]; theme: Theme },
): void {
  const target = screen as unknown as { lines: ScreenLine[] };
  const own = element as unknown as { _getCoords(isFull: boolean): unknown; lpos: unknown };
  const render = (): unknown => {
    const coordinates = own._getCoords(true);
    if (!coordinates) return undefined;
    own.lpos = coordinates;
    const { rect, lines, theme } = content();
    lines.forEach((line, row) => {
      const cells = target.lines[rect.y + row];
      if (row < rect.height && cells) writeLine(cells, line, rect, theme);
    });
    return coordinates;
  };
  Object.assign(element, { render });
}

function writeLine(cells: ScreenLine, line: Line, rect: Rect, theme: Theme): void {
  let x = rect.x;
  const end = Math.min(rect.x + rect.width, cells.length);
  for (const part of line) {
    const style = attribute(theme.styles[part.style]);
    for (const { text, width } of graphemes(part.text)) {
      if (x + width > end) break;
      cells[x] = [style, text];
      if (width === 2) cells[x + 1] = [style, ''];
      x += width;
    }
  }
  cells.dirty = true;
}
