// Owns the tests of one task from its creation to its landed commit.
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { World } from './fixture.ts';

describe('a task from creation to its landed commit', () => {
  it('leaves a completed task, an idle worker and a free worktree', () => {
    const world = new World();
    world.start();
    const task = world.add('Fix login');
    world.finish(task.id);
    expect(world.task(task.id)).toMatchObject({
      status: 'completed',
      attempts: 1,
      verdict: 'pass',
      summary: 'done',
      landing: null,
      landedCommit: 'c'.repeat(40),
      completedBy: 'agent',
      branch: `drover/${task.id}`,
      finishedAt: world.now,
    });
    expect(world.state.workers.get(1)?.runId).toBeNull();
    expect(world.state.worktrees.get('worktree-1')).toMatchObject({ state: 'cold', taskId: null });
    expect(checkInvariants(world.state)).toEqual([]);
  });
});
