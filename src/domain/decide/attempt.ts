// Owns the decisions about one attempt of a task: claim, release, failure, block, submission.
import type { DroverEvent } from '../event.ts';
import { resolveTask } from '../ids.ts';
import type { Context, Intent, RetryPolicy } from '../intent.ts';
import { isPausing, isResumed } from '../pause.ts';
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import { dependencies, isRunOpen } from '../schedule.ts';
import type { State } from '../state.ts';
import type { Task } from '../task.ts';
import { requireChildrenOver } from './subtask.ts';
import { refuseTransition, requireActive, requireTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** Agents that failed together must not come back together. */
const JITTER = 0.2;

/** Gives a ready task to an idle worker. Refuses a lost race: no session, a busy worker, a held worktree, a dependency that is not completed, a back-off that is not over. */
export function claimTask(state: State, intent: Of<'task.claim'>, context: Context): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireTransition(task, 'claimed');
  if (task.status !== 'ready') refuseTransition(task, 'it cannot be claimed');
  if (!state.session.isRunning) refuse('not-running', 'No session is running, so nothing is claimed.', 'drover run');
  if (state.session.isHeld) refuse('not-allowed', 'The queue is held, so nothing is claimed.', 'drover unhold');
  if (isResumed(task)) refuse('not-allowed', `${task.id} goes on with a paused attempt, and begins no new one.`);
  requireFreeTask(state, task, context.now);
  requireFreeSlot(state, task, intent);
  return [
    {
      type: 'task.claimed',
      taskId: task.id,
      runId: intent.runId,
      worker: intent.worker,
      worktreeId: intent.worktreeId,
      branch: `drover/${task.id}`,
      baseCommit: intent.baseCommit,
      attempt: task.attempts + 1,
      agent: intent.agent,
      conversationId: intent.conversationId,
    },
  ];
}

function requireFreeTask(state: State, task: Task, now: number): void {
  const next = `drover why ${task.id}`;
  const { waiting, dead } = dependencies(state, task);
  const [first] = [...dead, ...waiting];
  if (first) refuse('not-allowed', `${task.id} waits for ${first.id}, which is ${first.status}.`, next);
  if (task.retryAt !== null && task.retryAt > now) {
    refuse('not-allowed', `${task.id} backs off after a failed attempt and is not due yet.`, next);
  }
  if (isRunOpen(state, task)) refuse('not-allowed', `The last agent of ${task.id} has not ended yet.`, next);
}

function requireFreeSlot(state: State, task: Task, intent: Of<'task.claim'>): void {
  const worker = state.workers.get(intent.worker);
  if (!worker) refuse('not-allowed', `There is no worker ${intent.worker}.`);
  if (worker.runId !== null) refuse('not-allowed', `Worker ${intent.worker} is busy with ${worker.runId}.`);
  for (const { id, taskId } of state.worktrees.values()) {
    if (taskId === task.id && id !== intent.worktreeId)
      refuse('not-allowed', `${task.id} has not given back ${id} yet.`);
  }
  const worktree = state.worktrees.get(intent.worktreeId);
  if (!worktree) refuse('not-allowed', `There is no worktree ${quote(intent.worktreeId)}.`);
  if (worktree.taskId !== null && worktree.taskId !== task.id) {
    refuse('not-allowed', `${worktree.id} is held by ${worktree.taskId}.`);
  }
  if (state.runs.has(intent.runId)) refuse('not-allowed', `The run ${intent.runId} exists already.`);
}

/** The attempt is given back and does not count. Refuses a task that no worker holds. */
export function releaseTask(state: State, intent: Of<'task.release'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireActive(task, 'giving back');
  requireTransition(task, 'ready');
  return [{ type: 'task.released', taskId: task.id, reason: intent.reason }, ...stillPaused(task)];
}

/** The attempt failed: another one after a back-off, or none when the limit is reached. Refuses a task that no worker holds. */
export function failAttempt(state: State, intent: Of<'task.fail-attempt'>, context: Context): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireActive(task, 'a failed attempt');
  return failure(task, intent.error, context);
}

/** Whoever asked for a pause gets it, although the attempt ended in another way: the next one does not begin by itself. */
function stillPaused(task: Task): DroverEvent[] {
  return isPausing(task) ? [{ type: 'task.paused', taskId: task.id, by: task.pause?.by ?? '', work: null }] : [];
}

function failure(task: Task, error: string, context: Context): DroverEvent[] {
  if (task.attempts >= task.maxAttempts) {
    requireTransition(task, 'failed');
    return [{ type: 'task.failed', taskId: task.id, error }];
  }
  requireTransition(task, 'ready');
  const retryAt = context.now + backOff(task.attempts, context.retry, context.random);
  return [{ type: 'task.attempt-failed', taskId: task.id, error, retryAt }, ...stillPaused(task)];
}

/** The wait in whole ms after the attempt of this number (from 1): it doubles up to the limit, give or take a fifth. */
export function backOff(attempt: number, policy: RetryPolicy, random: () => number): number {
  const delay = Math.min(policy.baseDelay * 2 ** (attempt - 1), policy.maxDelay);
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random()));
}

/** The task waits for a person. Refuses where the table does not allow it. */
export function blockTask(state: State, intent: Of<'task.block'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireTransition(task, 'blocked');
  if (task.status === 'decomposed') refuseTransition(task, 'it takes the status of its sub-tasks');
  const { reason, startFrom } = intent;
  return [{ type: 'task.blocked', taskId: task.id, reason, ...(startFrom === undefined ? {} : { startFrom }) }];
}

/** The agent's own verdict: pass and unknown go to the landing lane, fail is a failed attempt, blocked waits for a person. Refuses a task that is not in progress, or is with the landing lane already. */
export function submitTask(state: State, intent: Of<'task.submit'>, context: Context): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (task.status !== 'in_progress') refuseTransition(task, 'only work in progress can be handed in');
  if (task.landing !== null && task.landing !== 'returned') {
    refuse('not-allowed', `${task.id} was handed in already and is on its way to the base branch.`);
  }
  const { verdict, summary } = intent;
  if (verdict === 'pass' || verdict === 'unknown') requireChildrenOver(state, task);
  const submitted: DroverEvent = { type: 'task.submitted', taskId: task.id, verdict, summary };
  if (verdict === 'fail') {
    return [submitted, ...failure(task, `the agent reported failure: ${summary}`, context)];
  }
  if (verdict !== 'blocked') return [submitted];
  const reason = {
    code: 'agent-blocked',
    message: 'The agent cannot go on without a person.',
    detail: summary,
  } as const;
  return [submitted, { type: 'task.blocked', taskId: task.id, reason }];
}
