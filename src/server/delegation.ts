// Owns sub-tasks while the server runs: the calls of agents that wait for them, what became of them, and how a child's landed work comes into its parent's worktree.

import { resolveTask } from '../domain/ids.ts';
import type { NewSubtask } from '../domain/intent.ts';
import { RefusalError, refuse } from '../domain/refusal.ts';
import { childrenOf, descendantsOf, isAwaiting, type SubtaskResult, subtaskResult } from '../domain/subtask.ts';
import { isFinished, type Task, type TaskId } from '../domain/task.ts';
import { bringIn } from '../git/bring-in.ts';
import type { Repository } from '../git/repository.ts';
import type { Core } from './core.ts';
import type { TaskRun } from './task-run.ts';

/** Who signs a merge that nobody asked an agent for. */
const MERGER = { name: 'Drover', email: 'drover@localhost' };

export class Delegation {
  readonly #core: Core;
  readonly #repository: Repository;
  /** What breaks off the wait of a task's call. */
  readonly #waits = new Map<TaskId, AbortController>();

  constructor(core: Core, repository: Repository) {
    this.#core = core;
    this.#repository = repository;
  }

  /** Creates a sub-task of the run's own task. */
  async create(run: TaskRun, wish: NewSubtask): Promise<Task> {
    const intent = { type: 'task.delegate', taskId: run.taskId, subtasks: [wish] } as const;
    for (const { event } of await this.#core.intend(intent, by(run)))
      if (event.type === 'task.created') return event.task;
    throw new Error('task.delegate created nothing');
  }

  /** Divides the run's own task; its agent hears so and ends. */
  async decompose(run: TaskRun, reason: string, subtasks: readonly NewSubtask[]): Promise<Task[]> {
    const intent = { type: 'task.decompose', taskId: run.taskId, reason, subtasks } as const;
    const events = await this.#core.intend(intent, by(run));
    run.divided();
    return events.flatMap(({ event }) => (event.type === 'task.created' ? [event.task] : []));
  }

  /** The sub-task that is named, or all of the run's own task. Refuses what is not under it. */
  subtasks(run: TaskRun, reference: string | undefined): Task[] {
    const { state } = this.#core;
    if (reference === undefined) return childrenOf(state, run.taskId);
    const task = resolveTask(state, reference);
    if (descendantsOf(state, run.taskId).some(({ id }) => id === task.id)) return [task];
    return refuse('not-allowed', `${task.id} is no sub-task of ${run.taskId}; list_tasks shows those that are.`);
  }

  /** What became of sub-tasks so far. */
  resultsOf(tasks: readonly Task[]): SubtaskResult[] {
    return tasks.map(({ id }) => subtaskResult(resolveTask(this.#core.state, id)));
  }

  /** Waits for sub-tasks and tells what became of them; what has landed is brought into the run's worktree, where nobody works meanwhile. */
  async resultsAfter(run: TaskRun, tasks: readonly Task[]): Promise<SubtaskResult[]> {
    await this.#wait(run, tasks);
    const results: SubtaskResult[] = [];
    for (const result of this.resultsOf(tasks)) results.push({ ...result, note: await this.#bringIn(run, result) });
    return results;
  }

  async #bringIn(run: TaskRun, { status, commit }: SubtaskResult): Promise<string> {
    if (status !== 'completed' || commit === null) return '';
    try {
      const brought = await bringIn(this.#repository, { worktree: run.worktree, commit, by: MERGER });
      if (brought.kind === 'there') return 'Its work is part of your branch now.';
      return `Its work is on the base branch and could not be merged into your worktree (${brought.reason}). Nothing was changed; to merge it yourself: git merge ${commit}`;
    } catch (error) {
      this.#core.log.error(`merge into ${run.worktree}`, error);
      return `Its work is on the base branch; to merge it into yours: git merge ${commit}`;
    }
  }

  /** Resolves when these sub-tasks are over and a slot is free for the parent again, or when `stop` is called. A sub-task that waits for a person is waited for. */
  async #wait(run: TaskRun, tasks: readonly Task[]): Promise<void> {
    const { taskId } = run;
    if (this.#waits.has(taskId)) refuse('not-allowed', `Another call of ${taskId} waits for sub-tasks already.`);
    const broken = new AbortController();
    this.#waits.set(taskId, broken);
    try {
      const subtasks = tasks.map(({ id }) => id);
      await this.#core.intend({ type: 'task.await', taskId, subtasks }, by(run));
      if (!this.#isAwaiting(taskId)) return;
      run.hold(`waits for ${subtasks.join(', ')}`);
      while (!(await this.#hasEnded(taskId, broken.signal))) await this.#change(broken.signal);
      run.goOn();
    } finally {
      this.#waits.delete(taskId);
    }
  }

  /** The agent's call was broken off: it goes on at once. */
  stop(taskId: TaskId): void {
    this.#waits.get(taskId)?.abort();
  }

  /** How sub-tasks stand, in one line; resolves as soon as that is another line than `seen`. */
  async news(run: TaskRun, { seen, signal }: { seen: string; signal: AbortSignal }): Promise<string> {
    for (;;) {
      const words = this.#words(run.taskId);
      if (words !== seen || signal.aborted) return words;
      await this.#change(signal);
    }
  }

  #words(taskId: TaskId): string {
    return childrenOf(this.#core.state, taskId)
      .filter(({ status }) => !isFinished(status))
      .map(({ id, status, landing }) => `sub-task ${id} is ${landing === null ? status : `landing (${landing})`}`)
      .join(', ');
  }

  #isAwaiting(taskId: TaskId): boolean {
    const task = this.#core.state.tasks.get(taskId);
    return task !== undefined && isAwaiting(task);
  }

  async #hasEnded(taskId: TaskId, { aborted: isForced }: AbortSignal): Promise<boolean> {
    const { state } = this.#core;
    const task = state.tasks.get(taskId);
    if (task === undefined || !isAwaiting(task)) return true;
    const isOver = task.awaits.every((id) => isFinished(state.tasks.get(id)?.status ?? 'cancelled'));
    if (!isOver && !isForced) return false;
    try {
      await this.#core.intend({ type: 'task.end-await', taskId, isForced }, `agent:${taskId}`);
      return true;
    } catch (error) {
      // No slot is free: the next one that is given back is taken before the queue looks.
      if (error instanceof RefusalError) return false;
      throw error;
    }
  }

  /** Resolves at the next event, or when the signal is raised. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        unsubscribe();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const unsubscribe = this.#core.store.subscribe(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}

const by = (run: TaskRun): string => `agent:${run.taskId}`;
