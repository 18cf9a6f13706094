// Owns the meaning of one complete escape sequence that the outer terminal sent.
import type { InputEvent, MouseEvent } from './input-event.ts';
import {
  CONSOLE_KEYS,
  controlKey,
  KEYPAD_KEYS,
  KITTY_KEYS,
  keyName,
  LETTER_KEYS,
  type Modifiers,
  modifiersOf,
  RXVT_ARROWS,
  TILDE_KEYS,
} from './key-codes.ts';
import { keyToBytes } from './pane-input.ts';

/** A key whose bytes a pane takes as they were read. */
export function rawKey(key: string, bytes: Buffer): InputEvent {
  return { type: 'key', key, bytes };
}

/** A key that came in a form which a pane does not expect: it gets the legacy one. */
function translatedKey(key: string): InputEvent {
  return { type: 'key', key, bytes: keyToBytes(key, 0) };
}

/** A CSI sequence, complete and well formed. Returns null where it types nothing and says nothing. */
export function csiEvent(bytes: Buffer): InputEvent | null {
  const text = bytes.toString('latin1');
  const final = text.charAt(text.length - 1);
  const body = text.slice(2, -1);
  if (text.startsWith('\x1b[[')) return consoleKey(final, bytes);
  if (text.startsWith('\x1b[M')) return oldMouse(bytes);
  if (body.startsWith('<') && (final === 'M' || final === 'm')) return sgrMouse(body.slice(1), final, bytes);
  if (/^[<=>?]|[ -/]/.test(body)) return replyEvent(body, final, bytes);
  return keyOrReply(body, final, bytes);
}

function keyOrReply(body: string, final: string, bytes: Buffer): InputEvent | null {
  const fields = body.split(';').map((field) => field.split(':').map(Number));
  const first = fields[0]?.[0] ?? 0;
  const modifiers = modifiersOf(fields[1]?.[0] || 1);
  if (body === '' && final === 'I') return { type: 'focus', isFocused: true };
  if (body === '' && final === 'O') return { type: 'focus', isFocused: false };
  // kitty's third sub-parameter of the modifiers is the event: 1 press, 2 repeat, 3 release.
  const isRelease = fields[1]?.[1] === 3;
  if (isRelease) return null;
  // Super (8) and Hyper (16) are the desktop's: no terminal types anything for them in the old form.
  if (final === 'u') return (((fields[1]?.[0] || 1) - 1) & 24) !== 0 ? null : kittyKey(fields[0] ?? [], modifiers);
  if (final === '~') return tildeKey(first, fields, bytes);
  if (final === 'Z') return rawKey(modifiers.meta ? 'M-BTab' : 'BTab', body === '' ? bytes : keyToBytes('BTab', 0));
  // F3 with modifiers and a cursor report in the first row look alike; we ask for no cursor reports, people press F3.
  if (final === 'R' && !(first <= 1 && fields.length <= 2 && (fields[1]?.[0] ?? 2) <= 16)) {
    return { type: 'reply', kind: 'cursor', x: Math.max(0, (fields[1]?.[0] ?? 1) - 1), y: Math.max(0, first - 1) };
  }
  const letter = LETTER_KEYS.get(final);
  if (letter !== undefined) return translatedKey(keyName(letter, modifiers));
  const arrow = RXVT_ARROWS.get(final);
  if (arrow !== undefined && body === '') return translatedKey(`S-${arrow}`);
  return rxvtKey(first, final) ?? { type: 'reply', kind: 'unknown', bytes };
}

/** rxvt marks a modified key by its last byte: ^ control, @ both. */
function rxvtKey(number: number, final: string): InputEvent | null {
  const base = TILDE_KEYS.get(number);
  if (base === undefined || (final !== '^' && final !== '@')) return null;
  return translatedKey(keyName(base, { ctrl: true, meta: false, shift: final === '@' }));
}

function tildeKey(number: number, fields: readonly (readonly number[])[], bytes: Buffer): InputEvent | null {
  // modifyOtherKeys: CSI 27 ; modifiers ; code ~
  if (number === 27 && fields.length === 3) return codePointKey(fields[2]?.[0] ?? 0, modifiersOf(fields[1]?.[0] || 1));
  const base = TILDE_KEYS.get(number);
  if (base === undefined) return { type: 'reply', kind: 'unknown', bytes };
  return translatedKey(keyName(base, modifiersOf(fields[1]?.[0] || 1)));
}

/** kitty's form: the key as it is without modifiers, with Shift, and where it lies on a Latin keyboard; the last two may be missing. */
function kittyKey([code = 0, shifted, latin = 0]: readonly number[], modifiers: Modifiers): InputEvent | null {
  // On a keyboard of another script control goes by the place of the key, as everywhere.
  if (modifiers.ctrl && code >= 0x80 && latin >= 0x61 && latin <= 0x7a) return codePointKey(latin, modifiers);
  return modifiers.shift && shifted ? codePointKey(shifted, modifiers) : codePointKey(code, modifiers);
}

