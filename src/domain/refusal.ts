// Owns the refusal: the operator's mistake or a lost race, said in one sentence with the command to type next.

/** Append-only. */
export type RefusalCode =
  | 'unknown-task'
  | 'ambiguous-task'
  | 'unknown-epic'
  | 'unknown-run'
  | 'unknown-method'
  | 'bad-params'
  | 'bad-title'
  | 'cycle'
  | 'illegal-transition'
  | 'not-allowed'
  | 'protocol-version'
  | 'not-running'
  | 'no-agent'
  | 'nothing-to-do'
  | 'bad-config'
  | 'no-repository'
  | 'not-initialised'
  | 'already-initialised'
  | 'not-a-terminal'
  | 'unsafe-socket'
  | 'store-locked'
  | 'too-large'
  | 'store-damaged'
  | 'store-newer'
  | 'landing-refused'
  | 'no-commits'
  | 'unknown-branch'
  | 'git-too-old'
  | 'read-only'
  | 'pane-locked'
  | 'unknown-pane'
  | 'unknown-operator'
  | 'unknown-hint'
  | 'limit'
  | 'loop';

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence that names the thing. */
  readonly message: string;
  /** The command to type next; empty when there is none. */
  readonly next: string;
}

/** Carries a refusal through code that throws; the only error that is shown without a stack. */
export class RefusalError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'RefusalError';
    this.refusal = refusal;
  }
}

/** Throws the refusal. */
export function refuse(code: RefusalCode, message: string, next = ''): never {
  throw new RefusalError({ code, message, next });
}
