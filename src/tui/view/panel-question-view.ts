// Owns how the question of an agent is drawn in the intervention panel: what it asks, its answers with their numbers, and what became of it.
import { formatAge } from '../../domain/duration.ts';
import { printable } from '../../domain/text.ts';
import { textWidth, wrap } from '../../domain/text-width.ts';
import type { Model } from '../model.ts';
import { type AnswerRow, answerRows, shownPart } from '../panel/panel-answers.ts';
import type { Asked, PanelMode } from '../panel/panel-mode.ts';
import { nextQuestion } from '../panel/panel-question.ts';
import { fitLine, type Line, lineWidth, plainText, span } from './line.ts';
import type { PanelBlock } from './panel-view.ts';
import { visibleEdit } from './visible-edit.ts';

/** Rows of what is asked. */
const MOST_TEXT = 6;
const KINDS = { permission: 'asks for a permission', question: 'asks', plan: 'asks for its plan' } as const;

/** The question in at most `room` rows, where its answers take fewer; null when nothing is asked. */
export function questionBlock(model: Model, mode: PanelMode, width: number, room: number): PanelBlock | null {
  const { asked } = mode;
  if (asked === null) return null;
  const { question } = asked;
  const isActive = mode.part === 'question';
  const below = asked.fate === null ? openRows(asked, isActive, width, room) : settledRows(model, mode, asked);
  const text = wrap(printable(shownPart(asked)?.text ?? question.about), width);
  const most = Math.max(1, Math.min(MOST_TEXT, room - below.rows.length));
  const asks = text.slice(0, most).map((row, index): Line => {
    const isCut = index === most - 1 && text.length > most;
    return [span(asked.fate === null ? 'strong' : 'dim', isCut ? `${row.slice(0, -1)}…` : row)];
  });
  const count = question.parts.length;
  const place = count > 1 ? ` (${Math.min(asked.answers.length + 1, count)} of ${count})` : '';
  return {
    title: `${KINDS[question.kind]}${place}`,
    right: [span('dim', formatAge(model.now - question.askedAt))],
    isActive,
    rows: [...asks, ...below.rows],
    cursor: below.cursor && { x: below.cursor.x, y: asks.length + below.cursor.y },
  };
}

interface Rows {
  readonly rows: Line[];
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

function openRows(asked: Asked, isActive: boolean, width: number, room: number): Rows {
  const answers = answerRows(asked).map((row, index) =>
    answerLines(row, index, isActive && index === asked.row, width),
  );
  const whole = answers.flat();
  // Where there is no room for all of their words, each has its first line.
  const rows = whole.length + MOST_TEXT <= room ? whole : answers.map(([first = []]) => first);
  let cursor: Rows['cursor'] = null;
  if (asked.writing) {
    const label = asked.writing.kind === 'reason' ? 'why ' : 'words ';
    const { text, cursor: at } = visibleEdit(asked.writing.edit, Math.max(1, width - label.length - 1));
    cursor = isActive ? { x: label.length + at, y: rows.length } : null;
    rows.push([span('dim', label), ...fitLine([span('input', text)], width - label.length, 'input')]);
  }
  if (asked.isRunning) rows.push([span('dim', '…')]);
  if (asked.refusal !== null)
    rows.push(...wrap(printable(asked.refusal), width).map((row): Line => [span('trouble', row)]));
  return { rows, cursor };
}

/** An answer in one line where it fits; else its words are broken, and what is known of it stands below them. */
function answerLines({ text, detail, isMarked }: AnswerRow, index: number, isSelected: boolean, width: number): Line[] {
  const mark = isMarked === null ? '' : isMarked ? '[x] ' : '[ ] ';
  const words = `${mark}${printable(text)}`;
  const more = detail === '' ? '' : `  ${printable(detail)}`;
  const head = [span('text', isSelected ? '▸ ' : '  '), span('key', ` ${index + 1} `), span('text', ' ')];
  const indent = lineWidth(head);
  const room = width - indent;
  const broken: Line[] =
    textWidth(words + more) <= room
      ? [[span('text', words), span('dim', more)]]
      : [
          ...wrap(words, room).map((row): Line => [span('text', row)]),
          ...wrap(more.trim(), room).flatMap((row): Line[] => (row === '' ? [] : [[span('dim', row)]])),
        ];
  const lines = broken.map((row, at): Line => [...(at === 0 ? head : [span('text', ' '.repeat(indent))]), ...row]);
  return isSelected ? lines.map((line) => [span('candidateSelected', plainText(fitLine(line, width, 'text')))]) : lines;
}

function settledRows(model: Model, mode: PanelMode, asked: Asked): Rows {
  const rows: Line[] = [[span('done', `✓ ${printable(asked.fate ?? '')}`)]];
  const next = nextQuestion(model, mode);
  if (next) rows.push([span('attention', ' it asks again '), span('text', ' Enter shows the next question')]);
  return { rows, cursor: null };
}
