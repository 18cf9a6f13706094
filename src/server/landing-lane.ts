// Owns the way of finished tasks into the base branch, one at a time: what is uncommitted is committed, the work is kept, then merged, tested and landed.
import { RefusalError } from '../domain/refusal.ts';
import type { BlockedReason, LandingPhase, Task } from '../domain/task.ts';
import { LANDED_BRANCH, landingTip } from '../git/base-branch.ts';
import { commitLeftovers } from '../git/commit.ts';
import { landedAs } from '../git/landed-as.ts';
import { LandingLane as GitLane, type LandingResult as GitResult } from '../git/landing.ts';
import type { Trailers } from '../git/names.ts';
import { keepRef, readBranch } from '../git/refs.ts';
import { type Repository, resolveBase } from '../git/repository.ts';
import type { Provisioner } from '../pool/provisioner.ts';
import { type Author, authorOf } from './author.ts';
import type { Core } from './core.ts';

export type LandingResult =
  | { readonly kind: 'landed'; readonly commit: string | null; readonly checkout: string }
  /** Given back to the agent, once, with the facts. */
  | { readonly kind: 'returned' | 'blocked'; readonly reason: BlockedReason }
  /** Cancelled, or the server stops; nothing moved. */
  | { readonly kind: 'aborted' };

const DROVER: Author = { name: 'Drover', email: 'drover@localhost' };
/** ms between two looks at whether the user's checkout is clean by now, while landed work waits for it. */
const SETTLE_EVERY = 10_000;

