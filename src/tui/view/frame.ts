// Owns the lines around the panes: where they run, which are heavy, and the titles on them.
import type { PaneTile, Tiling } from '../layout/tile.ts';
import { type Model, tilingOf } from '../model.ts';
import { HEAVY, LIGHT, LineGrid } from './box-drawing.ts';
import { type Line, lineWidth, type Span, span } from './line.ts';
import { paneTitle } from './pane-title.ts';

/** The rows of the whole width above the status line: lines and titles, blank where panes and the sidebar are. */
export function frameLines(model: Model): Line[] {
  const tiling = tilingOf(model);
  const width = Math.max(1, model.size.columns);
  const grid = new LineGrid(width, tiling.area.height);
  for (const tile of tiling.panes) drawTitleLine(grid, tile, model.focused === tile.pane ? HEAVY : LIGHT);
  for (const tile of tiling.panes) drawSeparator(grid, tile, tiling, model.focused);
  drawSidebarLines(grid, tiling);
  return Array.from({ length: tiling.area.height }, (_, y) => frameRow(grid, y, width, titlesOf(model, tiling, y)));
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
  if (tiling.sidebar && y === 0) titles.push({ x: tiling.sidebar.x + 1, line: [span('title', ' queue ')] });
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

function drawTitleLine(grid: LineGrid, { box, hasTitle }: PaneTile, weight: typeof LIGHT | typeof HEAVY): void {
  if (hasTitle) grid.horizontal(box.y, box.x - 1, box.x + box.width, weight);
}

/** The line to the right of a pane, when another pane of the page is there. */
function drawSeparator(grid: LineGrid, { pane, box }: PaneTile, tiling: Tiling, focused: number | null): void {
  const right = tiling.panes.find((other) => other.box.y === box.y && other.box.x === box.x + box.width + 1);
  if (!right) return;
  const weight = pane === focused || right.pane === focused ? HEAVY : LIGHT;
  // One row further than the pane: there it meets the title line of the row below, or leaves the grid.
  grid.vertical(box.x + box.width, box.y, box.y + box.height, weight);
}

function drawSidebarLines(grid: LineGrid, { sidebar, area }: Tiling): void {
  if (!sidebar) return;
  const isRight = sidebar.x > area.x;
  grid.vertical(isRight ? sidebar.x - 1 : sidebar.x + sidebar.width, 0, sidebar.height, LIGHT);
  grid.horizontal(0, sidebar.x - 1, sidebar.x + sidebar.width, LIGHT);
}
