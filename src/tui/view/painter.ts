// Owns the elements of blessed that show a scene: made, moved and filled when the scene changes, left alone when it does not.
import type { Widgets } from 'blessed';
import { blessed } from '../compositor/blessed-library.ts';
import type { BlessedScreen } from '../compositor/blessed-screen.ts';
import type { Rect } from '../layout/rect.ts';
import type { Style, Theme } from '../theme/theme.ts';
import type { Line } from './line.ts';
import type { Scene, Surface } from './scene.ts';

interface Shown {
  readonly element: Widgets.BoxElement;
  rect: Rect;
  /** What stands in it, as blessed reads it; empty for a pane. */
  content: string;
}

export class Painter {
  readonly #blessed: BlessedScreen;
  #theme: Theme;
  #shown = new Map<string, Shown>();
  #order = '';
  #rects: ReadonlyMap<number, Rect> = new Map();

  constructor(screen: BlessedScreen, theme: Theme) {
    this.#blessed = screen;
    this.#theme = theme;
  }

  /** Draws in another theme from the next scene on. */
  setTheme(theme: Theme): void {
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
    const ids = [...scene.back.map((it) => it.id), ...scene.panes.map(paneId), ...scene.front.map((it) => it.id)];
    const order = ids.join(' ');
    const isNewOrder = order !== this.#order;
    if (isNewOrder) this.#rebuild(scene);
    this.#order = order;
    let isChanged = isNewOrder || isForced;
    for (const surface of [...scene.back, ...scene.front]) isChanged = this.#fill(surface) || isChanged;
    for (const pane of scene.panes) isChanged = this.#move(paneId(pane), pane.rect) || isChanged;
    if (isChanged) this.#blessed.screen.render();
    return isChanged;
  }

  /** Elements lie over each other in the order they were made in, so that a new order means new elements: they are few. */
  #rebuild(scene: Scene): void {
    for (const { element } of this.#shown.values()) element.destroy();
    this.#shown = new Map();
    for (const surface of scene.back) this.#add(surface);
    for (const pane of scene.panes) {
      const element = this.#blessed.paneBox(this.#blessed.screen, pane.pane, geometry(pane.rect));
      this.#shown.set(paneId(pane), { element, rect: pane.rect, content: '' });
    }
    for (const surface of scene.front) this.#add(surface);
  }

  #add({ id, rect }: Surface): void {
    const element = blessed.box({ parent: this.#blessed.screen, wrap: false, ...geometry(rect) });
    this.#shown.set(id, { element, rect, content: '' });
  }

  #fill({ id, rect, lines }: Surface): boolean {
    const isMoved = this.#move(id, rect);
    const shown = this.#shown.get(id);
    const content = lines.map((line) => this.#format(line)).join('\n');
    if (!shown || content === shown.content) return isMoved;
    shown.content = content;
    shown.element.setContent(content);
    return true;
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
