// Owns the tests of runs, worktrees, workers and the session.
import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/domain/apply.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { emptyState } from '../../../src/domain/state.ts';
import { World } from './fixture.ts';

function claimed(): { w: World; id: string; runId: string } {
  const w = new World();
  w.start(2);
  const { id } = w.add('a');
  return { w, id, runId: w.claim(id) };
}

describe('run.start', () => {
  it('makes a claimed task one in progress, once', () => {
    const { w, id, runId } = claimed();
    const start = { type: 'run.start', runId, pid: 77 } as const;
    expect(w.act(start)).toHaveLength(1);
    expect(w.task(id).status).toBe('in_progress');
    expect(w.run(id).pid).toBe(77);
    expect(w.act(start)).toEqual([]);
    expect(w.refusal({ ...start, pid: 78 }).code).toBe('not-allowed');
    expect(w.refusal({ ...start, runId: 'nobody' }).code).toBe('unknown-run');
  });
});

describe('run.report-state', () => {
  it('tells what is new and nothing else', () => {
    const { w, id, runId } = claimed();
    const report = { type: 'run.report-state', runId, state: 'needs-input', source: 'hook', detail: 'May I?' } as const;
    expect(w.act(report)).toHaveLength(1);
    expect(w.run(id)).toMatchObject({
      state: 'needs-input',
      stateSource: 'hook',
      stateDetail: 'May I?',
      stateSince: w.now,
    });
    expect(w.act(report)).toEqual([]);
    expect(w.act({ ...report, source: 'title' })).toHaveLength(1);
    expect(w.act({ ...report, detail: 'Now?' })).toHaveLength(1);
  });

  it('drops what comes after the end', () => {
    const { w, id, runId } = claimed();
    w.end(runId);
    expect(w.act({ type: 'run.report-state', runId, state: 'working', source: 'hook', detail: '' })).toEqual([]);
    expect(w.run(id).state).toBe('exited');
  });
});

describe('run.sync', () => {
  const [from, to] = ['b'.repeat(40), 'c'.repeat(40)];
  const moved = { from, to, files: 3, how: 'moved', isAhead: true, note: '', ms: 12 } as const;

  it('moves the base of the run, also of one that is over and goes on', () => {
    const { w, id, runId } = claimed();
    expect(w.act({ type: 'run.sync', runId, ...moved })).toEqual([{ type: 'run.synced', runId, ...moved }]);
    expect(w.run(id)).toMatchObject({ baseCommit: to, upstreamCommit: to });
    w.end(runId);
    w.act({ type: 'run.sync', runId, ...moved, from: to, to: from, isAhead: false });
    w.act({ type: 'run.resume', taskId: id, runId: 'run-2', worker: 1, reason: 'its server ended' });
    expect(w.run(id)).toMatchObject({ id: 'run-2', baseCommit: from, upstreamCommit: null });
  });

  it('says why it failed, the same thing once, until it succeeds or another run begins', () => {
    const { w, id, runId } = claimed();
    const fail = { type: 'run.fail-sync', runId, reason: 'no route to host' } as const;
    expect(w.act(fail)).toHaveLength(1);
    expect(w.act(fail)).toEqual([]);
    expect(w.run(id).syncError).toBe('no route to host');
    expect(w.act({ ...fail, reason: 'timed out' })).toHaveLength(1);
    w.act({ type: 'run.sync', runId, ...moved });
    expect(w.run(id).syncError).toBeNull();
    w.act(fail);
    w.end(runId);
    expect(w.act({ ...fail, reason: 'timed out' })).toEqual([]);
    w.act({ type: 'run.resume', taskId: id, runId: 'run-2', worker: 1, reason: 'its server ended' });
    expect(w.run(id).syncError).toBeNull();
    expect(checkInvariants(w.state)).toEqual([]);
  });
});

describe('run.end', () => {
  it('leaves the worker with a task that is still active, and happens once', () => {
    const { w, id, runId } = claimed();
    w.end(runId, 3);
    expect(w.run(id)).toMatchObject({ state: 'exited', exitCode: 3, endedAt: w.now });
    expect(w.state.workers.get(1)?.runId).toBe(runId);
    expect(w.act({ type: 'run.end', runId, exitCode: 0, signal: null, reason: '' })).toEqual([]);
  });
});

describe('run.resume', () => {
  const resume = (id: string, worker = 1) =>
    ({ type: 'run.resume', taskId: id, runId: 'run-2', worker, reason: 'again' }) as const;

  it.each(['claimed', 'in_progress'])('goes on in a new run of the same conversation when %s', (status) => {
    const { w, id, runId } = claimed();
    if (status === 'in_progress') w.act({ type: 'run.start', runId, pid: 77 });
    w.act(resume(id));
    expect(w.run(id)).toMatchObject({
      id: 'run-2',
      resumes: 1,
      attempt: 1,
      pid: null,
      conversationId: `conversation-${runId}`,
    });
    expect(w.state.runs.get(runId)).toMatchObject({ endedAt: w.now, state: 'exited' });
    expect(w.state.workers.get(1)?.runId).toBe('run-2');
    w.act({ type: 'run.start', runId: 'run-2', pid: 78 });
    expect(w.task(id)).toMatchObject({ status: 'in_progress', attempts: 1 });
  });

  it('may move to an idle worker, and leaves the old one idle', () => {
    const { w, id } = claimed();
    w.act(resume(id, 2));
    expect([1, 2].map((number) => w.state.workers.get(number)?.runId)).toEqual([null, 'run-2']);
  });

  it('refuses a busy worker and a task that nobody holds', () => {
    const { w, id } = claimed();
    const other = w.add('b').id;
    expect(w.refusal(resume(other)).code).toBe('illegal-transition');
    w.claim(other, 2);
    expect(w.refusal(resume(id, 2)).code).toBe('not-allowed');
  });

  it('keeps the landing phase', () => {
    const { w, id, runId } = claimed();
    w.act({ type: 'run.start', runId, pid: 77 });
    w.act({ type: 'task.submit', taskId: id, verdict: 'pass', summary: '' });
    w.act(resume(id));
    expect(w.task(id).landing).toBe('queued');
  });
});

