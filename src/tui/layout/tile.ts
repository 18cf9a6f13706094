// Owns where everything stands: panes, sidebar and status line for a size of the terminal. Pure.
import type { Layout } from './layout.ts';
import type { Rect, Size } from './rect.ts';

export interface PaneTile {
  readonly pane: number;
  /** With its title line; `title` is false when there is no room for one. */
  readonly box: Rect;
  readonly hasTitle: boolean;
  /** What the program in it gets. */
  readonly inner: Rect;
}

export interface Tiling {
  /** The panes that are shown, in reading order. */
  readonly panes: readonly PaneTile[];
  /** How many panes there are before and after the ones that fit. */
  readonly hiddenBefore: number;
  readonly hiddenAfter: number;
  /** Where panes and the lines between them stand. */
  readonly area: Rect;
  /** With its title line, without the line that parts it from the panes; null when it is hidden. */
  readonly sidebar: Rect | null;
  /** One row; null when the terminal has only one. */
  readonly status: Rect | null;
}

export interface TileInput {
  readonly size: Size;
  /** Numbers in the order they are shown. */
  readonly panes: readonly number[];
  readonly focused: number | null;
  readonly isZoomed: boolean;
  readonly sidebar: 'auto' | 'shown' | 'hidden';
  readonly layout: Layout;
}

/** Tiles a terminal of any size, 1×1 included. What doesn't fit is left out: the sidebar first, then panes far from the focus, then titles. */
export function tile(input: TileInput): Tiling {
  const columns = Math.max(1, input.size.columns);
  const rows = Math.max(1, input.size.rows);
  const status = rows > 1 ? { x: 0, y: rows - 1, width: columns, height: 1 } : null;
  const height = rows - (status ? 1 : 0);
  const sidebar = placeSidebar(input, columns, height);
  const left = sidebar && input.layout.sidebar.side === 'left' ? sidebar.width + 1 : 0;
  const area = { x: left, y: 0, width: columns - (sidebar ? sidebar.width + 1 : 0), height };
  return { ...placePanes(input, area), area, sidebar, status };
}

function placeSidebar({ sidebar, layout }: TileInput, columns: number, height: number): Rect | null {
  const { width, hideBelow, side } = layout.sidebar;
  const isWanted = sidebar === 'shown' || (sidebar === 'auto' && columns >= hideBelow);
  // Asked for on a narrow terminal, it takes at most half of it.
  const inner = Math.min(width, Math.floor(columns / 2)) - 1;
  if (!isWanted || inner < 12 || height < 4) return null;
  return { x: side === 'left' ? 0 : columns - inner, y: 0, width: inner, height };
}

type Placed = Pick<Tiling, 'panes' | 'hiddenBefore' | 'hiddenAfter'>;

function placePanes({ panes, focused, isZoomed, layout }: TileInput, area: Rect): Placed {
  const at = Math.max(0, focused === null ? 0 : panes.indexOf(focused));
  const most = isZoomed ? 1 : mostThatFit(panes.length, area, layout);
  // Pages of equal size, so that moving the focus within a page moves nothing.
  const start = most > 0 ? Math.floor(at / most) * most : 0;
  const shown = panes.slice(start, start + most);
  return {
    panes: shown.length > 0 ? placeGrid(shown, area, bestColumns(shown.length, area, layout)) : [],
    hiddenBefore: start,
    hiddenAfter: panes.length - start - shown.length,
  };
}

function mostThatFit(count: number, area: Rect, layout: Layout): number {
  for (let most = count; most > 1; most--) {
    if (hasMinimum(most, bestColumns(most, area, layout), area, layout)) return most;
  }
  return Math.min(1, count);
}

function hasMinimum(count: number, columns: number, area: Rect, { panes }: Layout): boolean {
  const { width, height } = cellSize(count, columns, area);
  return width >= panes.minimumColumns && height >= panes.minimumRows;
}

/** The inside of the smallest pane when `count` panes stand in `columns` columns. */
function cellSize(count: number, columns: number, area: Rect): { width: number; height: number } {
  const rows = Math.ceil(count / columns);
  return { width: Math.floor((area.width - (columns - 1)) / columns), height: Math.floor(area.height / rows) - 1 };
}

