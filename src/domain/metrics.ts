// Owns what is measured of a session: how busy workers were, how long tasks took, how many landed when, and when the queue may be done. Pure; what too few data cannot tell is null.
import { isInSession, stuckFinder } from './schedule.ts';
import type { State } from './state.ts';
import { isActive, type Task, type TaskId } from './task.ts';
import type { Run } from './worker.ts';

/** Completed tasks below which a median says nothing. */
const LEAST_FOR_MEDIAN = 3;
/** Below ten values the 90th percentile is only the largest one. */
const LEAST_FOR_P90 = 10;
/** Completed tasks below which no end of the queue is foretold. */
const LEAST_FOR_ESTIMATE = 5;

export interface WorkerUse {
  readonly number: number;
  /** Share (0 to 1) of the session's time so far in which a run of this worker was under way; null before there is any time. */
  readonly share: number | null;
  /** What it works on now. */
  readonly run: Run | null;
}

export interface Utilization {
  readonly workers: readonly WorkerUse[];
  /** The mean of the workers' shares; null without any. */
  readonly overall: number | null;
  /** Length of the time looked at, ms. */
  readonly span: number;
}

/** How busy each worker was from the session's start to `now` (ms since epoch), or to the end of the last run when the session is off. From run records alone. */
export function utilization(state: State, now: number): Utilization {
  const from = state.session.startedAt;
  const runs = [...state.runs.values()];
  const to = state.session.isRunning ? now : lastWork(runs, now);
  const span = from === null ? 0 : Math.max(0, to - from);
  const byWorker = new Map<number, Run[]>();
  for (const run of runs) {
    const list = byWorker.get(run.worker);
    if (list) list.push(run);
    else byWorker.set(run.worker, [run]);
  }
  const workers = [...state.workers.values()]
    .sort((a, b) => a.number - b.number)
    .map(({ number, runId }): WorkerUse => {
      const busy = from === null ? 0 : busyTime(byWorker.get(number) ?? [], from, to);
      const share = span > 0 ? busy / span : null;
      return { number, share, run: runId === null ? null : (state.runs.get(runId) ?? null) };
    });
  const shares = workers.flatMap(({ share }) => (share === null ? [] : [share]));
  const overall = shares.length > 0 ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null;
  return { workers, overall, span };
}

function lastWork(runs: readonly Run[], now: number): number {
  return runs.reduce((last, run) => Math.max(last, run.endedAt ?? now), 0);
}

/** Time from `from` to `to` that at least one of the runs covers. */
function busyTime(runs: readonly Run[], from: number, to: number): number {
  const spans = runs
    .map((run) => ({ from: Math.max(from, run.startedAt), to: Math.min(to, run.endedAt ?? to) }))
    .filter((span) => span.to > span.from)
    .sort((a, b) => a.from - b.from);
  let busy = 0;
  let covered = from;
  for (const span of spans) {
    busy += Math.max(0, span.to - Math.max(covered, span.from));
    covered = Math.max(covered, span.to);
  }
  return busy;
}

/** A task that landed: when (ms since epoch), and how long it took from its first claim (ms). */
export interface Landed {
  readonly at: number;
  readonly took: number;
}

/** All completed tasks of which both ends are known, by the time they were completed. */
export function landedTasks(state: State): Landed[] {
  const landed: Landed[] = [];
  for (const { status, startedAt, finishedAt } of state.tasks.values()) {
    if (status === 'completed' && startedAt !== null && finishedAt !== null && finishedAt >= startedAt)
      landed.push({ at: finishedAt, took: finishedAt - startedAt });
  }
  return landed.sort((a, b) => a.at - b.at);
}

/** The nearest-rank percentile: the smallest value that `share` (0 to 1) of the values do not exceed; null for none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export interface Outcomes {
  /** ms from claim to landing; null with fewer than three. */
  readonly p50: number | null;
  /** null with fewer than ten. */
  readonly p90: number | null;
  readonly completed: number;
  readonly failed: number;
  /** Completed among completed and failed (0 to 1); null while neither is there. */
  readonly successRate: number | null;
  /** Attempts after a task's first. */
  readonly retries: number;
}

/** How tasks ended so far. Cancelled ones say nothing of success. */
export function outcomes(state: State): Outcomes {
  const times = landedTasks(state).map(({ took }) => took);
  let completed = 0;
  let failed = 0;
  for (const task of state.tasks.values()) {
    if (task.status === 'completed') completed++;
    else if (task.status === 'failed') failed++;
  }
  // Runs of one attempt that follow a crash or a release are the same attempt.
  const attempts = new Set<string>();
  for (const run of state.runs.values()) if (run.attempt > 1) attempts.add(`${run.taskId} ${run.attempt}`);
  return {
    p50: times.length < LEAST_FOR_MEDIAN ? null : percentile(times, 0.5),
    p90: times.length < LEAST_FOR_P90 ? null : percentile(times, 0.9),
    completed,
    failed,
    successRate: completed + failed === 0 ? null : completed / (completed + failed),
    retries: attempts.size,
  };
}

const MINUTE = 60_000;
/** Lengths of a bucket that people count in. */
const BUCKETS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE);

