// Owns one-at-a-time: work that must not overlap waits here in the order it came.

/** A queue of one lane. A failure goes to its caller only; the next one runs all the same. */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#tail.then(work, work);
    this.#tail = mine.catch(() => undefined);
    return mine;
  }
}
