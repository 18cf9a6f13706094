// Owns the key map of a running workspace: the default bindings with the operator's own on top, and what was wrong with those.
import { COPY_ACTIONS, type CopyAction } from '../copy-mode/actions.ts';
import { type Binding, DEFAULT_BINDINGS, KEY_TABLES, type KeyTable } from './bindings.ts';
import { type Command, parseCommand, unknownWord } from './command.ts';
import { parseKeyName } from './key-name.ts';

type CopyTable = 'copy-mode-vi' | 'copy-mode';

type BoundKey =
  | { readonly binding: Binding; readonly command: Command }
  | { readonly binding: Binding; readonly action: CopyAction };

export interface KeyMap {
  /** The prefix key, as the input parser spells it. */
  readonly prefix: string;
  /** By `<table> <key>`, in the order in which help shows them. */
  readonly keys: ReadonlyMap<string, BoundKey>;
  /** The table that copy mode uses. */
  readonly copyTable: CopyTable;
  /** Of copy mode, by key. */
  readonly copy: ReadonlyMap<string, CopyAction>;
  /** One sentence for each mistake or conflict in the operator's bindings; the rest of the bindings still work. */
  readonly problems: readonly string[];
}

/** Builds the key map from `keys.prefix`, `keys.bindings` (`"prefix x": "focus next"`) and `copyMode` of the configuration. */
export function buildKeyMap(
  config: { prefix: string; bindings: Readonly<Record<string, string>> },
  copyMode: 'vi' | 'emacs' = 'vi',
): KeyMap {
  const problems: string[] = [];
  const prefix = parsePrefix(config.prefix, problems);
  const keys = new Map<string, BoundKey>();
  for (const binding of DEFAULT_BINDINGS) {
    const bound = bind(binding);
    if (typeof bound === 'string') throw new Error(`the default binding of ${binding.key} is wrong: ${bound}`);
    keys.set(`${binding.table} ${binding.key}`, bound);
  }
  const mine = new Map<string, string>();
  for (const [where, command] of Object.entries(config.bindings)) {
    bindOne({ where, command, prefix, keys, mine, problems });
  }
  const copyTable = copyMode === 'vi' ? 'copy-mode-vi' : 'copy-mode';
  return { prefix, keys, copyTable, copy: actionsOf(keys, copyTable), problems };
}

function actionsOf(keys: ReadonlyMap<string, BoundKey>, table: CopyTable): Map<string, CopyAction> {
  const bound = [...keys.values()].filter(({ binding }) => binding.table === table);
  return new Map(bound.flatMap((row) => ('action' in row ? [[row.binding.key, row.action]] : [])));
}

function parsePrefix(text: string, problems: string[]): string {
  const parsed = parseKeyName(text);
  if (parsed.ok && /^([CM]-|F\d)/.test(parsed.key)) return parsed.key;
  const reason = parsed.ok
    ? `"${text}" would be typed into the panes; a prefix is a key with C- or M-, or a function key`
    : parsed.message;
  problems.push(`keys.prefix: ${reason}; C-g is used`);
  return 'C-g';
}

interface OwnBinding {
  readonly where: string;
  readonly command: string;
  readonly prefix: string;
  readonly keys: Map<string, BoundKey>;
  /** What the operator bound so far: place to the words it was written with. */
  readonly mine: Map<string, string>;
  readonly problems: string[];
}

function bindOne({ where, command, prefix, keys, mine, problems }: OwnBinding): void {
  const name = `keys.bindings "${where}"`;
  const place = parsePlace(where);
  if (!place.ok) {
    problems.push(`${name}: ${place.message}`);
    return;
  }
  const { table, key } = place;
  const words = command.trim().split(/\s+/).join(' ');
  const bound = words === 'unbind' ? null : bind({ table, key, command: words, help: words });
  if (typeof bound === 'string') {
    problems.push(`${name}: ${bound}`);
    return;
  }
  const id = `${table} ${key}`;
  const earlier = mine.get(id);
  if (earlier !== undefined) problems.push(`${name}: the same key is bound as "${earlier}" too; this one is used`);
  if (key === prefix) {
    problems.push(`${name}: ${key} is the prefix key, which has its meaning already; the binding is ignored`);
    return;
  }
  mine.set(id, where);
  if (bound === null) keys.delete(id);
  else keys.set(id, bound);
}

/** The binding with what it does: an action in the tables of copy mode, a command in all others; the sentence about a mistake when there is none. */
function bind(binding: Binding): BoundKey | string {
  const { table, command } = binding;
  if (table === 'copy-mode-vi' || table === 'copy-mode') {
    const action = COPY_ACTIONS.find((known) => known === command);
    return action === undefined ? unknownWord('action of copy mode', command, COPY_ACTIONS) : { binding, action };
  }
  const parsed = parseCommand(command);
  return parsed.ok ? { binding, command: parsed.command } : parsed.message;
}

type Place = { ok: true; table: KeyTable; key: string } | { ok: false; message: string };

function parsePlace(where: string): Place {
  const [first = '', second, ...more] = where.trim().split(/\s+/);
  if (second === undefined || more.length > 0)
    return { ok: false, message: 'a binding is named by its table and its key, such as "prefix x"' };
  const table = KEY_TABLES.find((known) => known === first);
  if (table === undefined) return { ok: false, message: unknownWord('key table', first, KEY_TABLES) };
  const key = parseKeyName(second);
  return key.ok ? { ok: true, table, key: key.key } : key;
}

/** Keys that most terminals can't tell from another one. */
const SAME_KEY: Readonly<Record<string, string>> = { 'C-i': 'Tab', 'C-m': 'Enter' };

/** The command of a key in a table; null when the key is not bound there. */
export function lookUp(map: KeyMap, table: KeyTable, key: string): Command | null {
  const bound = map.keys.get(`${table} ${key}`) ?? map.keys.get(`${table} ${SAME_KEY[key] ?? key}`);
  return bound && 'command' in bound ? bound.command : null;
}

const SHORT_NAMES: Readonly<Record<string, string>> = { Escape: 'Esc', Up: '↑', Down: '↓' };

/** The first key of a table that does what the command string says, as views write it; null when none does. */
export function keyOf(map: KeyMap, table: KeyTable, command: string): string | null {
  for (const { binding } of map.keys.values()) {
    if (binding.table === table && binding.command === command) return SHORT_NAMES[binding.key] ?? binding.key;
  }
  return null;
}
