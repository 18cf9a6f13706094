// Owns the oracle: it rechecks a whole state from scratch, for tests and after a recovery.
import { type GuidanceMessage, MOST_QUEUED, queuedGuidance } from './guidance.ts';
import { keepsWorktree } from './pause.ts';
import { freeSlots } from './slots.ts';
import type { State } from './state.ts';
import { childIndex, partsOf, standOfParent } from './subtask.ts';
import { isActive, isFinished, type Task, type TaskId } from './task.ts';

/** Every rule that the state breaks, a sentence each; empty for a sound state. Linear in the size of the state. */
export function checkInvariants(state: State): string[] {
  const broken: string[] = [];
  const expect = (holds: boolean, rule: string) => {
    if (!holds) broken.push(rule);
  };
  checkKeys(state, expect);
  const children = childIndex(state);
  for (const task of state.tasks.values()) {
    checkReferences(state, task, expect);
    checkFields(task, expect);
    checkHolder(state, task, expect);
    checkPausedWork(state, task, expect);
    checkSubtasks(state, task, children.get(task.id) ?? [], expect);
  }
  checkRuns(state, expect);
  checkWorkers(state, expect);
  checkWorktrees(state, expect);
  checkGuidance(state, expect);
  const circle = findCircle(state);
  expect(circle === null, `tasks wait for each other: ${circle}`);
  return broken;
}

type Expect = (holds: boolean, rule: string) => void;

function checkKeys(state: State, expect: Expect): void {
  for (const map of [state.tasks, state.epics, state.runs, state.worktrees, state.guidance]) {
    for (const [id, record] of map) expect(id === record.id, `${record.id} is filed under ${id}`);
  }
  for (const [number, worker] of state.workers) {
    expect(number === worker.number, `worker ${worker.number} is filed under ${number}`);
  }
  const { session } = state;
  expect(session.epicId === null || state.epics.has(session.epicId), `the session's epic ${session.epicId} is unknown`);
  expect(!session.isRunning || session.startedAt !== null, 'a running session has no start');
  expect(Number.isInteger(state.seq) && state.seq >= 0, `seq is ${state.seq}`);
}

function checkReferences(state: State, task: Task, expect: Expect): void {
  expect(task.epicId === null || state.epics.has(task.epicId), `${task.id} belongs to the unknown epic ${task.epicId}`);
  expect(
    task.parentId === null || state.tasks.has(task.parentId),
    `${task.id} has the unknown parent ${task.parentId}`,
  );
  for (const id of task.blockedBy) expect(state.tasks.has(id), `${task.id} waits for the unknown ${id}`);
  expect(new Set(task.blockedBy).size === task.blockedBy.length, `${task.id} waits for a task twice`);
  expect(task.runId === null || state.runs.has(task.runId), `${task.id} has the unknown run ${task.runId}`);
}

function checkFields(task: Task, expect: Expect): void {
  const { id, status } = task;
  expect(Number.isInteger(task.attempts) && task.attempts >= 0, `${id} has ${task.attempts} attempts`);
  expect(!isActive(status) || task.attempts > 0, `${id} is ${status} with no attempt begun`);
  expect(
    (status === 'blocked') === (task.blockedReason !== null),
    `${id} is ${status} and its blocked reason disagrees`,
  );
  expect(task.landing === null || status === 'in_progress', `${id} is landing while ${status}`);
  expect(task.landing !== 'returned' || task.landingReturns > 0, `${id} was returned without being counted`);
  expect(task.landingReturns <= 1, `${id} was returned ${task.landingReturns} times`);
  expect(isFinished(status) === (task.finishedAt !== null), `${id} is ${status} and its end disagrees`);
  expect((status === 'completed') === (task.completedBy !== null), `${id} is ${status} and its completer disagrees`);
  expect(task.landedCommit === null || status === 'completed', `${id} has landed while ${status}`);
  expect(
    task.retryAt === null || status === 'ready' || status === 'blocked' || status === 'paused',
    `${id} backs off while ${status}`,
  );
  expect(!isActive(status) || task.branch !== null, `${id} is ${status} without a branch`);
  checkPause(task, expect);
}

