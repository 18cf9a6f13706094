// Owns the input queue of a pty: everything arrives in order, and a program that does not read costs a slow retry, not a busy loop.
import { writeSync } from 'node:fs';

/** Input beyond this is refused: no paste is that large. */
const MAX_QUEUED = 16 * 1024 * 1024;
/** Bytes written in one turn of the event loop; a program that reads as fast as it is written to must not hold up the others. */
const MOST_AT_ONCE = 64 * 1024;
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 64;

/** Writes to a non-blocking descriptor that it does not own, in the call itself: by way of Node's threads a key waited for two of their wake-ups before its program saw it. */
export class PtyWriter {
  readonly #fd: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #isClosed = false;
  #pauseMs = FIRST_PAUSE_MS;
  #retry: NodeJS.Timeout | null = null;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Queues bytes, which must not be changed afterwards. False, and nothing taken, when closed or full. */
  write(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.#queued + bytes.length > MAX_QUEUED) return false;
    if (bytes.length === 0) return true;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#retry === null) this.#send();
    return true;
  }

  /** Drops what waits; the descriptor may be closed after it. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #send(): void {
    const wait = this.#writeOut();
    this.#retry = wait === null ? null : setTimeout(() => this.#send(), wait);
  }

  /** Writes what the kernel takes; ms until more is to be tried, null when nothing waits. */
  #writeOut(): number | null {
    let room = MOST_AT_ONCE;
    for (let bytes = this.#queue[0]; bytes !== undefined; bytes = this.#queue[0]) {
      if (room <= 0) return 0;
      try {
        const written = writeSync(this.#fd, bytes, 0, Math.min(bytes.length, room));
        room -= written;
        this.#advance(bytes, written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return this.#nextPause();
        // EIO: nobody is on the other side any more.
        this.#drop();
      }
    }
    return null;
  }

  #advance(bytes: Uint8Array, written: number): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#queued -= written;
    if (written < bytes.length) this.#queue[0] = bytes.subarray(written);
    else this.#queue.shift();
  }

  #nextPause(): number {
    const ms = this.#pauseMs;
    this.#pauseMs = Math.min(ms * 2, LAST_PAUSE_MS);
    return ms;
  }

  #drop(): void {
    this.#queue = [];
    this.#queued = 0;
  }
}
