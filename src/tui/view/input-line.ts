// Owns how the command bar and the quick capture are drawn: the line, its cursor, the candidates or the refusal above it.

import { printable } from '../../domain/text.ts';
import { graphemes, textWidth, wrap } from '../../domain/text-width.ts';
import type { Completion } from '../command-bar/completion.ts';
import type { InputMode } from '../model.ts';
import { fitLine, type Line, lineWidth, type Span, span } from './line.ts';

export interface InputView {
  readonly line: Line;
  /** Column of the cursor. */
  readonly cursor: number;
  /** The rows above: candidates, a hint, or a refusal in as many rows as it takes; empty for none. */
  readonly above: readonly Line[];
}

/** The line of input in `width` cells, scrolled so that the cursor is seen. */
export function inputView(mode: InputMode, width: number): InputView {
  const label = mode.kind === 'command' ? ':' : ' task ';
  const labelSpans = mode.kind === 'command' ? [span('input', ':')] : [span('barName', label), span('input', ' ')];
  const labelWidth = lineWidth(labelSpans);
  const room = Math.max(1, width - labelWidth - 1);
  const before = printable(mode.edit.text.slice(0, mode.edit.cursor));
  const after = printable(mode.edit.text.slice(mode.edit.cursor));
  const left = tail(before, room);
  const line = fitLine([...labelSpans, span('input', left + after)], width, 'input');
  return { line, cursor: Math.min(width - 1, labelWidth + textWidth(left)), above: aboveLines(mode, width) };
}

/** The last graphemes that fit. */
function tail(text: string, room: number): string {
  let width = textWidth(text);
  if (width <= room) return text;
  let kept = '';
  for (const grapheme of graphemes(text)) {
    if (width <= room) kept += grapheme.text;
    else width -= grapheme.width;
  }
  return kept;
}

/** Rows of a refusal: its end is the command to type next, so it is not cut, within reason. */
const MOST_REFUSAL_ROWS = 6;

function aboveLines(mode: InputMode, width: number): readonly Line[] {
  if (mode.refusal !== null) return refusalLines(mode.refusal, width);
  if (mode.isRunning) return [fitLine([span('barDim', ' …')], width, 'bar')];
  if (mode.completion) return [candidateLine(mode.completion, width)];
  if (mode.kind === 'quick')
    return [fitLine([span('barDim', ' a title, then Enter · Tab: more fields · Esc gives up')], width, 'bar')];
  return [];
}

function refusalLines(refusal: string, width: number): Line[] {
  const rows = wrap(printable(refusal), width - 2).slice(0, MOST_REFUSAL_ROWS);
  return rows.map((row) => fitLine([span('barAlert', ` ${row} `)], width, 'bar'));
}

/** The page of candidates on which the selected one stands. */
function candidateLine(completion: Completion, width: number): Line {
  const pages: Span[][] = [[]];
  let used = 0;
  let wanted = 0;
  completion.candidates.forEach((candidate, index) => {
    const label = completion.labels?.get(candidate);
    const text = ` ${printable(candidate)}${label ? ` ${label}` : ''} `;
    if (used > 0 && used + textWidth(text) > width - 2) {
      pages.push([]);
      used = 0;
    }
    const isSelected = index === completion.selected;
    if (isSelected) wanted = pages.length - 1;
    pages.at(-1)?.push(span(isSelected ? 'candidateSelected' : 'candidate', text));
    used += textWidth(text);
  });
  const more = wanted < pages.length - 1 ? [span('candidate', ' ›')] : [];
  return fitLine([...(pages[wanted] ?? []), ...more], width, 'candidate');
}
