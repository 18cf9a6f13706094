// Owns the reading of the keyboard: bytes of the outer terminal in, events out, however the reads fall.
import type { InputEvent } from './input-event.ts';

export class InputParser {
  /** True while a part of a sequence, a lone ESC or an unfinished paste waits for more: call flush() after 30-50 ms of silence. */
  get isPending(): boolean {
    throw new Error('signature only');
  }

  /** Takes what one read gave. Returns the events that are complete. */
  feed(_bytes: Uint8Array): InputEvent[] {
    throw new Error('signature only');
  }

  /** Time has passed with nothing more read: a lone ESC is the Escape key, a long-dead partial is dropped. Call again while isPending. */
  flush(): InputEvent[] {
    throw new Error('signature only');
  }
}
