// Owns the tests of what agents use up: sums over tasks, trees and epics, words, and the cap that pauses a tree.
import { describe, expect, test } from 'vitest';
import type { Context, Intent } from '../../../src/domain/intent.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { NO_USAGE, type Usage, usageOfEpic, usageOfTree, usageSince, usageWords } from '../../../src/domain/usage.ts';
import { explainWhy } from '../../../src/domain/why.ts';
import { World } from './fixture.ts';

class Capped extends World {
  maxCost: number | null = null;
  maxTokens: number | null = null;

  override context(): Context {
    const context = super.context();
    return { ...context, subtasks: { ...context.subtasks, maxCost: this.maxCost, maxTokens: this.maxTokens } };
  }

  use(id: string, usage: Partial<Usage>): Intent['type'][] {
    const events = this.act({ type: 'run.use', runId: this.run(id).id, usage: { ...NO_USAGE, ...usage } });
    return events.map(({ type }) => type as Intent['type']);
  }
}

/** A parent and a child at work, and a child of that in the queue. */
function family(): { w: Capped; root: string; child: string; leaf: string } {
  const w = new Capped();
  w.act({ type: 'epic.create', title: 'Login' });
  w.start(3);
  const root = w.add('Root', { epic: 'Login' }).id;
  w.work(root, 1);
  const below = (parent: string, title: string): string => {
    const [event] = w.act({ type: 'task.delegate', taskId: parent, subtasks: [{ title, description: title }] });
    if (event?.type !== 'task.created') throw new Error('no sub-task');
    return event.task.id;
  };
  const child = below(root, 'Child');
  w.work(child, 2);
  return { w, root, child, leaf: below(child, 'Leaf') };
}

describe('sums', () => {
  test('a task adds up over its runs, a tree over its tasks, an epic over all of them', () => {
    const { w, root, child } = family();
    w.use(root, { input: 10, cost: 0.25 });
    w.use(root, { output: 5 });
    w.use(child, { cacheRead: 100, cost: 0.5 });
    expect(w.task(root).used).toEqual({ input: 10, output: 5, cacheRead: 0, cacheCreation: 0, cost: 0.25 });
    expect(usageOfTree(w.state, child)).toMatchObject({ cacheRead: 100, cost: 0.5 });
    expect(usageOfTree(w.state, root)).toEqual({ input: 10, output: 5, cacheRead: 100, cacheCreation: 0, cost: 0.75 });
    expect(usageOfEpic(w.state, w.task(root).epicId ?? '')).toEqual(usageOfTree(w.state, root));
    expect(w.use(root, {})).toEqual([]);
    expect(w.refusal({ type: 'run.use', runId: 'run-0', usage: NO_USAGE }).code).toBe('unknown-run');
  });

  test('what one source has more than another is never below nothing', () => {
    const all = { ...NO_USAGE, input: 5, output: 1 };
    expect(usageSince(all, { ...NO_USAGE, input: 2, output: 3 })).toEqual({ ...NO_USAGE, input: 3 });
  });

  test.each([
    [{ input: 12 }, '12 tokens'],
    [{ input: 12_345, cost: 0.417 }, '12.3k tokens, $0.42'],
    [{ output: 3_200_000, cost: 12 }, '3.2M tokens, $12.00'],
    [{ output: 999_960, cost: 0.001 }, '1.0M tokens, less than $0.01'],
  ])('%j is told as %s', (usage, words) => {
    expect(usageWords({ ...NO_USAGE, ...usage })).toBe(words);
  });
});

describe('a cap', () => {
  test('pauses all under the same task of a person, at work or in the queue, and says why', () => {
    const { w, root, child, leaf } = family();
    w.maxCost = 1;
    expect(w.use(root, { cost: 0.6 })).toEqual(['run.used']);
    expect(w.use(child, { cost: 0.6 })).toEqual(['run.used', 'task.pause-asked', 'task.pause-asked', 'task.paused']);
    for (const id of [root, child]) expect(w.task(id).pause).toMatchObject({ phase: 'asked' });
    const why = `because ${root} and its sub-tasks have used 0 tokens, $1.20, and each $1 (subtasks.maxCost) they are paused`;
    expect(w.task(leaf)).toMatchObject({ status: 'paused' });
    for (const id of [root, leaf]) expect(explainWhy(w.state, w.task(id), w.now).join(' ')).toContain(why);
    // The reason outlives the way from asked to paused.
    const runId = w.run(root).id;
    w.end(runId);
    const work = { kept: null, base: 'b'.repeat(40), hasConversation: true };
    w.act({ type: 'task.settle-pause', taskId: root, work });
    expect(w.task(root).pause?.reason).toContain('subtasks.maxCost');
    expect(checkInvariants(w.state)).toEqual([]);
  });

  test('gives as much again to those who are resumed', () => {
    const { w, root, child, leaf } = family();
    w.maxTokens = 100;
    expect(w.use(root, { input: 60, cacheRead: 50 })).toContain('task.pause-asked');
    for (const id of [root, child, leaf]) w.act({ type: 'task.resume', taskId: id });
    expect(w.use(child, { input: 80 })).toEqual(['run.used']);
    expect(w.use(root, { input: 20 })).toContain('task.pause-asked');
    expect(w.task(root).pause?.reason).toContain('100 tokens (subtasks.maxTokens)');
  });

  test('leaves other trees alone, and what is on its way to the base branch', () => {
    const { w, root, child } = family();
    const other = w.add('Other').id;
    w.work(other, 3);
    w.act({ type: 'task.cancel', taskId: [...w.state.tasks.keys()][2] ?? '', reason: '' });
    w.act({ type: 'task.submit', taskId: child, verdict: 'pass', summary: 'done' });
    w.maxTokens = 10;
    expect(w.use(root, { output: 10 })).toEqual(['run.used', 'task.pause-asked']);
    for (const id of [child, other]) expect(w.task(id).pause).toBeNull();
  });
});
