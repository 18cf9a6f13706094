// Owns the tests of what a person may do to a task.
import { describe, expect, it } from 'vitest';
import type { NewTask } from '../../../src/domain/intent.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { isStuck } from '../../../src/domain/schedule.ts';
import { countStatus } from '../../../src/domain/status.ts';
import { TASK_STATUSES, TRANSITIONS } from '../../../src/domain/task.ts';
import { World } from './fixture.ts';

const world = (): World => new World();
const refused = (fields: Partial<NewTask>) =>
  world().refusal({ type: 'task.create', task: { title: 'Task', ...fields } });

describe('task.create', () => {
  it('makes a ready task with the defaults', () => {
    expect(world().add('  Fix login\n')).toEqual({
      id: 'task-aaaaa',
      title: 'Fix login',
      description: '',
      type: 'implementation',
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
      awaits: [],
      decomposition: null,
      repos: [],
      research: null,
      runId: null,
      createdBy: 'ada',
      modifiedBy: 'ada',
      completedBy: null,
      createdAt: 1_000_000,
      updatedAt: 1_000_000,
      startedAt: null,
      finishedAt: null,
    });
  });

  it('keeps the type of the task apart from the type of the intent', () => {
    expect(world().add('Look into it', { type: 'research' }).type).toBe('research');
  });

  it.each([
    ['', /empty/],
    [' \t ', /empty/],
    ['a'.repeat(201), /longer than 200/],
    ['a\u001b[31mb', /control character/],
    ['a\u202eb', /control character/],
  ])('refuses the title %j', (title, message) => {
    const refusal = refused({ title });
    expect(refusal.code).toBe('bad-title');
    expect(refusal.message).toMatch(message);
    expect(refusal.message).not.toMatch(/\p{Cc}/u);
  });

  it('refuses a second line in the title with a hint at the description', () => {
    const refusal = refused({ title: 'Fix login\nIt is broken' });
    expect(refusal).toMatchObject({ code: 'bad-title', next: expect.stringContaining('--description') });
  });

  it('counts a title in characters, not in UTF-16 units', () => {
    expect(world().add('🐑'.repeat(200)).title).toHaveLength(400);
    expect(refused({ title: '🐑'.repeat(201) }).code).toBe('bad-title');
  });

  it('takes a description of 64 KiB of UTF-8 and no more', () => {
    expect(world().add('t', { description: 'é'.repeat(32_768) }).description).toHaveLength(32_768);
    expect(refused({ description: `${'é'.repeat(32_768)}x` }).code).toBe('too-large');
    expect(refused({ description: 'a\0b' }).code).toBe('bad-params');
  });

  it.each([
    [{ priority: 101 }],
    [{ priority: -101 }],
    [{ priority: 1.5 }],
    [{ priority: Number.NaN }],
    [{ maxAttempts: 0 }],
    [{ labels: [''] }],
    [{ labels: ['two words'] }],
    [{ labels: ['a,b'] }],
    [{ labels: Array.from({ length: 33 }, (_, i) => `l${i}`) }],
    [{ testCommand: 'npm\u0007 test' }],
  ])('refuses %j', (fields) => {
    expect(refused(fields).code).toBe('bad-params');
  });

  it('resolves dependencies and drops duplicates', () => {
    const w = world();
    const a = w.add('a');
    expect(w.add('b', { blockedBy: ['aaaaa', 'task-aa', a.id], labels: ['x', ' x '] })).toMatchObject({
      blockedBy: [a.id],
      labels: ['x'],
    });
    expect(refused({ blockedBy: ['nobody'] }).code).toBe('unknown-task');
  });

  it('finds the epic by its title, and refuses one that does not exist', () => {
    const w = world();
    w.act({ type: 'epic.create', title: 'Login' });
    expect(w.add('b', { epic: 'login' }).epicId).toBe('epic-aaaaa');
    expect(refused({ epic: 'nothing' }).code).toBe('unknown-epic');
  });

  it('draws another id when one is taken', () => {
    const w = world();
    const drawn = ['22222', '22222', '33333'];
    const context = { ...w.context(), newId: () => drawn.shift() ?? '' };
    w.context = () => context;
    expect([w.add('a').id, w.add('b').id]).toEqual(['task-22222', 'task-33333']);
  });
});

