// Owns the tests of the oracle itself: it must find what is broken.
import { describe, expect, it } from 'vitest';
import { patchWorktree } from '../../../src/domain/apply-pool.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import type { Task } from '../../../src/domain/task.ts';
import { World } from './fixture.ts';

/** A sound state with one task at work, one that waits for it, and an idle worker. */
function sound(): { w: World; id: string; runId: string; waiting: string } {
  const w = new World();
  w.start(2);
  const { id } = w.add('a');
  const waiting = w.add('b', { blockedBy: [id] }).id;
  return { w, id, runId: w.work(id), waiting };
}

function broken(change: (world: ReturnType<typeof sound>) => void): string[] {
  const world = sound();
  expect(checkInvariants(world.w.state)).toEqual([]);
  change(world);
  return checkInvariants(world.w.state);
}

const patch = (w: World, id: string, changes: Partial<Task>) => w.state.tasks.set(id, { ...w.task(id), ...changes });

describe('checkInvariants finds', () => {
  it.each<[string, (world: ReturnType<typeof sound>) => void, RegExp]>([
    ['a circle', ({ w, id, waiting }) => patch(w, id, { blockedBy: [waiting] }), /wait for each other/],
    [
      'an unknown dependency',
      ({ w, waiting }) => patch(w, waiting, { blockedBy: ['task-zzzzz'] }),
      /waits for the unknown/,
    ],
    ['an active task without a run', ({ w, id }) => patch(w, id, { runId: null }), /without a run/],
    [
      'a worker that lost its task',
      ({ w }) => w.state.workers.set(1, { number: 1, runId: null, since: 0 }),
      /does not hold/,
    ],
    [
      'a worker that is busy for nothing',
      ({ w, id, runId }) => {
        w.end(runId);
        patch(w, id, { status: 'ready' });
      },
      /which is over/,
    ],
    [
      'a run in two workers',
      ({ w, runId }) => w.state.workers.set(2, { number: 2, runId, since: 0 }),
      /held by two workers/,
    ],
    ['a missing worker', ({ w }) => w.state.workers.delete(2), /1 of 2 workers are missing/],
    [
      'an active task whose worktree is not its own',
      ({ w, waiting }) => patchWorktree(w.state, 'worktree-1', 0, { taskId: waiting }),
      /is held by/,
    ],
    [
      'two worktrees in one folder',
      ({ w }) => {
        w.act({ type: 'worktree.add', worktreeId: 'worktree-2', path: '/pool/2' });
        patchWorktree(w.state, 'worktree-2', 0, { path: '/pool/1' });
      },
      /path of another/,
    ],
    [
      'a task with two worktrees',
      ({ w, id }) => {
        w.act({ type: 'worktree.add', worktreeId: 'worktree-2', path: '/pool/2' });
        patchWorktree(w.state, 'worktree-2', 0, { state: 'in-use', taskId: id });
      },
      /and another worktree/,
    ],
    [
      'a warm worktree that stands nowhere',
      ({ w }) => {
        w.act({ type: 'worktree.add', worktreeId: 'worktree-2', path: '/pool/2' });
        patchWorktree(w.state, 'worktree-2', 0, { state: 'warm' });
      },
      /never made ready/,
    ],
    [
      'a completed task without its completer',
      ({ w, waiting }) => patch(w, waiting, { status: 'completed' }),
      /completer/,
    ],
    ['a blocked task without a reason', ({ w, waiting }) => patch(w, waiting, { status: 'blocked' }), /blocked reason/],
    [
      'a landing task that is not at work',
      ({ w, waiting }) => patch(w, waiting, { landing: 'queued' }),
      /landing while/,
    ],
    ['an unknown epic', ({ w, waiting }) => patch(w, waiting, { epicId: 'epic-zzzzz' }), /unknown epic/],
    ['a record under a wrong key', ({ w, id }) => w.state.tasks.set('task-other', w.task(id)), /filed under/],
  ])('%s', (_what, change, rule) => {
    expect(broken(change).join('\n')).toMatch(rule);
  });
});
