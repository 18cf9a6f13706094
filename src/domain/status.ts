// Owns the counts of a session and the one-line status of the design document.
import type { State } from './state.ts';

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

/** Counts the tasks of a state. */
export function countStatus(_state: State): StatusCounts {
  throw new Error('written with the domain');
}
