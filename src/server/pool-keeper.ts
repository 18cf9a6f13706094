// Owns the upkeep of the pool: what planPool says is carried out in the background, behind claims and agents, and the record follows what is there.
import {
  nextPoolLook,
  type PoolAction,
  type PoolConfig,
  type PoolFacts,
  type PoolOrder,
  planPool,
  poolConfig,
} from '../domain/pool.ts';
import { RefusalError } from '../domain/refusal.ts';
import type { WorktreePool } from '../pool/pool-manager.ts';
import type { Core } from './core.ts';
import type { LandingLane } from './landing-lane.ts';

export interface KeeperParts {
  readonly core: Core;
  readonly pool: WorktreePool;
  readonly lane: Pick<LandingLane, 'tip'>;
}

/** ms between two looks: a busy queue has events all the time, and a look reads all of it. */
const BREATH = 50;
/** ms: a base branch that a person moves, or fetches, tells nobody. */
const LOOK_EVERY = 10_000;
/** ms between two looks whether the claims are through. */
const CLAIM_PAUSE = 200;
const MOST_PROBLEMS = 5;
/** ms in which nothing is tried after something has failed. */
const REST = 30_000;

export class PoolKeeper {
  readonly #parts: KeeperParts;
  readonly #core: Core;
  readonly #abort = new AbortController();
  readonly #jobs = new Set<Promise<void>>();
  readonly #idle = new Set<() => void>();
  #order: PoolOrder = { kind: 'keep' };
  #isAdding = false;
  #looking: Promise<void> | null = null;
  #isAskedAgain = false;
  #timer: { readonly at: number; readonly handle: NodeJS.Timeout } | null = null;
  #restUntil = 0;
  #unsubscribe: () => void = () => {};
  /** What could not be done lately, the newest last. */
  readonly problems: string[] = [];

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#core = parts.core;
  }

  /** Begins. What was wrong with the worktrees on the disk is in the log after the first look. */
  start(): void {
    this.#parts.pool.onFreed = () => this.#lookSoon(0);
    this.#unsubscribe = this.#core.store.subscribe((envelopes) => {
      // What was asked of an earlier session is over: a new one has its own pool.
      if (envelopes.some(({ event }) => event.type === 'session.started')) this.#order = { kind: 'keep' };
      this.#lookSoon(BREATH);
    });
    this.#lookSoon(0);
  }

  /** The pool that holds now. */
  get config(): PoolConfig {
    return poolConfig(this.#core.state, this.#core.config.pool);
  }

  /** Makes worktrees ready until there are so many, those that tasks hold among them, also while no session runs. Resolves when they are, or cannot be. */
  warm(count: number): Promise<void> {
    return this.#ask({ kind: 'warm', count });
  }

  /** Looks after every worktree that nobody holds, as if its time had passed. */
  async refresh(): Promise<void> {
    const free = [...this.#core.state.worktrees.values()].filter(({ taskId }) => taskId === null);
    this.#parts.pool.spoil(free.map(({ path }) => path));
    for (const { id } of free)
      await this.#core.intend({ type: 'worktree.stale', worktreeId: id, reason: 'asked' }, 'drover');
    // An order counts all worktrees, those that tasks hold too.
    await this.#ask({ kind: 'warm', count: this.#core.state.worktrees.size });
  }

  /** What these worktrees were given is not what it was: those that nobody holds are made ready anew before anybody gets them. */
  doubt(paths: readonly string[]): void {
    this.#parts.pool.spoil(paths);
    this.#lookSoon(0);
  }

  /** Removes every worktree that nobody holds; none is kept ready until `warm`, or until a session is started. */
  drain(): Promise<void> {
    return this.#ask({ kind: 'drain' });
  }

  /** Begins nothing any more, calls off what is under way, and waits for its end. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#abort.abort();
    if (this.#timer) clearTimeout(this.#timer.handle);
    await this.#looking;
    await Promise.allSettled(this.#jobs);
    this.#settle();
  }

  #ask(order: PoolOrder): Promise<void> {
    this.#order = order;
    this.#restUntil = 0;
    for (const slot of this.#parts.pool.list()) this.#parts.pool.forgive(slot.id);
    const settled = new Promise<void>((resolve) => this.#idle.add(resolve));
    this.#lookSoon(0);
    return settled;
  }

  /** Nothing is left to do: whoever asked for something is told. */
  #settle(): void {
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  #lookSoon(delay: number): void {
    if (this.#abort.signal.aborted) return;
    if (this.#looking !== null) {
      this.#isAskedAgain = true;
      return;
    }
    const at = performance.now() + delay;
    // A stream of events must not put it off for ever.
    if (this.#timer && this.#timer.at <= at) return;
    if (this.#timer) clearTimeout(this.#timer.handle);
    this.#timer = { at, handle: setTimeout(() => this.#look(), delay) };
  }

  #look(): void {
    this.#timer = null;
    this.#isAskedAgain = false;
    this.#looking = this.#lookOnce()
      .catch((error: unknown) => {
        this.#rest();
        if (!(error instanceof RefusalError)) this.#core.log.error('the pool', error);
      })
      .finally(() => {
        this.#looking = null;
        const next = this.#isAskedAgain ? BREATH : this.#untilNext();
        if (next !== null) this.#lookSoon(next);
      });
  }

  /** ms; null when only an event can bring something to do. */
  #untilNext(): number | null {
    const now = this.#core.now();
    if (this.#isQuiet) return null;
    if (this.#isClaiming) return CLAIM_PAUSE;
    if (now < this.#restUntil) return this.#restUntil - now;
    const next = nextPoolLook(this.#core.state, this.config) ?? now + LOOK_EVERY;
    return Math.min(LOOK_EVERY, next > now ? next - now : LOOK_EVERY);
  }

  /** No session runs, and nobody asked for anything. */
  get #isQuiet(): boolean {
    return !this.#core.state.session.isRunning && this.#order.kind === 'keep';
  }

  /** Somebody waits for a worktree, or for the agent in it. */
  get #isClaiming(): boolean {
    if (this.#parts.pool.isClaiming) return true;
    return [...this.#core.state.runs.values()].some(({ endedAt, pid }) => endedAt === null && pid === null);
  }

  #tellProblems(): void {
    for (const problem of this.#parts.pool.problems.splice(0)) {
      if (this.problems.includes(problem)) continue;
      this.#core.log.info(problem);
      this.problems.push(problem);
    }
    this.problems.splice(0, this.problems.length - MOST_PROBLEMS);
  }

  async #lookOnce(): Promise<void> {
    const { core, lane } = this.#parts;
    this.#tellProblems();
    // Claims come first: what they leave to be done is seen when they have what they need.
    if (this.#isClaiming || core.now() < this.#restUntil) return;
    await this.#reconcile();
    const actions = this.#isQuiet
      ? []
      : planPool(core.state, this.config, core.now(), this.#facts((await lane.tip()).commit));
    for (const action of actions) {
      if (this.#abort.signal.aborted) return;
      await this.#perform(action);
    }
    if (actions.length === 0 && this.#jobs.size === 0 && !this.#isChangingHands()) this.#settle();
  }

  #facts(tip: string): PoolFacts {
    const slots = this.#parts.pool.list();
    const busy = new Set(slots.filter(({ work, taskId }) => work !== null || taskId !== null).map(({ id }) => id));
    const damaged = new Set(slots.filter(({ isDamaged }) => isDamaged).map(({ id }) => id));
    return { tip, busy, damaged, isAdding: this.#isAdding, order: this.#order };
  }

  /** A task is about to get a worktree, or has given it back in the record and its work is still being kept. */
  #isChangingHands(): boolean {
    const { worktrees } = this.#core.state;
    return this.#parts.pool
      .list()
      .some(({ id, taskId, isDamaged }) => taskId !== null && !isDamaged && worktrees.get(id)?.taskId === null);
  }

  async #perform(action: PoolAction): Promise<void> {
    const { core, pool, lane } = this.#parts;
    switch (action.type) {
      case 'stale':
        await core.intend({ type: 'worktree.stale', worktreeId: action.id, reason: action.reason }, 'drover');
        break;
      case 'create': {
        const { id, path } = pool.add();
        this.#isAdding = true;
        const made = core
          .intend({ type: 'worktree.add', worktreeId: id, path }, 'drover')
          .then(async () => this.#makeReady(id, (await lane.tip()).commit))
          .finally(() => {
            this.#isAdding = false;
          });
        this.#run(`adding ${id}`, made);
        break;
      }
      case 'refresh':
        this.#run(`refreshing ${action.id}`, this.#makeReady(action.id, (await lane.tip()).commit));
        break;
      case 'remove':
        this.#run(`removing ${action.id}`, this.#remove(action.id));
        break;
    }
  }

  async #makeReady(id: string, commit: string): Promise<void> {
    const { core, pool } = this.#parts;
    const since = performance.now();
    const ready = await pool.warm(id, commit, this.#abort.signal);
    if (ready === null) return;
    const ms = performance.now() - since;
    const { generation } = ready;
    // A claim may have been faster than the disk; then it is in use, and needs no other record.
    if (pool.list().some((slot) => slot.id === id && slot.taskId === null))
      await core.intend(
        {
          type: 'worktree.warm',
          worktreeId: id,
          baseCommit: commit,
          generation,
          ms,
          backend: pool.trees.backendOf(id),
        },
        'drover',
      );
  }

  async #remove(id: string): Promise<void> {
    if (!(await this.#parts.pool.remove(id))) return;
    await this.#core.intend({ type: 'worktree.remove', worktreeId: id }, 'drover');
  }

  #run(name: string, work: Promise<void>): void {
    const job = work
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted) return;
        this.#rest();
        this.#parts.pool.problems.push(`${name}: ${error instanceof Error ? error.message : error}`);
        this.#tellProblems();
      })
      .finally(() => {
        this.#jobs.delete(job);
        this.#lookSoon(0);
      });
    this.#jobs.add(job);
  }

  /** What failed once fails again at once: whoever waits is told, and it is tried later. */
  #rest(): void {
    this.#restUntil = this.#core.now() + REST;
    this.#settle();
  }

  /** The record of what nobody holds follows what is on the disk. */
  async #reconcile(): Promise<void> {
    const { core, pool } = this.#parts;
    const slots = new Map(pool.list().map((slot) => [slot.id, slot]));
    for (const { id, taskId, path, state } of [...core.state.worktrees.values()]) {
      const slot = slots.get(id);
      if (taskId !== null || slot?.taskId || slot?.work) continue;
      if (slot?.path !== path) await core.intend({ type: 'worktree.remove', worktreeId: id }, 'drover');
      else if (slot.ready === null && state !== 'cold')
        await core.intend({ type: 'worktree.cool', worktreeId: id, reason: 'it is not as it was left' }, 'drover');
    }
    for (const { id, path, taskId, work } of slots.values()) {
      if (taskId === null && work === null && !core.state.worktrees.has(id))
        await core.intend({ type: 'worktree.add', worktreeId: id, path }, 'drover');
    }
  }
}
