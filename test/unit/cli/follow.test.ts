import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../src/cli/render.ts';
import { followSession, formatTransition, type Transition } from '../../../src/cli/verbs/follow.ts';
import { exitCodeOf } from '../../../src/cli/verbs/run.ts';
import { renderSummary, summarise } from '../../../src/cli/verbs/summary.ts';
import { formatWait, type Wait, WaitTeller } from '../../../src/cli/verbs/waits.ts';
import type { Client } from '../../../src/client/client.ts';
import { apply } from '../../../src/domain/apply.ts';
import type { DroverEvent, Envelope } from '../../../src/domain/event.ts';
import type { Question } from '../../../src/domain/question.ts';
import { toRecord } from '../../../src/domain/snapshot.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import type { Task } from '../../../src/domain/task.ts';
import type { AgentState } from '../../../src/domain/worker.ts';
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
    const reply: Result<'events.subscribe'> = {
      seq: this.history.state.seq,
      state: record,
      isRunning: true,
      panes: [],
    };
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

describe('who waits for a person', () => {
  const question = (id: string, about: string): Question => ({
    id,
    kind: 'permission',
    tool: 'Bash',
    about,
    parts: [],
    scope: null,
    askedAt: AT,
  });
  const asked = (id: string, about: string): DroverEvent => ({
    type: 'run.asked',
    runId: 'run-task-aaaaa',
    question: question(id, about),
  });
  const becomes = (state: AgentState, detail: string): DroverEvent => ({
    type: 'run.state-changed',
    runId: 'run-task-aaaaa',
    state,
    source: 'hook',
    detail,
  });

  function tellAll(...events: DroverEvent[]): Wait[] {
    const history = startedHistory();
    history.add(claim('task-aaaaa'));
    history.add({ type: 'run.started', runId: 'run-task-aaaaa', pid: 1 });
    const told: Wait[] = [];
    const teller = new WaitTeller((wait) => told.push(wait));
    for (const event of events) teller.take(history.add(event), history.state);
    teller.takeAll(AT, history.state);
    return told;
  }

  test('a question is told once, in whichever order its events come', () => {
    const wait = becomes('needs-input', 'may it push?');
    for (const events of [
      [wait, asked('ask-1', 'may it push?')],
      [asked('ask-1', 'may it push?'), wait],
    ])
      expect(tellAll(...events)).toEqual([
        {
          at: AT,
          taskId: 'task-aaaaa',
          title: 'title of task-aaaaa',
          worker: 2,
          waitsFor: 'may it push?',
          next: 'drover needs',
        },
      ]);
  });

  test('the next question is told, the same one again too, and one beside it', () => {
    const told = tellAll(
      becomes('needs-input', 'may it push?'),
      asked('ask-1', 'may it push?'),
      asked('ask-2', 'may it pull?'),
      { type: 'run.answered', runId: 'run-task-aaaaa', questionId: 'ask-1', answer: null },
      becomes('needs-input', 'may it pull?'),
      { type: 'run.answered', runId: 'run-task-aaaaa', questionId: 'ask-2', answer: null },
      becomes('working', ''),
      becomes('needs-input', 'may it push?'),
      becomes('turn-ended', ''),
      becomes('interrupted', 'it waits for input'),
    );
    expect(told.map(({ waitsFor }) => waitsFor)).toEqual([
      'may it push?',
      'may it pull?',
      'may it push?',
      'it waits for input',
    ]);
  });

  test('an agent that is interrupted to be paused waits for nobody', () => {
    const interrupted = becomes('interrupted', 'it stopped without ending its turn');
    expect(tellAll({ type: 'task.pause-asked', taskId: 'task-aaaaa', isNow: true }, interrupted)).toEqual([]);
    expect(tellAll(interrupted)).toHaveLength(1);
  });

  test('who comes later is told of those that wait, and of none that has ended', () => {
    const history = startedHistory();
    for (const id of ['task-aaaaa', 'task-bbbbb']) {
      history.add({ ...claim(id), worker: id === 'task-aaaaa' ? 1 : 2 } as DroverEvent);
      history.add({ type: 'run.started', runId: `run-${id}`, pid: 1 });
      history.add({ ...becomes('needs-input', 'which?'), runId: `run-${id}` } as DroverEvent);
    }
    history.add({ type: 'run.ended', runId: 'run-task-bbbbb', exitCode: 0, signal: null, reason: '' });
    const told: Wait[] = [];
    new WaitTeller((wait) => told.push(wait)).takeAll(AT, history.state);
    expect(told.map(({ taskId }) => taskId)).toEqual(['task-aaaaa']);
  });

  test('is one line with what to type', () => {
    const wait = {
      at: AT,
      taskId: 'task-x7k2m',
      title: 'fix\nlogin',
      worker: 2,
      waitsFor: 'may\u001b[2J it?',
      next: 'drover needs',
    };
    expect(formatWait(wait, plainPaint)).toBe(
      '12:03:41 task-x7k2m waits for you            worker 2   fix login: may[2J it?; to answer: drover needs',
    );
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

  test('counts what is paused, and says how it goes on', () => {
    const done = task('task-ok', { status: 'completed' });
    const first = task('task-p', { status: 'paused' });
    const one = summarise(stateOf(done, first), null);
    expect(one.paused).toEqual([{ id: 'task-p', title: 'title of task-p' }]);
    expect(exitCodeOf(one)).toBe(1);
    expect(renderSummary(one, plainPaint)).toBe(
      '1 of 2 tasks are completed.\ntask-p is paused; to go on: drover resume task-p && drover run\n',
    );
    const bad = task('task-bad', { status: 'failed', lastError: 'boom' });
    const more = summarise(stateOf(done, first, bad, task('task-q', { status: 'paused' })), null);
    expect(renderSummary(more, plainPaint).split('\n').slice(-3)).toEqual([
      '  next: drover why task-bad',
      '2 tasks are paused; to go on: drover resume --all && drover run',
      '',
    ]);
  });

  test('counts only the epic that was run', () => {
    const state = stateOf(
      task('task-in', { status: 'completed', epicId: 'epic-a' }),
      task('task-out', { status: 'failed' }),
    );
    expect(summarise(state, 'epic-a')).toEqual({ completed: 1, stuck: [], paused: [], total: 1 });
    expect(renderSummary(summarise(state, 'epic-a'), plainPaint)).toBe('The task is completed.\n');
  });
});
