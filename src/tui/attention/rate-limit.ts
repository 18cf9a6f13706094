// Owns how often a person is notified: once per pane in 30 s, five times a minute in all. Pure but for what it remembers.

/** ms */
const PANE_INTERVAL = 30_000;
const MINUTE = 60_000;
const MOST_PER_MINUTE = 5;

export class RateLimit {
  #passed: { readonly pane: number | null; readonly at: number }[] = [];

  /** True when this one may go out, and then it counts. `now`: ms of any clock; `pane`: null for the whole session. */
  passes(pane: number | null, now: number): boolean {
    this.#passed = this.#passed.filter(({ at }) => now - at < MINUTE);
    if (this.#passed.length >= MOST_PER_MINUTE) return false;
    if (this.#passed.some((other) => other.pane === pane && now - other.at < PANE_INTERVAL)) return false;
    this.#passed.push({ pane, at: now });
    return true;
  }
}
