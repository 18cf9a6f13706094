// Owns what a task is on which nobody has worked yet.
import { resolveEpic, resolveTask, taskId } from '../ids.ts';
import type { Context, NewTask } from '../intent.ts';
import type { State } from '../state.ts';
import type { Task } from '../task.ts';
import { resolveDependencies } from './dependencies.ts';
import { freshId } from './fresh-id.ts';
import {
  checkDescription,
  checkLabels,
  checkMaxAttempts,
  checkPriority,
  checkRepos,
  checkTestCommand,
  checkTitle,
  checkType,
} from './task-fields.ts';

/** The task that a wish is for, with a fresh id. Refuses as task.create does. */
export function newTask(state: State, wish: NewTask, context: Context): Task {
  const parentId = wish.parentId === undefined ? null : resolveTask(state, wish.parentId).id;
  return {
    ...UNTOUCHED,
    title: checkTitle(wish.title),
    description: checkDescription(wish.description ?? ''),
    type: checkType(wish.type ?? 'implementation'),
    epicId: wish.epic === undefined ? null : resolveEpic(state, wish.epic).id,
    parentId,
    priority: checkPriority(wish.priority ?? 0),
    labels: checkLabels(wish.labels ?? []),
    // The parent waits for it, so what it waits for must not wait for the parent.
    blockedBy: resolveDependencies(state, wish.blockedBy ?? [], parentId),
    testCommand: checkTestCommand(wish.testCommand ?? null),
    maxAttempts: checkMaxAttempts(wish.maxAttempts ?? context.retry.maxAttempts),
    id: freshId(context, taskId, (candidate) => state.tasks.has(candidate)),
    createdBy: context.by,
    modifiedBy: context.by,
    createdAt: context.now,
    updatedAt: context.now,
    repos: checkRepos(wish.repos ?? []),
  };
}

/** The fields of a task on which nobody has worked yet. */
const UNTOUCHED = {
  status: 'ready',
  attempts: 0,
  retryAt: null,
  lastError: null,
  blockedReason: null,
  verdict: null,
  summary: null,
  branch: null,
  landing: null,
  landingReturns: 0,
  landedCommit: null,
  pause: null,
  startFrom: null,
  awaits: [],
  decomposition: null,
  research: null,
  runId: null,
  completedBy: null,
  startedAt: null,
  finishedAt: null,
} satisfies Partial<Task>;
