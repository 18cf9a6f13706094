// Owns the way from one pane to the next in a direction. Pure.
import type { Rect } from './rect.ts';
import type { PaneTile } from './tile.ts';

type Direction = 'left' | 'right' | 'up' | 'down';

/** The pane that is entered when the focus moves from `from`: the nearest one on that side that shares most rows or columns; null at the edge. */
export function neighbour(panes: readonly PaneTile[], from: number, direction: Direction): number | null {
  return first(inLine(panes, from, direction).filter(({ gap }) => gap >= 0));
}

/** The pane on the far side, where the focus comes out that leaves over the edge; null when no other is in line. */
export function farSide(panes: readonly PaneTile[], from: number, direction: Direction): number | null {
  return first(inLine(panes, from, direction));
}

/** The others that share rows or columns with it, and how far they lie on that side: less than 0 on the other one. */
function inLine(panes: readonly PaneTile[], from: number, direction: Direction): Candidate[] {
  const here = panes.find((candidate) => candidate.pane === from)?.box;
  if (!here) return [];
  const candidates = panes.map(({ pane, box }) => {
    const overlap =
      direction === 'left' || direction === 'right'
        ? Math.min(here.y + here.height, box.y + box.height) - Math.max(here.y, box.y)
        : Math.min(here.x + here.width, box.x + box.width) - Math.max(here.x, box.x);
    return { pane, overlap, gap: gapTowards(here, box, direction) };
  });
  return candidates.filter(({ pane, overlap }) => pane !== from && overlap > 0);
}

interface Candidate {
  readonly pane: number;
  readonly overlap: number;
  readonly gap: number;
}

function first(candidates: readonly Candidate[]): number | null {
  const [best] = [...candidates].sort((a, b) => a.gap - b.gap || b.overlap - a.overlap);
  return best?.pane ?? null;
}

function gapTowards(here: Rect, there: Rect, direction: Direction): number {
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
