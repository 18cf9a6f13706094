// Owns whether a person may have left words in an agent's prompt box. Pure.

export class DraftWatch {
  /** Counts what was typed: who compares two counts knows whether somebody typed in between. */
  #strokes = 0;
  #isTouched = false;
  #isBehindReturn = false;

  get strokes(): number {
    return this.#strokes;
  }

  /** True when something was typed that no submitted prompt has taken with it. It may be a dialog's answer, so the screen has the last word. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** Somebody types. */
  typed(bytes: Uint8Array | string): void {
    this.#strokes += 1;
    this.#isTouched = true;
    this.#isBehindReturn = typeof bytes === 'string' ? !bytes.endsWith('\r') : bytes.at(-1) !== 13;
  }

  /** The agent has taken a prompt: what stood before the last Return has gone with it. */
  submitted(): void {
    this.#isTouched &&= this.#isBehindReturn;
  }
}
