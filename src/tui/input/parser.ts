// Owns the reading of the keyboard: bytes of the outer terminal in, events out, however the reads fall.
import type { InputEvent } from './input-event.ts';
import { controlKey, keyName, NO_MODIFIERS } from './key-codes.ts';
import { csiEvent, rawKey, ss3Event, stringEvent } from './sequence.ts';

const ESC = 0x1b;
const PASTE_END = Buffer.from('\x1b[201~');
/** Longer than any key, mouse report or answer of a terminal; beyond it the sequence is noise and is dropped. */
const MAX_CSI = 128;
const MAX_STRING = 8192;
/** flush() calls (30-50 ms each) that a half sequence may wait: a slow link may pause inside one, a person can't type one. */
const PATIENCE_INTRODUCER = 3;
const PATIENCE_SEQUENCE = 20;
/** A paste whose end never comes is handed over after about a second of silence, so that the keyboard is not lost to it. */
const PATIENCE_PASTE = 20;

/** What the head of the buffer is: an event of `length` bytes (null types nothing), or more bytes are needed. */
type Taken = { readonly length: number; readonly event: InputEvent | null } | 'more' | 'paste';

/** Reads what a terminal sends. Any split of the same bytes over feed() calls gives the same events. */
export class InputParser {
  #rest: Buffer = Buffer.alloc(0);
  #paste: Buffer[] | null = null;
  #waits = 0;

  /** True while a part of a sequence, a lone ESC or an unfinished paste waits for more: call flush() after 30-50 ms of silence. */
  get isPending(): boolean {
    return this.#rest.length > 0 || this.#paste !== null;
  }

