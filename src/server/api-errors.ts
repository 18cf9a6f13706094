// Owns how long an agent waits after errors of its API, and which of them no waiting mends.

/** StopFailure's words for errors that only a person can mend: by a login in the pane, a payment, or with another model. */
const NEEDS_PERSON: ReadonlySet<string> = new Set([
  'authentication_failed',
  'billing_error',
  'oauth_org_not_allowed',
  'model_not_found',
]);

/** A 400 of the service is `unknown` to Claude Code 2.1.197, and only its message tells it. 408, 409 and 429 mean: later. */
const REFUSED = /\bAPI Error: 4(?!08|09|29)\d\d\b/;

/** A request that is refused as wrong may be another one after "go on", but not for ever. */
const MOST_REFUSED = 3;

/** The errors of one agent since its last good turn. */
export class ApiErrors {
  readonly #retry: { readonly baseDelay: number; readonly maxDelay: number };
  #count = 0;
  #refused = 0;

  /** Delays in ms; the first one doubles with each error up to the last. */
  constructor(retry: { readonly baseDelay: number; readonly maxDelay: number }) {
    this.#retry = retry;
  }

  /** Counts an error; gives the ms until the conversation may go on, or null when it waits for a person. */
  pauseAfter({ error, message }: { readonly error: string; readonly message: string }): number | null {
    if (error === 'invalid_request' || REFUSED.test(message)) this.#refused += 1;
    if (NEEDS_PERSON.has(error) || this.#refused >= MOST_REFUSED) return null;
    const { baseDelay, maxDelay } = this.#retry;
    const pause = Math.min(baseDelay * 2 ** this.#count, maxDelay);
    this.#count += 1;
    return pause;
  }

  /** A turn ended well: a later error begins anew. */
  clear(): void {
    this.#count = 0;
    this.#refused = 0;
  }
}