export class LandingLane {
  readonly #core: Core;
  readonly #repository: Repository;
  readonly #provisioner: Pick<Provisioner, 'roots' | 'provision'>;
  readonly #lanes = new Map<string, GitLane>();
  #tail: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(core: Core, repository: Repository, provisioner: Pick<Provisioner, 'roots' | 'provision'>) {
    this.#core = core;
    this.#repository = repository;
    this.#provisioner = provisioner;
  }

  /** Lands a submitted task after all that were submitted before it. Never throws: a fault blocks the task, and its work stays kept. */
  land(taskId: string, worktree: string, signal: AbortSignal): Promise<LandingResult> {
    const turn = this.#tail.then(() => this.#landNow(taskId, worktree, signal));
    // Whatever becomes of this one, the next one has its turn.
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** The base branch, and the commit that new work starts from: its tip, with the landed work that waits beside it. */
  async tip(): Promise<{ branch: string; commit: string }> {
    const { branch } = await resolveBase(this.#repository, this.#core.config.baseBranch);
    const { commit } = await landingTip(this.#repository, branch, DROVER);
    return { branch, commit };
  }

  /** Resolves when nothing is on its way; landed work no longer waits for a checkout after it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#tail;
  }

  /** Lets landed work that waits beside the base branch into it, now if it can be; looks again every few seconds while it can't. */
  async settle(): Promise<void> {
    const { branch } = await resolveBase(this.#repository, this.#core.config.baseBranch);
    const checkout = await this.#laneOf(branch).settle(DROVER);
    if (checkout !== null) this.#core.log.info(`landed work that waited is on ${branch} now; ${checkout}`);
    if ((await readBranch(this.#repository, LANDED_BRANCH)) !== null) this.#settleLater();
  }

  #settleLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#core.background('landed work that waits', this.settle());
    }, SETTLE_EVERY);
  }

  #laneOf(branch: string): GitLane {
    const known = this.#lanes.get(branch);
    if (known) return known;
    const lane = new GitLane(this.#repository, branch);
    this.#lanes.set(branch, lane);
    return lane;
  }

  async #landNow(taskId: string, worktree: string, signal: AbortSignal): Promise<LandingResult> {
    const task = this.#core.state.tasks.get(taskId);
    if (!task || signal.aborted || task.status !== 'in_progress') return { kind: 'aborted' };
    try {
      const { branch } = await resolveBase(this.#repository, this.#core.config.baseBranch);
      const result = await this.#merge(task, worktree, branch, signal);
      if (signal.aborted && result.kind !== 'landed') return { kind: 'aborted' };
      return await this.#settleResult(task, branch, result);
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' };
      return this.#block(task, error);
    }
  }

  async #merge(task: Task, worktree: string, base: string, signal: AbortSignal): Promise<GitResult> {
    const branch = `drover/${task.id}`;
    const author = authorOf(task.createdBy);
    const trailers: Trailers = [['Drover-Task', task.id]];
    const words = { message: task.title, author, committer: DROVER, trailers };
    const { commit } = await commitLeftovers(this.#repository, { ...words, worktree, branch });
    await keepRef(this.#repository, { task: task.id, attempt: task.attempts, commit });
    const command = task.testCommand ?? this.#core.config.test;
    return this.#laneOf(base).land({
      ...words,
      message: [`${task.title} (${task.id})`, task.summary].filter(Boolean).join('\n\n'),
      branch,
      upstream: this.#core.state.runs.get(task.runId ?? '')?.upstreamCommit ?? null,
      test:
        command === null ? null : { command, timeout: this.#core.config.testTimeout, provisioner: this.#provisioner },
      signal,
      onPhase: (phase) => this.#advance(task.id, phase),
    });
  }

  #advance(taskId: string, phase: LandingPhase): void {
    // Cancelled in this very moment; the lane hears of it at its next step.
    if (this.#core.state.tasks.get(taskId)?.status !== 'in_progress') return;
    const advance = { type: 'landing.advance', taskId, phase } as const;
    this.#core.background(`landing of ${taskId}`, this.#core.intend(advance, 'drover'));
  }

  async #settleResult(task: Task, base: string, result: GitResult): Promise<LandingResult> {
    switch (result.kind) {
      case 'called-off':
        return { kind: 'aborted' };
      case 'landed':
        if (result.onto !== base) this.#settleLater();
        return this.#complete(task, result.commit, result.checkout, result.onto !== base);
      case 'nothing':
        // Either the work brought no change, or it landed in the moment before the server was killed.
        return this.#complete(task, await landedAs(this.#repository, { base, taskId: task.id }), '');
      case 'conflict': {
        const files = result.files.slice(0, 5).join(', ');
        const message = `it conflicts with ${base} in ${files}${result.files.length > 5 ? ` and ${result.files.length - 5} more` : ''}`;
        return this.#refuse(task, { code: 'conflict', message, detail: result.detail || result.files.join('\n') });
      }
      case 'test-failed':
        return this.#refuse(task, {
          code: 'test-failed',
          message: `the test command failed on the merged result (${result.reason})`,
          detail: result.output,
        });
    }
  }

  async #complete(task: Task, commit: string | null, checkout: string, isBeside = false): Promise<LandingResult> {
    const done = { taskId: task.id, commit, by: task.createdBy, checkout, isBeside };
    try {
      await this.#core.intend({ type: 'task.complete', ...done }, 'drover');
    } catch (error) {
      if (!(error instanceof RefusalError) || commit === null) throw error;
      // Cancelled after the base branch had moved: the commit is there, and the record must say so.
      this.#core.log.info(`${task.id} had landed as ${commit} before it was cancelled`);
      await this.#core.record({ type: 'task.completed', ...done });
    }
    return { kind: 'landed', commit, checkout };
  }

  async #refuse(task: Task, reason: BlockedReason): Promise<LandingResult> {
    const events = await this.#core.intend({ type: 'landing.refuse', taskId: task.id, reason }, 'drover');
    const isReturned = events.some(({ event }) => event.type === 'landing.returned');
    return { kind: isReturned ? 'returned' : 'blocked', reason };
  }

  async #block(task: Task, error: unknown): Promise<LandingResult> {
    this.#core.log.error(`landing ${task.id}`, error);
    const words = error instanceof Error ? error.message : String(error);
    const message = error instanceof RefusalError ? words : `landing met a fault: ${words}`;
    const detail = error instanceof RefusalError ? error.refusal.next : '';
    const reason: BlockedReason = { code: 'landing-refused', message, detail };
    if (this.#core.state.tasks.get(task.id)?.status !== 'in_progress') return { kind: 'aborted' };
    await this.#core.intend({ type: 'task.block', taskId: task.id, reason }, 'drover');
    return { kind: 'blocked', reason };
  }
}
