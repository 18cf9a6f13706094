// Owns the tests of one attempt of a task, from its claim to its landing.
import { describe, expect, it } from 'vitest';
import { backOff } from '../../../src/domain/decide/attempt.ts';
import { World } from './fixture.ts';

const reason = { code: 'conflict', message: 'a.ts conflicts', detail: 'a.ts' } as const;

function working(fields: { maxAttempts?: number } = {}): { w: World; id: string; runId: string } {
  const w = new World();
  w.start(2);
  const { id } = w.add('a', fields);
  return { w, id, runId: w.work(id) };
}

describe('task.claim', () => {
  const claim = (id: string, more: object = {}) =>
    ({
      type: 'task.claim',
      taskId: id,
      runId: 'run-new',
      worker: 2,
      worktreeId: 'worktree-1',
      baseCommit: 'b',
      agent: 'rehearsal',
      conversationId: 'c',
      ...more,
    }) as const;

  function ready(): { w: World; id: string } {
    const w = new World();
    w.start(2);
    w.act({ type: 'worktree.add', worktreeId: 'worktree-1', path: '/pool/1' });
    return { w, id: w.add('a').id };
  }

  it('gives the task to the worker and the worktree', () => {
    const { w, id } = ready();
    w.act(claim(id));
    expect(w.task(id)).toMatchObject({ status: 'claimed', attempts: 1, runId: 'run-new', branch: `drover/${id}` });
    expect(w.state.workers.get(2)).toEqual({ number: 2, runId: 'run-new', since: w.now });
    expect(w.state.worktrees.get('worktree-1')).toMatchObject({ state: 'in-use', taskId: id });
    expect(w.run(id)).toMatchObject({ attempt: 1, worker: 2, state: 'starting', pid: null, resumes: 0 });
  });

  it('refuses a second claim of the same task', () => {
    const { w, id } = ready();
    w.act(claim(id));
    expect(w.refusal(claim(id, { runId: 'run-2', worker: 1 })).code).toBe('illegal-transition');
  });

  it.each([
    ['an unknown worker', { worker: 3 }],
    ['an unknown worktree', { worktreeId: 'worktree-9' }],
  ])('refuses %s', (_what, more) => {
    const { w, id } = ready();
    expect(w.refusal(claim(id, more)).code).toBe('not-allowed');
  });

  it('refuses a busy worker and a held worktree', () => {
    const { w, id } = ready();
    w.act(claim(id));
    const other = w.add('b').id;
    w.act({ type: 'worktree.add', worktreeId: 'worktree-2', path: '/pool/2' });
    expect(w.refusal(claim(other, { runId: 'r', worktreeId: 'worktree-2' })).message).toMatch(/busy/);
    expect(w.refusal(claim(other, { runId: 'r', worker: 1 })).message).toMatch(/held by/);
  });

  it('refuses a task that waits, one that backs off, and all without a session', () => {
    const { w, id } = ready();
    const waiting = w.add('b', { blockedBy: [id] }).id;
    expect(w.refusal(claim(waiting)).message).toContain(`waits for ${id}, which is ready`);
    const runId = w.work(id);
    w.act({ type: 'task.fail-attempt', taskId: id, error: 'x' });
    w.end(runId, 1);
    expect(w.refusal(claim(id)).message).toMatch(/backs off/);
    w.now += 30_000;
    w.act({ type: 'session.stop', reason: '' });
    expect(w.refusal(claim(id)).code).toBe('not-running');
  });

  it('refuses a task whose last agent is still there', () => {
    const { w, id } = ready();
    const runId = w.work(id);
    w.act({ type: 'task.release', taskId: id, reason: '' });
    expect(w.refusal(claim(id)).message).toMatch(/has not ended/);
    w.end(runId);
    w.act(claim(id));
    expect(w.task(id)).toMatchObject({ status: 'claimed', attempts: 1 });
  });
});

describe('a failed attempt', () => {
  it('is tried again after a back-off that doubles, and the last one fails the task', () => {
    const { w, id, runId } = working();
    const fail = () => w.act({ type: 'task.fail-attempt', taskId: id, error: 'it broke' });
    expect(fail()).toEqual([{ type: 'task.attempt-failed', taskId: id, error: 'it broke', retryAt: w.now + 30_000 }]);
    expect(w.task(id)).toMatchObject({ status: 'ready', attempts: 1, lastError: 'it broke', retryAt: w.now + 30_000 });
    w.end(runId, 1);
    w.now += 30_000;
    const second = w.work(id);
    expect(w.task(id).retryAt).toBeNull();
    fail();
    expect(w.task(id).retryAt).toBe(w.now + 60_000);
    w.end(second, 1);
    w.now += 60_000;
    w.work(id);
    expect(fail()).toEqual([{ type: 'task.failed', taskId: id, error: 'it broke' }]);
    expect(w.task(id)).toMatchObject({ status: 'failed', attempts: 3, finishedAt: w.now });
    expect([...w.state.runs.values()].map((run) => run.attempt)).toEqual([1, 2, 3]);
  });

  it('is refused for a task that no worker holds', () => {
    const w = new World();
    const { id } = w.add('a');
    expect(w.refusal({ type: 'task.fail-attempt', taskId: id, error: '' }).code).toBe('illegal-transition');
    w.act({ type: 'task.block', taskId: id, reason });
    expect(w.refusal({ type: 'task.fail-attempt', taskId: id, error: '' }).code).toBe('illegal-transition');
  });

  it('backs off within a fifth of the doubled delay, up to the limit', () => {
    const policy = { maxAttempts: 3, baseDelay: 30_000, maxDelay: 600_000 };
    expect([1, 2, 3, 5, 6, 60].map((attempt) => backOff(attempt, policy, () => 0.5))).toEqual([
      30_000, 60_000, 120_000, 480_000, 600_000, 600_000,
    ]);
    expect(backOff(1, policy, () => 0)).toBe(24_000);
    expect(backOff(1, policy, () => 0.999_999)).toBe(36_000);
  });
});

