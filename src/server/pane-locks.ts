// Owns who has locked which pane: input of others is refused until the holder unlocks it, gives it away, or has been gone for a while.
import { shortName } from '../domain/operator-name.ts';
import { shellQuote } from '../domain/quote.ts';
import { type Refusal, RefusalError } from '../domain/refusal.ts';

/** ms without any client of the holder after which its locks end: longer than a broken line takes to come back. */
export const ABSENCE = 60_000;

export interface PaneLockParts {
  /** True while a client of this operator is connected. */
  readonly isPresent: (operator: string) => boolean;
  /** The holder of this pane has changed. */
  readonly onChange: (pane: number) => void;
  /** Calls back after `ms`; the answer takes it back. */
  readonly after?: (ms: number, act: () => void) => () => void;
}

export class PaneLocks {
  readonly #parts: PaneLockParts;
  readonly #holders = new Map<number, string>();
  /** Ends the wait for an operator who went away. */
  readonly #waits = new Map<string, () => void>();

  constructor(parts: PaneLockParts) {
    this.#parts = parts;
  }

  holder(pane: number): string | undefined {
    return this.#holders.get(pane);
  }

  /** Why this operator may not touch the pane; null when it may. */
  refusalOf(pane: number, operator: string): Refusal | null {
    const holder = this.#holders.get(pane);
    if (holder === undefined || holder === operator) return null;
    const isNamesake = shortName(holder) === shortName(operator);
    const [who, whom] = isNamesake ? [holder, shellQuote(operator)] : [shortName(holder), shortName(operator)];
    return {
      code: 'pane-locked',
      message: `pane ${pane} is locked by ${who}`,
      next: `ask ${who} for: drover give ${pane} ${whom}`,
    };
  }

  /** Refuses ('pane-locked') while another operator holds the pane. */
  requireFree(pane: number, operator: string): void {
    const refusal = this.refusalOf(pane, operator);
    if (refusal) throw new RefusalError(refusal);
  }

  lock(pane: number, operator: string): void {
    this.requireFree(pane, operator);
    this.#hold(pane, operator);
  }

  /** Nothing happens to a pane that is not locked. Refuses another's lock. */
  unlock(pane: number, operator: string): void {
    this.requireFree(pane, operator);
    this.forget(pane);
  }

  /** Refuses who does not hold the pane. */
  requireHolder(pane: number, operator: string): void {
    this.requireFree(pane, operator);
    if (this.#holders.has(pane)) return;
    const message = `pane ${pane} is not locked, so there is nothing to give`;
    throw new RefusalError({ code: 'not-allowed', message, next: `drover lock ${pane}` });
  }

  /** The holder gives its lock to another. Refuses who does not hold it. */
  give(pane: number, from: string, to: string): void {
    this.requireHolder(pane, from);
    this.#hold(pane, to);
    this.left(to);
  }

  /** The pane is gone, or free. */
  forget(pane: number): void {
    if (this.#holders.delete(pane)) this.#parts.onChange(pane);
  }

  /** A client of the operator is there. */
  arrived(operator: string): void {
    this.#waits.get(operator)?.();
    this.#waits.delete(operator);
  }

  /** A client of the operator is gone; when it was the last one, its locks end after ABSENCE. */
  left(operator: string): void {
    const holds = [...this.#holders.values()].includes(operator);
    if (!holds || this.#waits.has(operator) || this.#parts.isPresent(operator)) return;
    const after = this.#parts.after ?? afterUnheld;
    const cancel = after(ABSENCE, () => {
      this.#waits.delete(operator);
      for (const [pane, holder] of [...this.#holders]) if (holder === operator) this.forget(pane);
    });
    this.#waits.set(operator, cancel);
  }

  close(): void {
    for (const cancel of this.#waits.values()) cancel();
    this.#waits.clear();
  }

  #hold(pane: number, operator: string): void {
    if (this.#holders.get(pane) === operator) return;
    this.#holders.set(pane, operator);
    this.#parts.onChange(pane);
  }
}

/** A timer that keeps no process alive. */
function afterUnheld(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms).unref();
  return () => clearTimeout(timer);
}
