// Owns the tests of pausing as the domain decides it: what is paused when, what stays, what is refused with which way out.
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import type { PausedWork } from '../../../src/domain/pause.ts';
import { claimable, isWorkLeft } from '../../../src/domain/schedule.ts';
import { explainWhy } from '../../../src/domain/why.ts';
import { World } from './fixture.ts';

const ID = 'task-aaaaa';
const WORK: PausedWork = {
  kept: { ref: 'refs/drover/keep/task-aaaaa/1', commit: 'd'.repeat(40), head: 'b'.repeat(40) },
  base: 'b'.repeat(40),
  hasConversation: true,
};

function working(): { world: World; runId: string } {
  const world = new World();
  world.add('One');
  world.start();
  return { world, runId: world.work(ID) };
}

function paused(): World {
  const { world, runId } = working();
  world.act({ type: 'task.pause', taskId: ID, isNow: false });
  world.end(runId);
  world.act({ type: 'task.settle-pause', taskId: ID, work: WORK });
  return world;
}

describe('a task with an agent', () => {
  test('is asked once, and once more to hurry', () => {
    const { world } = working();
    expect(world.act({ type: 'task.pause', taskId: ID, isNow: false })).toHaveLength(1);
    expect(world.act({ type: 'task.pause', taskId: ID, isNow: false })).toEqual([]);
    expect(world.act({ type: 'task.pause', taskId: ID, isNow: true })).toMatchObject([{ isNow: true }]);
    expect(world.act({ type: 'task.pause', taskId: ID, isNow: false })).toEqual([]);
    expect(world.task(ID)).toMatchObject({ status: 'in_progress', pause: { phase: 'asked', by: 'ada' } });
  });

  test('is explained with what can still be done about it', () => {
    const { world } = working();
    const why = (): string => explainWhy(world.state, world.task(ID), world.now).join('\n');
    world.act({ type: 'task.pause', taskId: ID, isNow: false });
    expect(why()).toContain(
      `its agent stops at its next safe point. Not to wait: drover pause ${ID} --now; to call it off: drover resume ${ID}`,
    );
    world.act({ type: 'task.pause', taskId: ID, isNow: true });
    expect(why()).toContain(`its agent is being interrupted. To call it off: drover resume ${ID}`);
    expect(why()).not.toContain('--now');
  });

  test('is paused when its agent has ended, not before, and only while that is wanted', () => {
    const { world, runId } = working();
    const settle = { type: 'task.settle-pause', taskId: ID, work: WORK } as const;
    expect(world.refusal(settle).message).toContain('not asked');
    world.act({ type: 'task.pause', taskId: ID, isNow: false });
    expect(world.refusal(settle).message).toContain('has not ended');
    world.act({ type: 'task.resume', taskId: ID });
    world.end(runId);
    expect(world.refusal(settle).message).toContain('not asked');
  });

  test('leaves its worker free and keeps its worktree and its attempt', () => {
    const world = paused();
    expect(world.state.workers.get(1)?.runId).toBeNull();
    expect(world.state.worktrees.get('worktree-1')?.taskId).toBe(ID);
    expect(world.refusal({ type: 'worktree.release', worktreeId: 'worktree-1' }).message).toContain('in use');
    expect(world.task(ID)).toMatchObject({ status: 'paused', attempts: 1 });
    expect(isWorkLeft(world.state)).toBe(false);
    expect(checkInvariants(world.state)).toEqual([]);
  });

  test('says who paused it, since when, where its work is, and how it goes on', () => {
    const world = paused();
    const why = explainWhy(world.state, world.task(ID), world.now + 180_000).join(' ');
    for (const words of ['3m ago by "ada"', WORK.kept?.ref ?? '', `drover resume ${ID}`]) expect(why).toContain(words);
  });
});

