// Owns what a task may wait for: known tasks, each once, never itself, never in a circle.
import { resolveTask } from '../ids.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { childIndex } from '../subtask.ts';
import type { TaskId } from '../task.ts';

/** More dependencies than this are a project plan in one field. */
const MOST_DEPENDENCIES = 200;

/**
 * The ids that `refs` name, each once. `self` is the task that will wait for them, null for one that does not exist yet.
 * Refuses unknown-task, ambiguous-task, and cycle with its path.
 */
export function resolveDependencies(state: State, refs: readonly string[], self: TaskId | null): TaskId[] {
  const ids = [...new Set(refs.map((ref) => resolveTask(state, ref).id))];
  if (ids.length > MOST_DEPENDENCIES) {
    refuse('too-large', `A task waits for at most ${MOST_DEPENDENCIES} others; here are ${ids.length}.`);
  }
  if (self === null) return ids;
  if (ids.includes(self)) refuse('cycle', `${self} cannot wait for itself.`, `drover show ${self}`);
  const path = pathBack(state, ids, self);
  if (path) {
    refuse('cycle', `These tasks would wait for each other: ${path.join(' → ')}.`, `drover show ${self}`);
  }
  return ids;
}

/** The circle that would come of `self` waiting for `ids`, first and last the same; null when there is none. */
function pathBack(state: State, ids: readonly TaskId[], self: TaskId): TaskId[] | null {
  const children = childIndex(state);
  const cameFrom = new Map<TaskId, TaskId>(ids.map((id) => [id, self]));
  // A Map's keys grow while they are walked, so this is a breadth-first search and finds the shortest circle.
  for (const id of cameFrom.keys()) {
    // A task is not completed before its sub-tasks either.
    const parts = (children.get(id) ?? []).map((child) => child.id);
    for (const next of [...(state.tasks.get(id)?.blockedBy ?? []), ...parts]) {
      if (next === self) return [...walkBack(cameFrom, id, self), self];
      if (!cameFrom.has(next)) cameFrom.set(next, id);
    }
  }
  return null;
}

function walkBack(cameFrom: ReadonlyMap<TaskId, TaskId>, last: TaskId, self: TaskId): TaskId[] {
  const path = [last];
  let id: TaskId | undefined = last;
  while (id !== undefined && id !== self) {
    id = cameFrom.get(id);
    if (id !== undefined) path.push(id);
  }
  return path.reverse();
}
