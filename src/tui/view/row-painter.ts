// Owns the painting of single rows of the chrome: an age that has changed by a second is a few cells, not a rendering of all elements.

import { graphemes, textWidth } from '../../domain/text-width.ts';
import { COLOR_P16, COLOR_P256, FG_BOLD, FG_INVERSE } from '../../protocol/cells.ts';
import type { Compositor } from '../compositor/compositor.ts';
import type { Rect } from '../layout/rect.ts';
import type { Style, Theme } from '../theme/theme.ts';
import type { Line } from './line.ts';

/** Where a row goes, and what lies over it. */
export interface RowPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of the elements above; cells in them are left alone. */
  readonly covers: readonly Rect[];
}

/** True when both rows look the same in any theme. */
export function isSameLine(a: Line, b: Line | undefined): boolean {
  if (a === b) return true;
  return a.length === b?.length && a.every((part, at) => part.text === b[at]?.text && part.style === b[at]?.style);
}

/**
 * Puts a row into the wanted frame, cell for cell as blessed would; what the line leaves of the width is blank. `before` is the row that stands there:
 * its parts that have not changed are left alone.
 */
export function paintRow(line: Line, before: Line, place: RowPlace, theme: Theme, compositor: Compositor): void {
  const covers = place.covers.filter((rect) => rect.y <= place.y && place.y < rect.y + rect.height);
  const isCovered = (x: number): boolean => covers.some((rect) => rect.x <= x && x < rect.x + rect.width);
  const put = (x: number, text: string, look: Words): void => {
    if (!isCovered(x)) compositor.setCell(x, place.y, text, look.fg, look.bg);
  };
  const end = place.x + place.width;
  let x = place.x;
  let xBefore = place.x;
  for (const [at, part] of line.entries()) {
    const old = before[at];
    const width = textWidth(part.text);
    const isThere = x === xBefore && x + width <= end && part.text === old?.text && part.style === old.style;
    xBefore += old === undefined ? 0 : textWidth(old.text);
    if (isThere) {
      x += width;
      continue;
    }
    const look = wordsOf(theme.styles[part.style]);
    for (const { text, width } of graphemes(part.text)) {
      const isCut = width === 2 && (x + 1 === end || isCovered(x) !== isCovered(x + 1));
      if (x < end) put(x, isCut ? ' ' : text, look);
      if (isCut && x + 1 < end) put(x + 1, ' ', look);
      x += width;
    }
  }
  for (; x < end; x += 1) put(x, ' ', BLANK);
}

/** A style as words of cells.ts. */
interface Words {
  readonly fg: number;
  readonly bg: number;
}

const BLANK: Words = { fg: 0, bg: 0 };

function wordsOf({ fg, bg, bold, inverse }: Style): Words {
  return { fg: (colorOf(fg) | (bold ? FG_BOLD : 0) | (inverse ? FG_INVERSE : 0)) >>> 0, bg: colorOf(bg) };
}

function colorOf(number: number): number {
  return number < 0 ? 0 : (number < 16 ? COLOR_P16 : COLOR_P256) | number;
}
