// Owns who starts what and when: idle workers are matched with claimable tasks after every change, and at the time when a back-off ends.
import { isResumed, isSettling } from '../domain/pause.ts';
import { RefusalError } from '../domain/refusal.ts';
import { claimable, idleWorkers, isWorkLeft, nextWake } from '../domain/schedule.ts';
import { isActive, type Task } from '../domain/task.ts';
import type { Core } from './core.ts';

export interface Starter {
  /** Claims the task and works on it; resolves when the worker is free again. */
  begin(task: Task, worker: number): Promise<void>;
  /** Goes on with a task that was paused, or whose agent ended with an earlier server. */
  resume(task: Task, worker: number): Promise<void>;
  /** True while this process works on the task. */
  isAtWork(taskId: string): boolean;
}

/** ms: a task whose start met a fault of Drover or of the machine is left alone for so long, instead of being tried in a hot loop. */
const FAULT_PAUSE = 10_000;

/** setTimeout takes at most this many ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class Scheduler {
  readonly #core: Core;
  readonly #starter: Starter;
  /** Tasks and workers that are being matched but whose claim is not yet in the state. */
  readonly #tasks = new Set<string>();
  readonly #workers = new Set<number>();
  #isScheduled = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | null = null;
  readonly #unsubscribe: () => void;

  constructor(core: Core, starter: Starter) {
    this.#core = core;
    this.#starter = starter;
    this.#unsubscribe = core.store.subscribe(() => this.kick());
  }

  /** Looks for work soon; many kicks are one look. */
  kick(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isStopped) this.#match();
    });
  }

  /** Starts nothing any more. */
  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #match(): void {
    const { state } = this.#core;
    if (!state.session.isRunning) return;
    const workers = idleWorkers(state)
      .map((worker) => worker.number)
      .filter((number) => !this.#workers.has(number));
    const next = (): number | undefined => workers.shift();
    for (const task of state.tasks.values()) {
      if (!isActive(task.status) || isSettling(task) || this.#starter.isAtWork(task.id) || this.#tasks.has(task.id))
        continue;
      // The worker that held it before the crash is still marked busy with it: it is the natural one to go on.
      const own = [...state.workers.values()].find((worker) => worker.runId !== null && worker.runId === task.runId);
      const worker = own?.number ?? next();
      if (worker !== undefined) this.#start(task, worker, (t, w) => this.#starter.resume(t, w));
    }
    if (workers.length > 0) {
      for (const task of claimable(state, this.#core.now())) {
        if (this.#tasks.has(task.id)) continue;
        const worker = next();
        if (worker === undefined) break;
        this.#start(task, worker, (t, w) => (isResumed(t) ? this.#starter.resume(t, w) : this.#starter.begin(t, w)));
      }
    }
    this.#setTimer();
    this.#stopWhenDone();
  }

  #stopWhenDone(): void {
    const { session } = this.#core.state;
    if (!session.isRunning || !session.untilDone || this.#tasks.size > 0 || isWorkLeft(this.#core.state)) return;
    const stop = this.#core.intend({ type: 'session.stop', reason: 'nothing is left to do' }, 'drover');
    this.#core.background('end of the session', stop);
  }

  #start(task: Task, worker: number, work: (task: Task, worker: number) => Promise<void>): void {
    this.#tasks.add(task.id);
    this.#workers.add(worker);
    const free = (): void => {
      this.#tasks.delete(task.id);
      this.#workers.delete(worker);
      this.kick();
    };
    work(task, worker).then(free, (error: unknown) => {
      if (error instanceof RefusalError && this.#isLostRace(task, worker)) return free();
      this.#core.log.error(`work on ${task.id}`, error);
      setTimeout(free, FAULT_PAUSE).unref();
    });
  }

  /** A person was faster: the task was cancelled or edited, the worker taken away, the session stopped. */
  #isLostRace(task: Task, worker: number): boolean {
    const { tasks, workers, session } = this.#core.state;
    return this.#isStopped || tasks.get(task.id) !== task || !workers.has(worker) || !session.isRunning;
  }

  #setTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const at = nextWake(this.#core.state, this.#core.now());
    if (at === null) return;
    this.#timer = setTimeout(() => this.kick(), Math.min(Math.max(0, at - this.#core.now()) + 1, LONGEST_TIMER));
  }
}