describe('task.release', () => {
  it('gives the attempt back without counting it', () => {
    const { w, id } = working();
    w.act({ type: 'task.release', taskId: id, reason: 'the machine sleeps' });
    expect(w.task(id)).toMatchObject({ status: 'ready', attempts: 0, retryAt: null });
    expect(w.refusal({ type: 'task.release', taskId: id, reason: '' }).code).toBe('illegal-transition');
  });
});

describe('task.submit', () => {
  const submit = (id: string, verdict: 'pass' | 'fail' | 'blocked' | 'unknown') =>
    ({ type: 'task.submit', taskId: id, verdict, summary: 'the summary' }) as const;

  it.each(['pass', 'unknown'] as const)('hands %s to the landing lane', (verdict) => {
    const { w, id } = working();
    expect(w.act(submit(id, verdict)).map((event) => event.type)).toEqual(['task.submitted']);
    expect(w.task(id)).toMatchObject({ status: 'in_progress', landing: 'queued', verdict, summary: 'the summary' });
    expect(w.refusal(submit(id, verdict)).code).toBe('not-allowed');
  });

  it('takes fail as a failed attempt', () => {
    const { w, id } = working({ maxAttempts: 2 });
    expect(w.act(submit(id, 'fail')).map((event) => event.type)).toEqual(['task.submitted', 'task.attempt-failed']);
    expect(w.task(id)).toMatchObject({ status: 'ready', landing: null, verdict: 'fail' });
    expect(w.task(id).lastError).toContain('the summary');
    const last = working({ maxAttempts: 1 });
    expect(last.w.act(submit(last.id, 'fail')).at(-1)?.type).toBe('task.failed');
  });

  it('takes blocked to a person', () => {
    const { w, id } = working();
    expect(w.act(submit(id, 'blocked')).map((event) => event.type)).toEqual(['task.submitted', 'task.blocked']);
    expect(w.task(id)).toMatchObject({
      status: 'blocked',
      blockedReason: { code: 'agent-blocked', detail: 'the summary' },
    });
  });

  it('is refused before the agent runs', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a');
    w.claim(id);
    expect(w.refusal(submit(id, 'pass')).code).toBe('illegal-transition');
  });
});

describe('landing', () => {
  it('goes through its phases, each once', () => {
    const { w, id } = working();
    const advance = (phase: 'merging' | 'testing' | 'returned') =>
      ({ type: 'landing.advance', taskId: id, phase }) as const;
    expect(w.refusal(advance('merging')).code).toBe('not-allowed');
    w.act({ type: 'task.submit', taskId: id, verdict: 'pass', summary: '' });
    expect(w.act(advance('merging'))).toHaveLength(1);
    expect(w.act(advance('merging'))).toEqual([]);
    w.act(advance('testing'));
    expect(w.task(id).landing).toBe('testing');
    expect(w.refusal(advance('returned')).code).toBe('bad-params');
  });

  it('goes back to the agent once, then waits for a person', () => {
    const { w, id } = working();
    const submit = { type: 'task.submit', taskId: id, verdict: 'pass', summary: '' } as const;
    const refusal = { type: 'landing.refuse', taskId: id, reason } as const;
    w.act(submit);
    expect(w.act(refusal)).toEqual([{ type: 'landing.returned', taskId: id, reason }]);
    expect(w.task(id)).toMatchObject({ status: 'in_progress', landing: 'returned', landingReturns: 1 });
    expect(w.refusal(refusal).code).toBe('not-allowed');
    w.act(submit);
    expect(w.act(refusal)).toEqual([{ type: 'task.blocked', taskId: id, reason }]);
    expect(w.task(id)).toMatchObject({ status: 'blocked', landing: null, blockedReason: reason });
  });

  it('returns the next attempt once again', () => {
    const { w, id, runId } = working();
    w.act({ type: 'task.submit', taskId: id, verdict: 'pass', summary: '' });
    w.act({ type: 'landing.refuse', taskId: id, reason });
    w.act({ type: 'task.fail-attempt', taskId: id, error: 'x' });
    w.end(runId);
    w.now += 30_000;
    w.work(id);
    expect(w.task(id).landingReturns).toBe(0);
  });

  it('completes only what was handed in', () => {
    const { w, id } = working();
    const complete = { type: 'task.complete', taskId: id, commit: null, by: 'agent', checkout: '' } as const;
    expect(w.refusal(complete).code).toBe('not-allowed');
    w.act({ type: 'task.submit', taskId: id, verdict: 'pass', summary: '' });
    w.act(complete);
    expect(w.task(id)).toMatchObject({ status: 'completed', landedCommit: null, completedBy: 'agent', landing: null });
    expect(w.refusal(complete).code).toBe('illegal-transition');
  });
});