describe('epic.create', () => {
  it('refuses a title that another epic has', () => {
    const w = world();
    w.act({ type: 'epic.create', title: 'Login' });
    expect(w.refusal({ type: 'epic.create', title: 'LOGIN' })).toMatchObject({ code: 'not-allowed' });
  });
});

describe('task.edit', () => {
  it('keeps only what changes', () => {
    const w = world();
    const task = w.add('a', { priority: 3 });
    const edit = (changes: object) => w.act({ type: 'task.edit', taskId: 'aaaaa', changes });
    expect(edit({ title: ' a ', priority: 3 })).toEqual([]);
    expect(edit({ title: 'b', priority: 3 })).toEqual([
      { type: 'task.edited', taskId: task.id, changes: { title: 'b' } },
    ]);
    expect(w.task(task.id).title).toBe('b');
  });

  it('refuses a circle with its path, and a task that waits for itself', () => {
    const w = world();
    const a = w.add('a');
    const b = w.add('b', { blockedBy: [a.id] });
    const c = w.add('c', { blockedBy: [b.id] });
    const circle = w.refusal({ type: 'task.edit', taskId: a.id, changes: { blockedBy: [c.id] } });
    expect(circle.code).toBe('cycle');
    expect(circle.message).toContain(`${a.id} → ${c.id} → ${b.id} → ${a.id}`);
    const self = w.refusal({ type: 'task.edit', taskId: a.id, changes: { blockedBy: [a.id] } });
    expect(self.code).toBe('cycle');
  });

  it('checks the fields as creation does, and refuses a completed task', () => {
    const w = world();
    w.start();
    const task = w.add('a');
    expect(w.refusal({ type: 'task.edit', taskId: task.id, changes: { title: '' } }).code).toBe('bad-title');
    expect(w.refusal({ type: 'task.edit', taskId: task.id, changes: { epicId: 'epic-zzzzz' } }).code).toBe(
      'unknown-epic',
    );
    w.finish(task.id);
    expect(w.refusal({ type: 'task.edit', taskId: task.id, changes: { title: 'b' } }).code).toBe('illegal-transition');
  });
});

