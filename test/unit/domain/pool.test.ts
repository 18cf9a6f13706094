// Owns the tests of the pool's plan: what is done next, and what is never done whatever the pool looks like.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchWorktree } from '../../../src/domain/apply-pool.ts';
import {
  isExhausted,
  nextPoolLook,
  type PoolAction,
  type PoolConfig,
  type PoolFacts,
  type PoolOrder,
  planPool,
  poolConfig,
  tellsExhaustion,
} from '../../../src/domain/pool.ts';
import type { Worktree } from '../../../src/domain/worker.ts';
import { World } from './fixture.ts';

const TIP = 'a'.repeat(40);
const OLD = 'b'.repeat(40);
const CONFIG: PoolConfig = { size: 4, min: 2, refresh: 1000 };
const FACTS: PoolFacts = {
  tip: TIP,
  busy: new Set(),
  damaged: new Set(),
  isAdding: false,
  order: { kind: 'keep' },
};

/** Worktrees in these states, the first the oldest; a worker holds each that is in use. */
function worldOf(states: readonly Worktree['state'][], more: { workers?: number; queued?: number } = {}): World {
  const world = new World();
  world.start(more.workers ?? 4);
  for (const [index, state] of states.entries()) {
    const id = `worktree-${index + 1}`;
    world.now += 1;
    world.act({ type: 'worktree.add', worktreeId: id, path: `/pool/${id}` });
    if (state !== 'cold')
      world.act({ type: 'worktree.warm', worktreeId: id, baseCommit: TIP, generation: null, ms: 5 });
    if (state === 'stale') world.act({ type: 'worktree.stale', worktreeId: id, reason: 'asked' });
    if (state !== 'in-use') continue;
    const task = world.add(`held ${index}`);
    const claim = { taskId: task.id, runId: `run-${index}`, worker: index + 1, worktreeId: id } as const;
    world.act({ type: 'task.claim', ...claim, baseCommit: TIP, agent: 'rehearsal', conversationId: 'c' });
  }
  for (let index = 0; index < (more.queued ?? 0); index++) world.add(`queued ${index}`);
  return world;
}

const plan = (world: World, facts: Partial<PoolFacts> = {}, config = CONFIG): PoolAction[] =>
  planPool(world.state, config, world.now, { ...FACTS, ...facts });
const words = (actions: readonly PoolAction[]): string[] =>
  actions.map((action) => ('id' in action ? `${action.type} ${action.id.slice(-1)}` : action.type));