describe('server.started', () => {
  it('ends the runs of the server before it, and keeps active tasks with their workers', () => {
    const { w, id, runId } = claimed();
    const done = w.add('b').id;
    const doneRun = w.work(done, 2);
    w.act({ type: 'task.cancel', taskId: done, reason: '' });
    const event = { type: 'server.started', pid: 1, version: '1', recovered: true } as const;
    apply(w.state, { seq: w.state.seq + 1, at: w.now, by: 'drover', event });
    expect(w.state.runs.get(doneRun)?.endedAt).toBe(w.now);
    expect([1, 2].map((number) => w.state.workers.get(number)?.runId)).toEqual([runId, null]);
    expect(w.task(id).status).toBe('claimed');
  });
});

describe('worktrees', () => {
  it('are added once, given back when unused, and removed when free', () => {
    const { w, id, runId } = claimed();
    expect(w.act({ type: 'worktree.add', worktreeId: 'worktree-1', path: '/pool/1' })).toEqual([]);
    expect(w.refusal({ type: 'worktree.add', worktreeId: 'worktree-1', path: '/other' }).code).toBe('not-allowed');
    expect(w.refusal({ type: 'worktree.add', worktreeId: 'worktree-9', path: '/pool/1' }).code).toBe('not-allowed');
    const release = { type: 'worktree.release', worktreeId: 'worktree-1' } as const;
    expect(w.refusal(release).message).toMatch(/in use/);
    w.act({ type: 'run.start', runId, pid: 77 });
    w.act({ type: 'task.cancel', taskId: id, reason: '' });
    expect(w.refusal(release).message).toMatch(/has not ended/);
    w.end(runId);
    expect(w.refusal({ type: 'worktree.remove', worktreeId: 'worktree-1' }).code).toBe('not-allowed');
    w.act(release);
    expect(w.act(release)).toEqual([]);
    w.act({ type: 'worktree.remove', worktreeId: 'worktree-1' });
    expect(w.state.worktrees.size).toBe(0);
  });
});

describe('the session', () => {
  const workers = (w: World) => [...w.state.workers.keys()].sort();

  it('has as many workers as were asked for; a busy one too many goes when it is idle', () => {
    const w = new World();
    w.start(3);
    const { id } = w.add('a');
    const runId = w.work(id, 3);
    w.start(1);
    expect(workers(w)).toEqual([3]);
    w.act({ type: 'task.cancel', taskId: id, reason: '' });
    w.end(runId);
    expect(workers(w)).toEqual([1]);
    w.start(2);
    expect(workers(w)).toEqual([1, 2]);
  });

  it('starts and stops once, and remembers when it started', () => {
    const w = new World();
    expect(w.act({ type: 'session.stop', reason: '' })).toEqual([]);
    w.start(2);
    const { startedAt } = w.state.session;
    w.now += 5000;
    expect(w.act({ type: 'session.start', workers: 2, agent: 'rehearsal', epic: null })).toEqual([]);
    w.start(3);
    expect(w.state.session).toMatchObject({ isRunning: true, workers: 3, startedAt });
    w.act({ type: 'session.stop', reason: '' });
    expect(w.state.session.isRunning).toBe(false);
  });

  it('finds its epic by the title, and refuses an unknown one and a foolish number of workers', () => {
    const w = new World();
    w.act({ type: 'epic.create', title: 'Login' });
    w.start(1, 'login');
    expect(w.state.session.epicId).toBe('epic-aaaaa');
    const start = { type: 'session.start', workers: 1, agent: 'rehearsal', epic: null } as const;
    expect(w.refusal({ ...start, epic: 'nothing' }).code).toBe('unknown-epic');
    for (const number of [0, 65, 1.5]) expect(w.refusal({ ...start, workers: number }).code).toBe('bad-params');
  });
});

describe('apply', () => {
  it('says which record a damaged log refers to', () => {
    const event = { type: 'task.retried', taskId: 'task-zzzzz' } as const;
    expect(() => apply(emptyState(), { seq: 1, at: 0, by: 'ada', event })).toThrow('unknown task task-zzzzz');
  });

  it('replaces records and never changes one', () => {
    const { w, id, runId } = claimed();
    const before = { task: w.task(id), run: w.run(id), copy: structuredClone([w.task(id), w.run(id)]) };
    w.act({ type: 'run.start', runId, pid: 77 });
    expect([before.task, before.run]).toEqual(before.copy);
    expect(w.task(id)).not.toBe(before.task);
  });
});

describe('old runs', () => {
  it('are forgotten beyond a thousand, but never the last one of a task', () => {
    const { w, id, runId } = claimed();
    const other = w.claim(w.add('b').id, 2);
    const runs = [runId];
    for (let count = 1; count <= 1200; count += 1) {
      runs.push(`again-${count}`);
      w.act({ type: 'run.resume', taskId: id, runId: `again-${count}`, worker: 1, reason: 'test' });
    }
    expect([...w.state.runs.keys()]).toEqual([other, ...runs.slice(-1001)]);
    expect(checkInvariants(w.state)).toEqual([]);
    const replayed = emptyState();
    for (const envelope of w.log) apply(replayed, envelope);
    expect(replayed).toEqual(w.state);
  });
});