/** Each phase of a pause belongs to its statuses, and only an attempt that was begun has work to go on with. */
function checkPause({ id, status, pause, attempts }: Task, expect: Expect): void {
  expect(status !== 'paused' || pause?.phase === 'paused', `${id} is paused and its pause disagrees`);
  if (pause === null) return;
  const fits = { asked: isActive(status), paused: status === 'paused', resumed: status === 'ready' }[pause.phase];
  expect(fits, `${id} is ${status} and its pause is ${pause.phase}`);
  expect(pause.work === null || attempts > 0, `${id} has paused work with no attempt begun`);
  expect(pause.work === null || pause.phase !== 'asked', `${id} is asked to pause and has paused work`);
  expect(pause.phase !== 'resumed' || pause.work !== null, `${id} is resumed with nothing to go on with`);
}

/** A paused task that goes on keeps the worktree of its last run. */
function checkPausedWork(state: State, task: Task, expect: Expect): void {
  if (!keepsWorktree(task) || isActive(task.status)) return;
  const run = task.runId === null ? undefined : state.runs.get(task.runId);
  const holder = run && state.worktrees.get(run.worktreeId)?.taskId;
  expect(holder === task.id, `${run?.worktreeId} of the paused ${task.id} is held by ${holder}`);
}

/** An active task has its run, its worker and its worktree, and each of them points back. */
function checkHolder(state: State, task: Task, expect: Expect): void {
  if (!isActive(task.status)) return;
  const run = task.runId === null ? undefined : state.runs.get(task.runId);
  expect(run?.taskId === task.id, `${task.id} is ${task.status} without a run of its own`);
  if (!run) return;
  expect(run.attempt === task.attempts, `${run.id} is attempt ${run.attempt}, ${task.id} is at ${task.attempts}`);
  expect(state.workers.get(run.worker)?.runId === run.id, `worker ${run.worker} does not hold ${run.id} of ${task.id}`);
  const holder = state.worktrees.get(run.worktreeId)?.taskId;
  expect(holder === task.id, `${run.worktreeId} of ${task.id} is held by ${holder}`);
}

/** A task waits only for open sub-tasks of its own, is not completed before them, and is divided only when it has some. */
function checkSubtasks(state: State, task: Task, children: readonly Task[], expect: Expect): void {
  const { id, status, awaits, decomposition } = task;
  expect(awaits.length === 0 || status === 'in_progress', `${id} waits for sub-tasks while ${status}`);
  const run = task.runId === null ? undefined : state.runs.get(task.runId);
  expect(awaits.length === 0 || run?.endedAt === null, `${id} waits for sub-tasks without an agent`);
  const own = new Set(children.map((child) => child.id));
  for (const child of awaits) expect(own.has(child), `${id} waits for ${child}, which is not its own`);
  const open = children.find((child) => !isFinished(child.status));
  expect(status !== 'completed' || open === undefined, `${id} is completed before its sub-task ${open?.id}`);
  expect(status !== 'decomposed' || decomposition !== null, `${id} is decomposed for no reason`);
  if (decomposition === null || status === 'cancelled') return;
  const parts = partsOf(state, decomposition);
  expect(parts.length > 0 && parts.every((part) => own.has(part.id)), `${id} is made of tasks that are not its own`);
  expect(
    standOfParent(parts).status === status,
    `${id} is ${status} and its parts disagree: ${parts.map((part) => `${part.id} ${part.status}`).join(', ')}`,
  );
}

function checkRuns(state: State, expect: Expect): void {
  for (const run of state.runs.values()) {
    expect(state.tasks.has(run.taskId), `${run.id} belongs to the unknown ${run.taskId}`);
    expect(run.endedAt === null || run.state === 'exited', `${run.id} has ended and is ${run.state}`);
    if (run.endedAt !== null) continue;
    expect(
      state.workers.get(run.worker)?.runId === run.id,
      `${run.id} is open and worker ${run.worker} does not hold it`,
    );
    expect(state.tasks.get(run.taskId)?.runId === run.id, `${run.id} is open and not the last run of ${run.taskId}`);
  }
}

