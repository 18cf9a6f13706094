// Owns the decisions about delegation: what an agent may hand to others, when its slot is free meanwhile, and what the end of a child means for its parent.
import type { DroverEvent } from '../event.ts';
import { guidanceId, MOST_QUEUED, queuedGuidance } from '../guidance.ts';
import { resolveTask, taskId } from '../ids.ts';
import type { Context, Intent, NewSubtask } from '../intent.ts';
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import { isRunOpen } from '../schedule.ts';
import { freeSlots } from '../slots.ts';
import type { State } from '../state.ts';
import {
  ancestorsOf,
  childrenOf,
  descendantsOf,
  gistOf,
  isAwaiting,
  openChildren,
  partsOf,
  standOfParent,
} from '../subtask.ts';
import { isActive, isFinished, isLanding, type Task, type TaskId, type TaskStatus } from '../task.ts';
import { freshId } from './fresh-id.ts';
import { retractTooLate } from './guidance.ts';
import { newTask } from './new-task.ts';
import { refuseTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

const MINUTE = 60_000;

/** Creates sub-tasks of a task in progress; they are ready at once. Refuses more than the limits allow, near-identical ones, and a parent whose work is handed in. */
export function delegateTask(state: State, intent: Of<'task.delegate'>, context: Context): DroverEvent[] {
  const parent = requireDelegating(state, intent.taskId);
  return createChildren(state, parent, { wishes: intent.subtasks, context });
}

/** Divides a task in progress into sub-tasks, which take its place. Refuses as task.delegate does, and one with a sub-task that waits for a person. Those that are not over become parts of it. */
export function decomposeTask(state: State, intent: Of<'task.decompose'>, context: Context): DroverEvent[] {
  const parent = requireDelegating(state, intent.taskId);
  if (intent.subtasks.length === 0) refuse('bad-params', 'A decomposition needs at least one sub-task.');
  const open = openChildren(state, parent.id);
  const stuck = open.find(({ status }) => status === 'blocked');
  if (stuck)
    refuse(
      'not-allowed',
      `${stuck.id}, a sub-task of ${parent.id}, waits for a person first.`,
      `drover why ${stuck.id}`,
    );
  const created = createChildren(state, parent, { wishes: intent.subtasks, context });
  const parts = [...open.map(({ id }) => id), ...created.map(({ task }) => task.id)];
  return [
    ...created,
    { type: 'task.decomposed', taskId: parent.id, decomposition: { reason: intent.reason.trim(), parts } },
  ];
}

function requireDelegating(state: State, id: TaskId): Task {
  const task = resolveTask(state, id);
  if (task.status !== 'in_progress') refuseTransition(task, 'only work in progress can be delegated');
  if (!isRunOpen(state, task)) refuse('not-running', `The agent of ${task.id} has ended.`);
  if (isLanding(task)) refuse('not-allowed', `${task.id} is handed in: nothing more of it can be delegated.`);
  return task;
}

interface Order {
  readonly wishes: readonly NewSubtask[];
  readonly context: Context;
}

function createChildren(
  state: State,
  parent: Task,
  { wishes, context }: Order,
): { type: 'task.created'; task: Task }[] {
  requireWithinLimits(state, parent, { wishes, context });
  const taken = new Set<string>();
  const ids = wishes.map(() => {
    const id = freshId(context, taskId, (candidate) => state.tasks.has(candidate) || taken.has(candidate));
    taken.add(id);
    return id;
  });
  return wishes.map((wish, index) => {
    const { title, description, type = 'implementation', after = [] } = wish;
    const { priority, labels, testCommand } = parent;
    const task = newTask(state, { title, description, type, parentId: parent.id, priority, labels }, context);
    const blockedBy = [...new Set(after)].map((at) => {
      const id = at < index ? ids[at] : undefined;
      return id ?? refuse('bad-params', `Sub-task ${index + 1} can only come after one that is listed before it.`);
    });
    const id = ids[index] ?? task.id;
    const child = { ...task, id, epicId: parent.epicId, testCommand, blockedBy, repos: parent.repos };
    return { type: 'task.created', task: child };
  });
}

function requireWithinLimits(state: State, parent: Task, { wishes, context }: Order): void {
  const { maxDepth, maxPerTask, perMinute } = context.subtasks;
  const line = [parent, ...ancestorsOf(state, parent)];
  const root = line.at(-1) ?? parent;
  const doItYourself = 'Do the work yourself, in this task.';
  if (line.length > maxDepth) {
    refuse(
      'limit',
      `${parent.id} stands ${line.length - 1} levels under ${root.id}, and ${maxDepth} is the limit. ${doItYourself}`,
    );
  }
  const all = descendantsOf(state, root.id);
  if (all.length + wishes.length > maxPerTask) {
    const have = `${root.id} has ${all.length} sub-tasks of at most ${maxPerTask}`;
    refuse('limit', `${have}, so ${wishes.length} more are too many. Ask for fewer and larger ones. ${doItYourself}`);
  }
  const recent = all.filter(({ createdAt }) => createdAt > context.now - MINUTE).length;
  if (recent + wishes.length > perMinute) {
    const have = `${recent} sub-tasks of ${root.id} were created within the last minute, of at most ${perMinute}`;
    refuse('limit', `${have}. Go on with other work, and ask again in a minute.`);
  }
  requireNoLoop(state, line, wishes);
}

function requireNoLoop(state: State, line: readonly Task[], wishes: readonly NewSubtask[]): void {
  const [parent] = line;
  const known = new Map<string, string>();
  for (const task of [...line, ...(parent ? childrenOf(state, parent.id) : [])]) {
    known.set(gistOf(task.title), `${task.id} ${quote(task.title)}, which is ${task.status}`);
  }
  for (const { title } of wishes) {
    const gist = gistOf(title);
    const same = gist === '' ? undefined : known.get(gist);
    if (same !== undefined) {
      refuse(
        'loop',
        `${quote(title)} is the same as ${same}. Look at that one with check_subtask_status, or say in the title what is different.`,
      );
    }
    known.set(gist, 'another one of this list');
  }
}

/** The agent's call blocks until these sub-tasks are over; its worker slot is free meanwhile. Refuses others than its own. No event when all of them are over. */
export function awaitSubtasks(state: State, intent: Of<'task.await'>): DroverEvent[] {
  const parent = requireDelegating(state, intent.taskId);
  const open = intent.subtasks.flatMap((ref) => {
    const child = resolveTask(state, ref);
    if (child.parentId !== parent.id) refuse('not-allowed', `${child.id} is no sub-task of ${parent.id}.`);
    return isFinished(child.status) ? [] : [child.id];
  });
  return open.length === 0 ? [] : [{ type: 'task.awaiting', taskId: parent.id, subtasks: [...new Set(open)] }];
}

/** The agent goes on and takes a slot again. Refuses while none is free, unless it goes on in any case: its call was broken off. No event when it does not wait. */
export function endAwait(state: State, intent: Of<'task.end-await'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (!isAwaiting(task)) return [];
  if (freeSlots(state) < 1 && !intent.isForced) refuse('not-allowed', `No worker is free for ${task.id} to go on.`);
  return [{ type: 'task.await-ended', taskId: task.id }];
}

/** Refuses to hand in a task whose sub-tasks are not over. */
export function requireChildrenOver(state: State, task: Task): void {
  const open = openChildren(state, task.id);
  if (open.length === 0) return;
  const names = open.map(({ id, title, status }) => `${id} ${quote(title)} (${status})`).join(', ');
  refuse(
    'not-allowed',
    `${task.id} cannot be handed in before its sub-tasks are over: ${names}. Wait for them with check_subtask_status and waitForCompletion, then call complete_task again.`,
  );
}

/** What is under a cancelled task is cancelled too, but for what is completed. */
export function cancelDescendants(state: State, task: Task): DroverEvent[] {
  return descendantsOf(state, task.id)
    .filter(({ status }) => !isOver(status))
    .map(({ id }) => ({
      type: 'task.cancelled',
      taskId: id,
      reason: `${task.id}, which it was a part of, was cancelled`,
    }));
}

/** The statuses that events give to their tasks, of those that matter to a parent. */
const OUTCOMES: Partial<Record<DroverEvent['type'], TaskStatus>> = {
  'task.completed': 'completed',
  'task.failed': 'failed',
  'task.blocked': 'blocked',
  'task.cancelled': 'cancelled',
  'task.retried': 'ready',
  'task.decomposed': 'decomposed',
};

/** What follows from these events for the hints of tasks that they end, and for the parents of those that they end, block or begin again: a decomposed one takes the status of its parts, one that is worked on is told. */
export function followUps(state: State, events: readonly DroverEvent[], context: Context): DroverEvent[] {
  const now = new Map<TaskId, TaskStatus>();
  const ended = new Set<TaskId>();
  const more: DroverEvent[] = [];
  const queue = [...events];
  for (const event of queue) {
    const status = OUTCOMES[event.type];
    if (status === undefined || !('taskId' in event) || event.taskId === null) continue;
    now.set(event.taskId, status);
    if ((status === 'completed' || status === 'decomposed') && !ended.has(event.taskId)) {
      ended.add(event.taskId);
      more.push(...retractTooLate(state, event.taskId, status));
    }
    const child = state.tasks.get(event.taskId);
    const parent = child?.parentId ? state.tasks.get(child.parentId) : undefined;
    if (child === undefined || parent === undefined || isOver(now.get(parent.id) ?? parent.status)) continue;
    const next =
      parent.decomposition === null
        ? tellParent(state, parent, { child, event, context })
        : followParts(state, parent, now);
    for (const each of next) {
      const outcome = OUTCOMES[each.type];
      if (outcome !== undefined) now.set(parent.id, outcome);
      more.push(each);
      queue.push(each);
    }
  }
  return more;
}

/** A parent that is completed or cancelled takes no notice; one that failed by a child may go on with it. */
function isOver(status: TaskStatus): boolean {
  return status === 'completed' || status === 'cancelled';
}

function followParts(state: State, parent: Task, now: ReadonlyMap<TaskId, TaskStatus>): DroverEvent[] {
  const { decomposition } = parent;
  if (decomposition === null) return [];
  const { status, by } = standOfParent(partsOf(state, decomposition), now);
  const before = now.get(parent.id) ?? parent.status;
  if (status === before) return [];
  const taskId = parent.id;
  // From one end to another it goes by way of being decomposed, as the table of statuses has it.
  const back: DroverEvent[] = before === 'decomposed' ? [] : [{ type: 'task.decomposed', taskId, decomposition }];
  const part = by === null ? '' : `its sub-task ${by.id} ${quote(by.title)} is ${by.status}`;
  if (status === 'completed')
    return [...back, { type: 'task.completed', taskId, commit: null, by: 'drover', checkout: '' }];
  if (status === 'failed') return [...back, { type: 'task.failed', taskId, error: part }];
  if (status === 'decomposed' || by === null) return back;
  const reason = {
    code: 'subtask',
    message: `${part[0]?.toUpperCase()}${part.slice(1)}.`,
    detail: `To go on: drover retry ${by.id}`,
  } as const;
  return [...back, { type: 'task.blocked', taskId, reason }];
}

interface News {
  readonly child: Task;
  readonly event: DroverEvent;
  readonly context: Context;
}

/** The parent's agent hears of it at its next boundary; not of one that a call of it waits for, which is answered with it. */
function tellParent(state: State, parent: Task, { child, event, context }: News): DroverEvent[] {
  const status = OUTCOMES[event.type];
  const isHeard =
    !isFinished(parent.status) && status !== 'ready' && status !== 'decomposed' && !parent.awaits.includes(child.id);
  const run = parent.runId === null ? undefined : state.runs.get(parent.runId);
  if (!isHeard || run?.agent === 'command' || queuedGuidance(state, parent.id).length >= MOST_QUEUED) return [];
  const id = freshId(context, guidanceId, (candidate) => state.guidance.has(candidate));
  const how = isActive(parent.status) ? 'check_subtask_status shows its result' : `drover show ${child.id}`;
  const text = `The sub-task ${child.id} ${quote(child.title)} is ${status}${detailOf(event)}; ${how}.`;
  return [{ type: 'guidance.queued', guidanceId: id, taskId: parent.id, text }];
}

function detailOf(event: DroverEvent): string {
  if (event.type === 'task.failed') return ` (${quote(event.error, 500)})`;
  if (event.type === 'task.blocked') return ` and waits for a person (${quote(event.reason.message, 500)})`;
  if (event.type === 'task.cancelled') return event.reason === '' ? '' : ` (${quote(event.reason, 500)})`;
  return event.type === 'task.completed' && event.commit !== null
    ? ` and has landed as ${event.commit.slice(0, 12)}`
    : '';
}
