// Owns where everything stands: panes, sidebars and status line for a size of the terminal. Pure.
import { allot, type Claim } from './allot.ts';
import { bestColumns, mostThatFit } from './grid-shape.ts';
import { type Layout, type LayoutNode, leavesOf, type PanesNode, type SidebarNode } from './layout.ts';
import type { SidebarName } from './leaf.ts';
import type { Rect, Size } from './rect.ts';

export interface PaneTile {
  readonly pane: number;
  /** With its title line; `hasTitle` is false when there is no room for one. */
  readonly box: Rect;
  readonly hasTitle: boolean;
  /** What the program in it gets. */
  readonly inner: Rect;
}

export interface SidebarTile {
  readonly name: SidebarName;
  /** With its title line. */
  readonly box: Rect;
  /** What its content gets. */
  readonly inner: Rect;
}

/** A split as it was placed; its borders can be moved. */
export interface PlacedSplit {
  readonly path: string;
  readonly direction: 'row' | 'column';
  readonly rect: Rect;
  readonly parts: readonly PlacedPart[];
}

export interface PlacedPart {
  readonly path: string;
  readonly rect: Rect;
  readonly claim: Claim;
}

export interface Tiling {
  /** The panes that are shown, in reading order. */
  readonly panes: readonly PaneTile[];
  /** How many panes are not shown, before and after the focused one. */
  readonly hiddenBefore: number;
  readonly hiddenAfter: number;
  /** Where panes stand; of a layout with several places for panes, the first. */
  readonly area: Rect;
  readonly sidebars: readonly SidebarTile[];
  readonly splits: readonly PlacedSplit[];
  /** Rows above the status line. */
  readonly height: number;
  /** One row; null when the terminal has only one. */
  readonly status: Rect | null;
}

/** What was asked for a sidebar; `auto` leaves it to the layout. */
export type SidebarWish = 'auto' | 'shown' | 'hidden';

