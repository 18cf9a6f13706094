// Owns the fold: what each event changes. The same function runs in the server, the workspace and the page.

import { applyToGuidance } from './apply-guidance.ts';
import { applyToPool, doubtWorktrees, patchWorktree } from './apply-pool.ts';
import { applyToQuestions } from './apply-questions.ts';
import type { DroverEvent, Envelope } from './event.ts';
import type { Pause } from './pause.ts';
import { NOT_ASKED } from './question.ts';
import { settleWorkers } from './slots.ts';
import { NOT_PAUSED, NOT_SYNCED } from './snapshot.ts';
import type { State } from './state.ts';
import { isAwaiting, NOT_DELEGATED } from './subtask.ts';
import { isActive, type RunId, type Task, type TaskId } from './task.ts';
import { addUsage, NO_USAGE } from './usage.ts';
import type { Run } from './worker.ts';

type Event<T extends DroverEvent['type']> = Extract<DroverEvent, { type: T }>;

/** Folds one event into the state in O(1) of its tasks: records are replaced, never changed. Throws an Error on a reference to an unknown record, which means a damaged log. */
export function apply(state: State, envelope: Envelope): void {
  const { event } = envelope;
  if (event.type.startsWith('task.') || event.type.startsWith('landing.')) applyToTask(state, envelope);
  else if (event.type.startsWith('guidance.')) applyToGuidance(state, envelope);
  else if (event.type.startsWith('worktree.') || event.type.startsWith('pool.')) applyToPool(state, envelope);
  else if (event.type === 'run.asked' || event.type === 'run.answered') applyToQuestions(state, envelope);
  else applyToRest(state, envelope);
  state.seq = envelope.seq;
}

function applyToTask(state: State, { at, by, event }: Envelope): void {
  switch (event.type) {
    case 'task.created':
      state.tasks.set(event.task.id, { ...NOT_PAUSED, ...NOT_DELEGATED, ...event.task });
      break;
    case 'task.edited':
      patchTask(state, event.taskId, at, { ...event.changes, modifiedBy: by });
      break;
    case 'task.cancelled':
      leave(state, event.taskId, at, { ...OVER, status: 'cancelled', modifiedBy: by, finishedAt: at });
      break;
    case 'task.retried':
      leave(state, event.taskId, at, {
        ...FRESH,
        status: 'ready',
        attempts: 0,
        startedAt: null,
        modifiedBy: by,
      });
      break;
    case 'task.claimed':
      claim(state, event, at);
      break;
    case 'task.released': {
      const { attempts } = requireTask(state, event.taskId);
      leave(state, event.taskId, at, { ...FRESH, status: 'ready', attempts: Math.max(0, attempts - 1) });
      break;
    }
    case 'task.attempt-failed':
      leave(state, event.taskId, at, { status: 'ready', lastError: event.error, retryAt: event.retryAt });
      break;
    case 'task.failed':
      leave(state, event.taskId, at, { status: 'failed', lastError: event.error, finishedAt: at });
      break;
    case 'task.blocked':
      leave(state, event.taskId, at, {
        status: 'blocked',
        blockedReason: event.reason,
        ...(event.startFrom === undefined ? {} : { startFrom: event.startFrom }),
      });
      break;
    case 'task.pause-asked':
    case 'task.paused':
    case 'task.resumed':
      pause(state, event, at, by);
      break;
    case 'task.submitted': {
      // A verdict of fail or blocked does not go to the landing lane; the event that follows ends the attempt.
      const landing = event.verdict === 'pass' || event.verdict === 'unknown' ? 'queued' : null;
      patchTask(state, event.taskId, at, { verdict: event.verdict, summary: event.summary, landing });
      break;
    }
    case 'task.awaiting':
      patchTask(state, event.taskId, at, { awaits: event.subtasks });
      settleWorkers(state, at);
      break;
    case 'task.await-ended':
      patchTask(state, event.taskId, at, { awaits: [] });
      settleWorkers(state, at);
      break;
    case 'task.decomposed':
      leave(state, event.taskId, at, {
        ...OVER,
        status: 'decomposed',
        decomposition: event.decomposition,
        finishedAt: null,
        lastError: null,
      });
      break;
    case 'task.found':
      patchTask(state, event.taskId, at, { research: event.research });
      break;
    case 'landing.changed':
      patchTask(state, event.taskId, at, { landing: event.phase });
      break;
    case 'landing.returned': {
      const landingReturns = requireTask(state, event.taskId).landingReturns + 1;
      patchTask(state, event.taskId, at, {
        landing: 'returned',
        landingReturns,
        lastError: event.reason.message,
      });
      break;
    }
    case 'task.completed':
      leave(state, event.taskId, at, {
        status: 'completed',
        landedCommit: event.commit,
        completedBy: event.by,
        finishedAt: at,
        lastError: null,
      });
      break;
    default:
      break;
  }
}

