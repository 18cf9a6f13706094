// Owns the spelling of keys in tmux' notation: `C-g`, `M-x`, `BTab`, `Up`, `F5`; what people write is brought to what the input parser says.
import { nearest } from '../../domain/nearest.ts';

/** Keys with a name of their own. */
const NAMED_KEYS: readonly string[] = [
  'Enter',
  'Tab',
  'BTab',
  'Escape',
  'BSpace',
  'Space',
  'Up',
  'Down',
  'Left',
  'Right',
  'Home',
  'End',
  'PPage',
  'NPage',
  'IC',
  'DC',
  ...Array.from({ length: 12 }, (_, index) => `F${index + 1}`),
];

/** Other spellings, in lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  esc: 'Escape',
  return: 'Enter',
  cr: 'Enter',
  backspace: 'BSpace',
  bs: 'BSpace',
  delete: 'DC',
  del: 'DC',
  insert: 'IC',
  ins: 'IC',
  pageup: 'PPage',
  pgup: 'PPage',
  pagedown: 'NPage',
  pgdn: 'NPage',
  's-tab': 'BTab',
};

export type ParsedKey = { ok: true; key: string } | { ok: false; message: string };

/** The one spelling of a key: modifiers in the order C, M, S, letters after C- small. Refuses, with the nearest one, a name that no key has. */
export function parseKeyName(text: string): ParsedKey {
  let rest = text === ' ' ? text : text.trim();
  const modifiers = new Set<string>();
  for (;;) {
    const match = /^(?:([CMS])-|\^)(?=.)/i.exec(rest);
    if (!match) break;
    modifiers.add((match[1] ?? 'C').toUpperCase());
    rest = rest.slice(match[0].length);
  }
  const base = baseKey(rest);
  if (base === null) return { ok: false, message: `there is no key "${text}"; the nearest is "${nearestKey(rest)}"` };
  return { ok: true, key: spell(base, modifiers) };
}

function spell(base: string, modifiers: ReadonlySet<string>): string {
  if (base === 'Tab' && modifiers.size === 1 && modifiers.has('S')) return 'BTab';
  const letter = modifiers.has('C') && base.length === 1 ? base.toLowerCase() : base;
  const order = ['C', 'M', 'S'].filter((modifier) => modifiers.has(modifier)).map((modifier) => `${modifier}-`);
  return order.join('') + letter;
}

function nearestKey(text: string): string {
  const lower = text.toLowerCase();
  const found = nearest(lower, [...NAMED_KEYS.map((name) => name.toLowerCase()), ...Object.keys(ALIASES)]);
  return baseKey(found) ?? found;
}

function baseKey(text: string): string | null {
  if ([...text].length === 1) return text === ' ' ? 'Space' : text;
  const lower = text.toLowerCase();
  return NAMED_KEYS.find((name) => name.toLowerCase() === lower) ?? ALIASES[lower] ?? null;
}

/** A key event's name in that same spelling; an unknown one as it is. */
export function normaliseKey(key: string): string {
  const parsed = parseKeyName(key);
  return parsed.ok ? parsed.key : key;
}

/** The text that a key types into a line of input; empty for a key that types none. */
export function textOfKey(key: string): string {
  if (key === 'Space') return ' ';
  // Names of keys are ASCII words; a grapheme of several code points is not.
  return /^[\x21-\x7e]{2,}$/.test(key) || /^[CMS]-./.test(key) ? '' : key;
}
