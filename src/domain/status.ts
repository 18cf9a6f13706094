// Owns the counts of a session and the one-line status of the design document.
import { stuckFinder } from './schedule.ts';
import type { State } from './state.ts';
import type { EpicId, TaskStatus } from './task.ts';

export interface StatusCounts {
  readonly running: number;
  readonly queued: number;
  readonly done: number;
  /** Blocked tasks, and queued ones that can never start because a dependency failed or was cancelled. */
  readonly blocked: number;
  readonly failed: number;
  readonly paused: number;
  readonly cancelled: number;
  readonly total: number;
}

/** `🟢 4 running | 📋 12 queued | ✅ 28 done | 🔴 2 blocked`, with failed and paused tasks added only when there are any. */
export function formatOneline(counts: StatusCounts): string {
  const parts = [
    `🟢 ${counts.running} running`,
    `📋 ${counts.queued} queued`,
    `✅ ${counts.done} done`,
    `🔴 ${counts.blocked} blocked`,
  ];
  if (counts.failed > 0) parts.push(`❌ ${counts.failed} failed`);
  if (counts.paused > 0) parts.push(`⏸ ${counts.paused} paused`);
  return parts.join(' | ');
}

/** Counts the tasks of a state, or those of one epic. Decomposed tasks wait for their subtasks and count as queued. */
export function countStatus(state: State, epicId?: EpicId): StatusCounts {
  const counts = { running: 0, queued: 0, done: 0, blocked: 0, failed: 0, paused: 0, cancelled: 0, total: 0 };
  const isStuck = stuckFinder(state);
  for (const task of state.tasks.values()) {
    if (epicId !== undefined && task.epicId !== epicId) continue;
    counts.total++;
    const isWaitingForever = task.status === 'ready' && isStuck(task);
    counts[isWaitingForever ? 'blocked' : COUNTED_AS[task.status]]++;
  }
  return counts;
}

const COUNTED_AS: Readonly<Record<TaskStatus, Exclude<keyof StatusCounts, 'total'>>> = {
  ready: 'queued',
  claimed: 'running',
  in_progress: 'running',
  paused: 'paused',
  blocked: 'blocked',
  decomposed: 'queued',
  completed: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};
