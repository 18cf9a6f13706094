// Owns the picture of the workspace as data: rectangles of styled lines, where panes show through, and the cursor of a line of input. Pure.
import type { Rect } from '../layout/rect.ts';
import { isPaneLive, type Model, tilingOf } from '../model.ts';
import { formView } from './form-view.ts';
import { frameLines } from './frame.ts';
import { inputView } from './input-line.ts';
import { hintPopup } from './key-help.ts';
import type { Line } from './line.ts';
import { panelView } from './panel-view.ts';
import { placeholderLines, welcomeLines } from './placeholder.ts';
import { scrollPopup } from './popup.ts';
import { queueOverlay } from './queue-overlay.ts';
import { searchPopup } from './search-popup.ts';
import { SIDEBAR_CONTENT } from './sidebar-content.ts';
import { statusLine } from './status-line.ts';

export interface Surface {
  readonly id: string;
  readonly rect: Rect;
  /** As many as the rectangle is high, each as wide as it. */
  readonly lines: readonly Line[];
}

export interface Scene {
  /** Below the panes. */
  readonly back: readonly Surface[];
  /** Panes with a living screen, whose cells come from the server. */
  readonly panes: readonly { readonly pane: number; readonly rect: Rect }[];
  /** Over the panes, the last one on top. */
  readonly front: readonly Surface[];
  /** Of the line of input; null while the focused pane has the cursor. */
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

/** What the screen shows for a model. */
export function sceneOf(model: Model): Scene {
  const tiling = tilingOf(model);
  const { columns, rows } = model.size;
  const back: Surface[] = [
    { id: 'frame', rect: { x: 0, y: 0, width: columns, height: tiling.height }, lines: frameLines(model) },
  ];
  if (tiling.panes.length === 0) back.push(surface('welcome', tiling.area, welcomeLines));
  for (const { pane, inner } of tiling.panes) {
    if (isPaneLive(model, pane) || model.copy.panes.has(pane)) continue;
    back.push(surface(`idle-${pane}`, inner, (_model, width, height) => placeholderLines(model, pane, width, height)));
  }
  for (const { name, inner } of tiling.sidebars) {
    back.push(surface(`sidebar-${name}`, inner, SIDEBAR_CONTENT[name].lines));
  }
  const panes = tiling.panes
    .filter(({ pane }) => isPaneLive(model, pane) || model.copy.panes.has(pane))
    .map(({ pane, inner }) => ({ pane, rect: inner }));
  if (tiling.status) back.push({ id: 'status', rect: tiling.status, lines: [statusLine(model, columns)] });
  const queue = queueOverlay(model);
  const { front, cursor } = overlays(model, columns, rows);
  return { back, panes, front: [...(queue ? [{ id: 'queue-overlay', ...queue }] : []), ...front], cursor };

  function surface(id: string, rect: Rect, draw: (model: Model, width: number, height: number) => Line[]): Surface {
    return { id, rect, lines: draw(model, rect.width, rect.height) };
  }
}

function overlays(model: Model, columns: number, rows: number): Pick<Scene, 'front' | 'cursor'> {
  const { mode } = model;
  switch (mode.kind) {
    case 'normal':
      return { front: [], cursor: null };
    case 'prefix':
      return { front: mode.hasHints ? [{ id: 'hints', ...hintPopup(model.keys, model.size) }] : [], cursor: null };
    case 'help':
    case 'popup':
      return { front: [{ id: 'popup', ...scrollPopup(model, mode) }], cursor: null };
    case 'search': {
      const { rect, lines, cursor } = searchPopup(model, mode);
      return { front: [{ id: 'search', rect, lines }], cursor };
    }
    case 'panel': {
      const { rect, lines, cursor } = panelView(model, mode);
      return { front: [{ id: 'panel', rect, lines }], cursor };
    }
    case 'form': {
      const { rect, lines, cursor } = formView(model, mode);
      return { front: [{ id: 'form', rect, lines }], cursor };
    }
    case 'command':
    case 'quick': {
      const view = inputView(mode, columns);
      const y = rows - 1;
      const front: Surface[] = [{ id: 'input', rect: { x: 0, y, width: columns, height: 1 }, lines: [view.line] }];
      const lines = view.above.slice(0, y);
      if (lines.length > 0) {
        const rect = { x: 0, y: y - lines.length, width: columns, height: lines.length };
        front.push({ id: 'above-input', rect, lines });
      }
      return { front, cursor: { x: view.cursor, y } };
    }
  }
}
