// Owns how the search over all panes and conversations looks: its line of input and the places below it.

import { printable } from '../../domain/text.ts';
import { textWidth } from '../../domain/text-width.ts';
import type { SearchMode } from '../copy-mode/search-mode.ts';
import type { FoundPlace } from '../copy-mode/state.ts';
import type { Rect } from '../layout/rect.ts';
import type { Model } from '../model.ts';
import { fitLine, type Line, span } from './line.ts';
import { shortId } from './pane-title.ts';

/** Rows of the line of input and of the sentence below it. */
const HEAD = 2;

/** The popup over the panes, and the cursor in its line of input. */
export function searchPopup(
  model: Model,
  mode: SearchMode,
): { rect: Rect; lines: Line[]; cursor: { x: number; y: number } } {
  const { columns, rows } = model.size;
  const width = Math.max(1, Math.min(columns, 110));
  const room = Math.max(0, rows - 1 - HEAD);
  const shown = Math.min(mode.places.length, Math.max(1, Math.floor(room * 0.7)));
  const height = Math.max(1, Math.min(rows - 1, HEAD + shown));
  const rect = {
    x: Math.floor((columns - width) / 2),
    y: Math.max(0, Math.floor((rows - 1 - height) / 3)),
    width,
    height,
  };
  const label = ' search all: ';
  const first = Math.max(0, Math.min(mode.selected - Math.floor(shown / 2), mode.places.length - shown));
  const text = printable(mode.edit.text);
  const lines: Line[] = [
    [span('barName', label), span('input', ` ${text}`)],
    [span('popupDim', ` ${sentence(mode)}`)],
    ...mode.places
      .slice(first, first + shown)
      .map((place, index) => placeLine(model, place, first + index === mode.selected)),
  ];
  const before = textWidth(printable(mode.edit.text.slice(0, mode.edit.cursor)));
  return {
    rect,
    lines: lines
      .slice(0, height)
      .map((line, y) => fitLine(line, width, y === 0 ? 'input' : fillOf(mode, first + y - HEAD))),
    cursor: { x: Math.min(rect.x + width - 1, rect.x + label.length + 1 + before), y: rect.y },
  };
}

function fillOf(mode: SearchMode, index: number): 'candidateSelected' | 'popup' {
  return index === mode.selected && mode.places.length > 0 ? 'candidateSelected' : 'popup';
}

function sentence(mode: SearchMode): string {
  if (mode.isRunning) return 'searching …';
  if (mode.searched === null) return 'words in any pane or conversation, then Enter · Esc closes';
  if (mode.places.length === 0) return `"${printable(mode.searched)}" is nowhere`;
  const count = `${mode.places.length}${mode.isCut ? '+' : ''} ${mode.places.length === 1 ? 'place' : 'places'}`;
  return `${count} · ↑↓ choose · Enter goes there · Esc closes`;
}

function placeLine(model: Model, place: FoundPlace, isSelected: boolean): Line {
  const style = isSelected ? 'candidateSelected' : 'popup';
  const where = place.pane === null ? '–' : String(place.pane);
  const task = place.task === null ? '' : ` ${shortId(place.task)}`;
  const title = place.task === null ? '' : (model.state.tasks.get(place.task)?.title ?? '');
  const head = `${where}${printable(task)} ${place.source === 'screen' ? 'screen' : 'talk  '} `;
  const text = printable(place.text).trim();
  return [
    span(isSelected ? style : 'key', ` ${head}`),
    span(style, ` ${text}`),
    ...(title === '' ? [] : [span(isSelected ? style : 'popupDim', `  · ${printable(title)}`)]),
  ];
}
