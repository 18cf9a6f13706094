// Owns the look-out for an interrupt that no hook tells of, in the transcript of an agent whose dialog is open.
import { endsInterrupted, readTail } from './transcript.ts';

/** ms between two looks; only while a dialog is open, and each reads the end of one file. */
const LOOK_EVERY = 1000;

export class InterruptWatch {
  readonly #onInterrupt: () => void;
  #path: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** `onInterrupt` is called when the transcript ends with the mark of an interrupt. */
  constructor(onInterrupt: () => void) {
    this.#onInterrupt = onInterrupt;
  }

  /** The transcript to look into. */
  follow(path: string): void {
    this.#path = path;
  }

  /** Looks every second while it is switched on. */
  setWatching(isWatching: boolean): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (isWatching && !this.#isStopped) this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY);
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.setWatching(false);
  }

  async #look(): Promise<void> {
    const timer = this.#timer;
    const isInterrupted = this.#path !== null && endsInterrupted(await readTail(this.#path));
    // Switched off, or on again, in the meantime.
    if (this.#timer !== timer) return;
    if (isInterrupted) this.#onInterrupt();
    else this.setWatching(true);
  }
}
