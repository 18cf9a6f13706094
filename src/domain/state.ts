// Owns the whole state of a session: an index of records that are replaced, never mutated, so that any record is a point in time.
import type { Epic } from './epic.ts';
import type { GuidanceId, GuidanceMessage } from './guidance.ts';
import { NO_HISTORY, type PoolHistory, type PoolWish } from './pool.ts';
import type { EpicId, RunId, Task, TaskId } from './task.ts';
import type { AgentKind, Run, Worker, Worktree } from './worker.ts';

export interface Session {
  /** True from `drover run` until somebody stops it, or until nothing is left to do if it was asked for. */
  readonly isRunning: boolean;
  /** How many workers take tasks. */
  readonly workers: number;
  readonly agent: AgentKind;
  /** Only tasks of this epic are claimed; null for all. */
  readonly epicId: EpicId | null;
  readonly startedAt: number | null;
  /** It stops by itself when nothing is left to do; otherwise its workers wait for new tasks. */
  readonly untilDone: boolean;
  /** Nothing is taken from the queue; agents at work go on. */
  readonly isHeld: boolean;
  /** What was asked of the pool when it was started; null is as configured. */
  readonly pool: PoolWish | null;
}

export interface State {
  /** The last event that is folded in; 0 for the empty state. */
  seq: number;
  readonly tasks: Map<TaskId, Task>;
  readonly epics: Map<EpicId, Epic>;
  readonly runs: Map<RunId, Run>;
  readonly workers: Map<number, Worker>;
  readonly worktrees: Map<string, Worktree>;
  /** In the order in which they were sent. */
  readonly guidance: Map<GuidanceId, GuidanceMessage>;
  session: Session;
  pool: PoolHistory;
}

/** The state before the first event. */
export function emptyState(): State {
  return {
    seq: 0,
    tasks: new Map(),
    epics: new Map(),
    runs: new Map(),
    workers: new Map(),
    worktrees: new Map(),
    guidance: new Map(),
    session: {
      isRunning: false,
      workers: 0,
      agent: 'claude',
      epicId: null,
      startedAt: null,
      untilDone: false,
      isHeld: false,
      pool: null,
    },
    pool: NO_HISTORY,
  };
}
