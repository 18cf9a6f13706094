// Owns when panes are read that print a little now and then where nobody types: all of them together, so that the spinners of eight cost one wake-up.

/** ms between two polls. Long enough that a focused pane with a spinner of ten pictures a second, with which the others are read, comes before it. */
const POLL_MS = 120;
/** When a focused pane has printed, the others are read with it, unless they were so few ms ago: with every second picture of a spinner of ten a second, since five pictures suffice beside the pane that is looked at, and the pictures between cost what the focused one does. */
const RIDE_MS = 160;
/** ms between two looks whether a focused pane with which the others are read prints yet. Once it does not, they have waited for it twice as long at most. */
const LAPSE_MS = 500;
/** More bytes than this in one poll is no spinner: the kernel holds 4 kB of a program, which must not wait for us. */
const MOST_BYTES = 2048;
/** After so many polls without a byte a pane's next output is worth a wake-up again: no timer runs for panes that are silent. */
const EMPTY_POLLS = 3;
/** So long, in ms, a pane is read at once after a key, after a resize, and after a question of its program, which asks more and waits for the answers. */
const PROMPT_MS = 250;

export interface PacedSource {
  /** Somebody has the keyboard in it: it is read at once. */
  readonly isFocused: boolean;
  /** Reads what is there; returns how many bytes that was. */
  poll(): number;
  /** Whether its output is read as it comes, or only by `poll`. */
  setPolled(isPolled: boolean): void;
}

/** How much a source prints that is read as it comes. */
interface Rate {
  since: number;
  bytes: number;
  promptUntil: number;
}

export class ReadPacer {
  readonly #now: () => number;
  readonly #onPolled: () => void;
  readonly #rates = new WeakMap<PacedSource, Rate>();
  /** Sources that are polled, and how often in vain. */
  readonly #polled = new Map<PacedSource, number>();
  #polledAt = Number.NEGATIVE_INFINITY;
  /** They were read with a focused pane since the timer was set, which then waits once more: that is less work than a new one at each reading. */
  #hasRidden = false;
  #timer: NodeJS.Timeout | null = null;

  /** `onPolled` is called when all have been polled, unless a focused source has received something just now, with which they are. `now`: monotonic ms. */
  constructor(parts: { onPolled: () => void; now?: () => number }) {
    this.#onPolled = parts.onPolled;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** So many bytes of a source have come. */
  received(source: PacedSource, bytes: number): void {
    if (this.#polled.has(source)) return;
    const now = this.#now();
    if (source.isFocused) {
      if (this.#polled.size > 0 && now - this.#polledAt >= RIDE_MS) {
        this.#hasRidden = true;
        this.#poll();
      }
      return;
    }
    const rate = this.#rateOf(source);
    rate.bytes += bytes;
    const span = now - rate.since;
    if (span < POLL_MS) return;
    const isQuiet = (rate.bytes / span) * POLL_MS < MOST_BYTES;
    rate.since = now;
    rate.bytes = 0;
    if (!isQuiet || now < rate.promptUntil) return;
    this.#polled.set(source, 0);
    source.setPolled(true);
    if (this.#timer === null) this.#setTimer(POLL_MS);
  }

  /** Reads a source at once, and as its output comes, for a while. */
  hurry(source: PacedSource): void {
    this.#rateOf(source).promptUntil = this.#now() + PROMPT_MS;
    this.#release(source);
  }

  /** Forgets a source whose program has ended. */
  remove(source: PacedSource): void {
    this.#rates.delete(source);
    this.#release(source);
  }

  #rateOf(source: PacedSource): Rate {
    const known = this.#rates.get(source);
    if (known) return known;
    const rate = { since: Number.NEGATIVE_INFINITY, bytes: 0, promptUntil: 0 };
    this.#rates.set(source, rate);
    return rate;
  }

  #release(source: PacedSource): void {
    if (!this.#polled.delete(source)) return;
    const rate = this.#rateOf(source);
    rate.since = this.#now();
    rate.bytes = 0;
    source.setPolled(false);
  }

  #setTimer(wait: number): void {
    this.#hasRidden = false;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#polled.size === 0) return;
      if (this.#hasRidden) return this.#setTimer(LAPSE_MS);
      this.#poll();
      this.#onPolled();
      if (this.#polled.size > 0 && this.#timer === null) this.#setTimer(POLL_MS);
    }, wait);
  }

  #poll(): void {
    this.#polledAt = this.#now();
    for (const [source, before] of this.#polled) {
      const bytes = source.poll();
      const empty = bytes > 0 ? 0 : before + 1;
      if (source.isFocused || bytes > MOST_BYTES || empty === EMPTY_POLLS) this.#release(source);
      else this.#polled.set(source, empty);
    }
  }
}