describe('the plan', () => {
  it('is empty while no session runs and nobody asked for anything', () => {
    const world = worldOf(['cold', 'stale']);
    world.act({ type: 'session.stop', reason: 'enough' });
    expect(plan(world)).toEqual([]);
    expect(words(plan(world, { order: { kind: 'warm', count: 3 } }))).toEqual(['refresh 1', 'create']);
  });

  it('adds up to the least, one at a time', () => {
    expect(words(plan(worldOf([])))).toEqual(['create']);
    expect(words(plan(worldOf([]), { isAdding: true }))).toEqual([]);
    expect(words(plan(worldOf(['warm'])))).toEqual(['create']);
    expect(words(plan(worldOf(['warm', 'warm'])))).toEqual([]);
  });

  it('grows with the queue up to its size, and no further than there are workers to take tasks', () => {
    expect(words(plan(worldOf(['in-use', 'warm'], { queued: 2 })))).toEqual(['create']);
    expect(words(plan(worldOf(['in-use', 'in-use', 'in-use', 'warm'], { queued: 9 })))).toEqual([]);
    expect(words(plan(worldOf(['warm', 'warm'], { workers: 2, queued: 9 })))).toEqual([]);
  });

  it('has one ready for a task that is tried again soon', () => {
    const world = worldOf(['in-use', 'in-use', 'cold', 'cold'], { queued: 1 });
    const [task] = [...world.state.tasks.values()].filter(({ status }) => status === 'ready');
    if (task === undefined) throw new Error('no task is queued');
    const backOff = (ms: number) => world.state.tasks.set(task.id, { ...task, retryAt: world.now + ms });
    backOff(14_000);
    expect(words(plan(world))).toEqual(['refresh 3']);
    backOff(600_000);
    expect(words(plan(world))).toEqual([]);
  });

  it('makes ready what is cold before it refreshes what is stale, two at a time', () => {
    const world = worldOf(['stale', 'cold', 'cold', 'warm'], { queued: 4 });
    expect(words(plan(world))).toEqual(['refresh 2', 'refresh 3']);
    expect(words(plan(world, { busy: new Set(['worktree-2']) }))).toEqual(['refresh 3']);
    expect(words(plan(world, { busy: new Set(['worktree-2', 'worktree-3']) }))).toEqual([]);
  });

  it('marks all that the base branch has left behind, and refreshes the oldest first', () => {
    const world = worldOf(['warm', 'warm', 'warm'], { queued: 3 });
    expect(words(plan(world, { tip: OLD }))).toEqual(['stale 1', 'stale 2', 'stale 3', 'refresh 1', 'refresh 2']);
  });

  it('looks again after a whole interval, and says when', () => {
    const world = worldOf(['warm', 'warm']);
    const first = world.state.worktrees.get('worktree-1')?.warmedAt ?? 0;
    expect(nextPoolLook(world.state, CONFIG)).toBe(first + 1000);
    world.now = first + 1000;
    expect(words(plan(world))).toEqual(['stale 1', 'refresh 1']);
  });

  it('removes what the queue has no use for only after a whole interval', () => {
    const world = worldOf(['warm', 'warm', 'warm', 'warm']);
    expect(plan(world)).toEqual([]);
    world.now += 1000;
    expect(words(plan(world))).toContain('remove 1');
    expect(words(plan(world))).not.toContain('remove 3');
  });

  it('is drained of all that nobody holds, and adds nothing', () => {
    const world = worldOf(['in-use', 'warm', 'cold'], { queued: 5 });
    const actions = words(plan(world, { order: { kind: 'drain' } }));
    expect(actions.filter((action) => !action.startsWith('stale'))).toEqual(['remove 2', 'remove 3']);
  });

  it('makes no more ready than are wanted, whichever are oldest', () => {
    const world = worldOf(['cold', 'warm', 'warm', 'stale']);
    expect(plan(world)).toEqual([]);
    expect(words(plan(world, { order: { kind: 'warm', count: 3 } }))).toEqual(['refresh 4']);
  });

  it('leaves alone what could not be made ready, and does without it', () => {
    const world = worldOf(['cold', 'warm']);
    expect(words(plan(world, { damaged: new Set(['worktree-1']) }))).toEqual(['create']);
  });
});

const STATES = fc.array(fc.constantFrom<Worktree['state']>('cold', 'warm', 'stale', 'in-use'), { maxLength: 7 });
const ORDERS = fc.constantFrom<PoolOrder>({ kind: 'keep' }, { kind: 'warm', count: 3 }, { kind: 'drain' });
const SCENES = fc.record({
  states: STATES,
  queued: fc.nat(6),
  workers: fc.integer({ min: 1, max: 8 }),
  size: fc.nat(6),
  min: fc.nat(3),
  age: fc.constantFrom(0, 500, 2000),
  hasMoved: fc.boolean(),
  order: ORDERS,
});

