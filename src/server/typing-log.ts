// Owns when typing is worth an event: once for each spell of an operator in a pane and its run, not for each key.
import type { DroverEvent } from '../domain/event.ts';
import type { PaneInfo } from '../protocol/methods.ts';

/** ms without a key after which typing counts as a new spell; so a pane and an operator cause at most one event a minute. */
export const SPELL = 60_000;

export class TypingLog {
  readonly #now: () => number;
  readonly #record: (event: Extract<DroverEvent, { type: 'pane.typed' }>) => void;
  /** By operator and pane: the last key, and the run that it was for. */
  readonly #last = new Map<string, { at: number; runId: string | null }>();

  /** `now`: ms of any clock. */
  constructor(parts: {
    now: () => number;
    record: (event: Extract<DroverEvent, { type: 'pane.typed' }>) => void;
  }) {
    this.#now = parts.now;
    this.#record = parts.record;
  }

  /** An operator's input has gone into a pane. */
  typed(operator: string, { pane, runId, taskId }: Pick<PaneInfo, 'pane' | 'runId' | 'taskId'>): void {
    const key = `${pane} ${operator}`;
    const now = this.#now();
    const last = this.#last.get(key);
    this.#last.set(key, { at: now, runId });
    if (last && last.runId === runId && now - last.at < SPELL) return;
    this.#record({ type: 'pane.typed', operator, pane, runId, taskId });
  }

  /** The pane is gone: its number may come again for another program. */
  forget(pane: number): void {
    for (const key of this.#last.keys()) if (key.startsWith(`${pane} `)) this.#last.delete(key);
  }
}
