// Owns the picture of a pane at one moment, for who wants to read it in peace: the screen with the newest lines above it.

import type { Result } from '../protocol/methods.ts';
import { encodePaneFrame } from '../protocol/pane-frame.ts';
import { FrameTables } from '../terminal/cells.ts';
import type { Pane } from '../terminal/pane.ts';

/** The screen and at most `count` lines above it, of the same moment. */
export function freezePane(pane: Pane, count: number): Result<'pane.freeze'> {
  const { generation } = pane;
  const tables = new FrameTables();
  const screen = pane.takeUpdate(0, tables)?.update;
  const { total } = pane.rowNumbers();
  const { first, from, cols, lines, wrapped } = pane.history(Math.max(0, total - count), count, tables);
  const cursor = { x: 0, y: 0, isVisible: false, shape: 0 };
  const history = {
    pane: pane.pane,
    generation,
    cols,
    rows: Math.max(lines.length, 1),
    cursor,
    modes: 0,
    lines,
  };
  const frame = encodePaneFrame({
    number: 0,
    isFree: false,
    strings: tables.strings(),
    styles: tables.styles(),
    panes: screen ? [history, screen] : [history],
  });
  const onScreen = Array.from({ length: screen?.rows ?? 0 }, (_, y) => y);
  const wrappedOnScreen = onScreen.filter((y) => pane.row(total + y)?.isWrapped === true);
  return {
    generation,
    first,
    total,
    from,
    wrapped: [...wrapped, ...wrappedOnScreen.map((y) => total - from + y)],
    prompts: pane.prompts(from, total + onScreen.length).map((number) => number - from),
    frame: frame.toString('base64'),
  };
}