/** A width under this can't hold a line of an agent's text, a height under it can't hold its prompt box. */
const CRAMPED = { columns: 30, rows: 8 };
/** Columns for each row of a pane that looks neither flat nor narrow (a cell is about twice as high as wide). */
const PLEASANT_RATIO = 3.5;

function bestColumns(count: number, area: Rect, layout: Layout): number {
  const { wantedColumns, wantedRows } = layout.panes;
  let best = 1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let columns = 1; columns <= count; columns++) {
    const { width, height } = cellSize(count, columns, area);
    if (width < 1 || height < 1) continue;
    const fit = usefulness(width, wantedColumns, CRAMPED.columns) * usefulness(height, wantedRows, CRAMPED.rows);
    // Only parts sizes that are as useful: how far it is from a pleasant shape.
    const shape = 0.01 * Math.abs(Math.log(width / height / PLEASANT_RATIO));
    // Whatever the fit, a grid in which every pane has its minimum goes before one in which it has not.
    const score = fit - shape + (hasMinimum(count, columns, area, layout) ? 1 : 0);
    if (score > highest) {
      highest = score;
      best = columns;
    }
  }
  return best;
}

/** 0 to 1: all of it from what is wanted on, next to nothing where it is cramped. */
function usefulness(size: number, wanted: number, cramped: number): number {
  return size < cramped ? (0.1 * size) / wanted : Math.min(1, size / wanted);
}

function placeGrid(panes: readonly number[], area: Rect, columns: number): PaneTile[] {
  const rows = Math.ceil(panes.length / columns);
  const tiles: PaneTile[] = [];
  for (let row = 0; row < rows; row++) {
    const line = panes.slice(row * columns, (row + 1) * columns);
    const y = share(area.height, rows, row);
    const height = share(area.height, rows, row + 1) - y;
    line.forEach((pane, index) => {
      // A short last row shares the whole width: nothing is left empty.
      const x = index === 0 ? 0 : share(area.width + 1, line.length, index);
      const end = share(area.width + 1, line.length, index + 1) - 1;
      tiles.push(paneTile(pane, { x: area.x + x, y: area.y + y, width: end - x, height }));
    });
  }
  return tiles;
}

/** Where part `index` of `parts` begins, the remainder going to the first parts. */
function share(total: number, parts: number, index: number): number {
  const base = Math.floor(total / parts);
  return base * index + Math.min(index, total % parts);
}

function paneTile(pane: number, box: Rect): PaneTile {
  const hasTitle = box.height >= 3;
  const inner = hasTitle ? { ...box, y: box.y + 1, height: box.height - 1 } : box;
  return { pane, box, hasTitle, inner };
}

/** The pane that is entered when the focus moves from `from`: the nearest one on that side that shares most rows or columns; null at the edge. */
export function neighbour(
  panes: readonly PaneTile[],
  from: number,
  direction: 'left' | 'right' | 'up' | 'down',
): number | null {
  const here = panes.find((candidate) => candidate.pane === from)?.box;
  if (!here) return null;
  let best: { pane: number; overlap: number; gap: number } | null = null;
  for (const { pane, box } of panes) {
    if (pane === from) continue;
    const gap = gapTowards(here, box, direction);
    const overlap =
      direction === 'left' || direction === 'right'
        ? Math.min(here.y + here.height, box.y + box.height) - Math.max(here.y, box.y)
        : Math.min(here.x + here.width, box.x + box.width) - Math.max(here.x, box.x);
    if (gap < 0 || overlap <= 0) continue;
    if (!best || gap < best.gap || (gap === best.gap && overlap > best.overlap)) best = { pane, overlap, gap };
  }
  return best?.pane ?? null;
}

function gapTowards(here: Rect, there: Rect, direction: 'left' | 'right' | 'up' | 'down'): number {
  switch (direction) {
    case 'left':
      return here.x - (there.x + there.width);
    case 'right':
      return there.x - (here.x + here.width);
    case 'up':
      return here.y - (there.y + there.height);
    case 'down':
      return there.y - (here.y + here.height);
  }
}
