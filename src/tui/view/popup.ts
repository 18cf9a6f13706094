// Owns the boxes over the panes: help, a verb's output, and the hints after the prefix.

import type { KeyMap } from '../keys/key-map.ts';
import type { Rect, Size } from '../layout/rect.ts';
import type { Mode, Model } from '../model.ts';
import { sanitise } from '../sanitise.ts';
import { textWidth } from '../text-width.ts';
import { fitLine, type Line, lineWidth, span } from './line.ts';

type ScrollMode = Extract<Mode, { kind: 'help' | 'popup' }>;

export interface Popup {
  readonly rect: Rect;
  readonly lines: readonly Line[];
}

/** Rows that the border takes; a popup without room for them has none. */
const BORDERS = 2;

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
  if (rect.height < BORDERS + 1) return { rect, lines: shown.map((line) => fitLine(line, rect.width, 'popup')) };
  const footer =
    last === 0
      ? 'Esc closes'
      : `${scroll + 1}–${scroll + shown.length} of ${content.lines.length} · ↑↓ scroll · Esc closes`;
  return { rect, lines: frameBox({ title: content.title, footer, lines: shown, width: rect.width }) };
}

interface Content {
  readonly title: string;
  readonly lines: readonly Line[];
}

function contentOf(model: Model, mode: ScrollMode): Content {
  if (mode.kind === 'help') return { title: 'keys', lines: [...helpLines(model.keys), ...factLines(model)] };
  return {
    title: sanitise(mode.title),
    lines: mode.lines.map((line) => [span('popup', sanitise(line.replaceAll('\t', '    ')))]),
  };
}

/** In the middle, as wide as its longest line, at most the whole screen without the status line. */
function geometry({ title, lines }: Content, size: Size): Rect {
  const wanted = Math.max(40, textWidth(title) + 6, ...lines.map((line) => lineWidth(line) + 4));
  const width = Math.max(1, Math.min(size.columns, wanted));
  const height = Math.max(1, Math.min(size.rows - 1, lines.length + BORDERS));
  return {
    x: Math.floor((size.columns - width) / 2),
    y: Math.floor((Math.max(1, size.rows - 1) - height) / 2),
    width,
    height,
  };
}

function frameBox(box: { title: string; footer: string; lines: readonly Line[]; width: number }): Line[] {
  const inner = Math.max(0, box.width - 4);
  return [
    edge('╭', box.title, '╮', box.width, 'popupTitle'),
    ...box.lines.map((line) => [
      span('popupBorder', '│ '),
      ...fitLine(line, inner, 'popup'),
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

/** The whole help, made from the key map: what the operator bound is in it. */
function helpLines(keys: KeyMap): Line[] {
  const rows = helpRows(keys);
  const width = Math.max(...rows.map((row) => textWidth(row.keys)));
  return [
    [span('popupDim', `every key goes to the focused pane, except ${keys.prefix}`)],
    [],
    ...rows.map((row): Line => [span('key', ` ${row.keys.padEnd(width)} `), span('popup', `  ${row.help}`)]),
  ];
}

/** What was found of the terminal that this runs in. */
function factLines({ outerFacts }: Model): Line[] {
  if (outerFacts.length === 0) return [];
  return [[], ...outerFacts.map((fact): Line => [span('popupDim', fact)])];
}

/** One row for each meaning: keys that do the same share it. */
function helpRows(keys: KeyMap): { keys: string; help: string }[] {
  const rows = new Map<string, { keys: string[]; help: string; command: string; table: string }>();
  for (const { binding } of keys.keys.values()) {
    const isDigit = /^focus \d$/.test(binding.command) && /^\d$/.test(binding.key);
    const id = isDigit ? `${binding.table} focus N` : `${binding.table} ${binding.command}`;
    const row = rows.get(id);
    if (row && !isDigit) row.keys.push(binding.key);
    else if (!row)
      rows.set(id, {
        keys: [isDigit ? '1 … 9' : binding.key],
        help: isDigit ? 'pane of that number' : binding.help,
        command: binding.command,
        table: binding.table,
      });
  }
  const literal = { keys: `${keys.prefix} ${keys.prefix}`, help: `type ${keys.prefix} into the pane` };
  return [
    ...[...rows.values()].map((row) => ({
      keys: `${row.table === 'prefix' ? `${keys.prefix} ` : ''}${row.keys.join(', ')}`,
      help: row.help,
    })),
    literal,
  ];
}

/** The hints that appear when the prefix has waited: the prefix table in columns, above the status line. */
export function hintPopup(keys: KeyMap, size: Size): Popup {
  const rows = [...keys.keys.values()]
    .filter(({ binding }) => binding.table === 'prefix' && binding.isAlternative === undefined)
    .map(({ binding }) => ({ key: binding.key, help: binding.help }));
  const keyWidth = Math.max(...rows.map((row) => textWidth(row.key)), 1);
  const cell = Math.max(...rows.map((row) => textWidth(row.help)), 1) + keyWidth + 6;
  const columns = Math.max(1, Math.min(4, Math.floor((size.columns - 2) / cell)));
  const height = Math.min(Math.ceil(rows.length / columns), Math.max(0, size.rows - 2));
  const lines: Line[] = Array.from({ length: height }, (_, y) => {
    const parts = rows.filter((_row, index) => index % height === y);
    const line = parts.flatMap((row) =>
      fitLine([span('key', ` ${row.key.padStart(keyWidth)} `), span('popup', ` ${row.help}`)], cell, 'popup'),
    );
    return fitLine([span('popup', ' '), ...line], size.columns, 'popup');
  });
  return { rect: { x: 0, y: Math.max(0, size.rows - 1 - height), width: size.columns, height }, lines };
}