describe('a resumed task', () => {
  test('goes on from the queue with the same conversation and attempt, and is not begun anew', () => {
    const world = paused();
    world.act({ type: 'task.resume', taskId: ID });
    expect(claimable(world.state, world.now).map(({ id }) => id)).toEqual([ID]);
    const conversation = world.run(ID).conversationId;
    expect(() => world.claim(ID)).toThrow(/goes on with a paused attempt/);
    world.act({ type: 'run.resume', taskId: ID, runId: 'run-2', worker: 2, reason: 'it was paused' });
    expect(world.task(ID)).toMatchObject({ status: 'claimed', attempts: 1, pause: null, runId: 'run-2' });
    expect(world.run(ID)).toMatchObject({ conversationId: conversation, worker: 2, worktreeId: 'worktree-1' });
    expect(checkInvariants(world.state)).toEqual([]);
  });

  test('can be paused again with what it had, and cancelled', () => {
    const world = paused();
    world.act({ type: 'task.resume', taskId: ID });
    world.act({ type: 'task.pause', taskId: ID, isNow: false });
    expect(world.task(ID)).toMatchObject({ status: 'paused', pause: { work: WORK } });
    world.act({ type: 'task.cancel', taskId: ID, reason: '' });
    expect(world.task(ID).pause).toBeNull();
    expect(checkInvariants(world.state)).toEqual([]);
  });

  test('that cannot go on is blocked, and a retry begins from the kept commit, once', () => {
    const world = paused();
    world.act({ type: 'task.resume', taskId: ID });
    const reason = { code: 'worktree-damaged', message: 'it is gone', detail: '' } as const;
    world.act({ type: 'task.block', taskId: ID, reason, startFrom: 'd'.repeat(40) });
    world.act({ type: 'worktree.release', worktreeId: 'worktree-1' });
    world.act({ type: 'task.retry', taskId: ID });
    expect(world.task(ID).startFrom).toBe('d'.repeat(40));
    world.claim(ID);
    expect(world.task(ID).startFrom).toBeNull();
  });
});

describe('a task without an agent', () => {
  test('is paused while it waits or backs off, and its back-off stays', () => {
    const { world, runId } = working();
    world.act({ type: 'task.fail-attempt', taskId: ID, error: 'it broke' });
    world.end(runId);
    const { retryAt } = world.task(ID);
    world.act({ type: 'task.pause', taskId: ID, isNow: false });
    world.act({ type: 'task.resume', taskId: ID });
    expect(world.task(ID)).toMatchObject({ status: 'ready', retryAt, pause: null });
  });

  test.each([
    ['paused', /paused already/, `drover resume ${ID}`],
    ['landing', /on its way to the base branch/, `drover why ${ID}`],
    ['cancelled', /nothing of it runs/, `drover retry ${ID}`],
  ])('%s: is refused with why and what next', (what, message, next) => {
    const { world } = what === 'paused' ? { world: paused() } : working();
    if (what === 'landing') world.act({ type: 'task.submit', taskId: ID, verdict: 'pass', summary: '' });
    if (what === 'cancelled') world.act({ type: 'task.cancel', taskId: ID, reason: '' });
    const refusal = world.refusal({ type: 'task.pause', taskId: ID, isNow: false });
    expect(refusal.message).toMatch(message);
    expect(refusal.next).toBe(next);
  });
});

describe('a held queue', () => {
  test('gives nothing away, says so, and stays held over a new start of the session', () => {
    const world = new World();
    world.add('One');
    world.start(2);
    world.act({ type: 'session.hold' });
    world.start(3);
    expect(claimable(world.state, world.now)).toEqual([]);
    expect(isWorkLeft(world.state)).toBe(true);
    expect(explainWhy(world.state, world.task(ID), world.now).join(' ')).toContain('drover unhold');
    expect(() => world.claim(ID)).toThrow(/held/);
    world.act({ type: 'session.unhold' });
    expect(claimable(world.state, world.now)).toHaveLength(1);
  });

  test('comes with the pause of all, which leaves out what is landing', () => {
    const { world } = working();
    world.add('Two');
    world.work('task-bbbbb', 2);
    world.act({ type: 'task.submit', taskId: ID, verdict: 'pass', summary: '' });
    const types = world.act({ type: 'session.pause', isNow: false });
    expect(types).toEqual([{ type: 'session.held' }, { type: 'task.pause-asked', taskId: 'task-bbbbb', isNow: false }]);
    world.act({ type: 'session.resume' });
    expect(world.task('task-bbbbb').pause).toBeNull();
    expect(world.state.session.isHeld).toBe(false);
  });
});
