// Owns the tests of the order of work, dead ends, counts and durations.
import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/domain/apply.ts';
import { formatAge, formatWait } from '../../../src/domain/duration.ts';
import { claimable, dependencies, idleWorkers, isStuck, isWorkLeft, nextWake } from '../../../src/domain/schedule.ts';
import { countStatus, formatOneline } from '../../../src/domain/status.ts';
import type { Task } from '../../../src/domain/task.ts';
import { World } from './fixture.ts';

const ids = (tasks: readonly Task[]): string[] => tasks.map((task) => task.id);
const reason = { code: 'conflict', message: 'a.ts conflicts', detail: '' } as const;

function fail(w: World, id: string): void {
  const runId = w.work(id);
  w.act({ type: 'task.submit', taskId: id, verdict: 'fail', summary: 'no' });
  w.end(runId);
  w.act({ type: 'worktree.release', worktreeId: 'worktree-1' });
}

describe('claimable', () => {
  it('goes by priority, then age; what was created in one millisecond, as it was created, whatever its id', () => {
    const w = new World();
    w.start();
    const [old, twin] = ['old', 'twin'].map((title, index) => {
      const taskId = ['task-zzzzz', 'task-aaaab'][index] ?? '';
      const before = w.add(title);
      const task = { ...before, id: taskId };
      w.state.tasks.delete(before.id);
      w.state.tasks.set(taskId, task);
      return task;
    }) as [Task, Task];
    w.now += 1;
    const young = w.add('young');
    const urgent = w.add('urgent', { priority: 1 });
    const late = w.add('late', { priority: -1 });
    expect(ids(claimable(w.state, w.now))).toEqual(ids([urgent, old, twin, young, late]));
  });

  it('waits for dependencies, back-offs, the session epic and the last agent', () => {
    const w = new World();
    w.act({ type: 'epic.create', title: 'Login' });
    w.start(2);
    const first = w.add('first');
    const second = w.add('second', { blockedBy: [first.id], epic: 'Login' });
    expect(ids(claimable(w.state, w.now))).toEqual([first.id]);
    fail(w, first.id);
    expect(claimable(w.state, w.now)).toEqual([]);
    expect(nextWake(w.state, w.now)).toBe(w.now + 30_000);
    w.now += 30_000;
    expect(nextWake(w.state, w.now)).toBeNull();
    w.finish(first.id);
    expect(ids(claimable(w.state, w.now))).toEqual([second.id]);
    const other = w.add('other');
    w.start(2, 'Login');
    expect(ids(claimable(w.state, w.now))).toEqual([second.id]);
    w.start(2);
    w.work(other.id);
    w.act({ type: 'task.release', taskId: other.id, reason: '' });
    expect(ids(claimable(w.state, w.now))).toEqual([second.id]);
  });
});

describe('idleWorkers', () => {
  it('gives the lowest first', () => {
    const w = new World();
    w.start(3);
    w.work(w.add('a').id, 1);
    expect(idleWorkers(w.state).map((worker) => worker.number)).toEqual([2, 3]);
  });
});

