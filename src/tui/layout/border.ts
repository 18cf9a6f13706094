// Owns the moving of the borders between parts of a layout: by a key from a pane, or under the mouse. Pure.
import { contains, type Rect } from './rect.ts';
import type { PlacedSplit, Tiling } from './tile.ts';

/** The border behind part `index` of a split. */
export interface Border {
  readonly split: string;
  readonly index: number;
}

type Sizes = ReadonlyMap<string, number>;

/** The border that a direction moves: the one on the far side of the pane in the innermost split of that direction, or the near one of a last pane, as in tmux. Null when there is none. */
export function borderOf(tiling: Tiling, pane: number, direction: 'left' | 'right' | 'up' | 'down'): Border | null {
  const box = tiling.panes.find((candidate) => candidate.pane === pane)?.box;
  if (!box) return null;
  const axis = direction === 'left' || direction === 'right' ? 'row' : 'column';
  // Splits are put down from the inside to the outside.
  for (const { path, direction: own, parts } of tiling.splits) {
    const index = parts.findIndex((part) => contains(part.rect, box.x, box.y));
    if (own !== axis || index < 0) continue;
    return { split: path, index: Math.min(index, parts.length - 2) };
  }
  return null;
}

/** The border under a cell of the screen: the line between two columns, or the title line below a part; null elsewhere. */
export function borderAt(tiling: Tiling, x: number, y: number): Border | null {
  for (const split of tiling.splits) {
    if (!contains(split.rect, x, y)) continue;
    const index = split.parts.findIndex((part) => isBehind(split, part.rect, x, y));
    if (index >= 0 && index < split.parts.length - 1) return { split: split.path, index };
  }
  return null;
}

function isBehind({ direction }: PlacedSplit, rect: Rect, x: number, y: number): boolean {
  return direction === 'row' ? x === rect.x + rect.width : y === rect.y + rect.height;
}

/** Where a border is now: its column, or its row; null when the layout no longer has it. */
export function borderPlace(tiling: Tiling, border: Border): { axis: 'x' | 'y'; at: number } | null {
  const split = tiling.splits.find(({ path }) => path === border.split);
  const rect = split?.parts[border.index]?.rect;
  if (!split || !rect) return null;
  return split.direction === 'row' ? { axis: 'x', at: rect.x + rect.width } : { axis: 'y', at: rect.y + rect.height };
}

/** The sizes after a border has moved by some cells, as far as both sides keep their minimum; null when it can't move. */
export function moveBorder(tiling: Tiling, sizes: Sizes, border: Border, by: number): Sizes | null {
  const split = tiling.splits.find(({ path }) => path === border.split);
  const before = split?.parts[border.index];
  const after = split?.parts[border.index + 1];
  if (!split || !before || !after) return null;
  const length = (rect: Rect): number => (split.direction === 'row' ? rect.width : rect.height);
  const most = Math.max(0, length(after.rect) - after.claim.minimum);
  const least = Math.min(0, before.claim.minimum - length(before.rect));
  const step = Math.max(least, Math.min(most, by));
  if (step === 0) return null;
  const cells = split.parts.map((part, index) => {
    const change = index === border.index ? step : index === border.index + 1 ? -step : 0;
    return { ...part, length: length(part.rect) + change };
  });
  // Shares keep their sum, so that a part that comes back later finds its own beside them.
  const shares = cells.filter(({ claim }) => claim.cells === null);
  const weights = shares.reduce((total, { claim }) => total + claim.weight, 0);
  const room = shares.reduce((total, part) => total + part.length, 0);
  const next = new Map(sizes);
  for (const { path, claim, length: size } of cells) {
    next.set(path, claim.cells === null ? (size * weights) / Math.max(1, room) : size);
  }
  return next;
}
