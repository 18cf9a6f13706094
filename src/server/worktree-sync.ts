// Owns that a claimed worktree is brought to the newest base beside the start of its agent, which may not write before; and what is recorded of it.
import { behindNews } from '../agent/prompts.ts';
import { WorktreeGate } from '../agent/worktree-gate.ts';
import { type Upstream, UpstreamFetch, upstreamName, whyNot } from '../git/fetch.ts';
import { forgetMove } from '../git/move-tree.ts';
import { isAncestor } from '../git/refs.ts';
import { type Repository, resolveBase } from '../git/repository.ts';
import { bringTo, type ClaimedSlot, type LocalBase, newestBase, type SyncOutcome } from '../pool/sync.ts';
import type { Core } from './core.ts';

export interface SyncOrder {
  readonly taskId: string;
  readonly slot: ClaimedSlot;
  /** The base branch here, at the time of the claim. */
  readonly base: LocalBase;
  /** Puts the worktree on the task's branch; settles when it is. */
  readonly attach: () => Promise<unknown>;
  /** Brings what goes with the files, such as dependencies, in order; does nothing where it is. */
  readonly equip: (signal: AbortSignal) => Promise<unknown>;
}

/** ms that a move waits for the agent's reads that are under way. */
const READ_PATIENCE = 10_000;
/** ms beyond the fetch in which all must be over; moving files is cut off after a minute. */
const MOVE_PATIENCE = 90_000;
/** ms from a failure to the next try, when the agent asks for it by writing. */
const RETRY_AFTER = 5_000;

/** The syncs of one server, which share one fetch. */
export class WorktreeSync {
  readonly core: Core;
  readonly repository: Repository;
  readonly fetch: UpstreamFetch;

  constructor(core: Core, repository: Repository) {
    this.core = core;
    this.repository = repository;
    this.fetch = new UpstreamFetch(repository, { timeout: core.config.sync.timeout });
  }

  /** Begins to sync a worktree that was just claimed; null when there is nothing to wait for: no upstream, and the base has not moved. */
  begin(order: SyncOrder): RunSync | null {
    const upstream = this.core.config.sync.fetch === 'off' ? null : this.fetch.of(order.base.branch);
    if (upstream === null && order.slot.baseCommit === order.base.commit) return null;
    return new RunSync(this, order, upstream);
  }

  /** Records the moves that an earlier server was killed in and that were finished when the repository was opened; before any agent starts. */
  async recordFinished(): Promise<void> {
    const { state, log } = this.core;
    for (const { path, branch, from, to } of this.repository.moved) {
      const worktree = [...state.worktrees.values()].find((each) => each.path === path);
      const runId = state.tasks.get(worktree?.taskId ?? '')?.runId;
      log.info(`the move of ${path} on ${branch} to ${to} was cut off, and is finished`);
      if (runId) {
        const { commit } = await resolveBase(this.repository, this.core.config.baseBranch);
        const isAhead = !(await isAncestor(this.repository, to, commit));
        const note = 'an earlier server had begun it';
        const move = { from, to, files: 0, how: 'moved', isAhead, note, ms: 0 } as const;
        await this.core.intend({ type: 'run.sync', runId, ...move }, 'drover');
      }
      forgetMove(this.repository, path);
    }
  }

  /** Ends a fetch that is under way. */
  close(): void {
    this.fetch.close();
  }
}

/** The sync of one claimed worktree. */
export class RunSync {
  readonly gate: WorktreeGate;
  readonly #all: WorktreeSync;
  readonly #order: SyncOrder;
  readonly #upstream: Upstream | null;
  readonly #began = Date.now();
  #try: Promise<void>;
  /** Its files are being moved. */
  #move: Promise<unknown> = Promise.resolve();
  #failedAt: number | null = null;
  readonly #closing = new AbortController();

