// Owns the decisions about guidance: what a person may send and take back, and when it counts as handed over.
import type { DroverEvent } from '../event.ts';
import { checkGuidance, guidanceId, MOST_QUEUED, queuedGuidance, resolveGuidance } from '../guidance.ts';
import { resolveTask } from '../ids.ts';
import type { Context, Intent } from '../intent.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { isActive, isFinished, type Task, type TaskId } from '../task.ts';
import { freshId } from './fresh-id.ts';
import { refuseTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** Queues a message. Refuses a task that is over or decomposed, one that a command works on (nobody knows when it listens), a text that is empty or too long, and more than 50 that wait. */
export function sendGuidance(state: State, intent: Of<'guidance.send'>, context: Context): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  const text = checkGuidance(intent.text);
  if (isFinished(task.status)) refuseTransition(task, 'nobody is left to read a hint');
  if (task.decomposition !== null) refuseTransition(task, 'nobody works on it itself; hint one of its subtasks');
  refuseCommand(state, task);
  if (queuedGuidance(state, task.id).length >= MOST_QUEUED) {
    refuse(
      'not-allowed',
      `${task.id} has ${MOST_QUEUED} hints that wait; its agent has to hear them first.`,
      `drover hints ${task.id}`,
    );
  }
  const id = freshId(context, guidanceId, (candidate) => state.guidance.has(candidate));
  return [{ type: 'guidance.queued', guidanceId: id, taskId: task.id, text }];
}

function refuseCommand(state: State, task: Task): void {
  const run = task.runId === null ? undefined : state.runs.get(task.runId);
  if (!isActive(task.status) || run?.agent !== 'command') return;
  refuse(
    'not-allowed',
    `A command works on ${task.id}, and does not say when it listens: type into its pane yourself.`,
    'drover attach',
  );
}

/** Hands a queued message to a run. Refuses one that is not queued any more, and a run that is not the task's, or over. */
export function showGuidance(state: State, intent: Of<'guidance.show'>): DroverEvent[] {
  const { id, taskId, state: now } = resolveGuidance(state, intent.guidanceId);
  const { runId, via } = intent;
  if (now !== 'queued') refuse('not-allowed', `${id} is ${now}, not queued.`, `drover hints ${taskId}`);
  const task = resolveTask(state, taskId);
  const run = state.runs.get(runId);
  if (!run || run.endedAt !== null || task.runId !== runId || !isActive(task.status)) {
    refuse('not-running', `The run ${runId} of ${taskId} is over.`);
  }
  return [{ type: 'guidance.shown', guidanceId: id, taskId, runId, via }];
}

/** The transcript holds the message. No event when that is known; refuses one that was never shown. */
export function acknowledgeGuidance(state: State, intent: Of<'guidance.acknowledge'>): DroverEvent[] {
  const { id, taskId, state: now, shownAt } = resolveGuidance(state, intent.guidanceId);
  if (now === 'acknowledged') return [];
  if (shownAt === null) refuse('not-allowed', `${id} was never shown to an agent.`, `drover hints ${taskId}`);
  return [{ type: 'guidance.acknowledged', guidanceId: id, taskId }];
}

/** A delivery that did not arrive: queued again, at its old place; retracted when its task is completed or divided meanwhile. No event unless it is shown. */
export function requeueGuidance(state: State, intent: Of<'guidance.requeue'>): DroverEvent[] {
  const { id, taskId, state: now } = resolveGuidance(state, intent.guidanceId);
  if (now !== 'shown') return [];
  const task = state.tasks.get(taskId);
  const reason = task?.status === 'completed' ? TOO_LATE : task?.decomposition ? DIVIDED : null;
  if (reason !== null) return [{ type: 'guidance.retracted', guidanceId: id, taskId, reason }];
  return [{ type: 'guidance.requeued', guidanceId: id, taskId, reason: intent.reason }];
}

/** Takes a message back. Refuses one that was shown: what an agent has heard cannot be unsaid. */
export function retractGuidance(state: State, intent: Of<'guidance.retract'>): DroverEvent[] {
  const { id, taskId, state: now } = resolveGuidance(state, intent.guidanceId);
  if (now === 'retracted') refuse('not-allowed', `${id} is retracted already.`, `drover hints ${taskId}`);
  if (now !== 'queued') {
    refuse(
      'not-allowed',
      `${id} was handed to the agent already and cannot be taken back; send another hint that corrects it.`,
      `drover hint ${taskId} "<the correction>"`,
    );
  }
  return [{ type: 'guidance.retracted', guidanceId: id, taskId, reason: '' }];
}

const TOO_LATE = 'the task was completed before it arrived';
const DIVIDED = 'the task was divided before it arrived; hint its subtasks';

/** What becomes of the messages that wait when their task is completed or divided: nobody is left to hear them. */
export function retractTooLate(state: State, taskId: TaskId, end: 'completed' | 'decomposed'): DroverEvent[] {
  const reason = end === 'completed' ? TOO_LATE : DIVIDED;
  return queuedGuidance(state, taskId).map(({ id }) => ({
    type: 'guidance.retracted',
    guidanceId: id,
    taskId,
    reason,
  }));
}
