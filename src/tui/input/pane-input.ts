// Owns the way back: which bytes a pane's program expects for a key, a paste or the mouse, given the modes it switched on.
import { PANE_MODE } from '../../protocol/cells.ts';
import type { KeyEvent, MouseEvent } from './input-event.ts';
import { LETTER_KEYS, type Modifiers, TILDE_KEYS } from './key-codes.ts';

const LETTER_OF = new Map([...LETTER_KEYS].map(([letter, name]) => [name, letter]));
/** The first number that has a name wins, so that Home is 1 and End is 4; F1 to F4 and the arrows go by letter instead. */
const NUMBER_OF = new Map([...TILDE_KEYS].reverse().map(([number, name]) => [name, number]));
const NAMED_BYTES: ReadonlyMap<string, string> = new Map([
  ['Enter', '\r'],
  ['Tab', '\t'],
  ['BSpace', '\x7f'],
  ['Escape', '\x1b'],
  ['Space', ' '],
]);
const FUNCTION_LETTERS = 'PQRS';
const PASTE_END = '\x1b[201~';

/** The bytes of a key by its name (tmux' notation), for a pane with these PANE_MODE bits. Throws on a name that is no key. */
export function keyToBytes(key: string, modes: number): Buffer {
  const { base, modifiers } = splitName(key);
  if (base === 'BTab') return Buffer.from(`${modifiers.meta ? '\x1b' : ''}\x1b[Z`);
  const letter = LETTER_OF.get(base);
  if (letter !== undefined) return Buffer.from(letterBytes(letter, modifiers, modes));
  const number = NUMBER_OF.get(base);
  if (number !== undefined) {
    const parameter = modifierParameter(modifiers);
    return Buffer.from(parameter === 1 ? `\x1b[${number}~` : `\x1b[${number};${parameter}~`);
  }
  return Buffer.from(textBytes(key, base, modifiers), 'utf8');
}

/** What a pane gets for a key event: its bytes as read, except where application-cursor mode asks for SS3 or CSI. */
export function keyEventToBytes(event: KeyEvent, modes: number): Buffer {
  return /^(Up|Down|Right|Left|Home|End)$/.test(event.key) ? keyToBytes(event.key, modes) : event.bytes;
}

/**
 * What a pane gets for a paste: in brackets when its program asked for them, with end brackets inside the text cut, because they
 * would let the text type keys; otherwise with CR for newlines, as a terminal types them.
 */
export function pasteToBytes(bytes: Uint8Array, modes: number): Buffer {
  // latin1 maps each byte to one character and back, so that text of any encoding passes unharmed.
  let text = Buffer.from(bytes).toString('latin1');
  // Until nothing changes: cutting one end bracket may join the halves of another.
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replaceAll(PASTE_END, '');
  }
  if ((modes & PANE_MODE.bracketedPaste) !== 0) return Buffer.from(`\x1b[200~${text}${PASTE_END}`, 'latin1');
  return Buffer.from(text.replace(/\r?\n/g, '\r'), 'latin1');
}

/** What a pane gets when it gains or loses the keyboard, or null when its program did not ask for that. */
export function focusToBytes(isFocused: boolean, modes: number): Buffer | null {
  if ((modes & PANE_MODE.focusEvents) === 0) return null;
  return Buffer.from(isFocused ? '\x1b[I' : '\x1b[O');
}

/** What a pane gets for a mouse event at x, y of the pane (from 0), or null when its program did not ask for this kind. */
export function mouseToBytes(event: MouseEvent, at: { x: number; y: number }, modes: number): Buffer | null {
  if ((modes & (PANE_MODE.mouseClick | PANE_MODE.mouseDrag | PANE_MODE.mouseAny)) === 0) return null;
  if (event.kind === 'drag' && (modes & (PANE_MODE.mouseDrag | PANE_MODE.mouseAny)) === 0) return null;
  const { shift, meta, ctrl } = event.mods;
  const isWheel = event.kind === 'wheel-up' || event.kind === 'wheel-down';
  const button = isWheel ? 64 + Number(event.kind === 'wheel-down') : event.button + (event.kind === 'drag' ? 32 : 0);
  const code = button + (shift ? 4 : 0) + (meta ? 8 : 0) + (ctrl ? 16 : 0);
  if ((modes & PANE_MODE.mouseSgr) !== 0) {
    return Buffer.from(`\x1b[<${code};${at.x + 1};${at.y + 1}${event.kind === 'release' ? 'm' : 'M'}`);
  }
  // The old form has one byte for each number, 33 added: beyond column 223 there is nothing to say.
  if (at.x > 222 || at.y > 222) return null;
  const old = event.kind === 'release' ? (code & ~3) | 3 : code;
  return Buffer.from([0x1b, 0x5b, 0x4d, old + 32, at.x + 33, at.y + 33]);
}

function splitName(key: string): { base: string; modifiers: Modifiers } {
  let base = key;
  const modifiers = { ctrl: false, meta: false, shift: false };
  for (;;) {
    // `C--` is control and minus: a prefix must leave something behind it.
    const prefix = base.length > 2 ? base.slice(0, 2) : '';
    if (prefix === 'C-') modifiers.ctrl = true;
    else if (prefix === 'M-') modifiers.meta = true;
    else if (prefix === 'S-') modifiers.shift = true;
    else return { base, modifiers };
    base = base.slice(2);
  }
}

function modifierParameter(modifiers: Modifiers): number {
  return 1 + (modifiers.shift ? 1 : 0) + (modifiers.meta ? 2 : 0) + (modifiers.ctrl ? 4 : 0);
}

function letterBytes(letter: string, modifiers: Modifiers, modes: number): string {
  const parameter = modifierParameter(modifiers);
  if (parameter !== 1) return `\x1b[1;${parameter}${letter}`;
  const isSs3 = FUNCTION_LETTERS.includes(letter) || (modes & PANE_MODE.applicationCursor) !== 0;
  return `\x1b${isSs3 ? 'O' : '['}${letter}`;
}

/** Keys that are one character: control folds it into C0 where C0 has it, meta puts ESC before it. */
function textBytes(key: string, base: string, modifiers: Modifiers): string {
  const plain = NAMED_BYTES.get(base) ?? ([...base].length === 1 ? base : undefined);
  if (plain === undefined) throw new Error(`no such key: ${JSON.stringify(key)}`);
  const alt = modifiers.meta ? '\x1b' : '';
  if (modifiers.shift && base === 'Tab') return `${alt}\x1b[Z`;
  // A legacy terminal sends CR for it, which submits where a newline was meant; ESC CR is what Claude Code's own
  // /terminal-setup binds Shift+Enter to, and what readline and editors take as Meta+Enter.
  if (modifiers.shift && base === 'Enter') return '\x1b\r';
  const shifted = modifiers.shift && base.length === 1 ? base.toUpperCase() : plain;
  return alt + (modifiers.ctrl ? controlByte(shifted) : shifted);
}

/** xterm's fold of control and a character; what has no control code is sent as it is. */
function controlByte(text: string): string {
  if (text === ' ') return '\0';
  if (text === '?') return '\x7f';
  if (text === '/' || text === '-') return '\x1f';
  if (text === '\x7f') return '\b';
  const digit = '2345678'.indexOf(text);
  if (digit >= 0) return '\0\x1b\x1c\x1d\x1e\x1f\x7f'.charAt(digit);
  const upper = text.toUpperCase();
  const code = upper.charCodeAt(0);
  return upper.length === 1 && code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : text;
}
