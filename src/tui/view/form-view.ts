// Owns how the form of task capture is drawn: a box above the status line, a row for each field, what was found below the one that has the cursor.

import { printable } from '../../domain/text.ts';
import { textWidth, truncateText, wrap } from '../../domain/text-width.ts';
import { FORM_FIELDS, type FormField, type FormMode, foundEpics, foundTasks } from '../command-bar/capture-form.ts';
import type { Rect } from '../layout/rect.ts';
import type { Model } from '../model.ts';
import { fitLine, type Line, lineWidth, type Span, span } from './line.ts';
import { shortId } from './pane-title.ts';
import { visibleEdit } from './visible-edit.ts';

export interface FormView {
  readonly rect: Rect;
  readonly lines: readonly Line[];
  readonly cursor: { readonly x: number; readonly y: number };
}

/** Cells of the names of the fields. */
const NAMES = 10;
const WIDEST = 90;
/** Found ones that are shown at once. */
const MOST_FOUND = 5;

/** The form in the middle of the screen, and where its cursor stands. */
export function formView(model: Model, mode: FormMode): FormView {
  const { columns, rows } = model.size;
  const width = Math.max(1, Math.min(columns, WIDEST));
  const inner = Math.max(1, width - 4);
  const fields = FORM_FIELDS.map((field) => fieldRow(model, mode, field, inner));
  const at = FORM_FIELDS.indexOf(mode.field);
  const body: Line[] = fields.map(({ line }) => line);
  body.splice(at + 1, 0, ...foundRows(model, mode, inner));
  const refusal = mode.refusal === null ? [] : wrap(printable(mode.refusal), inner - 2).slice(0, 3);
  body.push(...refusal.map((row): Line => [span('trouble', ` ${row} `)]));
  const most = Math.max(1, rows - 1);
  const boxed = [top(width), ...body.map((line) => side(line, inner)), bottom(mode, width)];
  // Where it is too low for the box, the row that has the cursor is kept.
  const skip = boxed.length > most ? Math.max(0, Math.min(at + 1, boxed.length - most)) : 0;
  const lines = boxed.slice(skip, skip + most).map((line) => fitLine(line, width, 'popup'));
  const rect = {
    x: Math.floor((columns - width) / 2),
    y: Math.max(0, Math.floor((most - lines.length) / 2)),
    width,
    height: lines.length,
  };
  const cursor = {
    x: Math.min(columns - 1, rect.x + 2 + (fields[at]?.cursor ?? 0)),
    y: Math.min(rect.y + rect.height - 1, rect.y + at + 1 - skip),
  };
  return { rect, lines, cursor };
}

function top(width: number): Line {
  const title = ' a task ';
  return [
    span('popupBorder', '╭─'),
    span('popupTitle', title),
    span('popupBorder', `${'─'.repeat(Math.max(0, width - 3 - title.length))}╮`),
  ];
}

function bottom(mode: FormMode, width: number): Line {
  const isSearching = (mode.field === 'epic' || mode.field === 'blockers') && mode[mode.field].text.trim() !== '';
  const words = mode.isRunning
    ? ' … '
    : isSearching
      ? ' Enter takes it · ↑↓ choose · Tab next field '
      : ' Enter saves · Tab next field · Esc gives up ';
  const shown = textWidth(words) <= width - 4 ? words : '';
  return [
    span('popupBorder', '╰─'),
    span('popupDim', shown),
    span('popupBorder', `${'─'.repeat(Math.max(0, width - 3 - textWidth(shown)))}╯`),
  ];
}

function side(line: Line, inner: number): Line {
  return [span('popupBorder', '│ '), ...fitLine(line, inner, 'popup'), span('popupBorder', ' │')];
}

function fieldRow(model: Model, mode: FormMode, field: FormField, width: number): { line: Line; cursor: number } {
  const isHere = mode.field === field;
  const name = span(isHere ? 'popupTitle' : 'popupDim', `${isHere ? '▸' : ' '}${field}`.padEnd(NAMES));
  const chosen = chosenSpans(model, mode, field);
  const used = NAMES + lineWidth(chosen);
  if (field === 'type') return { line: [name, ...chosen], cursor: NAMES + 2 };
  const { text, cursor } = visibleEdit(mode[field], Math.max(1, width - used - 1));
  const hint = text === '' && chosen.length === 0 ? [span('popupDim', HINTS[field])] : [];
  const style = isHere ? 'input' : 'popup';
  return { line: [name, ...chosen, span(style, isHere ? `${text} ` : text), ...hint], cursor: used + cursor };
}

const HINTS: Readonly<Record<FormField, string>> = {
  title: 'what is to be done',
  epic: 'none; type to search',
  priority: '0; higher goes first',
  blockers: 'none; type to search the tasks that it waits for',
  type: '',
};

function chosenSpans(model: Model, mode: FormMode, field: FormField): Span[] {
  if (field === 'type') return [span('popup', `‹ ${mode.type} ›`)];
  if (field === 'epic' && mode.chosenEpic)
    return [span('candidateSelected', ` ${printable(truncateText(mode.chosenEpic.title, 30))} `), span('popup', ' ')];
  if (field !== 'blockers') return [];
  return mode.chosenBlockers.flatMap((id) => {
    const title = truncateText(printable(model.state.tasks.get(id)?.title ?? ''), 16);
    return [span('candidateSelected', ` ${shortId(id)} ${title} `), span('popup', ' ')];
  });
}

function foundRows(model: Model, mode: FormMode, width: number): Line[] {
  if ((mode.field !== 'epic' && mode.field !== 'blockers') || mode[mode.field].text.trim() === '') return [];
  const names =
    mode.field === 'epic'
      ? foundEpics(model, mode).map(({ title }) => printable(title))
      : foundTasks(model, mode).map(({ id, title }) => `${shortId(id)} ${printable(title)}`);
  if (names.length === 0) return [[span('popupDim', `${' '.repeat(NAMES)}nothing fits`)]];
  const from = Math.max(0, Math.min(mode.picked - MOST_FOUND + 1, names.length - MOST_FOUND));
  return names.slice(from, from + MOST_FOUND).map((name, index) => {
    const isPicked = from + index === mode.picked;
    const text = truncateText(name, Math.max(1, width - NAMES - 2));
    return [span('popup', ' '.repeat(NAMES)), span(isPicked ? 'candidateSelected' : 'popup', ` ${text} `)];
  });
}