export interface TileInput {
  readonly size: Size;
  /** Numbers in the order they are shown. */
  readonly panes: readonly number[];
  readonly focused: number | null;
  /** Keeps its page in sight while the focus is on a pane that is always shown. */
  readonly lastFocused: number | null;
  readonly isZoomed: boolean;
  /** For all sidebars that `sidebars` does not name. */
  readonly sidebar: SidebarWish;
  readonly sidebars: ReadonlyMap<SidebarName, SidebarWish>;
  readonly layout: Layout;
  /** Sizes that a person has given to parts of splits, by their paths: cells or shares, as the layout has them. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Tiles a terminal of any size, 1×1 included. What doesn't fit is left out in the order that the layout says; one pane stays. */
export function tile(input: TileInput): Tiling {
  const columns = Math.max(1, input.size.columns);
  const rows = Math.max(1, input.size.rows);
  const status = rows > 1 ? { x: 0, y: rows - 1, width: columns, height: 1 } : null;
  const whole: Rect = { x: 0, y: 0, width: columns, height: rows - (status ? 1 : 0) };
  const { tree } = input.layout;
  const live = leavesThatFit(input, whole);
  const placer = new Placer(input, live);
  placer.place(tree, '0', whole);
  const shown = new Set(placer.panes.map(({ pane }) => pane));
  const at = input.focused === null ? 0 : input.panes.indexOf(input.focused);
  const hidden = input.panes.flatMap((pane, index) => (shown.has(pane) ? [] : [index]));
  const hiddenBefore = hidden.filter((index) => index < at).length;
  return {
    panes: placer.panes,
    hiddenBefore,
    hiddenAfter: hidden.length - hiddenBefore,
    area: placer.area ?? whole,
    sidebars: placer.sidebars,
    splits: placer.splits,
    height: whole.height,
    status,
  };
}

/** The leaves that are placed, and which panes each of them has to show. */
type Live = ReadonlyMap<PanesNode | SidebarNode, readonly number[]>;

function leavesThatFit(input: TileInput, whole: Rect): Live {
  const leaves = leavesOf(input.layout.tree);
  const sidebars = leaves.filter((leaf) => leaf.kind === 'sidebar').filter((leaf) => isWanted(leaf, input));
  let places = leaves.filter((leaf) => leaf.kind === 'panes');
  if (input.isZoomed) places = places.slice(0, 1);
  let live = assign(places, sidebars, input);
  for (;;) {
    const needs = minimumOf(input.layout.tree, live, input.layout);
    const isTooWide = needs.width > whole.width;
    const isTooHigh = needs.height > whole.height;
    const kept = [...live.keys()];
    const candidates = kept.filter((leaf) => leaf.kind === 'sidebar' || countPlaces(kept) > 1);
    if ((!isTooWide && !isTooHigh) || candidates.length === 0) return live;
    const helps = candidates.filter((leaf) => {
      const without = new Map(live);
      without.delete(leaf);
      const rest = minimumOf(input.layout.tree, without, input.layout);
      return (isTooWide && rest.width < needs.width) || (isTooHigh && rest.height < needs.height);
    });
    const [gone] = (helps.length > 0 ? helps : candidates).sort((a, b) => a.drop - b.drop);
    const rest = kept.filter((leaf) => leaf !== gone);
    live = assign(
      rest.filter((leaf) => leaf.kind === 'panes'),
      rest.filter((leaf) => leaf.kind === 'sidebar'),
      input,
    );
  }
}

function countPlaces(leaves: readonly LayoutNode[]): number {
  return leaves.filter((leaf) => leaf.kind === 'panes').length;
}

function isWanted(leaf: SidebarNode, { size, sidebar, sidebars, isZoomed }: TileInput): boolean {
  const wish = sidebars.get(leaf.name) ?? 'auto';
  if (wish !== 'auto') return wish === 'shown';
  if (leaf.isOnDemand || sidebar === 'hidden') return false;
  return sidebar === 'shown' || (!isZoomed && size.columns >= leaf.hideBelowColumns && size.rows >= leaf.hideBelowRows);
}

/** Which panes each place shows. A place with none is left out, unless there are no panes at all. */
function assign(places: readonly PanesNode[], sidebars: readonly SidebarNode[], input: TileInput): Live {
  const { focused } = input;
  const isAlone = input.isZoomed && focused !== null;
  let rest = isAlone ? [focused] : [...input.panes];
  const taken = new Map<PanesNode, readonly number[]>();
  const single = places.filter(({ arrangement }) => arrangement === 'one' || arrangement === 'focused');
  const hasRest = places.length > single.length;
  for (const place of single) {
    // Where nothing else shows the focused pane, the place for one does.
    const isFocus = focused !== null && rest.includes(focused) && (place.arrangement === 'focused' || !hasRest);
    const pane = isFocus ? focused : rest[0];
    if (pane !== undefined) taken.set(place, [pane]);
    rest = rest.filter((other) => other !== pane);
  }
  const other = places.find((place) => !single.includes(place));
  if (other && rest.length > 0) taken.set(other, rest);
  const [first] = places;
  if (taken.size === 0 && first) taken.set(first, []);
  return new Map<PanesNode | SidebarNode, readonly number[]>([
    ...places.flatMap((place): [PanesNode, readonly number[]][] => {
      const panes = taken.get(place);
      return panes ? [[place, panes]] : [];
    }),
    ...sidebars.map((leaf): [SidebarNode, readonly number[]] => [leaf, []]),
  ]);
}

interface Extent {
  readonly width: number;
  readonly height: number;
}

/** What a tree needs when every leaf in it has its minimum; nothing for a tree without leaves that are placed. */
function minimumOf(node: LayoutNode, live: Live, layout: Layout): Extent {
  if (node.kind === 'sidebar')
    return live.has(node) ? { width: node.minimumColumns, height: node.minimumRows } : { width: 0, height: 0 };
  if (node.kind === 'panes') return live.has(node) ? paneMinimum(layout) : { width: 0, height: 0 };
  const parts = node.parts.map((part) => minimumOf(part, live, layout)).filter((part) => part.height > 0);
  const widths = parts.map((part) => part.width);
  const heights = parts.map((part) => part.height);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return node.direction === 'row'
    ? { width: sum(widths) + Math.max(0, parts.length - 1), height: Math.max(0, ...heights) }
    : { width: Math.max(0, ...widths), height: sum(heights) };
}

/** With the title line. */
function paneMinimum({ panes }: Layout): Extent {
  return { width: panes.minimumColumns, height: panes.minimumRows + 1 };
}

interface Part {
  readonly path: string;
  readonly claim: Claim;
  readonly place: (rect: Rect) => void;
}

/** Walks the tree and puts down what it meets. */
class Placer {
  readonly panes: PaneTile[] = [];
  readonly sidebars: SidebarTile[] = [];
  readonly splits: PlacedSplit[] = [];
  area: Rect | null = null;
  readonly #input: TileInput;
  readonly #live: Live;

