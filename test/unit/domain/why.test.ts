// Owns the tests of the words of `drover why`.
import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/domain/apply.ts';
import { explainWhy } from '../../../src/domain/why.ts';
import { World } from './fixture.ts';

const why = (w: World, id: string): string => explainWhy(w.state, w.task(id), w.now).join('\n');

describe('explainWhy', () => {
  it('names what a task waits for, its status and who works on it', () => {
    const w = new World();
    w.start();
    const a = w.add('First');
    const b = w.add('Second', { blockedBy: [a.id] });
    expect(why(w, b.id)).toBe(`It waits for ${a.id} "First", which is ready.`);
    w.work(a.id, 2);
    expect(why(w, b.id)).toBe(`It waits for ${a.id} "First", which worker 2 works on (starting).`);
  });

  it('names a dead dependency and both ways out', () => {
    const w = new World();
    w.start();
    const a = w.add('First');
    const c = w.add('Other');
    const b = w.add('Second', { blockedBy: [a.id, c.id] });
    const behind = w.add('Third', { blockedBy: [b.id] });
    w.act({ type: 'task.cancel', taskId: a.id, reason: '' });
    expect(why(w, b.id)).toContain(
      `drover retry ${a.id}; or stop waiting for it: drover edit ${b.id} --blocked-by ${c.id}`,
    );
    w.act({ type: 'task.edit', taskId: b.id, changes: { blockedBy: [a.id] } });
    expect(why(w, b.id)).toContain(`drover edit ${b.id} --blocked-by none`);
    expect(why(w, behind.id)).toContain(`drover why ${b.id}`);
  });

  it('tells the back-off in words, with the error', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a');
    const runId = w.work(id);
    w.act({ type: 'task.fail-attempt', taskId: id, error: 'it\u001b[31m broke' });
    expect(why(w, id)).toContain('Its last agent has not ended yet.');
    w.end(runId);
    w.now += 5_000;
    expect(why(w, id)).toBe('Attempt 1 of 3 failed ("it?[31m broke"); the next begins in 25 s.');
  });

  it('says of work whose server was killed after a stop that it waits for the next run', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a');
    w.work(id);
    w.act({ type: 'session.stop', reason: '' });
    expect(why(w, id)).toContain('Worker 1 has it');
    const event = { type: 'server.started', pid: 1, version: '1', recovered: true } as const;
    apply(w.state, { seq: w.state.seq + 1, at: w.now, by: 'drover', event });
    w.now += 5_000;
    expect(why(w, id)).toBe(
      'Its agent ended 5s ago ("its server ended"), and no session is running. Its work and its conversation are kept; to go on with it: drover run',
    );
    w.start();
    expect(why(w, id)).toContain('Worker 1 has it');
  });

  it('tells that no session runs, or that it takes only another epic', () => {
    const w = new World();
    const { id } = w.add('a');
    expect(why(w, id)).toBe('No session is running. Start one: drover run');
    w.act({ type: 'epic.create', title: 'Login' });
    w.start(1, 'Login');
    expect(why(w, id)).toContain('"Login", and this one has no epic');
  });

  it('tells the place in the queue', () => {
    const w = new World();
    w.start(2);
    const a = w.add('a');
    expect(why(w, a.id)).toBe('Nothing holds it back: worker 1 is idle, and it is the next.');
    w.work(w.add('b').id, 1);
    w.work(w.add('c').id, 2);
    w.add('d', { priority: 1 });
    expect(why(w, a.id)).toBe('All 2 workers are busy, and 1 task is before it.');
    w.add('e', { priority: 1 });
    expect(why(w, a.id)).toContain('2 tasks are before it');
  });

  it('tells what the agent asks, and where to answer', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a');
    const runId = w.work(id);
    w.act({ type: 'run.report-state', runId, state: 'needs-input', source: 'hook', detail: 'Which port?' });
    w.now += 65_000;
    expect(why(w, id)).toBe(
      [
        'Worker 1 has it since 1m (rehearsal, attempt 1 of 3).',
        'The agent waits for an answer from a person (hook, since 1m): "Which port?". To answer it: drover needs',
      ].join('\n'),
    );
  });

  it('tells that it waits for the sync, and what to do when that fails', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a');
    const runId = w.work(id);
    w.act({ type: 'run.report-state', runId, state: 'gated', source: 'hook', detail: 'sync' });
    expect(why(w, id)).toContain('The agent waits until it may write (hook, since 0s): "sync".');
    expect(why(w, id)).not.toContain('drover attach');
    w.act({ type: 'run.fail-sync', runId, reason: 'no route to host' });
    expect(why(w, id)).toContain('could not be brought up to date ("no route to host"), so its agent may not write');
    expect(why(w, id)).toContain('set sync.fetch to off and run: drover server restart');
  });

  it('tells where the work is in the landing lane', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a');
    w.work(id);
    w.act({ type: 'task.submit', taskId: id, verdict: 'pass', summary: '' });
    expect(why(w, id)).toContain('waits for its turn to land');
    const reason = { code: 'conflict', message: 'a.ts conflicts', detail: 'a.ts' } as const;
    w.act({ type: 'landing.refuse', taskId: id, reason });
    expect(why(w, id)).toContain('given back to the agent once ("a.ts conflicts")');
    w.act({ type: 'task.block', taskId: id, reason });
    const behind = w.add('b', { blockedBy: [id] });
    expect(why(w, id)).toContain(`It is blocked (conflict): "a.ts conflicts".`);
    expect(why(w, id)).toContain(`kept on the branch drover/${id}`);
    expect(why(w, behind.id)).toContain('which is blocked ("a.ts conflicts")');
  });

  it('tells how to take up what failed, and has nothing to say of what is completed', () => {
    const w = new World();
    w.start();
    const { id } = w.add('a', { maxAttempts: 1 });
    const runId = w.work(id);
    w.act({ type: 'task.fail-attempt', taskId: id, error: 'no' });
    w.end(runId);
    w.act({ type: 'worktree.release', worktreeId: 'worktree-1' });
    expect(why(w, id)).toBe(
      `It failed after 1 attempt ("no").\nTo try again: drover retry ${id}; to give it up: drover cancel ${id}`,
    );
    w.act({ type: 'task.cancel', taskId: id, reason: '' });
    expect(why(w, id)).toBe(`It was cancelled.\nTo take it up again: drover retry ${id}`);
    const done = w.add('b').id;
    w.finish(done);
    expect(why(w, done)).toBe('');
  });
});
