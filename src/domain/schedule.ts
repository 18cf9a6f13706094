// Owns the order of work: what can be claimed now, who is free, when to look again, and whether anything is left.
import type { State } from './state.ts';
import { isActive, type Task, type TaskId } from './task.ts';
import type { Worker } from './worker.ts';

/** None while the queue is held; else the ready tasks of the session's epic whose dependencies are completed, whose back-off is over at `now` (ms since epoch) and whose last agent has ended; by priority (highest first), then in the order in which they were created. */
export function claimable(state: State, now: number): Task[] {
  if (state.session.isHeld) return [];
  const tasks: Task[] = [];
  for (const task of state.tasks.values()) {
    if (isDue(state, task, now)) tasks.push(task);
  }
  return tasks.sort(compareClaims);
}

/** Workers with nothing to do, lowest number first. */
export function idleWorkers(state: State): Worker[] {
  return [...state.workers.values()].filter((worker) => worker.runId === null).sort((a, b) => a.number - b.number);
}

/** The time (ms since epoch) at which the next back-off ends of a task that only waits for that; null when there is none. */
export function nextWake(state: State, now: number): number | null {
  let wake: number | null = null;
  for (const task of state.tasks.values()) {
    if (task.retryAt === null || task.retryAt <= now || (wake !== null && task.retryAt >= wake)) continue;
    if (task.status === 'ready' && isInSession(state, task) && areDependenciesCompleted(state, task)) {
      wake = task.retryAt;
    }
  }
  return wake;
}

/** The dependencies that keep a task from starting: `dead` ones failed or were cancelled, `waiting` ones may still be completed. */
export function dependencies(state: State, task: Task): { waiting: Task[]; dead: Task[] } {
  const waiting: Task[] = [];
  const dead: Task[] = [];
  for (const id of task.blockedBy) {
    const dependency = state.tasks.get(id);
    if (!dependency || dependency.status === 'completed') continue;
    if (isDead(dependency)) dead.push(dependency);
    else waiting.push(dependency);
  }
  return { waiting, dead };
}

/** True when a dependency of the task, or of one it waits for, failed or was cancelled: without a person it never starts. */
export function isStuck(state: State, task: Task): boolean {
  return stuckFinder(state)(task);
}

/** isStuck for many tasks of one state: the answers are remembered, so that all tasks together cost one walk of the graph. Use it before the state changes. */
export function stuckFinder(state: State): (task: Task) => boolean {
  const isDoomed = probe(state, (task) => {
    if (isDead(task)) return true;
    return task.status === 'completed' || isActive(task.status) ? false : 'by-dependencies';
  });
  return (task) => task.blockedBy.some(isDoomed);
}

/** True while a task is being worked on, or a ready one of the session's epic can still run, now or later, with no person's help. */
export function isWorkLeft(state: State): boolean {
  const isHopeless = probe(state, (task) => {
    if (task.status === 'completed' || isActive(task.status)) return false;
    return task.status === 'ready' && isInSession(state, task) ? 'by-dependencies' : true;
  });
  for (const task of state.tasks.values()) {
    if (isActive(task.status)) return true;
    if (task.status === 'ready' && !isHopeless(task.id)) return true;
  }
  return false;
}

/** True while the last agent of the task has not ended: its worktree and branch are not free for another one. */
export function isRunOpen(state: State, task: Task): boolean {
  return task.runId !== null && state.runs.get(task.runId)?.endedAt === null;
}

/** True when the server that worked on the task is gone and no session runs that would go on with it. */
export function isStranded(state: State, task: Task): boolean {
  return isActive(task.status) && !state.session.isRunning && !isRunOpen(state, task);
}

/** The order of claims: priority (highest first), then age. A stable sort keeps tasks of one millisecond as they stand in the state: in the order in which they were created. */
export function compareClaims(a: Task, b: Task): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.createdAt - b.createdAt;
}

/** True when the running session takes tasks of this one's epic. */
export function isInSession(state: State, task: Task): boolean {
  return state.session.epicId === null || state.session.epicId === task.epicId;
}

function isDue(state: State, task: Task, now: number): boolean {
  if (task.status !== 'ready' || (task.retryAt !== null && task.retryAt > now)) return false;
  return isInSession(state, task) && areDependenciesCompleted(state, task) && !isRunOpen(state, task);
}

function areDependenciesCompleted(state: State, task: Task): boolean {
  return task.blockedBy.every((id) => state.tasks.get(id)?.status === 'completed');
}

function isDead(task: Task): boolean {
  return task.status === 'failed' || task.status === 'cancelled';
}

/**
 * A remembered walk of the dependency graph without recursion, since chains may be thousands long. `judge` says of a
 * task true, false, or that it is as its dependencies are: true as soon as one of them is.
 */
function probe(state: State, judge: (task: Task) => boolean | 'by-dependencies'): (id: TaskId) => boolean {
  const known = new Map<TaskId, boolean>();
  const judgeId = (id: TaskId): boolean | 'by-dependencies' => {
    const task = state.tasks.get(id);
    return known.get(id) ?? (task ? judge(task) : false);
  };
  return (start) => {
    const first = judgeId(start);
    if (first !== 'by-dependencies') return first;
    const stack = [start];
    // A circle can only come of a damaged log; it must not hang the program.
    const seen = new Set(stack);
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const verdict = judgeId(id);
      if (verdict !== 'by-dependencies') {
        known.set(id, verdict);
        stack.pop();
        continue;
      }
      const blockedBy = state.tasks.get(id)?.blockedBy ?? [];
      const open = blockedBy.find((dependency) => !known.has(dependency) && !seen.has(dependency));
      if (open === undefined) {
        known.set(
          id,
          blockedBy.some((dependency) => known.get(dependency)),
        );
      } else {
        stack.push(open);
        seen.add(open);
      }
    }
    return known.get(start) ?? false;
  };
}
