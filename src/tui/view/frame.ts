// Owns the lines around the panes: where they run, which are heavy, and the titles on them.
import type { PaneTile, Tiling } from '../layout/tile.ts';
import { type Model, tilingOf } from '../model.ts';
import { graphemes } from '../text-width.ts';
import type { StyleName } from '../theme/theme.ts';
import { type Arms, lineCharacter } from './box-drawing.ts';
import { type Line, type Span, span } from './line.ts';
import { paneTitle } from './pane-title.ts';

const LIGHT = 1;
const HEAVY = 2;

class LineGrid {
  readonly #width: number;
  readonly #height: number;
  readonly #cells: Arms[];

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#cells = Array.from({ length: width * height }, () => ({ up: 0, right: 0, down: 0, left: 0 }));
  }

  at(x: number, y: number): Arms | undefined {
    return x >= 0 && y >= 0 && x < this.#width && y < this.#height ? this.#cells[y * this.#width + x] : undefined;
  }

  /** From x1 to x2, both cells included and joined to. `x1` and `x2` get only their inner arm. */
  horizontal(y: number, from: number, to: number, weight: number): void {
    for (let x = from; x < to; x++) {
      this.#raise(x, y, 'right', weight);
      this.#raise(x + 1, y, 'left', weight);
    }
  }

  vertical(x: number, from: number, to: number, weight: number): void {
    for (let y = from; y < to; y++) {
      this.#raise(x, y, 'down', weight);
      this.#raise(x, y + 1, 'up', weight);
    }
  }

  #raise(x: number, y: number, arm: keyof Arms, weight: number): void {
    const cell = this.at(x, y);
    if (cell) cell[arm] = Math.max(cell[arm], weight);
  }
}

/** The rows of the whole width above the status line: lines and titles, blank where panes and the sidebar are. */
export function frameLines(model: Model): Line[] {
  const tiling = tilingOf(model);
  const width = Math.max(1, model.size.columns);
  const grid = new LineGrid(width, tiling.area.height);
  for (const tile of tiling.panes) drawTile(grid, tile, model.focused === tile.pane ? HEAVY : LIGHT);
  for (const tile of tiling.panes) drawSeparator(grid, tile, tiling, model.focused);
  drawSidebarLines(grid, tiling);
  const rows: Span[][] = [];
  for (let y = 0; y < tiling.area.height; y++) rows.push(gridRow(grid, y, width));
  const lines = rows.map((row) => row as Line);
  for (const tile of tiling.panes) placeTitle(lines, tile, model);
  return lines;
}

function drawTile(grid: LineGrid, { box, hasTitle }: PaneTile, weight: number): void {
  if (!hasTitle) return;
  grid.horizontal(box.y, box.x - 1, box.x + box.width, weight);
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

function gridRow(grid: LineGrid, y: number, width: number): Span[] {
  const spans: Span[] = [];
  for (let x = 0; x < width; x++) {
    const arms = grid.at(x, y);
    if (!arms) continue;
    const isHeavy = Math.max(arms.up, arms.right, arms.down, arms.left) === HEAVY;
    append(spans, isHeavy ? 'borderFocused' : 'border', lineCharacter(arms));
  }
  return spans;
}

function append(spans: Span[], style: StyleName, text: string): void {
  const last = spans.at(-1);
  if (last?.style === style) spans[spans.length - 1] = { style, text: last.text + text };
  else spans.push({ style, text });
}

function placeTitle(lines: Line[], tile: PaneTile, model: Model): void {
  if (!tile.hasTitle) return;
  const room = tile.box.width - 2;
  if (room < 3) return;
  const title = paneTitle(model, tile.pane, room);
  const row = lines[tile.box.y];
  if (row) lines[tile.box.y] = overlay(row, title, tile.box.x + 1);
}

/** The line with `part` written over it from cell `x` on. */
export function overlay(line: Line, part: Line, x: number): Line {
  const cells = toCells(line);
  const over = toCells(part);
  cells.splice(x, over.length, ...over);
  const spans: Span[] = [];
  for (const cell of cells) append(spans, cell.style, cell.text);
  return spans;
}

/** A span for each cell; the second cell of a wide character is empty. */
function toCells(line: Line): Span[] {
  const cells: Span[] = [];
  for (const part of line) {
    for (const grapheme of graphemes(part.text)) {
      cells.push(span(part.style, grapheme.text));
      if (grapheme.width === 2) cells.push(span(part.style, ''));
    }
  }
  return cells;
}
