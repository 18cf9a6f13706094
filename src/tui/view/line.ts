// Owns a line of the chrome: stretches of text, each in one style, cut and filled to a width.

import { textWidth, truncateText } from '../../domain/text-width.ts';
import type { StyleName } from '../theme/theme.ts';

export interface Span {
  /** Sanitised: it is printed as it is. */
  readonly text: string;
  readonly style: StyleName;
}

export type Line = readonly Span[];

/** A span. */
export function span(style: StyleName, text: string): Span {
  return { style, text };
}

/** Cells that a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((width, part) => width + textWidth(part.text), 0);
}

/** The line cut to at most `width` cells, with `…` where something is missing. */
export function cutLine(line: Line, width: number): Line {
  const kept: Span[] = [];
  let room = width;
  for (const part of line) {
    const partWidth = textWidth(part.text);
    if (partWidth > room) {
      kept.push({ ...part, text: truncateText(part.text, room) });
      return kept;
    }
    kept.push(part);
    room -= partWidth;
  }
  return kept;
}

/** The line cut or filled with blanks of a style to exactly `width` cells. */
export function fitLine(line: Line, width: number, fill: StyleName): Line {
  const cut = cutLine(line, width);
  const missing = width - lineWidth(cut);
  return missing > 0 ? [...cut, span(fill, ' '.repeat(missing))] : cut;
}

/** Two lines in one of `width` cells: `left` is cut where they would meet, one blank stays between them. */
export function spreadLine(left: Line, right: Line, width: number, fill: StyleName): Line {
  const end = cutLine(right, width);
  const endWidth = lineWidth(end);
  const room = Math.max(0, width - endWidth - (endWidth > 0 ? 1 : 0));
  return [...fitLine(left, room, fill), ...fitLine([], width - room - endWidth, fill), ...end];
}

/** The line in the middle of `width` cells. */
export function centreLine(line: Line, width: number, fill: StyleName): Line {
  const cut = cutLine(line, width);
  const before = Math.floor((width - lineWidth(cut)) / 2);
  return fitLine([span(fill, ' '.repeat(before)), ...cut], width, fill);
}

/** The text of a line without its styles. */
export function plainText(line: Line): string {
  return line.map((part) => part.text).join('');
}
