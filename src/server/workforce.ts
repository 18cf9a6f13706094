// Owns the workers at work: claims a worktree for each task, lets a TaskRun work in it, and gives the worktree and the worker back.
import { randomUUID } from 'node:crypto';
import { adapterFor } from '../agent/adapters.ts';
import { firstPrompt, resumePrompt } from '../agent/prompts.ts';
import { isPausing, isResumed, isSettling, keepsWorktree } from '../domain/pause.ts';
import { RefusalError, refuse } from '../domain/refusal.ts';
import { childrenOf, isAwaiting } from '../domain/subtask.ts';
import { type BlockedReason, isActive, type Task } from '../domain/task.ts';
import type { AgentKind, Run } from '../domain/worker.ts';
import { dropBranch } from '../git/base-branch.ts';
import { commitWithParents } from '../git/diff.ts';
import { mergeBase } from '../git/refs.ts';
import { resolveBase } from '../git/repository.ts';
import type { WorktreePool } from '../pool/pool-manager.ts';
import { isShortWay } from '../pool/sync.ts';
import type { Pane } from '../terminal/pane.ts';
import type { AgentParts } from './agent-process.ts';
import type { Core } from './core.ts';
import type { LandingLane } from './landing-lane.ts';
import { keepWork, lookAtWork, type PausedWorkParts } from './paused-work.ts';
import type { Starter } from './scheduler.ts';
import { type Claim, TaskRun } from './task-run.ts';
import type { WorktreeSync } from './worktree-sync.ts';

export interface WorkforceParts extends Omit<AgentParts, 'pane'>, PausedWorkParts {
  readonly lane: LandingLane;
  readonly pool: WorktreePool;
  readonly sync: WorktreeSync;
  /** The pane of a worker; made when it does not exist yet. */
  readonly paneOf: (worker: number) => Pane;
}

/** The end of an agent that was paused, and then not. */
const PAUSED = 'paused';

function whyEnded(previous: Run): string {
  return previous.stateDetail === PAUSED ? 'it was paused for a moment' : 'the server was started again';
}

export class Workforce implements Starter {
  readonly #parts: WorkforceParts;
  readonly #core: Core;
  readonly #runs = new Map<string, TaskRun>();
  /** Tasks from the first look for a worktree to its release. */
  readonly #held = new Set<string>();
  readonly #finished = new Set<Promise<void>>();
  #isStopping = false;
  readonly #unsubscribe: () => void;

