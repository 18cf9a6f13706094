// Owns the methods of the queue: tasks and epics.
import { resolveEpic, resolveTask } from '../../domain/ids.ts';
import type { Intent } from '../../domain/intent.ts';
import { explainWhy } from '../../domain/why.ts';
import { countStatus } from '../../domain/status.ts';
import type { Task } from '../../domain/task.ts';
import type { Envelope } from '../../domain/event.ts';
import type { GitViews } from '../../git/views.ts';
import type { TaskDetail } from '../../protocol/methods.ts';
import type { ClientSession } from '../client-session.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';

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
export function queueHandlers(core: Core, views: GitViews): Pick<Handlers, QueueMethods> {
  const change = async (reference: string, client: ClientSession, intent: (taskId: string) => Intent): Promise<{ task: Task }> => {
    const { id } = resolveTask(core.state, reference);
    await core.intend(intent(id), client.operator);
    return { task: resolveTask(core.state, id) };
  };
  return {
    'task.create': async (params, client) => {
      const events = await core.intend({ type: 'task.create', ...params }, client.operator);
      return { task: resolveTask(core.state, createdTask(events)) };
    },
    'task.edit': ({ task, changes }, client) => change(task, client, (taskId) => ({ type: 'task.edit', taskId, changes })),
    'task.cancel': ({ task, reason = '' }, client) => change(task, client, (taskId) => ({ type: 'task.cancel', taskId, reason })),
    'task.retry': ({ task }, client) => change(task, client, (taskId) => ({ type: 'task.retry', taskId })),
    'task.list': ({ status, epic, label }) => {
      const epicId = epic === undefined ? undefined : resolveEpic(core.state, epic).id;
      const tasks = [...core.state.tasks.values()].filter(
        (task) =>
          (status === undefined || task.status === status) &&
          (epicId === undefined || task.epicId === epicId) &&
          (label === undefined || task.labels.includes(label)),
      );
      return { tasks, epics: [...core.state.epics.values()] };
    },
    'task.why': ({ task }) => {
      const found = resolveTask(core.state, task);
      return { task: found, why: explainWhy(core.state, found, core.now()) };
    },
    'task.show': ({ task }) => showTask(core, views, resolveTask(core.state, task)),
    'epic.create': async ({ title, description }, client) => {
      const intent: Intent = { type: 'epic.create', title };
      if (description !== undefined) intent.description = description;
      const events = await core.intend(intent, client.operator);
      const created = events.find(({ event }) => event.type === 'epic.created')?.event;
      if (created?.type !== 'epic.created') throw new Error('epic.create gave no epic');
      return { epic: created.epic };
    },
    'epic.list': () => ({
      epics: [...core.state.epics.values()].map((epic) => {
        const tasks = new Map([...core.state.tasks].filter(([, task]) => task.epicId === epic.id));
        return { ...epic, counts: countStatus({ ...core.state, tasks }) };
      }),
    }),
  };
}

function createdTask(events: readonly Envelope[]): string {
  for (const { event } of events) if (event.type === 'task.created') return event.task.id;
  throw new Error('task.create gave no task');
}

async function showTask(core: Core, views: GitViews, task: Task): Promise<TaskDetail> {
  const { state } = core;
  const runs = [...state.runs.values()].filter((run) => run.taskId === task.id);
  const base = runs.at(-1)?.baseCommit;
  return {
    task,
    epic: task.epicId === null ? null : (state.epics.get(task.epicId) ?? null),
    why: explainWhy(state, task, core.now()),
    blocks: [...state.tasks.values()].filter((other) => other.blockedBy.includes(task.id)),
    runs,
    commits: task.branch !== null && base !== undefined ? await views.commitsSince(base, task.branch) : [],
    kept: await views.keptRefs(task.id),
    history: await core.store.history(({ event }) => concerns(event, task.id, runs), SHOWN_HISTORY),
  };
}

function concerns(event: Envelope['event'], taskId: string, runs: readonly { id: string }[]): boolean {
  if (event.type === 'task.created') return event.task.id === taskId;
  if ('taskId' in event) return event.taskId === taskId;
  return 'runId' in event && runs.some((run) => run.id === event.runId);
}