describe('whatever the pool looks like', () => {
  it('the plan spares what is held, stays within its bounds, comes to its end and then rests', () => {
    fc.assert(
      fc.property(SCENES, ({ states, queued, workers, size, min, age, hasMoved, order }) => {
        const world = worldOf(states, { workers: Math.max(workers, states.length), queued });
        world.now += age;
        const config = { size, min: Math.min(min, size), refresh: 1000 };
        const facts = { ...FACTS, tip: hasMoved ? OLD : TIP, order };
        const most = Math.max(size, order.kind === 'warm' ? order.count : 0);
        const leased = [...world.state.worktrees.values()].filter(({ taskId }) => taskId !== null);
        let rounds = 0;
        for (;;) {
          const actions = planPool(world.state, config, world.now, facts);
          expect(planPool(world.state, config, world.now, facts)).toEqual(actions);
          if (actions.length === 0) break;
          expect(actions.filter(({ type }) => type !== 'stale').length).toBeLessThanOrEqual(2);
          expect(actions.filter(({ type }) => type === 'create').length).toBeLessThanOrEqual(1);
          for (const action of actions) perform(world, action, { leased, most, tip: facts.tip });
          expect(++rounds).toBeLessThan(50);
        }
        const left = [...world.state.worktrees.values()];
        for (const worktree of leased) expect(world.state.worktrees.get(worktree.id)).toBe(worktree);
        if (order.kind === 'drain') expect(left).toEqual(leased);
        const ready = left.filter(({ state, baseCommit }) => state === 'warm' && baseCommit === facts.tip);
        const wanted = Math.max(leased.length, order.kind === 'warm' ? order.count : config.min) - leased.length;
        if (order.kind !== 'drain') expect(ready.length).toBeGreaterThanOrEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
});

function perform(
  world: World,
  action: PoolAction,
  bounds: { leased: readonly Worktree[]; most: number; tip: string },
): void {
  const count = world.state.worktrees.size;
  const worktreeId = 'id' in action ? action.id : '';
  expect(bounds.leased.map(({ id }) => id)).not.toContain(worktreeId);
  switch (action.type) {
    case 'create': {
      expect(count).toBeLessThan(bounds.most);
      const id = `worktree-${world.log.length + 100}`;
      world.act({ type: 'worktree.add', worktreeId: id, path: `/pool/${id}` });
      break;
    }
    case 'refresh':
      world.act({ type: 'worktree.warm', worktreeId, baseCommit: bounds.tip, generation: null, ms: 5 });
      break;
    case 'stale':
      expect(world.act({ type: 'worktree.stale', worktreeId, reason: action.reason })).toHaveLength(1);
      break;
    case 'remove':
      world.act({ type: 'worktree.remove', worktreeId });
      break;
  }
}

describe('the pool of a session', () => {
  it('is as configured but for what was asked when it was started', () => {
    const world = worldOf([]);
    expect(poolConfig(world.state, CONFIG)).toEqual(CONFIG);
    world.act({ type: 'session.start', workers: 4, agent: 'rehearsal', epic: null, pool: { size: 1 } });
    expect(poolConfig(world.state, CONFIG)).toEqual({ size: 1, min: 1, refresh: 1000 });
  });

  it('is exhausted from a claim that found none ready until one is ready again, or the session ends', () => {
    const world = worldOf(['in-use']);
    const waiting = world.add('waits for a worktree');
    expect(isExhausted(world.state)).toBe(false);
    world.record({ type: 'pool.exhausted', taskId: waiting.id });
    expect(isExhausted(world.state)).toBe(true);
    world.act({ type: 'worktree.add', worktreeId: 'worktree-2', path: '/pool/2' });
    expect(isExhausted(world.state)).toBe(true);
    world.act({ type: 'worktree.warm', worktreeId: 'worktree-2', baseCommit: TIP, generation: null, ms: 5 });
    expect(isExhausted(world.state)).toBe(false);
    patchWorktree(world.state, 'worktree-2', 0, { state: 'stale' });
    expect(isExhausted(world.state)).toBe(false);
    world.record({ type: 'pool.exhausted', taskId: waiting.id });
    world.act({ type: 'session.stop', reason: '' });
    expect(isExhausted(world.state)).toBe(false);
  });

  it('tells of an exhaustion for ten seconds, and for as long as its task waits', () => {
    const world = worldOf(['in-use']);
    const task = world.add('waits for a worktree');
    const tells = (after: number): boolean => tellsExhaustion(world.state, world.now + after);
    expect(tells(0)).toBe(false);
    world.record({ type: 'pool.exhausted', taskId: task.id });
    expect([0, 9_999, 10_000, 600_000].map(tells)).toEqual([true, true, true, true]);
    world.act({ type: 'task.cancel', taskId: task.id, reason: '' });
    expect([0, 9_999, 10_000, 600_000].map(tells)).toEqual([true, true, false, false]);
    world.act({ type: 'session.stop', reason: '' });
    expect(tells(0)).toBe(false);
  });
});
