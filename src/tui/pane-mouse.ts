// Owns the mouse over panes: a press focuses, then press, drag, release and wheel go to the program that asked for them. Pure.
import type { Effect, Step } from './effect.ts';
import type { MouseEvent } from './input/input-event.ts';
import { focusPane } from './keys/focus-commands.ts';
import { contains, type Rect } from './layout/rect.ts';
import { isPaneLive, type Model, tilingOf } from './model.ts';

/** What a mouse event over the panes does. Whether a program asked for the mouse is known where the effect is done. */
export function mouseIntoPane(model: Model, event: MouseEvent): Step {
  if (event.kind === 'drag' || event.kind === 'release') return followHeld(model, event);
  const tile = tilingOf(model).panes.find((candidate) => contains(candidate.box, event.x, event.y));
  if (!tile) return [model, []];
  const isInside = contains(tile.inner, event.x, event.y);
  if (event.kind !== 'press') return [model, isInside ? intoPane(model, tile, event) : []];
  const focused = focusPane(model, tile.pane);
  if (!isInside) return [focused, []];
  return [{ ...focused, mousePane: tile.pane }, intoPane(focused, tile, event)];
}

/** A drag and the release belong to the pane of the press, wherever the pointer is by then. */
function followHeld(model: Model, event: MouseEvent): Step {
  const tile = tilingOf(model).panes.find(({ pane }) => pane === model.mousePane);
  const next = event.kind === 'release' && model.mousePane !== null ? { ...model, mousePane: null } : model;
  return [next, tile ? intoPane(model, tile, event) : []];
}

function intoPane(
  model: Model,
  { pane, inner }: { readonly pane: number; readonly inner: Rect },
  event: MouseEvent,
): readonly Effect[] {
  if (model.isReadOnly || !isPaneLive(model, pane) || inner.width === 0 || inner.height === 0) return [];
  const x = Math.max(0, Math.min(inner.width - 1, event.x - inner.x));
  const y = Math.max(0, Math.min(inner.height - 1, event.y - inner.y));
  return [{ type: 'mouse', pane, event, x, y }];
}
