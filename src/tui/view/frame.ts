// Owns the lines around panes and sidebars: where they run, which are heavy, and the titles on them.
import type { Tiling } from '../layout/tile.ts';
import { type Model, tilingOf } from '../model.ts';
import { HEAVY, LIGHT, LineGrid } from './box-drawing.ts';
import { type Line, lineWidth, type Span, span } from './line.ts';
import { paneTitle } from './pane-title.ts';
import { SIDEBAR_CONTENT } from './sidebar-content.ts';

/** The rows of the whole width above the status line: lines and titles, blank where panes and sidebars are. */
export function frameLines(model: Model): Line[] {
  const tiling = tilingOf(model);
  const width = Math.max(1, model.size.columns);
  const { grid, bare } = ruledFor(tiling, width, model.focused);
  return bare.map((row, y) => {
    const titles = titlesOf(model, tiling, y);
    return titles.length === 0 ? row : frameRow(grid, y, width, titles);
  });
}

/** The lines of a tiling without the titles: they stay while ages change. */
interface Ruled {
  readonly tiling: Tiling;
  readonly width: number;
  readonly focused: number | null;
  readonly grid: LineGrid;
  /** Each row as it is without titles. */
  readonly bare: readonly Line[];
}

let ruled: Ruled | null = null;

function ruledFor(tiling: Tiling, width: number, focused: number | null): Ruled {
  if (ruled?.tiling === tiling && ruled.width === width && ruled.focused === focused) return ruled;
  const grid = new LineGrid(width, tiling.height);
  for (const { box } of tiling.sidebars) grid.horizontal(box.y, box.x - 1, box.x + box.width, LIGHT);
  for (const { box, hasTitle } of tiling.panes)
    if (hasTitle) grid.horizontal(box.y, box.x - 1, box.x + box.width, LIGHT);
  drawSeparators(grid, tiling);
  drawFocus(grid, tiling, focused);
  const bare = Array.from({ length: tiling.height }, (_, y) => frameRow(grid, y, width, []));
  ruled = { tiling, width, focused, grid, bare };
  return ruled;
}

interface PlacedTitle {
  readonly x: number;
  readonly line: Line;
}

/** One cell of the line stays to be seen on the left of a title, and one on its right. */
function titlesOf(model: Model, tiling: Tiling, y: number): PlacedTitle[] {
  const titles: PlacedTitle[] = [];
  for (const { pane, box, hasTitle } of tiling.panes) {
    const room = box.width - 2;
    if (hasTitle && box.y === y && room >= 3) titles.push({ x: box.x + 1, line: paneTitle(model, pane, room) });
  }
  for (const { name, box } of tiling.sidebars) {
    if (box.y !== y) continue;
    const title = ` ${SIDEBAR_CONTENT[name].title} `;
    if (title.length <= box.width - 1) titles.push({ x: box.x + 1, line: [span('title', title)] });
  }
  return titles.sort((a, b) => a.x - b.x);
}

function frameRow(grid: LineGrid, y: number, width: number, titles: readonly PlacedTitle[]): Line {
  const row: Span[] = [];
  let x = 0;
  for (const title of titles) {
    row.push(...lineSpans(grid, y, x, title.x), ...title.line);
    x = title.x + lineWidth(title.line);
  }
  return [...row, ...lineSpans(grid, y, x, width)];
}

function lineSpans(grid: LineGrid, y: number, from: number, to: number): Span[] {
  return grid.runs(y, from, to).map(({ text, isHeavy }) => span(isHeavy ? 'borderFocused' : 'border', text));
}

/** The lines between parts that stand side by side. */
function drawSeparators(grid: LineGrid, { splits }: Tiling): void {
  for (const { direction, rect, parts } of splits) {
    if (direction !== 'row') continue;
    // One row further than the part: there it meets the title line below, or leaves the grid.
    for (const part of parts.slice(0, -1))
      grid.vertical(part.rect.x + part.rect.width, rect.y, rect.y + rect.height, LIGHT);
  }
}

/** The lines around the focused pane that it shares with a neighbour are heavy, and so is its title line. */
function drawFocus(grid: LineGrid, { splits, panes }: Tiling, focused: number | null): void {
  const tile = panes.find(({ pane }) => pane === focused);
  if (!tile) return;
  const { box, hasTitle } = tile;
  if (hasTitle) grid.horizontal(box.y, box.x - 1, box.x + box.width, HEAVY);
  for (const { direction, rect, parts } of splits) {
    const isBeside = direction === 'row' && rect.y <= box.y && rect.y + rect.height >= box.y + box.height;
    if (!isBeside) continue;
    for (const { rect: part } of parts.slice(0, -1)) {
      const x = part.x + part.width;
      if (x === box.x - 1 || x === box.x + box.width) grid.vertical(x, box.y, box.y + box.height, HEAVY);
    }
  }
}