/** kitty's and modifyOtherKeys' form: a code point and modifiers. */
function codePointKey(code: number, modifiers: Modifiers): InputEvent | null {
  if (!Number.isInteger(code) || code < 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return null;
  const functional = KITTY_KEYS.get(code);
  if (functional !== undefined) return translatedKey(keyName(functional, modifiers));
  if (code >= 57344 && code <= 63743) return null;
  if (code === 9 && modifiers.shift) return translatedKey(keyName('BTab', { ...modifiers, shift: false }));
  if (code < 0x20 || code === 0x7f) {
    const { base, isCtrl } = controlKey(code);
    // Of these keys Shift makes another one of Enter alone.
    const shift = modifiers.shift && base === 'Enter';
    return translatedKey(keyName(base, { ...modifiers, shift, ctrl: modifiers.ctrl || isCtrl }));
  }
  if (code >= 0x80 && code < 0xa0) return null;
  if (code === 0x20) return translatedKey(keyName('Space', { ...modifiers, shift: false }));
  if (code === 0x5b && modifiers.ctrl)
    return translatedKey(keyName('Escape', { ...modifiers, ctrl: false, shift: false }));
  const text = String.fromCodePoint(code);
  // kitty names the unshifted key; the shifted character is what a legacy terminal types.
  const upper = modifiers.shift ? text.toUpperCase() : text;
  const shown = [...upper].length === 1 ? upper : text;
  return translatedKey(keyName(modifiers.ctrl ? shown.toLowerCase() : shown, { ...modifiers, shift: false }));
}

function consoleKey(final: string, bytes: Buffer): InputEvent {
  const key = CONSOLE_KEYS.get(final);
  return key === undefined ? { type: 'reply', kind: 'unknown', bytes } : translatedKey(key);
}

function sgrMouse(body: string, final: string, bytes: Buffer): InputEvent | null {
  const [code, x, y] = body.split(';').map(Number);
  if (code === undefined || x === undefined || y === undefined || !Number.isInteger(code + x + y)) return null;
  return mouseEvent(code, { x: x - 1, y: y - 1 }, { isRelease: final === 'm', bytes });
}

/** The form before SGR: three bytes, each with 32 (the button) or 33 (column and row) added. */
function oldMouse(bytes: Buffer): InputEvent | null {
  const code = (bytes[3] ?? 32) - 32;
  const isRelease = (code & 0b1100011) === 3;
  return mouseEvent(code, { x: (bytes[4] ?? 33) - 33, y: (bytes[5] ?? 33) - 33 }, { isRelease, bytes });
}

function mouseEvent(
  code: number,
  at: { x: number; y: number },
  read: { isRelease: boolean; bytes: Buffer },
): MouseEvent | null {
  const mods = { shift: (code & 4) !== 0, meta: (code & 8) !== 0, ctrl: (code & 16) !== 0 };
  const where = { x: Math.max(0, at.x), y: Math.max(0, at.y), mods, bytes: read.bytes };
  const button = code & 3;
  if ((code & 64) !== 0) {
    // 66 and 67 are the sideways wheel: nothing here scrolls sideways.
    if (button > 1) return null;
    return { type: 'mouse', kind: button === 0 ? 'wheel-up' : 'wheel-down', button: 0, ...where };
  }
  if ((code & 128) !== 0) return null;
  if ((code & 32) !== 0) return button === 3 ? null : { type: 'mouse', kind: 'drag', button, ...where };
  return { type: 'mouse', kind: read.isRelease ? 'release' : 'press', button, ...where };
}

function replyEvent(body: string, final: string, bytes: Buffer): InputEvent {
  const numbers = body
    .replace(/^[<=>?]|[ -/]+$/g, '')
    .split(';')
    .map((field) => Number(field.split(':')[0]));
  const [first = 0, second = 0] = numbers;
  const mark = body.charAt(0);
  if (final === 'c' && (mark === '?' || mark === '>')) {
    return { type: 'reply', kind: 'attributes', level: mark === '?' ? 1 : 2, values: numbers };
  }
  if (final === 'y' && body.endsWith('$')) return { type: 'reply', kind: 'mode', mode: first, setting: second };
  if (final === 'u' && mark === '?') return { type: 'reply', kind: 'kitty-flags', flags: first };
  if (final === 'R' && mark === '?')
    return { type: 'reply', kind: 'cursor', x: Math.max(0, second - 1), y: Math.max(0, first - 1) };
  if (final === 'n' && mark === '?' && first === 997)
    return { type: 'reply', kind: 'color-scheme', isDark: second === 1 };
  return { type: 'reply', kind: 'unknown', bytes };
}

/** An SS3 sequence (ESC O letter), or null when the letter is no key of a terminal. */
export function ss3Event(bytes: Buffer): InputEvent | null {
  const letter = String.fromCharCode(bytes[2] ?? 0);
  const key = LETTER_KEYS.get(letter);
  if (key !== undefined) return FUNCTION_KEYS.has(letter) ? rawKey(key, bytes) : translatedKey(key);
  const keypad = KEYPAD_KEYS.get(letter);
  if (keypad !== undefined) return translatedKey(keypad);
  const arrow = RXVT_ARROWS.get(letter);
  return arrow === undefined ? null : translatedKey(`C-${arrow}`);
}

const FUNCTION_KEYS = new Set('PQRS');

/** The text of an OSC, DCS or APC sequence between its introducer and its terminator. */
export function stringEvent(introducer: string, content: string, bytes: Buffer): InputEvent {
  if (introducer === 'P' && content.startsWith('>|'))
    return { type: 'reply', kind: 'terminal-name', name: content.slice(2) };
  const color = introducer === ']' ? /^(4;\d+|1[0-9]);(.+)$/s.exec(content) : null;
  if (color !== null) return { type: 'reply', kind: 'color', target: color[1] ?? '', value: color[2] ?? '' };
  return { type: 'reply', kind: 'unknown', bytes };
}