function applyToRest(state: State, { at, event }: Envelope): void {
  switch (event.type) {
    case 'epic.created':
      state.epics.set(event.epic.id, event.epic);
      break;
    case 'run.started':
      startRun(state, event, at);
      break;
    case 'run.state-changed':
      patchRun(state, event.runId, {
        state: event.state,
        stateSource: event.source,
        stateSince: at,
        stateDetail: event.detail,
      });
      break;
    case 'run.synced':
      patchRun(state, event.runId, {
        baseCommit: event.to,
        upstreamCommit: event.isAhead ? event.to : null,
        syncError: null,
      });
      break;
    case 'run.sync-failed':
      patchRun(state, event.runId, { syncError: event.reason });
      break;
    case 'run.used': {
      const task = requireTask(state, event.taskId);
      state.tasks.set(task.id, { ...task, used: addUsage(task.used ?? NO_USAGE, event.usage) });
      break;
    }
    case 'run.ended':
      endRun(state, event.runId, at, event.exitCode, event.reason);
      freeWorker(state, event.runId, at);
      break;
    case 'run.resumed':
      resumeRun(state, event, at);
      break;
    case 'session.started':
      startSession(state, event, at);
      break;
    case 'session.held':
    case 'session.unheld':
      state.session = { ...state.session, isHeld: event.type === 'session.held' };
      break;
    case 'server.started':
      endOldRuns(state, at);
      doubtWorktrees(state, at);
      break;
    case 'session.stopped':
      state.session = { ...state.session, isRunning: false };
      state.pool = { ...state.pool, exhausted: null };
      break;
    default:
      break;
  }
}

/** What an attempt leaves behind and the next one must not see. The last error stays: the next attempt is told of it. */
const FRESH = {
  retryAt: null,
  blockedReason: null,
  verdict: null,
  summary: null,
  landing: null,
  landingReturns: 0,
  finishedAt: null,
  decomposition: null,
} satisfies Partial<Task>;

/** A task that has ended waits for nothing. */
const OVER = { retryAt: null, blockedReason: null } satisfies Partial<Task>;

function requireTask(state: State, id: TaskId): Task {
  const task = state.tasks.get(id);
  if (!task) throw new Error(`event refers to the unknown task ${id}`);
  return task;
}

function requireRun(state: State, id: RunId): Run {
  const run = state.runs.get(id);
  if (!run) throw new Error(`event refers to the unknown run ${id}`);
  return run;
}

function patchTask(state: State, id: TaskId, at: number, changes: Partial<Task>): void {
  state.tasks.set(id, { ...requireTask(state, id), ...changes, updatedAt: at });
}

function patchRun(state: State, id: RunId, changes: Partial<Run>): Run {
  const run = { ...requireRun(state, id), ...changes };
  state.runs.set(id, run);
  return run;
}

/** The task gets a status in which no worker holds it. A run that never became a process is over with that. */
function leave(state: State, id: TaskId, at: number, changes: Partial<Task>): void {
  patchTask(state, id, at, { landing: null, pause: null, awaits: [], ...changes });
  const { runId } = requireTask(state, id);
  const run = runId === null ? undefined : state.runs.get(runId);
  settleWorkers(state, at);
  if (!run) return;
  if (run.endedAt === null && run.pid === null) endRun(state, run.id, at, null, 'it was never started');
  freeWorker(state, run.id, at);
}

function pause(
  state: State,
  event: Event<'task.pause-asked' | 'task.paused' | 'task.resumed'>,
  at: number,
  by: string,
): void {
  const { id, status, pause: before } = requireTask(state, event.taskId);
  const next: Pause = { phase: 'asked', by, at, isNow: false, work: null };
  const reason = 'reason' in event ? event.reason : before?.reason;
  const why = reason === undefined ? {} : { reason };
  if (event.type === 'task.pause-asked') patchTask(state, id, at, { pause: { ...next, isNow: event.isNow, ...why } });
  else if (event.type === 'task.paused')
    leave(state, id, at, {
      status: 'paused',
      pause: { ...next, phase: 'paused', by: event.by, work: event.work, ...why },
    });
  else if (isActive(status)) patchTask(state, id, at, { pause: null });
  else {
    const work = before?.work ?? null;
    patchTask(state, id, at, { status: 'ready', pause: work === null ? null : { ...next, phase: 'resumed', work } });
  }
}