function checkWorkers(state: State, expect: Expect): void {
  const idle = [...state.workers.values()].filter(({ runId }) => runId === null).length;
  const free = Math.max(0, freeSlots(state));
  expect(idle >= free, `${free - idle} of ${state.session.workers} workers are missing`);
  expect(idle <= free, `${idle - free} idle workers are too many`);
  const held = new Set<string>();
  for (const worker of state.workers.values()) {
    if (worker.runId === null) {
      continue;
    }
    expect(!held.has(worker.runId), `${worker.runId} is held by two workers`);
    held.add(worker.runId);
    const run = state.runs.get(worker.runId);
    const task = run && state.tasks.get(run.taskId);
    const isHeld = run?.endedAt === null || (task?.runId === worker.runId && isActive(task.status));
    expect(isHeld, `worker ${worker.number} is busy with ${worker.runId}, which is over`);
  }
}

function checkWorktrees(state: State, expect: Expect): void {
  const paths = new Set<string>();
  const holders = new Set<TaskId>();
  for (const worktree of state.worktrees.values()) {
    const { id, taskId } = worktree;
    expect((worktree.state === 'in-use') === (taskId !== null), `${id} is ${worktree.state} and held by ${taskId}`);
    expect(taskId === null || state.tasks.has(taskId), `${id} is held by the unknown ${taskId}`);
    expect(taskId === null || !holders.has(taskId), `${taskId} holds ${id} and another worktree`);
    if (taskId !== null) holders.add(taskId);
    const isReady = worktree.state === 'warm' || worktree.state === 'stale';
    expect(
      !isReady || (worktree.baseCommit !== null && worktree.warmedAt !== null),
      `${id} is ${worktree.state} and was never made ready`,
    );
    expect(!paths.has(worktree.path), `${id} has the path of another worktree`);
    paths.add(worktree.path);
  }
}

function checkGuidance(state: State, expect: Expect): void {
  for (const message of state.guidance.values()) checkMessage(state, message, expect);
  for (const id of state.tasks.keys()) {
    const waiting = queuedGuidance(state, id).length;
    // A shown one may come back to a full queue.
    expect(waiting <= 2 * MOST_QUEUED, `${waiting} hints wait for ${id}`);
  }
}

function checkMessage(state: State, message: GuidanceMessage, expect: Expect): void {
  const { id, taskId, state: now, shownAt } = message;
  const task = state.tasks.get(taskId);
  expect(task !== undefined, `${id} is for the unknown ${taskId}`);
  expect(now !== 'queued' || task?.status !== 'completed', `${id} waits for ${taskId}, which is completed`);
  expect(now !== 'queued' || task?.decomposition == null, `${id} waits for ${taskId}, which is divided`);
  expect(now === 'queued' || now === 'retracted' || shownAt !== null, `${id} is ${now} and was never shown`);
  expect((shownAt === null) === (message.runId === null), `${id} was shown to no run`);
  expect((shownAt === null) === (message.via === null), `${id} was shown at no boundary`);
  expect((now === 'acknowledged') === (message.acknowledgedAt !== null), `${id} is ${now} and its receipt disagrees`);
  expect(message.text.trim() !== '', `${id} says nothing`);
}

/** Takes away tasks that wait for nothing that is left; what remains holds a circle. */
function findCircle(state: State): string | null {
  const waitsFor = new Map<TaskId, number>();
  const blocks = new Map<TaskId, TaskId[]>();
  const children = childIndex(state);
  for (const task of state.tasks.values()) {
    const all = [...task.blockedBy, ...(children.get(task.id) ?? []).map(({ id }) => id)];
    waitsFor.set(task.id, all.length);
    for (const id of all) {
      const others = blocks.get(id);
      if (others) others.push(task.id);
      else blocks.set(id, [task.id]);
    }
  }
  const free = [...waitsFor].filter(([, number]) => number === 0).map(([id]) => id);
  for (const id of free) {
    waitsFor.delete(id);
    for (const other of blocks.get(id) ?? []) {
      const left = (waitsFor.get(other) ?? 0) - 1;
      waitsFor.set(other, left);
      if (left === 0) free.push(other);
    }
  }
  return waitsFor.size === 0 ? null : [...waitsFor.keys()].slice(0, 10).join(', ');
}
