// Owns the decisions about pausing: one task or all of them, the moment when the agent has ended, and going on.
import type { DroverEvent } from '../event.ts';
import { resolveTask } from '../ids.ts';
import type { Context, Intent } from '../intent.ts';
import { canResume, isPausing } from '../pause.ts';
import { quote } from '../quote.ts';
import { type Refusal, RefusalError, refuse } from '../refusal.ts';
import { isRunOpen } from '../schedule.ts';
import type { State } from '../state.ts';
import { isActive, isLanding, type Task, type TaskStatus } from '../task.ts';
import { sendGuidance } from './guidance.ts';
import { refuseTransition, requireTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/**
 * Pauses a task: at once when no agent works on it, else its agent is asked to stop. No event when that was asked already.
 * Refuses one that is on its way to the base branch, one whose agent keeps no conversation, and one that is over.
 */
export function pauseTask(state: State, intent: Of<'task.pause'>, context: Context): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (isActive(task.status)) return askAgent(state, task, intent.isNow);
  const why = WHY_NO_PAUSE[task.status];
  if (why !== null) refuseTransition(task, why);
  requireTransition(task, 'paused');
  return [{ type: 'task.paused', taskId: task.id, by: context.by, work: task.pause?.work ?? null }];
}

const WHY_NO_PAUSE: Readonly<Record<TaskStatus, string | null>> = {
  ready: null,
  claimed: null,
  in_progress: null,
  paused: 'it is paused already',
  blocked: 'nobody works on it, and it waits for a person already',
  decomposed: 'its subtasks are worked on; pause those',
  completed: 'it is finished',
  failed: 'nothing of it runs any more',
  cancelled: 'nothing of it runs any more',
};

function askAgent(state: State, task: Task, isNow: boolean): DroverEvent[] {
  if (isLanding(task)) {
    const lane = `${task.id} ${quote(task.title)} is handed in and on its way to the base branch`;
    refuse('not-allowed', `${lane}: no agent works on it that could be paused.`, `drover why ${task.id}`);
  }
  const run = task.runId === null ? undefined : state.runs.get(task.runId);
  if (run?.agent === 'command') {
    const words = `The agent of ${task.id} is a command, which keeps no conversation to go on with`;
    refuse('not-allowed', `${words}; it can only be cancelled.`, `drover cancel ${task.id}`);
  }
  const { pause } = task;
  if (pause?.phase === 'asked' && (pause.isNow || !isNow)) return [];
  return [{ type: 'task.pause-asked', taskId: task.id, isNow }];
}

/** The agent of a task that was asked to pause has ended, and its work is kept. Refuses when that is not so, or not wanted any more. */
export function settlePause(state: State, intent: Of<'task.settle-pause'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  requireTransition(task, 'paused');
  if (!isPausing(task)) refuse('not-allowed', `${task.id} is not asked to pause.`);
  if (isLanding(task)) refuse('not-allowed', `${task.id} is on its way to the base branch.`);
  if (isRunOpen(state, task)) refuse('not-allowed', `The agent of ${task.id} has not ended yet.`);
  return [{ type: 'task.paused', taskId: task.id, by: task.pause?.by ?? '', work: intent.work }];
}

/** Puts a paused task back into the queue, where it goes on, with a hint as its first words if there is one; a pause that was only asked for is called off. Refuses any other task with why, and a hint that guidance.send refuses. */
export function resumeTask(state: State, intent: Of<'task.resume'>, context: Context): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (!isPausing(task) && task.status !== 'paused') refuseTransition(task, 'it is not paused');
  const { hint: text } = intent;
  const hint = text === undefined ? [] : sendGuidance(state, { type: 'guidance.send', taskId: task.id, text }, context);
  return [...hint, { type: 'task.resumed', taskId: task.id }];
}

/** Nothing more is taken from the queue. No event when it is held already. */
export function holdQueue(state: State): DroverEvent[] {
  return state.session.isHeld ? [] : [{ type: 'session.held' }];
}

/** The queue goes on. No event when it was not held. */
export function unholdQueue(state: State): DroverEvent[] {
  return state.session.isHeld ? [{ type: 'session.unheld' }] : [];
}

/** Holds the queue and pauses every task that a worker holds; those that cannot be paused (whyNotPausing) go on. */
export function pauseAll(state: State, intent: Of<'session.pause'>): DroverEvent[] {
  const events = holdQueue(state);
  for (const task of state.tasks.values()) {
    if (!isActive(task.status) || whyNotPausing(state, task) !== null) continue;
    events.push(...askAgent(state, task, intent.isNow));
  }
  return events;
}

/** Lets the queue go on and resumes every paused task. */
export function resumeAll(state: State): DroverEvent[] {
  const resumed = [...state.tasks.values()].filter(canResume);
  return [...unholdQueue(state), ...resumed.map(({ id }): DroverEvent => ({ type: 'task.resumed', taskId: id }))];
}

/** Why an active task cannot be paused now; null when it can. */
export function whyNotPausing(state: State, task: Task): Refusal | null {
  try {
    askAgent(state, task, false);
    return null;
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal;
    throw error;
  }
}