function claim(state: State, event: Event<'task.claimed'>, at: number): void {
  const task = requireTask(state, event.taskId);
  patchTask(state, task.id, at, {
    ...FRESH,
    status: 'claimed',
    startFrom: null,
    attempts: event.attempt,
    branch: event.branch,
    runId: event.runId,
    startedAt: task.startedAt ?? at,
  });
  state.runs.set(event.runId, {
    id: event.runId,
    taskId: task.id,
    attempt: event.attempt,
    worker: event.worker,
    worktreeId: event.worktreeId,
    agent: event.agent,
    conversationId: event.conversationId,
    baseCommit: event.baseCommit,
    ...NOT_SYNCED,
    ...NOT_STARTED,
    ...NOT_ASKED,
    stateSince: at,
    resumes: 0,
    startedAt: at,
  });
  patchWorktree(state, event.worktreeId, at, { state: 'in-use', taskId: task.id, baseCommit: event.baseCommit });
  state.workers.set(event.worker, { number: event.worker, runId: event.runId, since: at });
  settleWorkers(state, at);
  forgetOldRuns(state);
}

const NOT_STARTED = {
  pid: null,
  state: 'starting',
  stateSource: 'drover',
  stateDetail: '',
  endedAt: null,
  exitCode: null,
} satisfies Partial<Run>;

function startRun(state: State, event: Event<'run.started'>, at: number): void {
  const run = patchRun(state, event.runId, { pid: event.pid });
  const task = requireTask(state, run.taskId);
  if (task.runId === run.id && task.status === 'claimed') patchTask(state, task.id, at, { status: 'in_progress' });
}

function endRun(state: State, id: RunId, at: number, exitCode: number | null, reason: string): void {
  patchRun(state, id, {
    state: 'exited',
    stateSource: 'exit',
    stateSince: at,
    stateDetail: reason,
    questions: [],
    endedAt: at,
    exitCode,
  });
  // Nobody is left whom an end of a sub-task could be told.
  const task = state.tasks.get(requireRun(state, id).taskId);
  if (task?.runId !== id || !isAwaiting(task)) return;
  patchTask(state, task.id, at, { awaits: [] });
  settleWorkers(state, at);
}

function resumeRun(state: State, event: Event<'run.resumed'>, at: number): void {
  const previous = requireRun(state, event.previousRunId);
  if (previous.endedAt === null) endRun(state, previous.id, at, null, event.reason);
  state.runs.set(event.runId, {
    ...previous,
    syncError: null,
    ...NOT_STARTED,
    questions: [],
    answered: null,
    id: event.runId,
    worker: event.worker,
    stateSince: at,
    stateDetail: event.reason,
    resumes: previous.resumes + 1,
    startedAt: at,
  });
  const isQueued = requireTask(state, event.taskId).status === 'ready';
  patchTask(state, event.taskId, at, { runId: event.runId, ...(isQueued ? { status: 'claimed', pause: null } : {}) });
  freeWorker(state, previous.id, at);
  state.workers.set(event.worker, { number: event.worker, runId: event.runId, since: at });
  settleWorkers(state, at);
  forgetOldRuns(state);
}

/** The last run of every task is kept, and so many before it: some days of retries; older ones are in the store's history. */
const MOST_OLD_RUNS = 1000;

/** Drops the oldest runs that have ended and that a later one of their task follows. Mostly it is one comparison. */
function forgetOldRuns(state: State): void {
  let surplus = state.runs.size - state.tasks.size - MOST_OLD_RUNS;
  if (surplus <= 0) return;
  const held = new Set([...state.workers.values()].map(({ runId }) => runId));
  for (const run of state.runs.values()) {
    if (surplus <= 0) return;
    if (run.endedAt === null || held.has(run.id) || state.tasks.get(run.taskId)?.runId === run.id) continue;
    state.runs.delete(run.id);
    surplus -= 1;
  }
}

/** A worker is free when its process has ended and its task does not hold it any more, whichever comes last. */
function freeWorker(state: State, id: RunId, at: number): void {
  const run = requireRun(state, id);
  const worker = state.workers.get(run.worker);
  if (run.endedAt === null || worker?.runId !== id) return;
  const task = requireTask(state, run.taskId);
  if (task.runId === id && isActive(task.status)) return;
  state.workers.set(worker.number, { ...worker, runId: null, since: at });
  settleWorkers(state, at);
}

/** A new server holds no process of the one before it: their runs are over, and what is still active is resumed. */
function endOldRuns(state: State, at: number): void {
  for (const { runId } of [...state.workers.values()]) {
    if (runId === null) continue;
    if (requireRun(state, runId).endedAt === null) endRun(state, runId, at, null, 'its server ended');
    freeWorker(state, runId, at);
  }
}

function startSession(state: State, event: Event<'session.started'>, at: number): void {
  const startedAt = state.session.isRunning ? state.session.startedAt : at;
  const { workers, agent, epicId, untilDone = false, pool = null } = event;
  const { isHeld } = state.session;
  state.session = { isRunning: true, workers, agent, epicId, startedAt, untilDone, isHeld, pool };
  settleWorkers(state, at);
}
