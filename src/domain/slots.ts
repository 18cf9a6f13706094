// Owns how many workers there are: as many as the session has slots, and one more for each task that only waits for its sub-tasks.
import type { State } from './state.ts';
import { isAwaiting } from './subtask.ts';
import type { Worker } from './worker.ts';

/** True when the worker's task only waits for its sub-tasks: it takes no slot. */
function isWaitingWorker(state: State, { runId }: Worker): boolean {
  const run = runId === null ? undefined : state.runs.get(runId);
  const task = run === undefined ? undefined : state.tasks.get(run.taskId);
  return task !== undefined && task.runId === runId && isAwaiting(task);
}

/** The slots that nobody works in; below 0 when the session was made smaller, or a task went on without one. */
export function freeSlots(state: State): number {
  let free = state.session.workers;
  for (const worker of state.workers.values()) if (worker.runId !== null && !isWaitingWorker(state, worker)) free -= 1;
  return free;
}

/** Makes an idle worker for each free slot, with the lowest numbers that are not taken, and takes the others away. `at` is ms since epoch. */
export function settleWorkers(state: State, at: number): void {
  let left = freeSlots(state);
  for (let number = 1; left > 0; number++) {
    const worker = state.workers.get(number);
    if (worker !== undefined && worker.runId !== null) continue;
    if (worker === undefined) state.workers.set(number, { number, runId: null, since: at });
    left -= 1;
    if (left === 0) removeIdle(state, number);
  }
  if (freeSlots(state) <= 0) removeIdle(state, 0);
}

function removeIdle(state: State, above: number): void {
  for (const { number, runId } of [...state.workers.values()])
    if (runId === null && number > above) state.workers.delete(number);
}
