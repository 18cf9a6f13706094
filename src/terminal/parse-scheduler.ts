// Owns who is parsed next: short slices, the panes somebody types into or looks at first, the rest in turn.

/** One turn of parsing, in ms; then sockets and keys have theirs. 1 to 8 measured alike. */
const SLICE_MS = 4;
/** While others wait, the preferred panes leave them this part of the slice. */
const OTHERS_SHARE = 0.5;
/** So many panes are preferred at a time: one for each of a few operators. */
const MAX_PREFERRED = 4;

export interface ParseSource {
  /** Bytes that wait. */
  readonly queuedBytes: number;
  /** Parses until `untilMs` of the scheduler's clock or to the end of what waits; at least one step. */
  parse(untilMs: number): void;
}

export class ParseScheduler {
  readonly #now: () => number;
  /** Sources with bytes waiting, in the order of their turns. */
  readonly #waiting = new Set<ParseSource>();
  #preferred: ParseSource[] = [];
  #immediate: NodeJS.Immediate | null = null;
  #afterTurn: () => void = () => {};

  /** `now`: monotonic ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** One listener: called after each turn, when all that was read together has been parsed. */
  onTurn(listener: () => void): void {
    this.#afterTurn = listener;
  }

  /** Tells that `source` has bytes waiting. */
  wake(source: ParseSource): void {
    this.#waiting.add(source);
    this.#immediate ??= setImmediate(() => this.#run());
  }

  /** From now on `source` comes before others, until four others were preferred after it. */
  prefer(source: ParseSource): void {
    if (this.#preferred[0] === source) return;
    this.#preferred = [source, ...this.#preferred.filter((other) => other !== source)].slice(0, MAX_PREFERRED);
  }

  /** Forgets a source that ends. */
  remove(source: ParseSource): void {
    this.#waiting.delete(source);
    this.#preferred = this.#preferred.filter((other) => other !== source);
  }

  #run(): void {
    this.#immediate = null;
    const start = this.#now();
    const end = start + SLICE_MS;
    const first = this.#preferred.filter((source) => this.#waiting.has(source));
    const others = [...this.#waiting].filter((source) => !first.includes(source));
    const firstEnd = others.length > 0 ? start + SLICE_MS * OTHERS_SHARE : end;
    for (const [index, source] of first.entries()) {
      this.#parse(source, this.#now() + (firstEnd - this.#now()) / (first.length - index));
    }
    for (const [index, source] of others.entries()) {
      // The first of the others is always served, so that a busy preferred pane starves nobody.
      if (index > 0 && this.#now() >= end) break;
      this.#parse(source, this.#now() + Math.max(end - this.#now(), 0) / (others.length - index));
    }
    if (this.#waiting.size > 0) this.#immediate ??= setImmediate(() => this.#run());
    this.#afterTurn();
  }

  #parse(source: ParseSource, untilMs: number): void {
    this.#waiting.delete(source);
    source.parse(untilMs);
    // Behind the others: that makes the turns go round.
    if (source.queuedBytes > 0) this.#waiting.add(source);
  }
}
