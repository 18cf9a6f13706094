// Owns the moving of borders with the mouse.
import type { MouseEvent } from './input/input-event.ts';
import { borderAt, borderPlace, moveBorder } from './layout/border.ts';
import { type Model, tilingOf } from './model.ts';

/** What a mouse event does to a border; null when it is about something else. A press on a title line takes the border above it and focuses its pane. */
export function dragBorder(model: Model, event: MouseEvent): Model | null {
  if (event.kind === 'press') return press(model, event);
  const { drag } = model;
  if (drag === null) return null;
  if (event.kind !== 'drag') return { ...model, drag: null };
  const tiling = tilingOf(model);
  const place = borderPlace(tiling, drag);
  if (!place) return { ...model, drag: null };
  const by = (place.axis === 'x' ? event.x : event.y) - place.at;
  const sizes = moveBorder(tiling, model.sizes, drag, by);
  return sizes ? { ...model, sizes } : model;
}

function press(model: Model, event: MouseEvent): Model | null {
  if (event.button !== 0) return null;
  const tiling = tilingOf(model);
  const drag = borderAt(tiling, event.x, event.y);
  if (!drag) return null;
  const isTitle = borderPlace(tiling, drag)?.axis === 'y';
  const pane = isTitle ? tiling.panes.find(({ box }) => isOnTitle(box, event)) : undefined;
  if (!pane || pane.pane === model.focused) return { ...model, drag };
  return { ...model, drag, focused: pane.pane, lastFocused: model.focused };
}

function isOnTitle(box: { x: number; y: number; width: number }, { x, y }: MouseEvent): boolean {
  return y === box.y && x >= box.x && x < box.x + box.width;
}
