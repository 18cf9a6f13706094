// Owns whether what a client types may go into a pane, and that it is told in the history.
import type { Refusal } from '../domain/refusal.ts';
import { RefusalError } from '../domain/refusal.ts';
import type { PaneInfo } from '../protocol/methods.ts';
import type { PaneLocks } from './pane-locks.ts';
import { readOnlyRefusal } from './read-only.ts';
import type { TypingLog } from './typing-log.ts';

/** Who types. */
interface Typist {
  readonly operator: string;
  readonly isReadOnly: boolean;
}

export class InputGate {
  readonly #locks: PaneLocks;
  readonly #log: TypingLog;

  constructor(locks: PaneLocks, log: TypingLog) {
    this.#locks = locks;
    this.#log = log;
  }

  /** Why the input is not taken; null when it is, and then it is told. */
  enter(typist: Typist, pane: PaneInfo): Refusal | null {
    if (typist.isReadOnly) return readOnlyRefusal('nothing you type goes into a pane');
    const refusal = this.#locks.refusalOf(pane.pane, typist.operator);
    if (refusal === null && pane.isAlive) this.#log.typed(typist.operator, pane);
    return refusal;
  }

  /** Whether input would be taken; it is not told. */
  isOpen(typist: Typist, pane: number): boolean {
    return !typist.isReadOnly && this.#locks.refusalOf(pane, typist.operator) === null;
  }

  /** As `enter`, but throws the refusal. */
  requireEntry(typist: Typist, pane: PaneInfo): void {
    const refusal = this.enter(typist, pane);
    if (refusal) throw new RefusalError(refusal);
  }
}
