// Owns the following of a session without a screen: a line for each transition, and what is left at the end.
import type { Client } from '../../client/client.ts';
import { NoServerError } from '../../client/client.ts';
import { formatClock } from '../../client/format.ts';
import { adoptSubscription, replicate } from '../../client/replica.ts';
import type { Paint } from '../../client/verb.ts';
import type { Envelope } from '../../domain/event.ts';
import { emptyState, type State } from '../../domain/state.ts';
import { isFinished, type Task, type TaskId } from '../../domain/task.ts';
import { sanitise } from '../../domain/text.ts';
import { padText } from '../../domain/text-width.ts';

/** A task's step from one status (or landing phase) to the next. */
export interface Transition {
  /** ms since epoch */
  readonly at: number;
  readonly taskId: TaskId;
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly worker: number | null;
  /** Why, where the event says it; empty otherwise. */
  readonly note: string;
}

/** `12:03:41 task-x7k2m ready → claimed  worker 2  fix login` */
export function formatTransition(step: Transition, paint: Paint): string {
  const change = `${step.from} → ${step.to}`;
  const worker = step.worker === null ? '' : `worker ${step.worker}`;
  const note = step.note === '' ? '' : `: ${sanitise(step.note)}`;
  const id = paint('strong', sanitise(step.taskId));
  return `${paint('dim', formatClock(step.at))} ${id} ${padText(change, 23)}  ${padText(worker, 9)}  ${sanitise(step.title)}${note}`;
}

export interface Follower {
  readonly state: State;
  /** Resolves when the session has stopped; rejects when the server is gone. */
  readonly ended: Promise<void>;
}

/** Subscribes and reports each transition from now on, then its event with the state after it. `ended` watches the session from the moment it runs. */
export async function followSession(
  client: Client,
  onTransition: (step: Transition) => void,
  onEvent: (envelope: Envelope, state: State) => void = () => undefined,
): Promise<Follower> {
  let state = emptyState();
  /** Envelopes that come while a subscription is under way follow its reply. */
  let waiting: Envelope[] | null = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    client.onClose((reason) => reject(new NoServerError(`the server is gone: ${reason}`)));
  });
  // Whoever waits for it learns of the failure; nobody waiting is no fault.
  ended.catch(() => undefined);

  const take = (envelope: Envelope): void => {
    const before = statusOf(state, envelope);
    const step = replicate(state, envelope);
    if (step === 'gap') return void subscribe(state.seq);
    if (step === 'old') return;
    const change = transitionOf(before, state, envelope);
    if (change) onTransition(change);
    onEvent(envelope, state);
    if (envelope.event.type === 'session.stopped') end();
  };
  const subscribe = async (since?: number): Promise<void> => {
    waiting ??= [];
    const reply = await client.call('events.subscribe', since === undefined ? {} : { since });
    state = adoptSubscription(state, reply);
    const missed = waiting;
    waiting = null;
    for (const envelope of missed) take(envelope);
  };
  client.onNotice((notice) => {
    if (notice.notice === 'resync') void subscribe(state.seq);
    if (notice.notice !== 'event') return;
    if (waiting) waiting.push(notice.envelope);
    else take(notice.envelope);
  });
  await subscribe();
  return {
    get state() {
      return state;
    },
    ended,
  };
}

interface Stand {
  readonly status: string;
  readonly landing: string | null;
}

function statusOf(state: State, { event }: Envelope): Stand | null {
  const task = taskOf(state, event);
  return task ? { status: task.status, landing: task.landing } : null;
}

function taskOf(state: State, event: Envelope['event']): Task | undefined {
  if ('taskId' in event) return state.tasks.get(event.taskId ?? '');
  if (event.type === 'run.started') return state.tasks.get(state.runs.get(event.runId)?.taskId ?? '');
  return undefined;
}

function transitionOf(before: Stand | null, state: State, envelope: Envelope): Transition | null {
  const task = taskOf(state, envelope.event);
  if (!task || !before) return null;
  const from = standing(before);
  const to = standing(task);
  if (from === to) return null;
  const worker = state.runs.get(task.runId ?? '')?.worker ?? null;
  return {
    at: envelope.at,
    taskId: task.id,
    title: task.title,
    from,
    to,
    worker: isFinished(task.status) ? null : worker,
    note: noteOf(envelope, task),
  };
}

/** A task that lands is still in progress: then the step of its landing says more than its status. */
function standing({ status, landing }: Stand): string {
  if (landing === null) return status;
  return landing === 'queued' ? 'landing' : landing;
}

function noteOf({ event }: Envelope, task: Task): string {
  switch (event.type) {
    case 'task.failed':
    case 'task.attempt-failed':
      return event.error;
    case 'task.blocked':
    case 'landing.returned':
      return event.reason.message;
    case 'task.cancelled':
    case 'task.released':
      return event.reason;
    case 'task.completed':
      if (task.landedCommit === null) return '';
      return `landed as ${task.landedCommit.slice(0, 10)}${event.isBeside ? `; ${event.checkout}` : ''}`;
    default:
      return '';
  }
}