  constructor(input: TileInput, live: Live) {
    this.#input = input;
    this.#live = live;
  }

  place(node: LayoutNode, path: string, rect: Rect): void {
    if (node.kind === 'sidebar') this.#placeSidebar(node, rect);
    else if (node.kind === 'panes') this.#placePanes(node, path, rect);
    else {
      const parts = node.parts.flatMap((part, index): Part[] => {
        const needs = minimumOf(part, this.#live, this.#input.layout);
        if (needs.height === 0) return [];
        const own = `${path}.${index}`;
        const minimum = node.direction === 'row' ? needs.width : needs.height;
        return [{ path: own, claim: this.#claim(part, own, minimum), place: (box) => this.place(part, own, box) }];
      });
      this.#split(path, node.direction, rect, parts);
    }
  }

  #claim({ size }: LayoutNode, path: string, minimum: number): Claim {
    const given = this.#input.sizes.get(path);
    // A border that a person has moved stays where it is.
    if (size.kind === 'cells')
      return { cells: given ?? size.cells, weight: given === undefined ? size.ratio : 0, minimum };
    return { cells: null, weight: given ?? size.ratio, minimum };
  }

  #placeSidebar({ name }: SidebarNode, box: Rect): void {
    this.sidebars.push({ name, box, inner: { ...box, y: box.y + 1, height: box.height - 1 } });
  }

  #placePanes(node: PanesNode, path: string, rect: Rect): void {
    this.area ??= rect;
    const all = this.#live.get(node) ?? [];
    const { panes: bounds } = this.#input.layout;
    const isStack = node.arrangement === 'stacked';
    const most = mostThatFit(all.length, rect, bounds, isStack ? 1 : null);
    const at = this.#pageFocus(all);
    // Pages of equal size, so that moving the focus within a page moves nothing.
    const start = most > 0 ? Math.floor(at / most) * most : 0;
    const shown = all.slice(start, start + most);
    const columns = isStack ? 1 : bestColumns(shown.length, rect, bounds);
    const grid = `${path}:${shown.length}x${columns}`;
    const { width, height } = paneMinimum(this.#input.layout);
    const lines = Array.from({ length: Math.ceil(shown.length / columns) }, (_, row): Part => {
      const own = `${grid}.${row}`;
      const members = shown.slice(row * columns, (row + 1) * columns);
      const place = (box: Rect): void => this.#placeLine(members, own, box, width);
      return { path: own, claim: this.#share(own, height), place };
    });
    this.#split(grid, 'column', rect, lines);
  }

  #placeLine(panes: readonly number[], path: string, rect: Rect, minimum: number): void {
    const parts = panes.map((pane, index): Part => {
      const own = `${path}.${index}`;
      return { path: own, claim: this.#share(own, minimum), place: (box) => this.panes.push(paneTile(pane, box)) };
    });
    this.#split(path, 'row', rect, parts);
  }

  #share(path: string, minimum: number): Claim {
    return { cells: null, weight: this.#input.sizes.get(path) ?? 1, minimum };
  }

  /** Where the page stands that is to be shown. */
  #pageFocus(panes: readonly number[]): number {
    const { focused, lastFocused } = this.#input;
    for (const pane of [focused, lastFocused]) {
      const at = pane === null ? -1 : panes.indexOf(pane);
      if (at >= 0) return at;
    }
    return 0;
  }

  /** Parts side by side have a line between them; parts below each other have their title lines. */
  #split(path: string, direction: 'row' | 'column', rect: Rect, parts: readonly Part[]): void {
    const isRow = direction === 'row';
    const gap = isRow ? 1 : 0;
    const length = (isRow ? rect.width : rect.height) - gap * (parts.length - 1);
    const sizes = allot(
      length,
      parts.map((part) => part.claim),
    );
    let at = isRow ? rect.x : rect.y;
    const placed = parts.map(({ path: own, claim, place }, index) => {
      const size = sizes[index] ?? 0;
      const box = isRow ? { ...rect, x: at, width: size } : { ...rect, y: at, height: size };
      at += size + gap;
      place(box);
      return { path: own, rect: box, claim };
    });
    if (placed.length > 1) this.splits.push({ path, direction, rect, parts: placed });
  }
}

function paneTile(pane: number, box: Rect): PaneTile {
  const hasTitle = box.height >= 3;
  const inner = hasTitle ? { ...box, y: box.y + 1, height: box.height - 1 } : box;
  return { pane, box, hasTitle, inner };
}