export interface Throughput {
  /** Length of a bucket, ms. */
  readonly bucket: number;
  /** Tasks landed in each bucket, oldest first; the last one is still under way. */
  readonly counts: readonly number[];
}

/** Tasks landed per bucket of time, in at most `most` buckets that reach from the first landing of the session (or of all, when none runs) to `now`; null while nothing has landed. */
export function throughput(state: State, now: number, most: number): Throughput | null {
  const since = state.session.startedAt;
  const all = landedTasks(state);
  const ofSession = since === null ? all : all.filter(({ at }) => at >= since);
  const landed = ofSession.length > 0 ? ofSession : all;
  const first = landed[0]?.at;
  if (first === undefined || most < 1) return null;
  const days = Math.ceil((now - first + 1) / most / (1440 * MINUTE)) * 1440 * MINUTE;
  const bucket = BUCKETS.find((length) => Math.floor(now / length) - Math.floor(first / length) < most) ?? days;
  // On the grid of the clock, so that a bucket keeps its tasks while time goes on.
  const start = Math.max(Math.floor(first / bucket), Math.floor(now / bucket) - most + 1);
  const counts = Array.from({ length: Math.max(1, Math.floor(now / bucket) - start + 1) }, () => 0);
  for (const { at } of landed) {
    const index = Math.min(counts.length - 1, Math.floor(at / bucket) - start);
    if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
  }
  return { bucket, counts };
}

/** When the queue may be done: ms from now, or the reason why nothing honest can be said. */
export type Estimate =
  | { readonly kind: 'about'; readonly ms: number }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * The time until everything that can run has run, if all goes as it went: the longer one of the work shared by the
 * workers and the longest chain of tasks that wait for each other, each task taken as long as the median of those that
 * landed; a task under way, as long as the median of those that took longer than it has. Says nothing while too few
 * have landed, while someone is waited for, or while a task takes longer than any did.
 */
export function estimateQueue(state: State, now: number): Estimate {
  const { session } = state;
  const active = [...state.tasks.values()].filter((task) => isActive(task.status));
  const queued = queuedTasks(state);
  if (active.length + queued.length === 0) return none('nothing is queued');
  if (!session.isRunning || session.workers === 0) return none('the session is off');
  const times = landedTasks(state).map(({ took }) => took);
  const median = percentile(times, 0.5);
  if (times.length < LEAST_FOR_ESTIMATE || median === null) return none('not enough yet');
  const rest = new Map<TaskId, number>();
  for (const task of active) {
    const run = task.runId === null ? undefined : state.runs.get(task.runId);
    if (run && (run.state === 'needs-input' || run.state === 'interrupted')) return none('someone is waited for');
    const age = now - (task.startedAt ?? now);
    const total = percentile(
      times.filter((took) => took > age),
      0.5,
    );
    if (total === null) return none('a task takes longer than any did');
    rest.set(task.id, total - age);
  }
  for (const task of queued) rest.set(task.id, median);
  const work = [...rest.values()].reduce((sum, ms) => sum + ms, 0) / session.workers;
  const longest = longestChain(state, [...active, ...queued], rest);
  return { kind: 'about', ms: Math.max(work, longest) };
}

function none(reason: string): Estimate {
  return { kind: 'none', reason };
}

/** Ready tasks of the session that can start without a person. */
function queuedTasks(state: State): Task[] {
  const isStuck = stuckFinder(state);
  const held = heldTasks(state);
  return [...state.tasks.values()].filter(
    (task) => task.status === 'ready' && isInSession(state, task) && !isStuck(task) && !held.has(task.id),
  );
}

/** Tasks that wait, also through others, for one that a person has to move on. */
function heldTasks(state: State): Set<TaskId> {
  const waiters = new Map<TaskId, TaskId[]>();
  const stack: TaskId[] = [];
  for (const task of state.tasks.values()) {
    if (task.status === 'blocked' || task.status === 'paused') stack.push(task.id);
    for (const blocker of task.blockedBy) waiters.set(blocker, [...(waiters.get(blocker) ?? []), task.id]);
  }
  const held = new Set<TaskId>();
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (held.has(id)) continue;
    held.add(id);
    stack.push(...(waiters.get(id) ?? []));
  }
  return held;
}

/** The longest sum of `rest` along blockers. Without recursion: chains may be thousands long. */
function longestChain(state: State, tasks: readonly Task[], rest: ReadonlyMap<TaskId, number>): number {
  const ends = new Map<TaskId, number>();
  const open = new Set<TaskId>();
  let longest = 0;
  for (const { id: start } of tasks) {
    const stack = [start];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const blockers = (state.tasks.get(id)?.blockedBy ?? []).filter((blocker) => rest.has(blocker));
      open.add(id);
      // A circle can only come of a damaged log; it must not hang the program.
      const next = ends.has(id) ? undefined : blockers.find((blocker) => !ends.has(blocker) && !open.has(blocker));
      if (next !== undefined) {
        stack.push(next);
        continue;
      }
      const before = Math.max(0, ...blockers.map((blocker) => ends.get(blocker) ?? 0));
      ends.set(id, before + (rest.get(id) ?? 0));
      longest = Math.max(longest, ends.get(id) ?? 0);
      stack.pop();
    }
  }
  return longest;
}
