// Owns how many panes an area takes, and in how many columns they stand. Pure.
import type { Layout } from './layout.ts';

type Bounds = Layout['panes'];
interface Area {
  readonly width: number;
  readonly height: number;
}

/** How many of `count` panes the area takes with their minimum, at least one of them; `columns` fixes the columns, null leaves them open. */
export function mostThatFit(count: number, area: Area, bounds: Bounds, columns: number | null): number {
  for (let most = count; most > 1; most--) {
    if (hasMinimum(most, columns ?? bestColumns(most, area, bounds), area, bounds)) return most;
  }
  return Math.min(1, count);
}

function hasMinimum(count: number, columns: number, area: Area, bounds: Bounds): boolean {
  const { width, height } = cellSize(count, columns, area);
  return width >= bounds.minimumColumns && height >= bounds.minimumRows;
}

/** The inside of the smallest pane when `count` panes stand in `columns` columns. */
function cellSize(count: number, columns: number, area: Area): Area {
  const rows = Math.ceil(count / columns);
  return { width: Math.floor((area.width - (columns - 1)) / columns), height: Math.floor(area.height / rows) - 1 };
}

/** A width under this can't hold a line of an agent's text, a height under it can't hold its prompt box. */
const CRAMPED = { columns: 30, rows: 8 };
/** Columns for each row of a pane that looks neither flat nor narrow (a cell is about twice as high as wide). */
const PLEASANT_RATIO = 3.5;

/** The number of columns in which `count` panes are most useful. */
export function bestColumns(count: number, area: Area, bounds: Bounds): number {
  const { wantedColumns, wantedRows } = bounds;
  let best = 1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let columns = 1; columns <= count; columns++) {
    const { width, height } = cellSize(count, columns, area);
    if (width < 1 || height < 1) continue;
    const fit = usefulness(width, wantedColumns, CRAMPED.columns) * usefulness(height, wantedRows, CRAMPED.rows);
    // Only parts sizes that are as useful: how far it is from a pleasant shape.
    const shape = 0.01 * Math.abs(Math.log(width / height / PLEASANT_RATIO));
    // Whatever the fit, a grid in which every pane has its minimum goes before one in which it has not.
    const score = fit - shape + (hasMinimum(count, columns, area, bounds) ? 1 : 0);
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
