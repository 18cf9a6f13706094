// Owns the way of finished branches into the base branch: one at a time, merged beside every checkout, tested, and only then moved.
import { RefusalError } from '../domain/refusal.ts';
import type { BlockedReason, Task } from '../domain/task.ts';
import type { Core } from './core.ts';
import type { Lander } from './lander.ts';

export type LandingResult =
  | { readonly kind: 'landed'; readonly commit: string | null; readonly checkout: string }
  /** Given back to the agent, once, with the facts. */
  | { readonly kind: 'returned' | 'blocked'; readonly reason: BlockedReason }
  /** Cancelled, or the server stops; nothing moved. */
  | { readonly kind: 'aborted' };

export class LandingLane {
  readonly #core: Core;
  readonly #lander: Lander;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(core: Core, lander: Lander) {
    this.#core = core;
    this.#lander = lander;
  }

  /** Lands a submitted task after all that were submitted before it. Never throws: a fault blocks the task, its work stays kept. */
  async land(taskId: string, worktree: string, signal: AbortSignal): Promise<LandingResult> {
    const turn = this.#tail.then(() => this.#landNow(taskId, worktree, signal));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  async #landNow(taskId: string, worktree: string, signal: AbortSignal): Promise<LandingResult> {
    const task = this.#core.state.tasks.get(taskId);
    if (!task || signal.aborted || task.status !== 'in_progress') return { kind: 'aborted' };
    try {
      const outcome = await this.#lander.land(task, worktree, signal, (phase) =>
        this.#core.intend({ type: 'landing.advance', taskId, phase }, 'drover'),
      );
      if (outcome.kind === 'aborted') return outcome;
      if (outcome.kind === 'refused') return await this.#refuse(task, outcome.reason);
      const { commit, checkout } = outcome;
      await this.#core.intend({ type: 'task.complete', taskId, commit, by: task.createdBy, checkout }, 'drover');
      return { kind: 'landed', commit, checkout };
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' };
      this.#core.log.error(`landing ${taskId}`, error);
      const message = error instanceof RefusalError ? error.message : `landing met a fault: ${error instanceof Error ? error.message : error}`;
      const reason: BlockedReason = { code: 'landing-refused', message, detail: '' };
      await this.#core.intend({ type: 'task.block', taskId, reason }, 'drover');
      return { kind: 'blocked', reason };
    }
  }

  async #refuse(task: Task, reason: BlockedReason): Promise<LandingResult> {
    const events = await this.#core.intend({ type: 'landing.refuse', taskId: task.id, reason }, 'drover');
    const isReturned = events.some(({ event }) => event.type === 'landing.returned');
    return { kind: isReturned ? 'returned' : 'blocked', reason };
  }
}
