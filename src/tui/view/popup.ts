// Owns the boxes over the panes: help and a verb's output.

import { printable } from '../../domain/text.ts';
import { textWidth } from '../../domain/text-width.ts';
import { isCopying } from '../copy-mode/copy-update.ts';
import type { KeyTable } from '../keys/bindings.ts';
import { keyOf } from '../keys/key-map.ts';
import type { Rect, Size } from '../layout/rect.ts';
import type { Mode, Model } from '../model.ts';
import { helpLines } from './key-help.ts';
import { fitLine, type Line, lineWidth, span } from './line.ts';
import { type PopupText, popupText } from './popup-text.ts';

type ScrollMode = Extract<Mode, { kind: 'help' | 'popup' }>;

export interface Popup {
  readonly rect: Rect;
  readonly lines: readonly Line[];
}

/** Rows that the border takes; a popup without room for them has none. */
const BORDERS = 2;
/** Of a verb's text: the eye loses longer lines. */
const WIDEST = 140;
/** Cells that the border takes, with its blanks. */
const SIDES = 4;

/** Columns for the text of a verb on a screen of so many: a narrow one is no reason to cut a table, since a popup breaks its lines. */
export function textColumns(columns: number): number {
  return Math.max(60, Math.min(WIDEST, columns) - SIDES);
}

function pageOf(rect: Rect): number {
  return rect.height > BORDERS ? rect.height - BORDERS : rect.height;
}

/** How many lines the text has and how many are seen at once; what scrolling must know. */
export function popupMetrics(model: Model, mode: ScrollMode): { lines: number; page: number } {
  const content = contentOf(model, mode);
  return { lines: content.lines.length, page: pageOf(geometry(content, model.size)) };
}

/** The popup of help or of a verb's output. */
export function scrollPopup(model: Model, mode: ScrollMode): Popup {
  const content = contentOf(model, mode);
  const rect = geometry(content, model.size);
  const page = pageOf(rect);
  const last = Math.max(0, content.lines.length - page);
  const scroll = Math.min(mode.scroll, last);
  const shown = content.lines.slice(scroll, scroll + page);
  if (rect.height < BORDERS + 1) return { rect, lines: shown.map((line) => fitLine(line, rect.width, content.fill)) };
  const key = (command: string): string => keyOf(model.keys, 'view', command) ?? '';
  const close = `${mode.kind === 'help' ? 'type to filter · ' : ''}${key('close')} closes`;
  const footer =
    last === 0
      ? close
      : `${scroll + 1}–${scroll + shown.length} of ${content.lines.length} · ${key('scroll up')}${key('scroll down')} scroll · ${close}`;
  return { rect, lines: frameBox({ ...content, footer, lines: shown, width: rect.width }) };
}

interface Content extends PopupText {
  readonly title: string;
}

function contentOf(model: Model, mode: ScrollMode): Content {
  if (mode.kind === 'help') {
    const title = mode.filter === '' ? 'keys' : `keys with “${printable(mode.filter)}”`;
    const lines = [...helpLines(model.keys, mode.filter, tableInUse(model)), ...factLines(model)];
    return { title, lines, width: Math.max(...lines.map(lineWidth)), fill: 'popup' };
  }
  return { title: printable(mode.title), ...popupText(mode.lines, mode.isDiff === true, model.size.columns - SIDES) };
}

/** Whose keys are looked for first. */
function tableInUse(model: Model): KeyTable {
  return model.queue.on ?? (isCopying(model) ? model.keys.copyTable : 'prefix');
}

/** In the middle, as wide as its longest line, at most the whole screen without the status line. */
function geometry({ title, lines, width: widest }: Content, size: Size): Rect {
  const wanted = Math.max(40, textWidth(title) + 6, widest + SIDES);
  const width = Math.max(1, Math.min(size.columns, wanted));
  const height = Math.max(1, Math.min(size.rows - 1, lines.length + BORDERS));
  return {
    x: Math.floor((size.columns - width) / 2),
    y: Math.floor((Math.max(1, size.rows - 1) - height) / 2),
    width,
    height,
  };
}

function frameBox(box: Content & { footer: string }): Line[] {
  const inner = Math.max(0, box.width - SIDES);
  return [
    edge('╭', box.title, '╮', box.width, 'popupTitle'),
    ...box.lines.map((line) => [
      span('popupBorder', '│ '),
      ...fitLine(line, inner, box.fill),
      span('popupBorder', ' │'),
    ]),
    edge('╰', box.footer, '╯', box.width, 'popupDim'),
  ].map((line) => fitLine(line, box.width, 'popup'));
}

function edge(left: string, text: string, right: string, width: number, style: 'popupTitle' | 'popupDim'): Line {
  const room = width - 6;
  if (room < textWidth(text)) return [span('popupBorder', left + '─'.repeat(Math.max(0, width - 2)) + right)];
  return [
    span('popupBorder', `${left}─`),
    span(style, ` ${text} `),
    span('popupBorder', '─'.repeat(width - 5 - textWidth(text)) + right),
  ];
}

/** What was found of the terminal that this runs in. */
function factLines({ outerFacts }: Model): Line[] {
  if (outerFacts.length === 0) return [];
  return [[], ...outerFacts.map((fact): Line => [span('popupDim', fact)])];
}
