// Owns the key map of a running workspace: the default bindings with the operator's own on top, and what was wrong with those.
import { COPY_ACTIONS, COPY_KEYS, type CopyAction } from '../copy-mode/keys.ts';
import { type Binding, DEFAULT_BINDINGS, KEY_TABLES, type KeyTable } from './bindings.ts';
import { type Command, parseCommand, unknownWord } from './command.ts';
import { parseKeyName } from './key-name.ts';

interface BoundKey {
  readonly binding: Binding;
  readonly command: Command;
}

export interface KeyMap {
  /** The prefix key, as the input parser spells it. */
  readonly prefix: string;
  /** By `<table> <key>`, in the order in which help shows them. */
  readonly keys: ReadonlyMap<string, BoundKey>;
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
    const parsed = parseCommand(binding.command);
    if (!parsed.ok) throw new Error(`the default binding of ${binding.key} is wrong: ${parsed.message}`);
    keys.set(`${binding.table} ${binding.key}`, { binding, command: parsed.command });
  }
  const copies = { 'copy-mode-vi': copyKeys('vi'), 'copy-mode': copyKeys('emacs') };
  const mine = new Map<string, string>();
  for (const [where, command] of Object.entries(config.bindings)) {
    bindOne({ where, command, prefix, keys, copies, mine, problems });
  }
  return { prefix, keys, copy: copies[copyMode === 'vi' ? 'copy-mode-vi' : 'copy-mode'], problems };
}

const copyKeys = (mode: 'vi' | 'emacs'): Map<string, CopyAction> => new Map(Object.entries(COPY_KEYS[mode]));

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
  readonly copies: Readonly<Record<'copy-mode-vi' | 'copy-mode', Map<string, CopyAction>>>;
  /** What the operator bound so far: place to the words it was written with. */
  readonly mine: Map<string, string>;
  readonly problems: string[];
}

function bindOne({ where, command, prefix, keys, copies, mine, problems }: OwnBinding): void {
  const name = `keys.bindings "${where}"`;
  const place = parsePlace(where);
  if (!place.ok) {
    problems.push(`${name}: ${place.message}`);
    return;
  }
  const { table, key } = place;
  const bind =
    table === 'prefix' || table === 'root'
      ? commandBinder(keys, table, key, command)
      : actionBinder(copies[table], key, command);
  if (typeof bind === 'string') {
    problems.push(`${name}: ${bind}`);
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
  bind();
}

/** What binds a key to a command; the sentence about a mistake when there is no such command. */
function commandBinder(
  keys: Map<string, BoundKey>,
  table: KeyTable,
  key: string,
  command: string,
): (() => void) | string {
  const parsed = parseCommand(command);
  if (!parsed.ok) return parsed.message;
  const id = `${table} ${key}`;
  if (parsed.command.name === 'unbind') return () => keys.delete(id);
  return () => keys.set(id, { binding: { table, key, command, help: command }, command: parsed.command });
}

/** The same for a key of copy mode. */
function actionBinder(keys: Map<string, CopyAction>, key: string, command: string): (() => void) | string {
  if (command.trim() === 'unbind') return () => keys.delete(key);
  const action = COPY_ACTIONS.find((known) => known === command.trim());
  if (action === undefined) return unknownWord('action of copy mode', command.trim(), COPY_ACTIONS);
  return () => keys.set(key, action);
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

/** The command of a key in a table; null when the key is not bound there. */
export function lookUp(map: KeyMap, table: KeyTable, key: string): Command | null {
  return map.keys.get(`${table} ${key}`)?.command ?? null;
}
