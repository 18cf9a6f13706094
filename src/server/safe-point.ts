// Owns the way of a working agent to its pause: the safe point is waited for, then the turn is interrupted, and when nothing of it runs any more the pause is settled.

export interface SafePointParts {
  /** ms that the agent has to come to its safe point before it is interrupted. */
  readonly grace: number;
  /** True when nothing of the agent's turn runs, so that nothing is lost when it is ended. */
  readonly isQuiet: () => boolean;
  /** True while the work is on its way to the base branch, or the attempt is over: it is not stopped then. */
  readonly isBusyElsewhere: () => boolean;
  readonly interrupt: () => void;
  /** Nothing runs any more: the agent can be ended. Called once. */
  readonly settle: () => void;
}

/** ms from the answer that stops a turn, or from a turn's end, until the agent has written down what was said. */
const LAST_WORDS = 500;
/** ms after an interrupt, which no hook tells of; the title that stands still tells after 1.5 s. */
const INTERRUPT_WAIT = 3_000;
/** ms between two looks at whether the work has come back from the landing lane. */
const LANDING_STEP = 1_000;

export class SafePoint {
  readonly #parts: SafePointParts;
  #state: 'off' | 'asked' | 'stopping' | 'settled' = 'off';
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: SafePointParts) {
    this.#parts = parts;
  }

  /** True from the moment a pause is asked for until it is called off. */
  get isAsked(): boolean {
    return this.#state !== 'off';
  }

  /** The agent is to stop: at its next safe point, after the grace time by an interrupt, or at once. */
  ask(isNow: boolean): void {
    if (this.#state !== 'off' && !(this.#state === 'asked' && isNow)) return;
    this.#state = 'asked';
    if (this.#parts.isQuiet() && !this.#parts.isBusyElsewhere()) this.#stopAfter(0);
    else this.#wait(isNow ? 0 : this.#parts.grace, () => this.#interrupt());
  }

  /** The agent may go on; without effect once its turn has been stopped. */
  callOff(): void {
    if (this.#state !== 'asked') return;
    this.#state = 'off';
    this.close();
  }

  /** The main thread's tools are through. True when the turn is to be stopped here. */
  reach(): boolean {
    if (this.#state === 'off' || this.#parts.isBusyElsewhere()) return false;
    this.#stopAfter(LAST_WORDS);
    return true;
  }

  /** The agent's state has changed; one in which nothing runs is as good as a safe point. */
  look(): void {
    if (this.#state !== 'asked' && this.#state !== 'stopping') return;
    if (this.#parts.isQuiet() && !this.#parts.isBusyElsewhere()) this.#stopAfter(LAST_WORDS);
  }

  /** Waits for nothing any more. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #interrupt(): void {
    if (this.#parts.isBusyElsewhere()) {
      this.#wait(LANDING_STEP, () => this.#interrupt());
      return;
    }
    this.#parts.interrupt();
    this.#stopAfter(INTERRUPT_WAIT);
  }

  #stopAfter(ms: number): void {
    if (this.#state === 'settled') return;
    this.#state = 'stopping';
    this.#wait(ms, () => {
      // It has handed its work in at the last moment: that goes first, and may end it all.
      if (this.#parts.isBusyElsewhere()) {
        this.#stopAfter(LANDING_STEP);
        return;
      }
      this.#state = 'settled';
      this.#parts.settle();
    });
  }

  #wait(ms: number, action: () => void): void {
    this.close();
    this.#timer = setTimeout(action, ms);
  }
}
