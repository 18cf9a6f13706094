// Owns what the mouse does in copy mode. Pure.
import { type CopyMode, type CopyStep, type CopyView, goTo, isAtEnd, scroll, stay } from './copy-mode.ts';
import { clamp, lineAt, type Position, wordAt } from './motion.ts';
import { type Selection, selectedText } from './selection.ts';

/** What the mouse did, at a cell of the pane's inside; a drag may leave it. */
export interface CopyMouse {
  readonly kind: 'press' | 'release' | 'drag' | 'wheel-up' | 'wheel-down';
  readonly x: number;
  readonly y: number;
  /** 1 for a click, 2 for a double one, 3 for a triple one. */
  readonly clicks: number;
}

/** Rows that one notch of the wheel moves, as in tmux. */
const NOTCH = 5;

/** One event. `copyOnSelect`: a release that ends a selection copies it and leaves. */
export function useMouseInCopy(mode: CopyMode, mouse: CopyMouse, view: CopyView, copyOnSelect: boolean): CopyStep {
  switch (mouse.kind) {
    case 'wheel-up':
      return stay(scroll(mode, -NOTCH, view));
    case 'wheel-down': {
      const next = scroll(mode, NOTCH, view);
      return stay(next.leavesAtEnd && next.selection === null && isAtEnd(next, view) ? null : next);
    }
    case 'press':
      return stay(press(mode, mouse, view));
    case 'drag':
      return stay(drag(mode, mouse, view));
    case 'release':
      return release(mode, copyOnSelect);
  }
}

function placeOf(mode: CopyMode, { x, y }: CopyMouse, view: CopyView): Position {
  const row = mode.top + Math.max(0, Math.min(view.height - 1, y));
  return clamp(mode.rows, { x, y: row });
}

function press(mode: CopyMode, mouse: CopyMouse, view: CopyView): CopyMode {
  const cursor = placeOf(mode, mouse, view);
  const at: CopyMode = { ...mode, cursor, column: cursor.x, selection: null, isDrawing: false };
  if (mouse.clicks <= 1) return at;
  const inclusive = { isInclusive: true } as const;
  if (mouse.clicks === 2) {
    const [anchor, end] = wordAt(mode.rows, cursor);
    return { ...at, cursor: end, selection: { kind: 'character', anchor, ...inclusive }, isDrawing: true };
  }
  const [first, last] = lineAt(mode.rows, cursor.y);
  return {
    ...goTo(at, { x: cursor.x, y: last }, view),
    selection: { kind: 'line', anchor: { x: 0, y: first }, ...inclusive },
    isDrawing: true,
  };
}

/** Beyond the first or the last row the view moves along. */
function drag(mode: CopyMode, mouse: CopyMouse, view: CopyView): CopyMode {
  const by = mouse.y < 0 ? -1 : mouse.y >= view.height ? 1 : 0;
  const moved = by === 0 ? mode : scroll(mode, by, view);
  const cursor = placeOf(moved, mouse, view);
  const selection: Selection = mode.selection ?? { kind: 'character', anchor: mode.cursor, isInclusive: true };
  return { ...moved, cursor, column: cursor.x, selection, isDrawing: true };
}

function release(mode: CopyMode, copyOnSelect: boolean): CopyStep {
  const done: CopyMode = { ...mode, isDrawing: false };
  if (!mode.isDrawing || mode.selection === null || !copyOnSelect) return stay(done);
  const text = selectedText(mode.rows, mode.selection, mode.cursor);
  return text.trim() === '' ? stay(done) : { mode: null, wish: { kind: 'copy', text } };
}