  constructor(parts: WorkforceParts) {
    this.#parts = parts;
    this.#core = parts.core;
    this.#unsubscribe = this.#core.store.subscribe((envelopes) => {
      for (const { event } of envelopes) {
        if (event.type === 'task.cancelled') this.#cancel(event.taskId);
        if (event.type === 'task.pause-asked') this.#pause(event.taskId);
        if (event.type === 'task.resumed') this.#runs.get(event.taskId)?.callOffPause();
      }
    });
  }

  isAtWork(taskId: string): boolean {
    return this.#runs.has(taskId);
  }

  /** The run that a token opens. Refuses an unknown token. */
  runOf(token: string): TaskRun {
    for (const run of this.#runs.values()) if (run.holds(token)) return run;
    return refuse('not-allowed', 'the token of this agent is not, or no longer, valid');
  }

  /** The run that works on a task; null when none does. */
  runOfTask(taskId: string): TaskRun | null {
    return this.#runs.get(taskId) ?? null;
  }

  begin(task: Task, worker: number): Promise<void> {
    return this.#whileHeld(task.id, () => this.#begin(task, worker));
  }

  resume(task: Task, worker: number): Promise<void> {
    return this.#whileHeld(task.id, () => this.#resume(task, worker));
  }

  /** `stop` waits for it, and the worktree of the task is nobody else's to release. */
  async #whileHeld(taskId: string, work: () => Promise<void>): Promise<void> {
    this.#held.add(taskId);
    const done = work().finally(() => {
      this.#held.delete(taskId);
      this.#finished.delete(done);
    });
    this.#finished.add(done);
    await done;
  }

  async #begin(task: Task, worker: number): Promise<void> {
    const { pool, lane, repository } = this.#parts;
    const since = performance.now();
    const { session } = this.#core.state;
    const { branch: baseBranch, commit: tip } = await lane.tip();
    const branch = `drover/${task.id}`;
    const from = task.startFrom === null ? null : await commitWithParents(repository.root, task.startFrom);
    const commit = from?.commit ?? tip;
    const onCold = () =>
      this.#core.background(`worktree of ${task.id}`, this.#core.record({ type: 'pool.exhausted', taskId: task.id }));
    const slot = await pool.acquire({ taskId: task.id, attempt: task.attempts + 1, commit, branch, onCold });
    const claim: Omit<Claim, 'name' | 'sync'> = {
      taskId: task.id,
      runId: randomUUID(),
      worker,
      worktree: slot.path,
      conversationId: randomUUID(),
      agent: session.agent,
      baseBranch,
    };
    let start: string;
    try {
      if (this.#isStopping) refuse('not-running', 'the server stops');
      // A short way is gone beside the agent's start.
      const isBeside = slot.from === 'stale' && from === null && (await isShortWay(repository, slot.baseCommit, tip));
      if (slot.from === 'stale' && !isBeside) await pool.update(slot.id, commit);
      start = isBeside ? slot.baseCommit : commit;
      await this.#register(slot);
      const { taskId, runId, conversationId, agent } = claim;
      const baseCommit = from === null ? start : await mergeBase(repository, from.commit, tip);
      await this.#core.intend(
        { type: 'task.claim', taskId, runId, worker, worktreeId: slot.id, baseCommit, agent, conversationId },
        'drover',
      );
    } catch (error) {
      // Lost the race against a cancel or an edit: the slot goes back untouched.
      pool.giveBack(slot.id);
      throw error;
    }
    const ms = performance.now() - since;
    let named: Promise<void> | null = null;
    const name = () => (named ??= pool.name(slot.id, branch));
    const claimed = { type: 'pool.claimed', taskId: task.id, worktreeId: slot.id, from: slot.from, ms } as const;
    this.#core.background(`claim of ${task.id}`, this.#core.record(claimed));
    // What goes on with earlier work stays where that is.
    const sync =
      from === null
        ? this.#parts.sync.begin({
            taskId: task.id,
            slot: { path: slot.path, branch, baseCommit: start },
            base: { branch: baseBranch, commit: tip },
            attach: name,
            equip: (signal) => pool.provision(slot.id, signal),
          })
        : null;
    await this.#carry({ ...claim, name, sync }, slot.id, (run) =>
      run.work(this.#prompt(run.task, claim.agent, from !== null), false),
    );
  }

  /** A slot may be on disk and not in the state (a server was killed in between), or at another path (the data home was moved). */
  async #register(slot: { id: string; path: string }): Promise<void> {
    const worktreeId = slot.id;
    const known = this.#core.state.worktrees.get(worktreeId);
    if (known && known.path !== slot.path) await this.#core.intend({ type: 'worktree.remove', worktreeId }, 'drover');
    await this.#core.intend({ type: 'worktree.add', worktreeId, path: slot.path }, 'drover');
  }

  /** The agent of a cancelled task is ended; without one only its worktree is to be given back. */
  #cancel(taskId: string): void {
    const run = this.#runs.get(taskId);
    if (run) run.cancel();
    else if (!this.#held.has(taskId)) this.#core.background(`worktree of ${taskId}`, this.releaseForgotten());
  }

  async #resume(task: Task, worker: number): Promise<void> {
    const previous = task.runId === null ? undefined : this.#core.state.runs.get(task.runId);
    if (!previous) throw new Error(`the task ${task.id} is ${task.status} without a run`);
    const { branch: baseBranch, commit } = await this.#parts.lane.tip();
    const work = isResumed(task) ? (task.pause?.work ?? null) : null;
    const outlook = work === null ? null : await lookAtWork(this.#parts, task, previous, work);
    if (outlook?.kind === 'damaged') return this.#giveUp(task, previous, outlook.reason);
    const slot = await this.#reclaim(task, previous, commit);
    if (slot === null) return;
    const claim: Claim = {
      taskId: task.id,
      runId: randomUUID(),
      worker,
      worktree: slot.path,
      conversationId: previous.conversationId,
      agent: previous.agent,
      baseBranch,
      name: () => Promise.resolve(),
      // It has begun its work; landing merges what came meanwhile.
      sync: null,
    };
    const reason = outlook === null ? whyEnded(previous) : 'it was paused';
    if (this.#isStopping) return;
    try {
      await this.#core.intend({ type: 'run.resume', taskId: task.id, runId: claim.runId, worker, reason }, 'drover');
    } catch (error) {
      // Cancelled meanwhile: nobody else gives the worktree back.
      if (!this.#isKept(task.id)) await this.#release(slot.id);
      throw error;
    }
    await this.#carry(claim, slot.id, (run) => {
      if (outlook === null) return run.work(resumePrompt({ task: run.task, reason }), true);
      const { prompt } = outlook;
      return run.work(prompt ?? this.#prompt(run.task, claim.agent, false), prompt !== null);
    });
  }

  /** The agent of a task that is to be paused is asked to stop; without one the task is paused now. */
  #pause(taskId: string): void {
    const run = this.#runs.get(taskId);
    // One that only waits for its sub-tasks loses nothing by being stopped at once.
    if (run) run.pause((run.task.pause?.isNow ?? false) || isAwaiting(run.task));
    else if (!this.#held.has(taskId)) this.#core.background(`pause of ${taskId}`, this.settlePauses());
  }

  /** Pauses the tasks that were to be paused and whose agents ended with an earlier server. */
  async settlePauses(): Promise<void> {
    for (const task of this.#core.state.tasks.values()) {
      if (!isSettling(task) || this.#held.has(task.id)) continue;
      await this.#whileHeld(task.id, async () => void (await this.#settlePause(task)));
    }
  }

  /** Keeps the work and pauses the task. True when the worktree stays with the task: it is paused, or it was resumed meanwhile and goes on. */
  async #settlePause({ id }: Task): Promise<boolean> {
    const task = this.#core.state.tasks.get(id);
    const run = this.#core.state.runs.get(task?.runId ?? '');
    if (!task || !run || !isPausing(task)) return this.#isKept(id);
    const work = await keepWork(this.#parts, task, run);
    try {
      await this.#core.intend({ type: 'task.settle-pause', taskId: id, work }, task.pause?.by ?? 'drover');
    } catch (error) {
      // Cancelled or resumed in the last moment.
      if (!(error instanceof RefusalError)) throw error;
    }
    return this.#isKept(id);
  }

  #isKept(taskId: string): boolean {
    const task = this.#core.state.tasks.get(taskId);
    return task !== undefined && keepsWorktree(task);
  }

  /** A paused attempt that cannot go on waits for a person; what is left of its worktree is given back. */
  async #giveUp(task: Task, previous: Run, reason: BlockedReason): Promise<void> {
    const startFrom = task.pause?.work?.kept?.commit;
    const block = { type: 'task.block', taskId: task.id, reason } as const;
    await this.#core.intend(startFrom === undefined ? block : { ...block, startFrom }, 'drover');
    if (this.#core.state.worktrees.get(previous.worktreeId)?.taskId === task.id)
      await this.#release(previous.worktreeId);
  }

  /** Gives back in the state what a server held that was killed between the end of a task and the release of its worktree. */
  async releaseForgotten(): Promise<void> {
    const { state } = this.#core;
    for (const { id, taskId } of state.worktrees.values()) {
      const task = taskId === null ? undefined : state.tasks.get(taskId);
      if (taskId === null || this.#held.has(taskId) || (task && keepsWorktree(task))) continue;
      try {
        await this.#release(id);
      } catch (error) {
        // A damaged worktree is left as it is; the others and the server go on.
        this.#core.log.error(`the worktree ${id} of ${taskId}`, error);
      }
    }
  }

  /** In the state first: the pool hands the slot out again as soon as it has it back. */
  async #release(worktreeId: string): Promise<void> {
    await this.#core.intend({ type: 'worktree.release', worktreeId }, 'drover');
    const isHeld = this.#parts.pool.list().some((slot) => slot.id === worktreeId && slot.taskId !== null);
    if (isHeld) await this.#parts.pool.release(worktreeId);
  }

  /** Ends every agent and leaves its task for the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe();
    this.#parts.sync.close();
    for (const run of this.#runs.values()) run.stop();
    await Promise.allSettled(this.#finished);
  }

  #prompt(task: Task, agent: AgentKind, isFromKept: boolean): string {
    const { state } = this.#core;
    return firstPrompt({
      task,
      epic: task.epicId === null ? null : (state.epics.get(task.epicId) ?? null),
      dependencies: task.blockedBy.flatMap((id) => state.tasks.get(id) ?? []),
      isFromKept,
      subtasks: childrenOf(state, task.id),
      hasTools: adapterFor(agent).hasHooks,
    });
  }

  /** The worktree of an interrupted attempt; null when it is gone and the attempt was given up. */
  async #reclaim(task: Task, previous: Run, commit: string): Promise<{ id: string; path: string } | null> {
    const held = this.#parts.pool.list().find((slot) => slot.id === previous.worktreeId && slot.taskId === task.id);
    if (held) {
      const branch = `drover/${task.id}`;
      return this.#parts.pool.acquire({ taskId: task.id, attempt: task.attempts, commit, branch, existing: true });
    }
    const error = `its worktree ${previous.worktreeId} is gone; its commits are on drover/${task.id}`;
    await this.#core.intend(
      { type: 'run.end', runId: previous.id, exitCode: null, signal: null, reason: error },
      'drover',
    );
    if (isActive(this.#core.state.tasks.get(task.id)?.status ?? 'cancelled')) {
      await this.#core.intend({ type: 'task.fail-attempt', taskId: task.id, error }, 'drover');
    }
    const { worktrees } = this.#core.state;
    if (worktrees.get(previous.worktreeId)?.taskId === task.id) await this.#release(previous.worktreeId);
    return null;
  }

  #carry(claim: Claim, worktreeId: string, work: (run: TaskRun) => ReturnType<TaskRun['work']>): Promise<void> {
    const pane = this.#parts.paneOf(claim.worker);
    const run = new TaskRun({ ...this.#parts, pane }, claim);
    this.#runs.set(claim.taskId, run);
    if (this.#isStopping) run.stop();
    // Cancelled while the claim was on its way to the disk: nobody knew of this run yet.
    else if (!isActive(run.task.status)) run.cancel();
    else if (isPausing(run.task)) run.pause(run.task.pause?.isNow ?? false);
    return this.#work(claim, worktreeId, run, work).finally(() => this.#runs.delete(claim.taskId));
  }

  async #work(
    claim: Claim,
    worktreeId: string,
    run: TaskRun,
    work: (run: TaskRun) => ReturnType<TaskRun['work']>,
  ): Promise<void> {
    const { taskId } = claim;
    let ending: Awaited<ReturnType<TaskRun['work']>>;
    try {
      ending = await work(run);
    } catch (error) {
      this.#core.log.error(`run of ${taskId}`, error);
      ending = { kind: 'failed', error: `a fault of Drover: ${error instanceof Error ? error.message : error}` };
    }
    const reason = ending.kind === 'failed' ? ending.error : ending.kind;
    await run.end(reason);
    await claim.sync?.close();
    if (ending.kind === 'stopped') return;
    // What it has committed is on the task's branch, also when it ended before that had its name. Why it could not have it was told.
    await claim.name().catch(() => undefined);
    if (ending.kind === 'paused' && (await this.#settlePause(run.task))) return;
    if (ending.kind === 'failed' && isActive(run.task.status)) {
      await this.#core.intend({ type: 'task.fail-attempt', taskId, error: ending.error }, 'drover');
    }
    await this.#release(worktreeId);
    if (ending.kind === 'landed') await this.#dropBranch(taskId, claim.baseBranch);
  }

  /** A landed branch is on the base branch and under refs/drover/keep; its own name would only be litter. */
  async #dropBranch(taskId: string, baseBranch: string): Promise<void> {
    const { commit } = await resolveBase(this.#parts.repository, baseBranch);
    await dropBranch(this.#parts.repository, `drover/${taskId}`, commit);
  }
}
