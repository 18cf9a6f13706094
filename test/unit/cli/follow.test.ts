import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../src/cli/render.ts';
import { followSession, formatTransition, type Transition } from '../../../src/cli/verbs/follow.ts';
import { renderSummary, summarise } from '../../../src/cli/verbs/summary.ts';
import type { Client } from '../../../src/client/client.ts';
import { apply } from '../../../src/domain/apply.ts';
import type { DroverEvent, Envelope } from '../../../src/domain/event.ts';
import { toRecord } from '../../../src/domain/snapshot.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import type { Task } from '../../../src/domain/task.ts';
import type { Notice } from '../../../src/protocol/message.ts';
import type { MethodName, Params, Result } from '../../../src/protocol/methods.ts';
import { makeTask } from '../../helpers/task.ts';

const AT = new Date(2026, 10, 22, 12, 3, 41).getTime();

function task(id: string, fields: Partial<Task> = {}): Task {
  return makeTask({
    id,
    title: `title of ${id}`,
    createdBy: 'a',
    modifiedBy: 'a',
    createdAt: 1,
    updatedAt: 1,
    ...fields,
  });
}

/** A server's memory: events as they would be stored, and the state that they fold to. */
class History {
  readonly state: State = emptyState();
  readonly envelopes: Envelope[] = [];
  add(event: DroverEvent): Envelope {
    const envelope: Envelope = { seq: this.state.seq + 1, at: AT, by: 'drover', event };
    apply(this.state, envelope);
    this.envelopes.push(envelope);
    return envelope;
  }
}

/** A client that answers subscriptions from the history; `during` happens after the reply was made and before it arrives. */
class FakeClient implements Client {
  readonly history: History;
  readonly subscriptions: (number | undefined)[] = [];
  during: () => void = () => undefined;
  #notice: (notice: Notice) => void = () => undefined;
  #close: (reason: string) => void = () => undefined;
  constructor(history: History) {
    this.history = history;
  }
  async call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    if (method !== 'events.subscribe') throw new Error(`unexpected ${method}`);
    const { since } = params as Params<'events.subscribe'>;
    this.subscriptions.push(since);
    const record = since === undefined ? structuredClone(toRecord(this.history.state)) : null;
    const reply: Result<'events.subscribe'> = { seq: this.history.state.seq, state: record, isRunning: true };
    const missed = since === undefined ? [] : this.history.envelopes.filter((envelope) => envelope.seq > since);
    this.during();
    for (const envelope of missed) this.send(envelope);
    return reply as Result<M>;
  }
  send(envelope: Envelope): void {
    this.#notice({ notice: 'event', envelope });
  }
  notify(notice: Notice): void {
    this.#notice(notice);
  }
  gone(reason: string): void {
    this.#close(reason);
  }
  onNotice(listener: (notice: Notice) => void): void {
    this.#notice = listener;
  }
  onClose(listener: (reason: string) => void): void {
    this.#close = listener;
  }
  onFrame(): void {}
  sendInput(): void {}
  sendAck(): void {}
  close(): void {}
}

const claim = (id: string): DroverEvent => ({
  type: 'task.claimed',
  taskId: id,
  runId: `run-${id}`,
  worker: 2,
  worktreeId: 'worktree-2',
  branch: `drover/${id}`,
  baseCommit: 'c',
  attempt: 1,
  agent: 'rehearsal',
  conversationId: 'u',
});

function startedHistory(): History {
  const history = new History();
  history.add({ type: 'worktree.added', worktreeId: 'worktree-2', path: '/w' });
  history.add({ type: 'task.created', task: task('task-aaaaa') });
  history.add({ type: 'task.created', task: task('task-bbbbb') });
  return history;
}

