// Owns the way back: which bytes a pane's program expects for a key, a paste or the mouse, given the modes it switched on.
import type { KeyEvent, MouseEvent } from './input-event.ts';

/** The bytes of a key by its name (tmux' notation), for a pane with these PANE_MODE bits. Throws on a name that is no key. */
export function keyToBytes(_key: string, _modes: number): Buffer {
  throw new Error('signature only');
}

/** What a pane gets for a key event: its bytes as read, except where application-cursor mode asks for SS3. */
export function keyEventToBytes(_event: KeyEvent, _modes: number): Buffer {
  throw new Error('signature only');
}

/** What a pane gets for a paste: bracketed when its program asked for it (an end bracket inside the text is cut), else with CR for newlines. */
export function pasteToBytes(_bytes: Uint8Array, _modes: number): Buffer {
  throw new Error('signature only');
}

/** What a pane gets for a mouse event at x, y of the pane (from 0), or null when its program did not ask for this kind. */
export function mouseToBytes(_event: MouseEvent, _at: { x: number; y: number }, _modes: number): Buffer | null {
  throw new Error('signature only');
}