  constructor(all: WorktreeSync, order: SyncOrder, upstream: Upstream | null) {
    this.#all = all;
    this.#order = order;
    this.#upstream = upstream;
    const patience = all.core.config.sync.timeout + MOVE_PATIENCE;
    this.gate = new WorktreeGate({ worktree: order.slot.path, patience, retry: () => this.#retry() });
    this.#try = this.#run();
  }

  /** Resolves when the present try is over: with null when the worktree is synced, else with the reason why it is not. */
  async settled(): Promise<string | null> {
    await this.#try;
    return this.gate.state.syncError;
  }

  /** Nothing is moved any more; what is being moved is waited for. The worktree can be handed on. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#move;
  }

  #retry(): void {
    if (this.#closing.signal.aborted || this.#failedAt === null || Date.now() - this.#failedAt < RETRY_AFTER) return;
    this.#failedAt = null;
    this.#try = this.#run();
  }

  /** Never rejects, and ends in good time: an agent waits for it. */
  async #run(): Promise<void> {
    this.gate.step({ type: 'begun' });
    try {
      const newest = await this.#newest();
      await this.#order.attach();
      if (this.#closing.signal.aborted) return;
      const move = this.#bring(newest.commit).then((outcome) => this.#finish(outcome, newest.note));
      this.#move = move.catch(() => undefined);
      await move;
    } catch (error) {
      const where = this.#upstream === null ? this.#order.base.branch : upstreamName(this.#upstream);
      // What cannot even be recorded has ended the server's store, and with it the server.
      await this.#fail(`${where}: ${whyNot(error)}`, false).catch(() => undefined);
    }
  }

  /** git is ended when its time is over, but what it has started may hold its output open. */
  async #newest(): ReturnType<typeof newestBase> {
    const { repository, fetch, core } = this.#all;
    const { timeout } = core.config.sync;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(timeout / 1000)} s`)), timeout + 3_000);
    });
    const newest = newestBase(repository, { base: this.#order.base, upstream: this.#upstream, fetch });
    return Promise.race([newest, late]).finally(() => clearTimeout(timer));
  }

  async #bring(to: string): Promise<SyncOutcome> {
    const { signal } = this.#closing;
    const hold = async (): Promise<boolean> => (await this.gate.hold(READ_PATIENCE)) && !signal.aborted;
    const outcome = await bringTo(this.#all.repository, this.#order.slot, { to, hold });
    if (outcome.kind !== 'moved' || signal.aborted) return outcome;
    this.gate.step({ type: 'moved' });
    await this.#order.equip(signal).catch((error: unknown) => {
      this.#all.core.log.info(`${this.#order.taskId}: what goes with its files could not be brought: ${whyNot(error)}`);
    });
    return outcome;
  }

  async #finish(outcome: SyncOutcome, note: string): Promise<void> {
    const { slot, base } = this.#order;
    if (outcome.kind === 'broken') return this.#fail(outcome.reason, true);
    const isMoved = outcome.kind === 'moved';
    const files = isMoved ? outcome.files : [];
    const to = isMoved ? outcome.to : slot.baseCommit;
    const words = [note, outcome.kind === 'stayed' ? outcome.note : ''].filter(Boolean).join('; ');
    const isAhead = this.#upstream !== null && !(await isAncestor(this.#all.repository, to, base.commit));
    // On the disk before the agent writes: what it does is measured from there.
    await this.#record((runId) => ({
      type: 'run.sync',
      runId,
      from: slot.baseCommit,
      to,
      files: files.length,
      how: outcome.kind,
      isAhead,
      note: words,
      ms: Date.now() - this.#began,
    }));
    if (isMoved) forgetMove(this.#all.repository, slot.path);
    if (words !== '') this.#all.core.log.info(`${this.#order.taskId}: ${words}`);
    const isBehind = outcome.kind === 'stayed' && slot.baseCommit !== base.commit;
    this.gate.complete(files, isBehind ? behindNews(base.branch) : null);
  }

  async #fail(reason: string, isMixed: boolean): Promise<void> {
    // Nobody waits for it any more, and the task may have another run by now.
    if (this.#closing.signal.aborted) return;
    this.#failedAt = Date.now();
    this.gate.step({ type: 'failed', reason, isMixed });
    this.#all.core.log.info(`${this.#order.taskId}: its worktree could not be synced: ${reason}`);
    await this.#record((runId) => ({ type: 'run.fail-sync', runId, reason }));
  }

  /** Of the run that has the task now: the agent's process may be another one than at the claim. */
  async #record(intent: (runId: string) => Parameters<Core['intend']>[0]): Promise<void> {
    const { core } = this.#all;
    const runId = core.state.tasks.get(this.#order.taskId)?.runId;
    if (runId) await core.intend(intent(runId), 'drover');
  }
}
