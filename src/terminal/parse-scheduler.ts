// Owns who is parsed next: short slices, the panes somebody types into or looks at first, the rest in turn.

/** One turn of parsing, in ms; then sockets and keys have theirs. 1 to 8 measured alike. */
const SLICE_MS = 4;
/** While others wait, the preferred panes leave them this part of the slice. */
const OTHERS_SHARE = 0.5;
/** So many bytes of all that wait are parsed in less time than a turn of the event loop takes. */
const AT_ONCE_BYTES = 2048;
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
  #isParsing = false;

  /** `now`: monotonic ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** One listener: called after each turn, when all that was read together has been parsed. */
  onTurn(listener: () => void): void {
    this.#afterTurn = listener;
  }

  /** True while panes are parsed: the listener of `onTurn` is called when they have been. */
  get isParsing(): boolean {
    return this.#isParsing;
  }

  /** Tells that `source` has bytes waiting; they are parsed with those of the next one that is told by `wake` or `wakeNow`. */
  add(source: ParseSource): void {
    this.#waiting.add(source);
  }

  /** Tells that `source` has bytes waiting; without one, that there is something to parse. It is done in the event loop's next turn. */
  wake(source?: ParseSource): void {
    if (source !== undefined) this.#waiting.add(source);
    if (this.#waiting.size > 0) this.#immediate ??= setImmediate(() => this.#run());
  }

  /** As `wake`, but little is parsed before this returns: a key's echo, or the spinners of some panes. */
  wakeNow(source: ParseSource): void {
    this.#waiting.add(source);
    let bytes = 0;
    for (const { queuedBytes } of this.#waiting) bytes += queuedBytes;
    if (bytes > AT_ONCE_BYTES || this.#isParsing) this.wake();
    else this.#run();
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
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.#isParsing = true;
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
    this.#isParsing = false;
    this.wake();
    this.#afterTurn();
  }

  #parse(source: ParseSource, untilMs: number): void {
    this.#waiting.delete(source);
    source.parse(untilMs);
    // Behind the others: that makes the turns go round.
    if (source.queuedBytes > 0) this.#waiting.add(source);
  }
}
