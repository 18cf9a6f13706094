// Owns a task as it stands in the state, for tests that are about something else.
import type { Task } from '../../src/domain/task.ts';

/** A ready task that nobody has worked on yet, with the given fields. */
export function makeTask(fields: Partial<Task> = {}): Task {
  return {
    id: 'task-x7k2m',
    title: 'Fix login',
    description: '',
    type: 'fix',
    epicId: null,
    parentId: null,
    priority: 0,
    labels: [],
    blockedBy: [],
    testCommand: null,
    status: 'ready',
    attempts: 0,
    maxAttempts: 3,
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
    runId: null,
    createdBy: 'ada',
    modifiedBy: 'ada',
    completedBy: null,
    createdAt: 0,
    updatedAt: 0,
    startedAt: null,
    finishedAt: null,
    ...fields,
  };
}
