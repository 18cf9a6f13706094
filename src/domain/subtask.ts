// Owns what a sub-task is: whose child a task is, how far down it stands, what became of it, and which wishes for more are a loop.
import type { State } from './state.ts';
import { type Decomposition, isFinished, type Task, type TaskId, type TaskStatus } from './task.ts';

/** How much agents may delegate. */
export interface SubtaskLimits {
  /** Levels under a task that a person created; the design's default is 3. */
  readonly maxDepth: number;
  /** Tasks under one that a person created, all levels together. */
  readonly maxPerTask: number;
  /** New ones under it within a minute. */
  readonly perMinute: number;
  /** Tokens and dollars that a person's task and all under it may use until they are paused; null for as much as they want. */
  readonly maxTokens: number | null;
  readonly maxCost: number | null;
}

/** What a task has that has delegated nothing, and every one of a time without sub-tasks. */
export const NOT_DELEGATED = { awaits: [], decomposition: null, repos: [], research: null } satisfies Partial<Task>;

/** The children of each parent, in the order in which they were created; one walk for many questions. */
export function childIndex(state: State): ReadonlyMap<TaskId, readonly Task[]> {
  const index = new Map<TaskId, Task[]>();
  for (const task of state.tasks.values()) {
    if (task.parentId === null) continue;
    const siblings = index.get(task.parentId);
    if (siblings) siblings.push(task);
    else index.set(task.parentId, [task]);
  }
  return index;
}

/** The direct children of a task, in the order in which they were created. */
export function childrenOf(state: State, id: TaskId): Task[] {
  return [...state.tasks.values()].filter((task) => task.parentId === id);
}

/** A task in a list, and what stands before its title there: the branches of the tree that it hangs on, or `↳ ` where its parent is not listed. */
export interface ListedTask {
  readonly task: Task;
  readonly lead: string;
}

/** The tasks of a list in its order, but each under its parent where that is listed too. */
export function underParents(tasks: readonly Task[]): ListedTask[] {
  const listed = new Set(tasks.map(({ id }) => id));
  const children = new Map<TaskId, Task[]>();
  const roots: Task[] = [];
  for (const task of tasks) {
    const { parentId } = task;
    if (parentId === null || !listed.has(parentId)) roots.push(task);
    else children.set(parentId, [...(children.get(parentId) ?? []), task]);
  }
  const under = (parent: Task, stem: string): ListedTask[] =>
    (children.get(parent.id) ?? []).flatMap((task, index, all) => {
      const isLast = index === all.length - 1;
      return [{ task, lead: `${stem}${isLast ? '└ ' : '├ '}` }, ...under(task, `${stem}${isLast ? '  ' : '│ '}`)];
    });
  return roots.flatMap((task) => [{ task, lead: task.parentId === null ? '' : '↳ ' }, ...under(task, '')]);
}

/** All that stands under a task, without itself. */
export function descendantsOf(state: State, id: TaskId): Task[] {
  const index = childIndex(state);
  const found = [...(index.get(id) ?? [])];
  for (const task of found) found.push(...(index.get(task.id) ?? []));
  return found;
}

/** The parent, its parent, and so on; the last is the one that a person created. */
export function ancestorsOf(state: State, task: Task): Task[] {
  const found: Task[] = [];
  let parent = task.parentId === null ? undefined : state.tasks.get(task.parentId);
  while (parent !== undefined) {
    found.push(parent);
    parent = parent.parentId === null ? undefined : state.tasks.get(parent.parentId);
  }
  return found;
}

/** The children that are not over, which the parent cannot be completed before. */
export function openChildren(state: State, id: TaskId): Task[] {
  return childrenOf(state, id).filter(({ status }) => !isFinished(status));
}

/** True while a call of the task's agent blocks until sub-tasks are over; its worker slot is free for others. */
export function isAwaiting(task: Pick<Task, 'awaits'>): boolean {
  return task.awaits.length > 0;
}

/** The tasks that a divided one is made of. */
export function partsOf(state: State, { parts }: Decomposition): Task[] {
  return parts.flatMap((id) => state.tasks.get(id) ?? []);
}

/** What a divided task is by what its parts are, with the first of them that it is so for. `now` holds statuses that are newer than the records. */
export function standOfParent(
  parts: readonly Task[],
  now: ReadonlyMap<TaskId, TaskStatus> = new Map(),
): { readonly status: TaskStatus; readonly by: Task | null } {
  const of = ({ id, status }: Task): TaskStatus => now.get(id) ?? status;
  for (const [status, causes] of STANDS) {
    const by = parts.find((part) => causes.includes(of(part)));
    if (by) return { status, by: { ...by, status: of(by) } };
  }
  return { status: parts.every((part) => of(part) === 'completed') ? 'completed' : 'decomposed', by: null };
}

/** The status of a divided task, and of a part that is reason enough; the first that fits. */
const STANDS: readonly (readonly [TaskStatus, readonly TaskStatus[]])[] = [
  ['failed', ['failed']],
  ['blocked', ['blocked', 'cancelled']],
];

/** Words that make no other task of one: an agent in a loop asks for the same thing "again". */
const FILLERS = new Set('a an the again retry please now once more also and to of for'.split(' '));

/** What a title asks for: its words without case, marks, order and fillers. Two tasks with the same are near-identical. */
export function gistOf(title: string): string {
  const words = title
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !FILLERS.has(word));
  return [...new Set(words)].sort().join(' ');
}

/** What a parent is told of a sub-task. */
export interface SubtaskResult {
  readonly id: TaskId;
  readonly title: string;
  readonly status: TaskStatus;
  readonly verdict: Task['verdict'];
  readonly summary: string | null;
  /** The commit on the base branch. */
  readonly commit: string | null;
  /** Why it failed, or what it waits for; null otherwise. */
  readonly problem: string | null;
  readonly research: Task['research'];
  /** What became of its work in the parent's worktree; empty when there is nothing to say. */
  readonly note: string;
}

/** What became of a sub-task so far. */
export function subtaskResult(task: Task): SubtaskResult {
  const { id, title, status, verdict, summary, landedCommit: commit, blockedReason, lastError, research } = task;
  const problem = blockedReason?.message ?? (status === 'completed' ? null : lastError);
  return { id, title, status, verdict, summary, commit, problem, research, note: '' };
}
