// Owns the decisions about the landing lane: its phases, its refusal, its end.
import type { DroverEvent } from '../event.ts';
import { resolveTask } from '../ids.ts';
import type { Intent } from '../intent.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { LandingPhase, Task } from '../task.ts';
import { refuseTransition, requireTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** The next phase of a task in the lane. The same phase gives no event. Refuses a task outside of the lane, and the phase `returned`, which is the lane's refusal. */
export function advanceLanding(state: State, intent: Of<'landing.advance'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  const phase = requireLanding(task);
  if (intent.phase === 'returned') refuse('bad-params', `${task.id} is returned by refusing its landing.`);
  if (phase === intent.phase) return [];
  return [{ type: 'landing.changed', taskId: task.id, phase: intent.phase }];
}

/** The lane refuses the work: the first time it goes back to its agent, the second time it waits for a person. */
export function refuseLanding(state: State, intent: Of<'landing.refuse'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireLanding(task);
  if (task.landingReturns === 0) return [{ type: 'landing.returned', taskId: task.id, reason: intent.reason }];
  requireTransition(task, 'blocked');
  return [{ type: 'task.blocked', taskId: task.id, reason: intent.reason }];
}

/** The work is part of the base branch, or there was nothing to land. Refuses where the table does not allow it, and work that was not handed in. */
export function completeTask(state: State, intent: Of<'task.complete'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireTransition(task, 'completed');
  if (task.status === 'decomposed') refuseTransition(task, 'it is completed when its parts are');
  if (task.status === 'in_progress') requireLanding(task);
  const { commit, by, checkout, isBeside = false } = intent;
  return [{ type: 'task.completed', taskId: task.id, commit, by, checkout, ...(isBeside ? { isBeside } : {}) }];
}

function requireLanding(task: Task): LandingPhase {
  if (task.status !== 'in_progress') refuseTransition(task, 'it is not on its way to the base branch');
  if (task.landing === null || task.landing === 'returned') {
    return refuse('not-allowed', `${task.id} has not been handed in, so there is nothing to land.`);
  }
  return task.landing;
}
