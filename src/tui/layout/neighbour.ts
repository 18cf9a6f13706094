// Owns the way from one pane to the next in a direction. Pure.
import type { Rect } from './rect.ts';
import type { PaneTile } from './tile.ts';

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
