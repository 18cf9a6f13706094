// Owns the rows about keys: the help that can be filtered, and the hints after the prefix. Both are made from the key map.

import { textWidth } from '../../domain/text-width.ts';
import { KEY_TABLES, type KeyTable } from '../keys/bindings.ts';
import type { KeyMap } from '../keys/key-map.ts';
import type { Rect, Size } from '../layout/rect.ts';
import { cutLine, fitLine, type Line, lineWidth, type Span, span } from './line.ts';

/** What stands over the keys of a table. */
const HEADINGS: Readonly<Record<KeyTable, string>> = {
  prefix: 'after the prefix',
  root: 'without the prefix',
  queue: 'in the queue',
  activity: 'in the activity feed',
  panel: 'in the panel of a task',
  view: 'in help and popups',
  'copy-mode-vi': "in copy mode, vi's keys",
  'copy-mode': "in copy mode, emacs' keys",
};

/**
 * The whole help, a group for each table, the one in use first; or the rows with a text in their keys, their command, their words or their table: what
 * the operator bound is in it.
 */
export function helpLines(keys: KeyMap, filter: string, inUse: KeyTable = 'prefix'): Line[] {
  const rows = helpRows(keys);
  const width = Math.max(...rows.map((row) => textWidth(row.keys)));
  const wanted = filter.toLowerCase();
  const isWanted = (row: HelpRow): boolean =>
    `${row.keys} ${row.help} ${row.command} ${row.table} ${HEADINGS[row.table]}`.toLowerCase().includes(wanted);
  const groups = [inUse, ...KEY_TABLES.filter((table) => table !== inUse)].flatMap((table): Line[] => {
    const found = rows.filter((row) => row.table === table && isWanted(row));
    if (found.length === 0) return [];
    const heading: Line = [span('popupTitle', HEADINGS[table]), span('popupDim', `  ${table}`)];
    return [
      [],
      heading,
      ...found.map((row): Line => [span('key', ` ${row.keys.padEnd(width)} `), span('popup', `  ${row.help}`)]),
    ];
  });
  if (filter !== '') return groups.length > 0 ? groups.slice(1) : [[span('popupDim', 'no key does that')]];
  return [
    [span('popupDim', `every key goes to the focused pane, except ${keys.prefix}`)],
    [span('popupDim', 'where a line of text is written, keys edit it as readline has them')],
    ...groups,
  ];
}

interface HelpRow {
  readonly table: KeyTable;
  readonly keys: string;
  readonly help: string;
  readonly command: string;
}

/** One row for each meaning: keys that do the same in a table share it. */
function helpRows(keys: KeyMap): HelpRow[] {
  const rows = new Map<string, { keys: string[]; help: string; command: string; table: KeyTable }>();
  for (const { binding } of keys.keys.values()) {
    const isPane = /^focus \d$/.test(binding.command);
    const isDigit = /^(?:focus|panel-choose) \d$/.test(binding.command) && /^\d$/.test(binding.key);
    const command = isDigit ? binding.command.replace(/\d$/, 'N') : binding.command;
    const id = `${binding.table} ${command}`;
    const row = rows.get(id);
    if (row && !isDigit) row.keys.push(binding.key);
    else if (!row)
      rows.set(id, {
        keys: [isDigit ? '1 … 9' : binding.key],
        help: isDigit ? `${isPane ? 'pane' : 'answer'} of that number` : binding.help,
        command: binding.command,
        table: binding.table,
      });
  }
  const literal: HelpRow = {
    table: 'prefix',
    keys: `${keys.prefix} ${keys.prefix}`,
    help: `type ${keys.prefix} into the pane`,
    command: 'send-prefix',
  };
  return [
    ...[...rows.values()].map((row) => ({
      ...row,
      keys: `${row.table === 'prefix' ? `${keys.prefix} ` : ''}${row.keys.join(', ')}`,
    })),
    literal,
  ];
}

interface Hint {
  readonly key: string;
  readonly help: string;
  readonly command: string;
}

/** The hints that appear when the prefix has waited: the prefix table above the status line, in columns, or in groups where those don't fit. */
export function hintPopup(keys: KeyMap, size: Size): { rect: Rect; lines: Line[] } {
  const hints = [...keys.keys.values()]
    .filter(({ binding }) => binding.table === 'prefix' && binding.isAlternative === undefined)
    .map(({ binding }) => ({ key: binding.key, help: binding.help, command: binding.command }));
  // Half of the screen stays to be seen.
  const most = Math.max(1, Math.floor((size.rows - 1) / 2));
  const columns = inColumns(hints, size.columns);
  const lines = columns.length <= most ? columns : inGroups(hints, size.columns, Math.max(0, size.rows - 2));
  const y = Math.max(0, size.rows - 1 - lines.length);
  return { rect: { x: 0, y, width: size.columns, height: lines.length }, lines };
}

function inColumns(hints: readonly Hint[], width: number): Line[] {
  const keyWidth = Math.max(...hints.map(({ key }) => textWidth(key)), 1);
  const cell = Math.max(...hints.map(({ help }) => textWidth(help)), 1) + keyWidth + 6;
  const columns = Math.max(1, Math.min(5, Math.floor((width - 2) / cell)));
  const height = Math.ceil(hints.length / columns);
  return Array.from({ length: height }, (_, y) => {
    const parts = hints.filter((_hint, index) => index % height === y);
    const line = parts.flatMap(({ key, help }) =>
      fitLine([span('key', ` ${key.padStart(keyWidth)} `), span('popup', ` ${help}`)], cell, 'popup'),
    );
    return fitLine([span('popup', ' '), ...line], width, 'popup');
  });
}

/** What the commands are about, by their first word; the rest is `more`. */
const GROUPS: readonly (readonly [name: string, commands: readonly string[]])[] = [
  ['panes', ['focus', 'zoom', 'swap', 'lock', 'unlock', 'shell', 'copy-mode']],
  ['sizes', ['resize', 'even-sizes', 'layout', 'theme', 'sidebar']],
  ['windows', ['new-window', 'rename-window', 'window', 'close-window', 'break-pane', 'join-pane']],
];

/** A group begins on a line of its own, its hints follow each other as words of a text do. */
function inGroups(hints: readonly Hint[], width: number, most: number): Line[] {
  const groups = new Map<string, Hint[]>();
  for (const name of [...GROUPS.map(([group]) => group), 'more']) groups.set(name, []);
  for (const hint of hints) groups.get(groupOf(hint.command))?.push(hint);
  const indent = Math.max(...[...groups.keys()].map((name) => name.length)) + 2;
  const lines: Line[] = [];
  for (const [name, members] of groups) {
    let line: Span[] = [span('popupTitle', ` ${name.padEnd(indent - 1)}`)];
    for (const { key, help } of members) {
      const words = [span('key', ` ${key} `), span('popup', ` ${help}  `)];
      if (lineWidth(line) > indent && lineWidth([...line, ...words]) > width) {
        lines.push(line);
        line = [span('popup', ' '.repeat(indent))];
      }
      line.push(...words);
    }
    if (members.length > 0) lines.push(line);
  }
  return lines.slice(0, most).map((line) => fitLine(cutLine(line, width), width, 'popup'));
}

function groupOf(command: string): string {
  const words = command.split(' ');
  const first = words[0] === 'command-bar' ? (words[1] ?? '') : (words[0] ?? '');
  return GROUPS.find(([, commands]) => commands.includes(first))?.[0] ?? 'more';
}