describe('task.cancel and task.retry', () => {
  it('cancels an active task; its worker is free when its agent has ended', () => {
    const w = world();
    w.start(1);
    const task = w.add('a');
    const runId = w.work(task.id);
    w.act({ type: 'task.cancel', taskId: task.id, reason: 'wrong' });
    expect(w.task(task.id)).toMatchObject({ status: 'cancelled', finishedAt: w.now });
    expect(w.state.workers.get(1)?.runId).toBe(runId);
    w.end(runId, 143);
    expect(w.state.workers.get(1)?.runId).toBeNull();
  });

  it('frees the worker at once when the agent was never started', () => {
    const w = world();
    w.start(1);
    const task = w.add('a');
    const runId = w.claim(task.id);
    w.act({ type: 'task.cancel', taskId: task.id, reason: '' });
    expect(w.state.workers.get(1)?.runId).toBeNull();
    expect(w.refusal({ type: 'run.start', runId, pid: 5 }).code).toBe('not-running');
  });

  it('refuses to cancel what is finished, and says how it ended', () => {
    const w = world();
    w.start();
    const task = w.add('a');
    w.finish(task.id);
    const refusal = w.refusal({ type: 'task.cancel', taskId: task.id, reason: '' });
    expect(refusal).toMatchObject({
      code: 'illegal-transition',
      message: expect.stringContaining('landed as cccccccccccc'),
    });
  });

  it('gives a failed task up, with what failed under it, and takes it up again', () => {
    const w = world();
    w.start();
    const task = w.add('a', { maxAttempts: 1 });
    const behind = w.add('b', { blockedBy: [task.id] });
    const runId = w.work(task.id);
    w.act({ type: 'task.fail-attempt', taskId: task.id, error: 'it broke' });
    w.end(runId, 1);
    w.act({ type: 'worktree.release', worktreeId: 'worktree-1' });
    w.now += 1000;
    expect(w.act({ type: 'task.cancel', taskId: task.id, reason: 'never mind' })).toEqual([
      { type: 'task.cancelled', taskId: task.id, reason: 'never mind' },
    ]);
    expect(w.task(task.id)).toMatchObject({ status: 'cancelled', finishedAt: w.now, lastError: 'it broke' });
    expect(countStatus(w.state)).toMatchObject({ failed: 0, cancelled: 1, blocked: 1 });
    expect(isStuck(w.state, w.task(behind.id))).toBe(true);
    expect(checkInvariants(w.state)).toEqual([]);
    w.act({ type: 'task.retry', taskId: task.id });
    expect(w.task(task.id)).toMatchObject({ status: 'ready', attempts: 0, finishedAt: null });
  });

  it('retries a failed task from its first attempt and keeps its last error', () => {
    const w = world();
    w.start();
    const task = w.add('a', { maxAttempts: 1 });
    const runId = w.work(task.id);
    w.act({ type: 'task.fail-attempt', taskId: task.id, error: 'it broke' });
    w.end(runId, 1);
    expect(w.task(task.id)).toMatchObject({ status: 'failed', attempts: 1, lastError: 'it broke' });
    w.act({ type: 'task.retry', taskId: task.id });
    expect(w.task(task.id)).toMatchObject({
      status: 'ready',
      attempts: 0,
      retryAt: null,
      finishedAt: null,
      lastError: 'it broke',
    });
  });

  it('retries a blocked and a cancelled task', () => {
    const w = world();
    const task = w.add('a');
    const reason = { code: 'conflict', message: 'a.ts conflicts', detail: '' } as const;
    w.act({ type: 'task.block', taskId: task.id, reason });
    expect(w.task(task.id)).toMatchObject({ status: 'blocked', blockedReason: reason });
    w.act({ type: 'task.cancel', taskId: task.id, reason: '' });
    w.act({ type: 'task.retry', taskId: task.id });
    expect(w.task(task.id)).toMatchObject({ status: 'ready', blockedReason: null });
  });

  it('refuses to retry any other, naming the task, its status and what can be done', () => {
    const w = world();
    const task = w.add('a');
    expect(w.refusal({ type: 'task.retry', taskId: task.id })).toEqual({
      code: 'illegal-transition',
      message: `${task.id} "a" is ready: it is in the queue already. It waits to be run, and can be edited or cancelled.`,
      next: `drover why ${task.id}`,
    });
  });
});

describe('the table of transitions', () => {
  const retriable = ['blocked', 'failed', 'cancelled'];
  const cancellable = TASK_STATUSES.filter((status) => TRANSITIONS[status].includes('cancelled'));

  it.each(TASK_STATUSES)('rules what a person may do with a task that is %s', (status) => {
    const w = world();
    const task = { ...w.add('a'), status };
    w.state.tasks.set(task.id, task);
    const isLegal = (type: 'task.cancel' | 'task.retry') => {
      try {
        w.act(type === 'task.cancel' ? { type, taskId: task.id, reason: '' } : { type, taskId: task.id });
        return true;
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error;
        expect(error.refusal).toMatchObject({ code: 'illegal-transition', message: expect.stringContaining(status) });
        expect(error.refusal.next).not.toBe('');
        return false;
      }
    };
    expect(isLegal('task.retry')).toBe(retriable.includes(status));
    w.state.tasks.set(task.id, task);
    expect(isLegal('task.cancel')).toBe(cancellable.includes(status));
  });
});
