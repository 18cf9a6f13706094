// Owns the queue or the feed over the panes: where the layout has no place for it on this terminal, it is shown at the right edge while it has the keys.
import type { Rect } from '../layout/rect.ts';
import { type Model, tilingOf } from '../model.ts';
import { fitLine, type Line, span } from './line.ts';
import { SIDEBAR_CONTENT } from './sidebar-content.ts';

/** Cells with its edge: enough for a title beside its marks, and half a usual terminal stays to be seen. */
const WIDTH = 46;

/** The surface; null while the panes have the keys, or while the sidebar has a place of its own. */
export function queueOverlay(model: Model): { readonly rect: Rect; readonly lines: readonly Line[] } | null {
  const { on } = model.queue;
  if (on === null || tilingOf(model).sidebars.some(({ name }) => name === on)) return null;
  const { columns, rows } = model.size;
  const width = Math.max(1, Math.min(columns, WIDTH));
  const height = Math.max(1, rows - 1);
  const { title, lines } = SIDEBAR_CONTENT[on];
  const head = [
    span('borderFocused', '┏━'),
    span('titleFocused', ` ${title} `),
    span('borderFocused', '━'.repeat(width)),
  ];
  const body = lines(model, Math.max(1, width - 1), Math.max(0, height - 1));
  return {
    rect: { x: columns - width, y: 0, width, height },
    lines: [head, ...body.map((line): Line => [span('borderFocused', '┃'), ...line])]
      .slice(0, height)
      .map((line) => (line === head ? cutHead(line, width) : fitLine(line, width, 'text'))),
  };
}

/** A rule has no end that is missed. */
function cutHead(line: Line, width: number): Line {
  let room = width;
  return line.map((part) => {
    const text = [...part.text].slice(0, Math.max(0, room)).join('');
    room -= [...part.text].length;
    return { ...part, text };
  });
}
