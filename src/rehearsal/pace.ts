// Owns time: how fast a rehearsal goes, and waits that an interrupt cuts short.

/** The person pressed Esc or answered No, or the agent is told to leave; thrown out of whatever was going on. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** ms. Shorter waits are saved up: a timer for each word would cost more than the word. */
const LEAST = 5;

/** A clock that runs `speed` times as fast as the script says. */
export class Pace {
  readonly #own: number;
  #scale = 1;
  #debt = 0;

  constructor(speed: number) {
    this.#own = speed;
  }

  get speed(): number {
    return this.#own * this.#scale;
  }

  /** A script may ask for another speed on top. */
  scale(factor: number): void {
    this.#scale = factor;
  }

  /** Waits `ms` of the script's time. Throws Interrupted as soon as the signal is raised. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    this.#debt += ms / this.speed;
    if (signal.aborted) throw new Interrupted();
    if (this.#debt < LEAST) return;
    const due = this.#debt;
    this.#debt = 0;
    await sleep(due, signal);
  }
}

/** The multiplier in DROVER_REHEARSAL_SPEED; 1 when it says nothing sensible. */
export function readSpeed(text: string | undefined): number {
  const speed = Number(text);
  return speed > 0 && Number.isFinite(speed) ? speed : 1;
}

/** Real ms; throws Interrupted when the signal is raised. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timer);
      reject(new Interrupted());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    signal.addEventListener('abort', cancel, { once: true });
  });
}
