// Owns the picture of the workspace as data: rectangles of styled lines, where panes show through, and the cursor of a line of input. Pure.
import type { Rect } from '../layout/rect.ts';
import { isPaneLive, type Model, tilingOf } from '../model.ts';
import { frameLines } from './frame.ts';
import { inputView } from './input-line.ts';
import type { Line } from './line.ts';
import { placeholderLines, welcomeLines } from './placeholder.ts';
import { hintPopup, scrollPopup } from './popup.ts';
import { sidebarLines } from './sidebar.ts';
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
    { id: 'frame', rect: { x: 0, y: 0, width: columns, height: tiling.area.height }, lines: frameLines(model) },
  ];
  if (tiling.panes.length === 0) back.push(surface('welcome', tiling.area, welcomeLines));
  for (const { pane, inner } of tiling.panes) {
    if (isPaneLive(model, pane)) continue;
    back.push(surface(`idle-${pane}`, inner, (_model, width, height) => placeholderLines(model, pane, width, height)));
  }
  if (tiling.sidebar) {
    const rect = { ...tiling.sidebar, y: tiling.sidebar.y + 1, height: tiling.sidebar.height - 1 };
    back.push(surface('sidebar', rect, sidebarLines));
  }
  const panes = tiling.panes
    .filter(({ pane }) => isPaneLive(model, pane))
    .map(({ pane, inner }) => ({ pane, rect: inner }));
  if (tiling.status) back.push({ id: 'status', rect: tiling.status, lines: [statusLine(model, columns)] });
  return { back, panes, ...overlays(model, columns, rows) };

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
