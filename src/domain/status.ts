// Owns the counts of a session and the one-line status of the design document.
import { isStranded, stuckFinder } from './schedule.ts';
import type { State } from './state.ts';
import { type EpicId, isActive, isLanding, type Task, type TaskStatus } from './task.ts';

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

/** Counts the tasks of a state, or those of one epic. */
export function countStatus(state: State, epicId?: EpicId): StatusCounts {
  const counts = { running: 0, queued: 0, done: 0, blocked: 0, failed: 0, paused: 0, cancelled: 0, total: 0 };
  const standingOf = standings(state);
  for (const task of state.tasks.values()) {
    if (epicId !== undefined && task.epicId !== epicId) continue;
    counts.total++;
    counts[standingOf(task)]++;
  }
  return counts;
}

/** Where a person finds a task, in every list and every count. */
export type Standing = Exclude<keyof StatusCounts, 'total'>;

/**
 * The standing of the tasks of one state: a ready task that can never start because a dependency failed or was cancelled
 * is blocked; a decomposed one waits for its subtasks and is queued, as is one whose agent ended with its server, until a session goes on with it. Use it
 * before the state changes.
 */
export function standings(state: State): (task: Task) => Standing {
  const isStuck = stuckFinder(state);
  return (task) => {
    if (task.status === 'ready' && isStuck(task)) return 'blocked';
    return isInterrupted(state, task) ? 'queued' : COUNTED_AS[task.status];
  };
}

/** True for a task whose agent ended with its server, until a session goes on with it: it is called interrupted wherever its state is told. What is on its way to the base branch needs no agent. */
export function isInterrupted(state: State, task: Task): boolean {
  return isStranded(state, task) && !isLanding(task);
}

/** True while an agent works on the task, or what it has handed in is on its way. */
export function isAtWork(state: State, task: Task): boolean {
  return isActive(task.status) && !isInterrupted(state, task);
}

const COUNTED_AS: Readonly<Record<TaskStatus, Standing>> = {
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