describe('following', () => {
  test('reports each transition with worker and reason, and ends with the session', async () => {
    const client = new FakeClient(startedHistory());
    const steps: Transition[] = [];
    const follower = await followSession(client, (step) => steps.push(step));
    const events: DroverEvent[] = [
      { type: 'session.started', workers: 2, agent: 'rehearsal', epicId: null },
      claim('task-aaaaa'),
      { type: 'run.started', runId: 'run-task-aaaaa', pid: 1 },
      { type: 'run.state-changed', runId: 'run-task-aaaaa', state: 'working', source: 'hook', detail: '' },
      { type: 'task.submitted', taskId: 'task-aaaaa', verdict: 'pass', summary: '' },
      { type: 'landing.changed', taskId: 'task-aaaaa', phase: 'merging' },
      { type: 'task.failed', taskId: 'task-aaaaa', error: 'it broke' },
      { type: 'session.stopped', reason: 'nothing is left to do' },
    ];
    for (const event of events) client.send(client.history.add(event));
    await follower.ended;
    expect(steps.map(({ from, to, worker, note }) => [from, to, worker, note])).toEqual([
      ['ready', 'claimed', 2, ''],
      ['claimed', 'in_progress', 2, ''],
      ['in_progress', 'landing', 2, ''],
      ['landing', 'merging', 2, ''],
      ['merging', 'failed', null, 'it broke'],
    ]);
    expect(summarise(follower.state, null).stuck).toMatchObject([
      { id: 'task-aaaaa', status: 'failed', reason: 'it broke' },
    ]);
  });

  test('misses nothing that happens while it subscribes', async () => {
    const client = new FakeClient(startedHistory());
    client.during = () => client.send(client.history.add(claim('task-aaaaa')));
    const steps: Transition[] = [];
    await followSession(client, (step) => steps.push(step));
    expect(steps.map((step) => step.to)).toEqual(['claimed']);
  });

  test('subscribes anew after a gap, and reports nothing twice', async () => {
    const client = new FakeClient(startedHistory());
    const steps: Transition[] = [];
    const follower = await followSession(client, (step) => steps.push(step));
    const seen = client.history.state.seq;
    const lost = client.history.add(claim('task-aaaaa'));
    client.send(client.history.add({ type: 'session.stopped', reason: '' }));
    await follower.ended;
    client.send(lost);
    expect(client.subscriptions).toEqual([undefined, seen]);
    expect(steps.map((step) => step.to)).toEqual(['claimed']);
  });

  test('subscribes anew when the server dropped its events', async () => {
    const client = new FakeClient(startedHistory());
    const steps: Transition[] = [];
    const follower = await followSession(client, (step) => steps.push(step));
    client.history.add(claim('task-bbbbb'));
    client.history.add({ type: 'session.stopped', reason: '' });
    client.notify({ notice: 'resync' });
    await follower.ended;
    expect(steps.map((step) => step.taskId)).toEqual(['task-bbbbb']);
  });

  test('a server that goes ends it with its reason', async () => {
    const client = new FakeClient(startedHistory());
    const follower = await followSession(client, () => undefined);
    client.gone('stopped by alice');
    await expect(follower.ended).rejects.toThrow('the server is gone: stopped by alice');
  });
});

test('a transition is one line, whatever its title holds', () => {
  const step: Transition = {
    at: AT,
    taskId: 'task-x7k2m',
    title: 'fix\u001b[2J\nlogin',
    from: 'ready',
    to: 'claimed',
    worker: 2,
    note: '',
  };
  expect(formatTransition(step, plainPaint)).toBe(
    '12:03:41 task-x7k2m ready → claimed          worker 2   fix[2J login',
  );
  expect(formatTransition({ ...step, note: 'why\nnot' }, plainPaint)).toMatch(/: why not$/);
});

describe('the summary', () => {
  const stateOf = (...tasks: Task[]): State => {
    const history = new History();
    for (const each of tasks) history.state.tasks.set(each.id, each);
    return history.state;
  };

  test('names what is stuck: failed, blocked, and waiting for one that never comes', () => {
    const state = stateOf(
      task('task-ok', { status: 'completed' }),
      task('task-bad', { status: 'failed', lastError: 'boom' }),
      task('task-con', {
        status: 'blocked',
        blockedReason: { code: 'conflict', message: 'a conflict in x', detail: '' },
      }),
      task('task-dead', { blockedBy: ['task-bad'] }),
      task('task-waits', { blockedBy: ['task-con'] }),
      task('task-off', { status: 'cancelled', blockedBy: ['task-bad'] }),
    );
    const summary = summarise(state, null);
    expect(summary.stuck.map((each) => each.id)).toEqual(['task-bad', 'task-con', 'task-dead']);
    const text = renderSummary(summary, plainPaint);
    expect(text).toContain('1 of 6 tasks are completed');
    expect(text).toContain('task-con  blocked  title of task-con: a conflict in x');
    expect(text).toContain('next: drover why task-bad');
  });

  test('counts only the epic that was run', () => {
    const state = stateOf(
      task('task-in', { status: 'completed', epicId: 'epic-a' }),
      task('task-out', { status: 'failed' }),
    );
    expect(summarise(state, 'epic-a')).toEqual({ completed: 1, stuck: [], total: 1 });
    expect(renderSummary(summarise(state, 'epic-a'), plainPaint)).toBe('The task is completed.\n');
  });
});