describe('dead ends', () => {
  function chain(): { w: World; a: Task; b: Task; c: Task } {
    const w = new World();
    w.start();
    const a = w.add('a', { maxAttempts: 1 });
    const b = w.add('b', { blockedBy: [a.id] });
    return { w, a, b, c: w.add('c', { blockedBy: [b.id] }) };
  }

  it('tells waiting dependencies from dead ones, and a task that is stuck behind another', () => {
    const { w, a, b, c } = chain();
    expect(dependencies(w.state, b)).toEqual({ waiting: [a], dead: [] });
    expect([b, c].map((task) => isStuck(w.state, task))).toEqual([false, false]);
    fail(w, a.id);
    expect(ids(dependencies(w.state, b).dead)).toEqual([a.id]);
    expect([a, b, c].map((task) => isStuck(w.state, task))).toEqual([false, true, true]);
    expect(countStatus(w.state)).toMatchObject({ queued: 0, blocked: 2, failed: 1, total: 3 });
    w.act({ type: 'task.retry', taskId: a.id });
    expect(isStuck(w.state, c)).toBe(false);
  });

  it('leaves no work behind a failed, a blocked or a foreign task', () => {
    const { w, a } = chain();
    expect(isWorkLeft(w.state)).toBe(true);
    w.act({ type: 'task.block', taskId: a.id, reason });
    expect(isWorkLeft(w.state)).toBe(false);
    w.act({ type: 'task.retry', taskId: a.id });
    expect(isWorkLeft(w.state)).toBe(true);
    fail(w, a.id);
    expect(isWorkLeft(w.state)).toBe(false);
    w.act({ type: 'epic.create', title: 'Login' });
    const foreign = w.add('foreign');
    w.add('own', { epic: 'Login', blockedBy: [foreign.id] });
    w.start(1, 'Login');
    expect(isWorkLeft(w.state)).toBe(false);
    w.start(1);
    expect(isWorkLeft(w.state)).toBe(true);
  });

  it('counts an active task and a back-off as work that is left', () => {
    const w = new World();
    w.start();
    const a = w.add('a');
    const runId = w.work(a.id);
    expect(isWorkLeft(w.state)).toBe(true);
    w.act({ type: 'task.fail-attempt', taskId: a.id, error: 'x' });
    w.end(runId);
    expect(isWorkLeft(w.state)).toBe(true);
  });

  it('walks a chain of 10,000 tasks without running out of stack', () => {
    const w = new World();
    w.start();
    const model = w.add('task');
    let last = model;
    for (let i = 0; i < 10_000; i++) {
      const task = { ...model, id: `task-${i}`, blockedBy: [last.id] };
      apply(w.state, { seq: i, at: w.now, by: 'ada', event: { type: 'task.created', task } });
      last = task;
    }
    expect(isStuck(w.state, last)).toBe(false);
    expect(isWorkLeft(w.state)).toBe(true);
    w.act({ type: 'task.cancel', taskId: model.id, reason: '' });
    expect(isStuck(w.state, last)).toBe(true);
    expect(isWorkLeft(w.state)).toBe(false);
    expect(countStatus(w.state)).toMatchObject({ blocked: 10_000, cancelled: 1 });
    const circle = w.refusal({ type: 'task.edit', taskId: 'task-0', changes: { blockedBy: [last.id] } });
    expect(circle.code).toBe('cycle');
  });
});

describe('countStatus', () => {
  it('counts all tasks, or those of one epic', () => {
    const w = new World();
    w.act({ type: 'epic.create', title: 'Login' });
    w.start();
    w.finish(w.add('a', { epic: 'Login' }).id);
    w.work(w.add('b').id);
    w.add('c');
    expect(formatOneline(countStatus(w.state))).toBe('🟢 1 running | 📋 1 queued | ✅ 1 done | 🔴 0 blocked');
    expect(countStatus(w.state, 'epic-aaaaa')).toMatchObject({ done: 1, running: 0, total: 1 });
  });
});

describe('durations', () => {
  it.each([
    [-5, '0s'],
    [8_999, '8s'],
    [12 * 60_000 + 59_000, '12m'],
    [125 * 60_000, '2h 5m'],
    [2 * 3_600_000, '2h'],
    [76 * 3_600_000, '3d 4h'],
  ])('writes an age of %d ms as %s', (ms, words) => {
    expect(formatAge(ms)).toBe(words);
  });

  it.each([
    [24_001, '25 s'],
    [119_000, '119 s'],
    [150_000, '3 min'],
    [125 * 60_000, '2 h 5 min'],
    [180 * 60_000, '3 h'],
  ])('writes a wait of %d ms as %s', (ms, words) => {
    expect(formatWait(ms)).toBe(words);
  });
});
