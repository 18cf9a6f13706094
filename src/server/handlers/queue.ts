// Owns the methods of the queue: tasks and epics.
import { statSync } from 'node:fs';
import type { Envelope } from '../../domain/event.ts';
import { resolveEpic, resolveTask } from '../../domain/ids.ts';
import type { Intent } from '../../domain/intent.ts';
import { quote } from '../../domain/quote.ts';
import { refuse } from '../../domain/refusal.ts';
import { dependencies, stuckFinder } from '../../domain/schedule.ts';
import type { State } from '../../domain/state.ts';
import { countStatus, isInterrupted } from '../../domain/status.ts';
import { childrenOf } from '../../domain/subtask.ts';
import { isFinished, type Task } from '../../domain/task.ts';
import { isNothing, NO_USAGE, usageOfEpic, usageOfTree } from '../../domain/usage.ts';
import { explainWhy } from '../../domain/why.ts';
import type { TaskDetail } from '../../protocol/methods.ts';
import type { ClientSession } from '../client-session.ts';
import type { Handlers } from '../dispatcher.ts';
import { branchOf, othersOf } from '../task-work.ts';
import { type LookMethods, type LookParts, lookHandlers } from './look.ts';

type QueueMethods =
  | 'task.create'
  | 'task.edit'
  | 'task.list'
  | 'task.show'
  | 'task.why'
  | 'task.cancel'
  | 'task.retry'
  | 'epic.create'
  | 'epic.list';

/** Newest events of a task that `show` tells. */
const SHOWN_HISTORY = 50;

/** The handlers of the queue. */
export function queueHandlers(parts: LookParts): Pick<Handlers, QueueMethods | LookMethods> {
  const { core } = parts;
  const change = async (
    reference: string,
    client: ClientSession,
    intent: (taskId: string) => Intent,
  ): Promise<{ task: Task }> => {
    const { id } = resolveTask(core.state, reference);
    await core.intend(intent(id), client.operator);
    return { task: resolveTask(core.state, id) };
  };
  return {
    ...lookHandlers(parts),
    'task.create': async (params, client) => {
      for (const folder of params.repos ?? []) requireFolder(folder);
      const events = await core.intend({ type: 'task.create', task: params }, client.operator);
      return { task: resolveTask(core.state, createdTask(events)) };
    },
    'task.edit': ({ task, changes }, client) =>
      change(task, client, (taskId) => ({ type: 'task.edit', taskId, changes })),
    'task.cancel': ({ task, reason = '' }, client) =>
      change(task, client, (taskId) => ({ type: 'task.cancel', taskId, reason })),
    'task.retry': ({ task }, client) => change(task, client, (taskId) => ({ type: 'task.retry', taskId })),
    'task.list': ({ status, epic, label }) => {
      const epicId = epic === undefined ? undefined : resolveEpic(core.state, epic).id;
      const tasks = [...core.state.tasks.values()].filter(
        (task) =>
          (status === undefined || task.status === status) &&
          (epicId === undefined || task.epicId === epicId) &&
          (label === undefined || task.labels.includes(label)),
      );
      const interrupted = tasks.filter((task) => isInterrupted(core.state, task)).map(({ id }) => id);
      return { tasks, epics: [...core.state.epics.values()], waits: waitsOf(core.state, tasks), interrupted };
    },
    'task.why': ({ task }) => {
      const found = resolveTask(core.state, task);
      return { task: found, why: explainWhy(core.state, found, core.now()) };
    },
    'task.show': ({ task }) => showTask(parts, resolveTask(core.state, task)),
    'epic.create': async ({ title, description }, client) => {
      const intent: Intent = { type: 'epic.create', title };
      if (description !== undefined) intent.description = description;
      const events = await core.intend(intent, client.operator);
      const created = events.find(({ event }) => event.type === 'epic.created')?.event;
      if (created?.type !== 'epic.created') throw new Error('epic.create gave no epic');
      return { epic: created.epic };
    },
    'epic.list': () => ({
      epics: [...core.state.epics.values()].map((epic) => ({ ...epic, counts: countStatus(core.state, epic.id) })),
    }),
  };
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  refuse('bad-params', `There is no folder ${quote(path, 200)} that an agent could read.`, 'drover add --help');
}

function createdTask(events: readonly Envelope[]): string {
  for (const { event } of events) if (event.type === 'task.created') return event.task.id;
  throw new Error('task.create gave no task');
}

async function showTask(parts: LookParts, task: Task): Promise<TaskDetail> {
  const { core, views } = parts;
  const { state } = core;
  const runs = [...state.runs.values()].filter((run) => run.taskId === task.id);
  const base = runs.at(-1)?.baseCommit;
  const kept = await views.kept(task.id);
  // The branch while it is there; a landed task has left only its kept tip.
  const tip = isFinished(task.status) ? (kept.at(-1)?.ref ?? null) : await branchOf(parts, task);
  return {
    task,
    epic: task.epicId === null ? null : (state.epics.get(task.epicId) ?? null),
    why: explainWhy(state, task, core.now()),
    blocks: [...state.tasks.values()].filter((other) => other.blockedBy.includes(task.id)),
    subtasks: childrenOf(state, task.id),
    ...usageOf(state, task),
    runs,
    commits: base === undefined || tip === null ? [] : await views.commitsSince(await othersOf(parts, task, base), tip),
    kept: kept.map(({ ref }) => ref),
    history: await core.store.history(({ event }) => concerns(event, task.id, runs), SHOWN_HISTORY),
  };
}

function usageOf(state: State, { id, epicId, used = NO_USAGE }: Task): Pick<TaskDetail, 'usage'> {
  const tree = usageOfTree(state, id);
  const epic = epicId === null ? null : usageOfEpic(state, epicId);
  return isNothing(tree) ? {} : { usage: { task: used, tree, epic } };
}

function concerns(event: Envelope['event'], taskId: string, runs: readonly { id: string }[]): boolean {
  if (event.type === 'task.created') return event.task.id === taskId;
  // Counts come every few seconds; their sum is shown.
  if (event.type === 'run.used') return false;
  if ('taskId' in event) return event.taskId === taskId;
  return 'runId' in event && runs.some((run) => run.id === event.runId);
}

/** What keeps the ready ones of these tasks, by their ids; nothing of those that wait for no other. */
function waitsOf(state: State, tasks: readonly Task[]): Record<string, { count: number; isStuck: boolean }> {
  const isStuck = stuckFinder(state);
  return Object.fromEntries(
    tasks.flatMap((task) => {
      if (task.status !== 'ready') return [];
      const { waiting, dead } = dependencies(state, task);
      const count = waiting.length + dead.length;
      return count === 0 ? [] : [[task.id, { count, isStuck: isStuck(task) }]];
    }),
  );
}
