// Owns how the intervention panel is drawn: a box over the panes with the task at its top, and below it the question, the hints and the files, or the file that is looked into.
import { printable } from '../../domain/text.ts';
import { textWidth, truncateText } from '../../domain/text-width.ts';
import { keyOf } from '../keys/key-map.ts';
import type { Rect, Size } from '../layout/rect.ts';
import type { Model } from '../model.ts';
import type { PanelMode } from '../panel/panel-mode.ts';
import { nextQuestion } from '../panel/panel-question.ts';
import { cutLine, fitLine, type Line, lineWidth, span } from './line.ts';
import { diffBlock, diffPageOf, filesBlock } from './panel-files-view.ts';
import { headRows } from './panel-head-view.ts';
import { hintBlock } from './panel-hints-view.ts';
import { questionBlock } from './panel-question-view.ts';

/** A part of the panel under its rule. */
export interface PanelBlock {
  readonly title: string;
  /** At the right end of the rule. */
  readonly right: Line;
  /** It has the keys. */
  readonly isActive: boolean;
  readonly rows: readonly Line[];
  /** In cells of the rows; null where nothing is written. */
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

interface PanelView {
  readonly rect: Rect;
  readonly lines: readonly Line[];
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

const WIDEST = 130;
const HIGHEST = 50;
/** Cells of the border with its blanks. */
const SIDES = 4;
/** Rows of the border. */
const EDGES = 2;
/** A rule and some files: less says nothing of them. */
const LEAST_FILES = 4;
/** Messages that are shown where there is room. */
const MOST_HINTS = 4;
const HINT_BOX = 2;

/** The panel, and where the cursor stands when a line is written in it. */
export function panelView(model: Model, mode: PanelMode): PanelView {
  const rect = rectOf(model.size);
  const { inner, room, head } = roomOf(model, mode, rect);
  const body: Line[] = head.map((line) => side(line, inner));
  let cursor: PanelView['cursor'] = null;
  for (const block of mode.diff === null ? blocksOf(model, mode, inner, room) : [diffBlock(model, mode, inner, room)]) {
    body.push(rule(block, rect.width));
    if (block.cursor) cursor = { x: rect.x + 2 + block.cursor.x, y: rect.y + 1 + body.length + block.cursor.y };
    body.push(...block.rows.map((line) => side(line, inner)));
  }
  const height = Math.max(0, rect.height - EDGES);
  while (body.length < height) body.push(side([], inner));
  const lines = [top(model, mode, rect.width), ...body.slice(0, height), bottom(model, mode, rect.width)];
  const isSeen = cursor !== null && cursor.y < rect.y + rect.height - 1;
  return {
    rect,
    lines: lines.slice(0, rect.height).map((line) => fitLine(line, rect.width, 'text')),
    cursor: isSeen ? cursor : null,
  };
}

/** Lines of the file that is looked into that are seen at once. */
export function diffPage(model: Model): number {
  const { mode, size } = model;
  if (mode.kind !== 'panel') return 1;
  return diffPageOf(model, mode, roomOf(model, mode, rectOf(size)).room);
}

/** The whole of a small screen, and the middle of a large one; the status line stays to be seen. */
function rectOf({ columns, rows }: Size): Rect {
  const width = Math.max(1, Math.min(columns, Math.max(80, Math.min(WIDEST, columns - 10))));
  const most = Math.max(1, rows - 1);
  const height = Math.min(most, Math.max(24, Math.min(HIGHEST, most - 4)));
  return { x: Math.floor((columns - width) / 2), y: Math.floor((most - height) / 2), width, height };
}

/** The rows of the head, the width of all rows, and how many rows are left for the parts. */
function roomOf(model: Model, mode: PanelMode, rect: Rect): { inner: number; room: number; head: Line[] } {
  const inner = Math.max(1, rect.width - SIDES);
  const head = headRows(model, mode, inner);
  return { inner, head, room: Math.max(0, rect.height - EDGES - head.length) };
}

/** The question has what it needs, then the line for a hint, then some files, then the hints of before, and the files the rest. */
function blocksOf(model: Model, mode: PanelMode, inner: number, room: number): PanelBlock[] {
  const question = questionBlock(model, mode, inner, Math.max(1, room - HINT_BOX - LEAST_FILES));
  const left = room - (question ? question.rows.length + 1 : 0);
  const hints = hintBlock(model, mode, inner, Math.max(0, Math.min(MOST_HINTS, left - HINT_BOX - LEAST_FILES)));
  const files = filesBlock(model, mode, inner, Math.max(1, left - hints.rows.length - 2));
  return [...(question ? [question] : []), hints, files];
}

function side(line: Line, inner: number): Line {
  return [span('borderFocused', '│ '), ...fitLine(line, inner, 'text'), span('borderFocused', ' │')];
}

function rule({ title, right, isActive }: PanelBlock, width: number): Line {
  const style = isActive ? 'titleFocused' : 'title';
  const name = span(style, ` ${isActive ? '▸ ' : ''}${title} `);
  const end: Line = right.length === 0 ? [] : [span('text', ' '), ...right, span('text', ' ')];
  const shown = cutLine(end, Math.max(0, width - 6 - lineWidth([name])));
  const dashes = Math.max(0, width - 4 - lineWidth([name, ...shown]));
  return [
    span('borderFocused', '├─'),
    name,
    span('borderFocused', '─'.repeat(dashes)),
    ...shown,
    span('borderFocused', '─┤'),
  ];
}

function top({ state }: Model, { taskId }: PanelMode, width: number): Line {
  const title = printable(state.tasks.get(taskId)?.title ?? '');
  const text = truncateText(` ${taskId}: ${title} `, Math.max(0, width - 5));
  return [
    span('borderFocused', '╭─'),
    span('titleFocused', text),
    span('borderFocused', `${'─'.repeat(Math.max(0, width - 3 - textWidth(text)))}╮`),
  ];
}

function bottom(model: Model, mode: PanelMode, width: number): Line {
  const text = [` ${footWords(model, mode)} `, ''].find((words) => textWidth(words) <= width - 4) ?? '';
  return [
    span('borderFocused', '╰─'),
    span('dim', text),
    span('borderFocused', `${'─'.repeat(Math.max(0, width - 3 - textWidth(text)))}╯`),
  ];
}

/** What the keys do in the part that has them. */
function footWords(model: Model, mode: PanelMode): string {
  const { keys } = model;
  const key = (command: string): string => keyOf(keys, 'panel', command) ?? '–';
  const arrows = `${key('scroll up')}${key('scroll down')}`;
  if (mode.diff !== null) return `${arrows} scroll · ${key('close')}: back to the list`;
  if (mode.asked?.writing && mode.part === 'question') return 'Enter sends it · Esc: back to the answers';
  if (mode.part === 'hint') return 'Enter sends it · Tab: to the files · Esc: back';
  const enter = mode.part === 'question' ? questionEnterWords(model, mode) : 'its changes';
  const choose = enter === null ? '' : `${arrows} choose · ${key('panel-enter')} ${enter} · `;
  return `${choose}${key('panel-go next')} next part · ${key('close')} closes`;
}

/** What Enter does on the question; null when it does nothing. */
function questionEnterWords(model: Model, mode: PanelMode): string | null {
  if (mode.asked?.fate != null) return nextQuestion(model, mode) === null ? null : 'next question';
  return model.isReadOnly ? null : 'answers';
}