  /** Takes what one read gave. Returns the events that are complete. */
  feed(bytes: Uint8Array): InputEvent[] {
    this.#waits = 0;
    // A copy: the reader may use its buffer again, and events keep slices.
    const added = Buffer.from(bytes);
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, added]) : added;
    const events: InputEvent[] = [];
    this.#drain(events);
    return events;
  }

  /**
   * Time has passed with nothing more read. A lone ESC is the Escape key at once, `ESC [` is Alt+[ after the third call; a longer
   * partial is dropped and an unterminated paste handed over after the 20th. Call again while isPending.
   */
  flush(): InputEvent[] {
    if (!this.isPending) return [];
    this.#waits++;
    const events: InputEvent[] = [];
    if (this.#paste !== null) this.#giveUpPaste(events);
    else this.#giveUpPartial(events);
    return events;
  }

  #drain(events: InputEvent[]): void {
    let offset = 0;
    const buffer = this.#rest;
    if (this.#paste !== null) {
      this.#takePaste(events);
      return;
    }
    while (offset < buffer.length) {
      const taken = takeOne(buffer.subarray(offset));
      if (taken === 'more') break;
      if (taken === 'paste') {
        this.#rest = buffer.subarray(offset + 6);
        this.#paste = [];
        this.#takePaste(events);
        return;
      }
      if (taken.event !== null) events.push(taken.event);
      offset += taken.length;
    }
    this.#rest = buffer.subarray(offset);
  }

  /** Moves text to the paste until its end; the last 5 bytes stay back, because they may be the head of the end mark. */
  #takePaste(events: InputEvent[]): void {
    const chunks = this.#paste ?? [];
    const end = this.#rest.indexOf(PASTE_END);
    if (end < 0) {
      const safe = Math.max(0, this.#rest.length - (PASTE_END.length - 1));
      if (safe > 0) chunks.push(this.#rest.subarray(0, safe));
      this.#rest = this.#rest.subarray(safe);
      return;
    }
    chunks.push(this.#rest.subarray(0, end));
    events.push({ type: 'paste', bytes: Buffer.concat(chunks) });
    this.#paste = null;
    this.#rest = this.#rest.subarray(end + PASTE_END.length);
    this.#drain(events);
  }

  #giveUpPaste(events: InputEvent[]): void {
    if (this.#waits < PATIENCE_PASTE) return;
    events.push({ type: 'paste', bytes: Buffer.concat([...(this.#paste ?? []), this.#rest]) });
    this.#paste = null;
    this.#rest = Buffer.alloc(0);
  }

  #giveUpPartial(events: InputEvent[]): void {
    const rest = this.#rest;
    if (rest.length === 1 && rest[0] === ESC) {
      events.push(rawKey('Escape', rest));
    } else if (rest[0] !== ESC || rest.length > 2 || (rest[1] ?? 0) >= 0x80) {
      if (this.#waits < PATIENCE_SEQUENCE) return;
    } else {
      if (this.#waits < PATIENCE_INTRODUCER) return;
      events.push(rawKey(`M-${String.fromCharCode(rest[1] ?? 0)}`, rest));
    }
    this.#rest = Buffer.alloc(0);
  }
}

function takeOne(buffer: Buffer): Taken {
  if (buffer[0] !== ESC) return takeText(buffer, 0);
  if (buffer.length === 1) return 'more';
  switch (buffer[1]) {
    case 0x5b: // [
      return takeCsi(buffer);
    case 0x4f: // O
      return takeSs3(buffer);
    case 0x5d: // ]
    case 0x50: // P
    case 0x5f: // _
      return takeString(buffer);
    case ESC:
      // Escape twice, or Escape and a sequence: a pane gets the same bytes either way.
      return { length: 1, event: rawKey('Escape', buffer.subarray(0, 1)) };
    default:
      return takeText(buffer, 1);
  }
}

/** A character or control byte, after `escapes` (0 or 1) bytes of Alt. */
function takeText(buffer: Buffer, escapes: number): Taken {
  const first = buffer[escapes] ?? 0;
  if (first < 0x20 || first === 0x7f) {
    const { base, isCtrl } = controlKey(first);
    const key = keyName(base, { ctrl: isCtrl, meta: escapes > 0, shift: false });
    return { length: escapes + 1, event: rawKey(key, buffer.subarray(0, escapes + 1)) };
  }
  const length = utf8Length(buffer, escapes);
  if (length === 0) return 'more';
  const bytes = buffer.subarray(0, escapes + length);
  const text = bytes.toString('utf8', escapes);
  return {
    length: bytes.length,
    event: rawKey(keyName(text === ' ' ? 'Space' : text, { ...NO_MODIFIERS, meta: escapes > 0 }), bytes),
  };
}

/** Bytes of the character at `at`: 1 to 4, 1 for a byte that is no UTF-8, 0 when the buffer ends inside it. */
function utf8Length(buffer: Buffer, at: number): number {
  const lead = buffer[at] ?? 0;
  if (lead < 0x80) return 1;
  const wanted =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 1;
  for (let index = 1; index < wanted; index++) {
    const byte = buffer[at + index];
    if (byte === undefined) return 0;
    const low = index > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = index > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) return 1;
  }
  return wanted;
}

function takeCsi(buffer: Buffer): Taken {
  if (buffer[2] === 0x4d) return buffer.length < 6 ? 'more' : { length: 6, event: csiEvent(buffer.subarray(0, 6)) };
  if (buffer[2] === 0x5b) return buffer.length < 4 ? 'more' : { length: 4, event: csiEvent(buffer.subarray(0, 4)) };
  for (let index = 2; index < buffer.length; index++) {
    const byte = buffer[index] ?? 0;
    if (byte >= 0x20 && byte <= 0x3f) {
      if (index >= MAX_CSI) return { length: index, event: null };
      continue;
    }
    // A control byte or a new ESC inside: the sequence was cut off, what follows is read on its own.
    if (byte < 0x40 || byte > 0x7e) return { length: index, event: null };
    if (index === 5 && buffer.toString('latin1', 2, 6) === '200~') return 'paste';
    return { length: index + 1, event: csiEvent(buffer.subarray(0, index + 1)) };
  }
  return 'more';
}

function takeSs3(buffer: Buffer): Taken {
  if (buffer.length < 3) return 'more';
  const event = ss3Event(buffer.subarray(0, 3));
  return event === null ? { length: 2, event: rawKey('M-O', buffer.subarray(0, 2)) } : { length: 3, event };
}

/** OSC, DCS and APC answers. What cannot be the head of an answer is Alt and a character. */
function takeString(buffer: Buffer): Taken {
  if (buffer.length < 3) return 'more';
  const introducer = String.fromCharCode(buffer[1] ?? 0);
  const head = String.fromCharCode(buffer[2] ?? 0);
  const heads = introducer === ']' ? '0123456789' : introducer === 'P' ? '0123456789>!$' : 'G';
  if (!heads.includes(head)) return { length: 2, event: rawKey(`M-${introducer}`, buffer.subarray(0, 2)) };
  for (let index = 3; index < buffer.length; index++) {
    const byte = buffer[index];
    if (index >= MAX_STRING || byte === 0x18 || byte === 0x1a) return { length: index + 1, event: null };
    if (byte === 0x07 && introducer === ']') {
      return {
        length: index + 1,
        event: stringEvent(introducer, buffer.toString('utf8', 2, index), buffer.subarray(0, index + 1)),
      };
    }
    if (byte !== ESC) continue;
    if (index + 1 >= buffer.length) return 'more';
    if (buffer[index + 1] !== 0x5c) return { length: index, event: null };
    return {
      length: index + 2,
      event: stringEvent(introducer, buffer.toString('utf8', 2, index), buffer.subarray(0, index + 2)),
    };
  }
  return 'more';
}
