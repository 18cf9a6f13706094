// Owns the decisions about the pool's worktrees.
import type { DroverEvent } from '../event.ts';
import type { Intent } from '../intent.ts';
import { keepsWorktree } from '../pause.ts';
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { Worktree } from '../worker.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** A worktree joins the pool. No event for one that is known with the same path. Refuses another path for a known id, and a path that another id has. */
export function addWorktree(state: State, intent: Of<'worktree.add'>): DroverEvent[] {
  const known = state.worktrees.get(intent.worktreeId);
  if (known?.path === intent.path) return [];
  if (known) refuse('not-allowed', `${known.id} is at ${quote(known.path, 200)} already.`);
  for (const other of state.worktrees.values()) {
    if (other.path === intent.path) refuse('not-allowed', `${quote(intent.path, 200)} is ${other.id} already.`);
  }
  const { worktreeId, path, backend } = intent;
  return [{ type: 'worktree.added', worktreeId, path, ...(backend === undefined ? {} : { backend }) }];
}

/** It is ready to be claimed. Refuses one that a task holds: what was made ready has been handed out. */
export function warmWorktree(state: State, intent: Of<'worktree.warm'>): DroverEvent[] {
  const worktree = requireFree(state, intent.worktreeId);
  const { baseCommit, generation, ms, backend } = intent;
  const changed = backend === undefined || backend === worktree.backend ? {} : { backend };
  return [{ type: 'worktree.warmed', worktreeId: worktree.id, baseCommit, generation, ms, ...changed }];
}

/** What it stands at is no longer what a task would start from. No event for one that is not warm. */
export function staleWorktree(state: State, intent: Of<'worktree.stale'>): DroverEvent[] {
  const worktree = requireWorktree(state, intent.worktreeId);
  return worktree.state === 'warm' ? [{ type: 'worktree.staled', worktreeId: worktree.id, reason: intent.reason }] : [];
}

/** It is not as it was left, or is about to be changed. No event for one that is cold or that a task holds. */
export function coolWorktree(state: State, intent: Of<'worktree.cool'>): DroverEvent[] {
  const worktree = requireWorktree(state, intent.worktreeId);
  const isReady = worktree.state === 'warm' || worktree.state === 'stale';
  return isReady ? [{ type: 'worktree.cooled', worktreeId: worktree.id, reason: intent.reason }] : [];
}

/** The task gives its worktree back. No event for a free one. Refuses while a worker holds the task, or its agent has not ended. */
export function releaseWorktree(state: State, intent: Of<'worktree.release'>): DroverEvent[] {
  const worktree = requireWorktree(state, intent.worktreeId);
  if (worktree.taskId === null) return [];
  requireUnused(state, worktree);
  return [{ type: 'worktree.released', worktreeId: worktree.id }];
}

/** The worktree leaves the pool. Refuses one that a task holds. */
export function removeWorktree(state: State, intent: Of<'worktree.remove'>): DroverEvent[] {
  const worktree = requireFree(state, intent.worktreeId);
  return [{ type: 'worktree.removed', worktreeId: worktree.id }];
}

function requireFree(state: State, id: string): Worktree {
  const worktree = requireWorktree(state, id);
  if (worktree.taskId !== null) refuse('not-allowed', `${worktree.id} is held by ${worktree.taskId}.`);
  return worktree;
}

function requireUnused(state: State, worktree: Worktree): void {
  const task = worktree.taskId === null ? undefined : state.tasks.get(worktree.taskId);
  const run = task?.runId ? state.runs.get(task.runId) : undefined;
  if (task && keepsWorktree(task) && run?.worktreeId === worktree.id) {
    refuse('not-allowed', `${worktree.id} is in use: ${task.id} is ${task.status}.`);
  }
  for (const worker of state.workers.values()) {
    const open = worker.runId === null ? undefined : state.runs.get(worker.runId);
    if (open?.endedAt === null && open.worktreeId === worktree.id) {
      refuse('not-allowed', `${worktree.id} is in use: the agent of ${open.taskId} has not ended.`);
    }
  }
}

function requireWorktree(state: State, id: string): Worktree {
  return state.worktrees.get(id) ?? refuse('not-allowed', `There is no worktree ${quote(id)}.`);
}
