// Owns the form of a state as plain JSON: what the snapshot file holds and what a client gets on attach.
import type { Epic } from './epic.ts';
import type { GuidanceMessage } from './guidance.ts';
import { NO_HISTORY, type PoolHistory } from './pool.ts';
import { NOT_ASKED } from './question.ts';
import type { Session, State } from './state.ts';
import { NOT_DELEGATED } from './subtask.ts';
import type { Task } from './task.ts';
import type { Run, Worker, Worktree } from './worker.ts';

export interface StateRecord {
  seq: number;
  session: Session;
  tasks: Task[];
  epics: Epic[];
  runs: Run[];
  workers: Worker[];
  worktrees: Worktree[];
  /** Absent from a server that knows of no guidance. */
  guidance?: GuidanceMessage[];
  /** Absent from a server that measures no pool. */
  pool?: PoolHistory;
}

/** The state as plain JSON; the records are shared, not copied. */
export function toRecord(state: State): StateRecord {
  return {
    seq: state.seq,
    session: state.session,
    tasks: [...state.tasks.values()],
    epics: [...state.epics.values()],
    runs: [...state.runs.values()],
    workers: [...state.workers.values()],
    worktrees: [...state.worktrees.values()],
    guidance: [...state.guidance.values()],
    pool: state.pool,
  };
}

const NOT_HELD = { isHeld: false, pool: null } satisfies Partial<Session>;
/** What a worktree has that was recorded before the pool was kept warm. */
const NEVER_WARMED = { since: 0, baseCommit: null, warmedAt: null, generation: null, backend: 'checkout' } as const;
/** What a task has that was recorded before there were pauses. */
export const NOT_PAUSED = { pause: null, startFrom: null } satisfies Partial<Task>;

/** What a run has that was recorded before worktrees were synced. */
export const NOT_SYNCED = { upstreamCommit: null, syncError: null } satisfies Partial<Run>;

/** The inverse of toRecord. */
export function fromRecord(record: StateRecord): State {
  return {
    seq: record.seq,
    // Records of a time without pauses and a pool have none.
    session: { ...NOT_HELD, ...record.session },
    tasks: new Map(record.tasks.map((task) => [task.id, { ...NOT_PAUSED, ...NOT_DELEGATED, ...task }])),
    epics: new Map(record.epics.map((epic) => [epic.id, epic])),
    runs: new Map(record.runs.map((run) => [run.id, { ...NOT_SYNCED, ...NOT_ASKED, ...run }])),
    workers: new Map(record.workers.map((worker) => [worker.number, worker])),
    worktrees: new Map(record.worktrees.map((worktree) => [worktree.id, { ...NEVER_WARMED, ...worktree }])),
    guidance: new Map((record.guidance ?? []).map((message) => [message.id, message])),
    pool: { ...NO_HISTORY, ...record.pool },
  };
}
