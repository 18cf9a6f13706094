// Owns the decisions of a person about a task: create, edit, cancel, retry.
import type { DroverEvent, TaskChanges } from '../event.ts';
import { resolveEpic, resolveTask } from '../ids.ts';
import type { Context, Intent } from '../intent.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { partsOf, standOfParent } from '../subtask.ts';
import { isLanding, type Task, type TaskStatus } from '../task.ts';
import { resolveDependencies } from './dependencies.ts';
import { newTask } from './new-task.ts';
import { cancelDescendants } from './subtask.ts';
import {
  checkDescription,
  checkLabels,
  checkLine,
  checkMaxAttempts,
  checkPriority,
  checkTestCommand,
  checkTitle,
  checkType,
} from './task-fields.ts';
import { refuseTransition, requireTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A new task, ready. Refuses bad fields, unknown dependencies, an unknown epic or parent. */
export function createTask(state: State, { task: wish }: Of<'task.create'>, context: Context): DroverEvent[] {
  return [{ type: 'task.created', task: newTask(state, wish, context) }];
}

/** Changes of a task that is not completed; what stays the same is dropped. Takes effect with the next attempt of a task that is being worked on. */
export function editTask(state: State, intent: Of<'task.edit'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (task.status === 'completed') refuseTransition(task, 'it cannot be edited');
  const changes = dropUnchanged(task, checkChanges(state, task, intent.changes));
  return Object.keys(changes).length === 0 ? [] : [{ type: 'task.edited', taskId: task.id, changes }];
}

function checkChanges(state: State, task: Task, wish: TaskChanges): TaskChanges {
  const changes: Mutable<TaskChanges> = {};
  if (wish.title !== undefined) changes.title = checkTitle(wish.title);
  if (wish.description !== undefined) changes.description = checkDescription(wish.description);
  if (wish.type !== undefined) changes.type = checkType(wish.type);
  if (wish.epicId !== undefined) changes.epicId = wish.epicId === null ? null : resolveEpic(state, wish.epicId).id;
  if (wish.priority !== undefined) changes.priority = checkPriority(wish.priority);
  if (wish.labels !== undefined) changes.labels = checkLabels(wish.labels);
  if (wish.blockedBy !== undefined) changes.blockedBy = resolveDependencies(state, wish.blockedBy, task.id);
  if (wish.testCommand !== undefined) changes.testCommand = checkTestCommand(wish.testCommand);
  if (wish.maxAttempts !== undefined) changes.maxAttempts = checkMaxAttempts(wish.maxAttempts);
  return changes;
}

function dropUnchanged(task: Task, changes: TaskChanges): TaskChanges {
  const now: TaskChanges = task;
  const kept = Object.entries(changes).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(now[field as keyof TaskChanges]),
  );
  return Object.fromEntries(kept) as TaskChanges;
}

/** Cancels a task, with what is under it; the caller ends the agent of one that is being worked on. One that failed is given up by it. Refuses a completed and a cancelled one with the reason. */
export function cancelTask(state: State, intent: Of<'task.cancel'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  const reason = checkLine('reason', intent.reason);
  if (task.status === 'completed') {
    const landed = task.landedCommit === null ? '' : ` and has landed as ${task.landedCommit.slice(0, 12)}`;
    refuseTransition(task, `it is finished${landed}, so there is nothing left to cancel`);
  }
  if (task.status === 'cancelled') refuseTransition(task, 'it is cancelled already');
  requireTransition(task, 'cancelled');
  return [{ type: 'task.cancelled', taskId: task.id, reason }, ...cancelDescendants(state, task)];
}

/** Makes a failed, blocked or cancelled task ready again, with all its attempts before it. Refuses any other with why. */
export function retryTask(state: State, intent: Of<'task.retry'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  const why = WHY_NO_RETRY[task.status];
  if (why !== null) refuseTransition(task, why);
  requirePlace(state, task);
  requireTransition(task, 'ready');
  return [{ type: 'task.retried', taskId: task.id }];
}

/** A divided task is tried again by its parts, and a part only while its parent still waits for it. */
function requirePlace(state: State, task: Task): void {
  const { decomposition, parentId } = task;
  if (decomposition !== null && task.status !== 'cancelled') {
    const part = standOfParent(partsOf(state, decomposition)).by;
    const next = `drover retry ${part?.id}`;
    refuse('not-allowed', `${task.id} was divided into sub-tasks: retry ${part?.id}, which is ${part?.status}.`, next);
  }
  const parent = parentId === null ? undefined : state.tasks.get(parentId);
  if (parent !== undefined && (parent.status === 'completed' || isLanding(parent)))
    refuse('not-allowed', `${parent.id}, which ${task.id} was a part of, is handed in already.`, 'drover add <title>');
}

const WHY_NO_RETRY: Readonly<Record<TaskStatus, string | null>> = {
  failed: null,
  blocked: null,
  cancelled: null,
  ready: 'it is in the queue already',
  claimed: 'an agent is being started on it',
  in_progress: 'an agent is at work on it, and must be cancelled first',
  paused: 'it is paused, and goes on when it is resumed',
  decomposed: 'it waits for its subtasks; retry the one that failed',
  completed: 'it is finished',
};
