// Owns the input queue of a pty: everything arrives in order, and a program that does not read costs a slow retry, not a busy loop.
import fs from 'node:fs';

/** Input beyond this is refused: no paste is that large. */
const MAX_QUEUED = 16 * 1024 * 1024;
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 64;

/** Writes to a non-blocking descriptor that it does not own. */
export class PtyWriter {
  readonly #fd: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #isBusy = false;
  #isClosed = false;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | null = null;
  #onIdle: () => void = () => {};

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Queues bytes, which must not be changed afterwards. False, and nothing taken, when closed or full. */
  write(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.#queued + bytes.length > MAX_QUEUED) return false;
    if (bytes.length === 0) return true;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (!this.#isBusy && this.#retry === null) this.#next();
    return true;
  }

  /** Drops what waits. Resolves when no write is under way, so that the descriptor may be closed. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#queue = [];
    this.#queued = 0;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (!this.#isBusy) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #next(): void {
    this.#retry = null;
    const bytes = this.#queue[0];
    if (bytes === undefined) return;
    this.#isBusy = true;
    fs.write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      this.#isBusy = false;
      if (this.#isClosed) this.#onIdle();
      else if (error === null) this.#advance(bytes, written);
      else if (error.code === 'EAGAIN') this.#wait();
      // EIO: nobody is on the other side any more.
      else this.#queue = [];
    });
  }

  #advance(bytes: Uint8Array, written: number): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#queued -= written;
    if (written < bytes.length) this.#queue[0] = bytes.subarray(written);
    else this.#queue.shift();
    this.#next();
  }

  #wait(): void {
    this.#retry = setTimeout(() => this.#next(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
