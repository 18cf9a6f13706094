// Owns the tables between the names of keys and the sequences that terminals send for them.

/** CSI … letter (and SS3 letter): xterm's cursor and function keys. */
export const LETTER_KEYS: ReadonlyMap<string, string> = new Map([
  ['A', 'Up'],
  ['B', 'Down'],
  ['C', 'Right'],
  ['D', 'Left'],
  ['E', 'KPBegin'],
  ['F', 'End'],
  ['H', 'Home'],
  ['P', 'F1'],
  ['Q', 'F2'],
  ['R', 'F3'],
  ['S', 'F4'],
]);

/** CSI number ~ : the VT220 keys with xterm's and rxvt's additions. 13 and 14 are rxvt's F3 and F4. */
export const TILDE_KEYS: ReadonlyMap<number, string> = new Map([
  [1, 'Home'],
  [2, 'IC'],
  [3, 'DC'],
  [4, 'End'],
  [5, 'PPage'],
  [6, 'NPage'],
  [7, 'Home'],
  [8, 'End'],
  [11, 'F1'],
  [12, 'F2'],
  [13, 'F3'],
  [14, 'F4'],
  [15, 'F5'],
  [17, 'F6'],
  [18, 'F7'],
  [19, 'F8'],
  [20, 'F9'],
  [21, 'F10'],
  [23, 'F11'],
  [24, 'F12'],
  [25, 'F13'],
  [26, 'F14'],
  [28, 'F15'],
  [29, 'F16'],
  [31, 'F17'],
  [32, 'F18'],
  [33, 'F19'],
  [34, 'F20'],
]);

/** SS3 letter in application-keypad mode: what is printed on the key. */
export const KEYPAD_KEYS: ReadonlyMap<string, string> = new Map([
  ['M', 'Enter'],
  ['X', '='],
  ['j', '*'],
  ['k', '+'],
  ['l', ','],
  ['m', '-'],
  ['n', '.'],
  ['o', '/'],
  ...Array.from({ length: 10 }, (_, digit): [string, string] => [String.fromCharCode(0x70 + digit), String(digit)]),
]);

/** rxvt's own letters: CSI a is S-Up, SS3 a is C-Up. */
export const RXVT_ARROWS: ReadonlyMap<string, string> = new Map([
  ['a', 'Up'],
  ['b', 'Down'],
  ['c', 'Right'],
  ['d', 'Left'],
]);

/** CSI [ letter: the Linux console's first five function keys. */
export const CONSOLE_KEYS: ReadonlyMap<string, string> = new Map([
  ['A', 'F1'],
  ['B', 'F2'],
  ['C', 'F3'],
  ['D', 'F4'],
  ['E', 'F5'],
]);

/**
 * Code points of kitty's keyboard protocol in the private use area (57344-63743) that stand for a key; what is missing here
 * (locks, media keys, modifiers alone) types nothing.
 */
export const KITTY_KEYS: ReadonlyMap<number, string> = new Map([
  ...Array.from({ length: 8 }, (_, index): [number, string] => [57376 + index, `F${13 + index}`]),
  ...Array.from({ length: 10 }, (_, digit): [number, string] => [57399 + digit, String(digit)]),
  [57409, '.'],
  [57410, '/'],
  [57411, '*'],
  [57412, '-'],
  [57413, '+'],
  [57414, 'Enter'],
  [57415, '='],
  [57416, ','],
  [57417, 'Left'],
  [57418, 'Right'],
  [57419, 'Up'],
  [57420, 'Down'],
  [57421, 'PPage'],
  [57422, 'NPage'],
  [57423, 'Home'],
  [57424, 'End'],
  [57425, 'IC'],
  [57426, 'DC'],
  [57427, 'KPBegin'],
]);

export interface Modifiers {
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
}

export const NO_MODIFIERS: Modifiers = { ctrl: false, meta: false, shift: false };

/** xterm's modifier parameter: 1 + shift 1, alt 2, ctrl 4, meta or super 8; kitty's lock bits (64, 128) mean nothing here. */
export function modifiersOf(parameter: number | undefined): Modifiers {
  const bits = Math.max(0, (parameter ?? 1) - 1);
  return { shift: (bits & 1) !== 0, meta: (bits & 0b101010) !== 0, ctrl: (bits & 4) !== 0 };
}

/** The name of a key with its modifiers, in tmux' order. */
export function keyName(base: string, modifiers: Modifiers): string {
  return `${modifiers.ctrl ? 'C-' : ''}${modifiers.meta ? 'M-' : ''}${modifiers.shift ? 'S-' : ''}${base}`;
}

/** A C0 byte or DEL as a key; ESC is not asked for here. */
export function controlKey(byte: number): { base: string; isCtrl: boolean } {
  if (byte === 0x00) return { base: 'Space', isCtrl: true };
  if (byte === 0x09) return { base: 'Tab', isCtrl: false };
  if (byte === 0x0d) return { base: 'Enter', isCtrl: false };
  if (byte === 0x1b) return { base: 'Escape', isCtrl: false };
  if (byte === 0x7f) return { base: 'BSpace', isCtrl: false };
  if (byte <= 0x1a) return { base: String.fromCharCode(byte + 0x60), isCtrl: true };
  return { base: String.fromCharCode(byte + 0x40), isCtrl: true };
}
