// Owns the translation of our key names into blessed's keypress objects.

/** What blessed's widgets look at. */
export interface BlessedKey {
  readonly name: string | undefined;
  readonly full: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
  readonly sequence: string;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['Enter', 'enter'],
  ['Escape', 'escape'],
  ['Tab', 'tab'],
  ['BTab', 'tab'],
  ['BSpace', 'backspace'],
  ['Space', 'space'],
  ['DC', 'delete'],
  ['IC', 'insert'],
  ['PPage', 'pageup'],
  ['NPage', 'pagedown'],
]);

/** blessed's key object for a key in tmux' notation; `ch` is the text it types. */
export function blessedKey(key: string, ch: string | undefined): BlessedKey {
  const match = /^((?:[CMS]-)*)(.+)$/su.exec(key);
  const prefixes = match?.[1] ?? '';
  const base = match?.[2] ?? key;
  const isUpper = /^[A-Z]$/.test(base);
  const isNamed = base.length > 1 || /^[a-z0-9]$/i.test(base);
  const name = NAMES.get(base) ?? (isNamed ? base.toLowerCase() : undefined);
  const ctrl = prefixes.includes('C-');
  const meta = prefixes.includes('M-');
  const shift = prefixes.includes('S-') || isUpper || base === 'BTab';
  const full = `${ctrl ? 'C-' : ''}${meta ? 'M-' : ''}${shift && name !== undefined ? 'S-' : ''}${name ?? base}`;
  return { name, full, ctrl, meta, shift, sequence: ch ?? '' };
}

/** The text that a key types by itself; undefined for keys that type none. */
export function typedText(key: string): string | undefined {
  if (key === 'Space') return ' ';
  return [...key].length === 1 ? key : undefined;
}
