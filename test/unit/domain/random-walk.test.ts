// Owns the tests of the properties that hold over any sequence of intents.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/domain/apply.ts';
import type { DroverEvent } from '../../../src/domain/event.ts';
import type { GuidanceMessage } from '../../../src/domain/guidance.ts';
import type { Intent } from '../../../src/domain/intent.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { isPausing, isResumed } from '../../../src/domain/pause.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { claimable, dependencies, idleWorkers, isStuck, isWorkLeft, nextWake } from '../../../src/domain/schedule.ts';
import { fromRecord, toRecord } from '../../../src/domain/snapshot.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import { countStatus } from '../../../src/domain/status.ts';
import { childrenOf, isAwaiting } from '../../../src/domain/subtask.ts';
import type { Task } from '../../../src/domain/task.ts';
import { explainWhy } from '../../../src/domain/why.ts';
import { World } from './fixture.ts';

// Small pools of ids, so that most intents hit something; indices are resolved against the world as it is.
const INDEX = fc.nat(7);
const reason = { code: 'conflict', message: 'a.ts conflicts', detail: 'a.ts' } as const;

type Step = (world: World) => Intent;

const taskAt = (world: World, index: number): string => {
  const ids = [...world.state.tasks.keys()];
  return (index === 7 ? undefined : ids[(index * 5) % ids.length]) ?? 'task-zzzzz';
};
const runOf = (world: World, id: string): string => world.state.tasks.get(id)?.runId ?? 'run-none';
/** Mostly a task for which the step makes sense; now and then any, so that refusals are walked into as well. */
function pick(world: World, index: number, isFit: (task: Task) => boolean): string {
  const fits = index === 7 ? [] : [...world.state.tasks.values()].filter(isFit);
  return fits[index % Math.max(1, fits.length)]?.id ?? taskAt(world, index);
}
const isLanding = (task: Task): boolean => task.landing !== null && task.landing !== 'returned';
const isAtWork = (task: Task): boolean => task.status === 'in_progress' && !isLanding(task);
const worktreeAt = (index: number): string => `worktree-${(index % 3) + 1}`;

const step = (type: string, make: (world: World, index: number, other: number) => Intent): fc.Arbitrary<Step> =>
  fc.tuple(INDEX, INDEX).map(([index, other]) => {
    const run: Step = (world) => make(world, index, other);
    return Object.assign(run, { toString: () => `${type}(${index}, ${other})` });
  });

const claimStep = step('claim', (world, index, other) => ({
  type: 'task.claim',
  taskId: claimable(world.state, world.now).find((task) => !isResumed(task))?.id ?? taskAt(world, index),
  runId: `run-${world.log.length}`,
  worker: idleWorkers(world.state)[0]?.number ?? other,
  worktreeId: [...world.state.worktrees.values()].find((worktree) => worktree.taskId === null)?.id ?? worktreeAt(other),
  baseCommit: 'b'.repeat(40),
  agent: 'rehearsal',
  conversationId: `conversation-${world.log.length}`,
}));
const startStep = step('start', (world, i, j) => ({
  type: 'run.start',
  runId: runOf(
    world,
    pick(world, i, (task) => task.status === 'claimed'),
  ),
  pid: 1000 + j,
}));
const submitStep = step('submit', (world, i, j) => ({
  type: 'task.submit',
  taskId: pick(world, i, isAtWork),
  verdict: (['pass', 'pass', 'unknown', 'pass', 'fail', 'blocked', 'pass', 'unknown'] as const)[j] ?? 'pass',
  summary: 'done',
}));
const syncStep = step('sync', (world, i, j) => {
  const runId = runOf(world, taskAt(world, i));
  if (j % 2 === 0) return { type: 'run.fail-sync', runId, reason: `no route ${j}` };
  const [from, to] = ['b', 'c'].map((digit) => digit.repeat(40)) as [string, string];
  return { type: 'run.sync', runId, from, to, how: 'moved', files: j, isAhead: j === 3, note: '', ms: i };
});
const endStep = step('end', (world, i, j) => ({
  type: 'run.end',
  runId:
    [...world.state.runs.values()].filter((run) => run.endedAt === null)[j % 3]?.id ?? runOf(world, taskAt(world, i)),
  exitCode: j,
  signal: null,
  reason: 'it ended',
}));

const personSteps: fc.Arbitrary<Step>[] = [
  step('create', (world, i, j) => ({
    type: 'task.create',
    task: {
      title: `Task ${i}`,
      priority: i - 3,
      maxAttempts: (j % 3) + 1,
      ...(i % 2 === 0 ? { blockedBy: [taskAt(world, j)] } : {}),
      ...(i === 5 ? { epic: 'Epic 1' } : {}),
    },
  })),
  step('epic', (_world, i) => ({ type: 'epic.create', title: `Epic ${i}` })),
  step('edit', (world, i, j) => ({
    type: 'task.edit',
    taskId: taskAt(world, i),
    changes: { blockedBy: [taskAt(world, j), taskAt(world, j + 1)], priority: j },
  })),
  step('cancel', (world, i) => ({ type: 'task.cancel', taskId: taskAt(world, i), reason: 'no longer needed' })),
  step('retry', (world, i) => ({
    type: 'task.retry',
    taskId: pick(world, i, (task) => ['failed', 'blocked', 'cancelled'].includes(task.status)),
  })),
  step('session', (_world, i, j) => ({
    type: 'session.start',
    workers: (i % 4) + 1,
    agent: 'rehearsal',
    epic: j === 7 ? 'Epic 1' : null,
  })),
];
const hintStep = step('hint', (world, i, j) => ({
  type: 'guidance.send',
  taskId: pick(world, i, (task) => task.status !== 'completed'),
  text: j === 7 ? ' ' : `Hint ${j}`,
}));
const hintAt = (world: World, index: number, isFit: (message: GuidanceMessage) => boolean): string => {
  const all = [...world.state.guidance.values()];
  const fits = index === 7 ? all : all.filter(isFit);
  return fits[index % Math.max(1, fits.length)]?.id ?? 'hint-zzzzz';
};
const guidanceSteps: fc.Arbitrary<Step>[] = [
  hintStep,
  step('show', (world, i, j) => {
    const guidanceId = hintAt(world, i, ({ state, taskId }) => state === 'queued' && isAtWork(world.task(taskId)));
    const taskId = world.state.guidance.get(guidanceId)?.taskId ?? '';
    const via = (['tool', 'turn-end', 'idle', 'prompt'] as const)[j % 4] ?? 'tool';
    return { type: 'guidance.show', guidanceId, runId: j === 7 ? 'run-none' : runOf(world, taskId), via };
  }),
  step('acknowledge', (world, i) => ({
    type: 'guidance.acknowledge',
    guidanceId: hintAt(world, i, ({ shownAt }) => shownAt !== null),
  })),
  step('requeue', (world, i) => ({
    type: 'guidance.requeue',
    guidanceId: hintAt(world, i, ({ state }) => state === 'shown'),
    reason: 'its agent ended',
  })),
  step('retract', (world, i) => ({
    type: 'guidance.retract',
    guidanceId: hintAt(world, i, ({ state }) => state === 'queued'),
  })),
];
const pauseSteps: fc.Arbitrary<Step>[] = [
  step('pause', (world, i, j) => ({ type: 'task.pause', taskId: pick(world, i, isAtWork), isNow: j % 2 === 0 })),
  step('settle', (world, i, j) => ({
    type: 'task.settle-pause',
    taskId: pick(world, i, isPausing),
    work: {
      kept: j === 0 ? null : { ref: 'refs/drover/keep/x/1', commit: 'd'.repeat(40), head: 'd'.repeat(40) },
      base: 'b'.repeat(40),
      hasConversation: true,
    },
  })),
  step('end pausing', (world, i, j) => ({
    type: 'run.end',
    runId: runOf(world, pick(world, i, isPausing)),
    exitCode: j,
    signal: null,
    reason: 'paused',
  })),
  step('unpause', (world, i) => ({
    type: 'task.resume',
    taskId: pick(world, i, ({ status }) => status === 'paused'),
  })),
  step('go on', (world, i, j) => ({
    type: 'run.resume',
    taskId: pick(world, i, isResumed),
    runId: `run-${world.log.length}`,
    worker: idleWorkers(world.state)[0]?.number ?? j,
    reason: 'it was paused',
  })),
  step('cancel paused', (world, i) => ({
    type: 'task.cancel',
    taskId: pick(world, i, ({ pause }) => pause !== null),
    reason: 'no longer needed',
  })),
  step('give up', (world, i) => ({
    type: 'task.block',
    taskId: pick(world, i, isResumed),
    reason,
    startFrom: 'd'.repeat(40),
  })),
  step('all', (_world, i) => ({ type: i % 2 === 0 ? 'session.resume' : 'session.pause', isNow: i === 1 })),
  step('hold', (_world, i) => ({ type: i % 2 === 0 ? 'session.unhold' : 'session.hold' })),
];
const endAwaitStep = step('end await', (world, i, j) => ({
  type: 'task.end-await',
  taskId: pick(world, i, isAwaiting),
  isForced: j > 4,
}));
const subtaskSteps: fc.Arbitrary<Step>[] = [
  step('delegate', (world, i, j) => ({
    type: 'task.delegate',
    taskId: pick(world, i, isAtWork),
    subtasks: [{ title: `Part ${world.log.length}`, description: '', type: j % 2 === 0 ? 'research' : 'fix' }],
  })),
  step('decompose', (world, i, j) => ({
    type: 'task.decompose',
    taskId: pick(world, i, isAtWork),
    reason: 'too large',
    subtasks: [
      { title: `Half ${world.log.length}`, description: '' },
      {
        title: `Half ${j === 7 ? world.log.length : -world.log.length - 1}`,
        description: '',
        after: [j === 6 ? 1 : 0],
      },
    ],
  })),
  step('await', (world, i, j) => {
    const hasParts = (task: Task): boolean => childrenOf(world.state, task.id).some(({ status }) => status === 'ready');
    const parent = pick(world, i, (task) => isAtWork(task) && hasParts(task));
    const subtasks = childrenOf(world.state, parent).map(({ id }) => id);
    // Somebody has to have parts first.
    const first = [{ title: `Part ${world.log.length}`, description: '' }];
    if (subtasks.length === 0) return { type: 'task.delegate', taskId: pick(world, i, isAtWork), subtasks: first };
    return { type: 'task.await', taskId: parent, subtasks: j === 7 ? [taskAt(world, i)] : subtasks };
  }),
  endAwaitStep,
  step('find', (world, i, j) => ({
    type: 'task.record-findings',
    taskId: pick(world, i, (task) => isAtWork(task) && task.type === 'research'),
    findings: [{ summary: 'it is so', relevance: j / 7, sourceRef: 'a.ts' }],
    sources: ['b.ts'],
  })),
];
const stopStep = step('stop', () => ({ type: 'session.stop', reason: 'enough' }));

const serverSteps: fc.Arbitrary<Step>[] = [
  step('report', (world, i, j) => ({
    type: 'run.report-state',
    runId: runOf(world, pick(world, i, isAtWork)),
    state: j % 2 === 0 ? 'working' : 'needs-input',
    source: 'hook',
    detail: '',
  })),
  step('resume', (world, i, j) => ({
    type: 'run.resume',
    taskId: pick(world, i, isAtWork),
    runId: `run-${world.log.length}`,
    worker: world.state.runs.get(runOf(world, pick(world, i, isAtWork)))?.worker ?? j,
    reason: 'the server was started again',
  })),
  step('release', (world, i) => ({
    type: 'task.release',
    taskId: pick(world, i, isAtWork),
    reason: 'the machine sleeps',
  })),
  step('fail', (world, i) => ({ type: 'task.fail-attempt', taskId: pick(world, i, isAtWork), error: 'it broke' })),
  step('block', (world, i) => ({ type: 'task.block', taskId: taskAt(world, i), reason })),
  step('advance', (world, i, j) => ({
    type: 'landing.advance',
    taskId: pick(world, i, isLanding),
    phase: (['queued', 'merging', 'testing', 'returned'] as const)[j % 4] ?? 'queued',
  })),
  step('refuse', (world, i) => ({ type: 'landing.refuse', taskId: pick(world, i, isLanding), reason })),
  step('complete', (world, i) => ({
    type: 'task.complete',
    taskId: pick(world, i, isLanding),
    commit: 'c',
    by: 'x',
    checkout: '',
  })),
  step('add worktree', (_w, i) => ({
    type: 'worktree.add',
    worktreeId: worktreeAt(i),
    path: `/pool/${worktreeAt(i)}`,
  })),
  step('release worktree', (_w, i) => ({ type: 'worktree.release', worktreeId: worktreeAt(i) })),
  step('warm worktree', (_w, i) => ({
    type: 'worktree.warm',
    worktreeId: worktreeAt(i),
    baseCommit: 'b'.repeat(40),
    generation: i % 2 === 0 ? null : 'g1',
    ms: 80,
  })),
  step('stale worktree', (_w, i) => ({ type: 'worktree.stale', worktreeId: worktreeAt(i), reason: 'base-moved' })),
  step('cool worktree', (_w, i) => ({ type: 'worktree.cool', worktreeId: worktreeAt(i), reason: 'it was touched' })),
  step('remove worktree', (_w, i) => ({ type: 'worktree.remove', worktreeId: worktreeAt(i) })),
];

const walk = fc.array(
  fc.tuple(
    // Weighted towards the way of a task to its end, or most walks would never reach it.
    fc.oneof(
      { weight: 4, arbitrary: fc.oneof(...personSteps) },
      { weight: 5, arbitrary: fc.oneof(...serverSteps) },
      { weight: 5, arbitrary: fc.oneof(hintStep, ...guidanceSteps) },
      { weight: 12, arbitrary: fc.oneof(claimStep, startStep, syncStep, submitStep, endStep) },
      { weight: 5, arbitrary: fc.oneof(...pauseSteps) },
      { weight: 5, arbitrary: fc.oneof(...subtaskSteps) },
      { weight: 4, arbitrary: endAwaitStep },
      { weight: 1, arbitrary: stopStep },
    ),
    fc.constantFrom(0, 1, 1000, 60_000),
  ),
  { minLength: 1, maxLength: 120, size: 'max' },
);

function take(world: World, next: Step): string {
  const before = JSON.stringify(toRecord(world.state));
  try {
    const seq = world.state.seq;
    const events = world.act(next(world));
    expect(world.state.seq).toBe(seq + events.length);
    return events.map((event) => event.type).join(' ');
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    expect(error.refusal.message).not.toBe('');
    // A refusal changes nothing.
    expect(JSON.stringify(toRecord(world.state))).toBe(before);
    return `refused: ${error.refusal.code}`;
  }
}

/** All that is asked of a state answers, and the answers agree with each other. */
function checkViews(state: State, now: number): void {
  const counts = countStatus(state);
  const { total, ...parts } = counts;
  expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
  for (const task of claimable(state, now)) {
    expect(dependencies(state, task)).toEqual({ waiting: [], dead: [] });
    expect(isStuck(state, task)).toBe(false);
    expect(isWorkLeft(state)).toBe(true);
  }
  const wake = nextWake(state, now);
  expect(wake === null || wake > now).toBe(true);
  for (const task of state.tasks.values()) {
    expect(explainWhy(state, task, now).length > 0).toBe(task.status !== 'completed');
  }
}

function worldWithWork(): World {
  const world = new World();
  world.start(2);
  for (const number of [1, 2, 3]) {
    world.act({ type: 'worktree.add', worktreeId: `worktree-${number}`, path: `/pool/${number}` });
  }
  world.add('Task a');
  world.add('Task b', { blockedBy: ['aaaaa'] });
  world.add('Task c', { maxAttempts: 1 });
  world.add('Task d', { maxAttempts: 2, type: 'research' });
  return world;
}

/** The same, with a task at work whose agent waits for a part of it. */
function worldThatWaits(): World {
  const world = worldWithWork();
  const [parent = ''] = world.state.tasks.keys();
  world.work(parent);
  world.act({ type: 'task.delegate', taskId: parent, subtasks: [{ title: 'Part', description: '' }] });
  world.act({ type: 'task.await', taskId: parent, subtasks: childrenOf(world.state, parent).map(({ id }) => id) });
  return world;
}

/** Walks the steps, checks the state after each, replays the log; the types of the events and refusals that were met. */
function checkWalk(steps: readonly (readonly [Step, number])[], chance: number): Set<string> {
  const seen = new Set<string>();
  const world = chance % 2 === 0 ? worldWithWork() : worldThatWaits();
  world.random = chance / 100;
  for (const [next, wait] of steps) {
    world.now += wait;
    for (const type of take(world, next).split(' ')) seen.add(type);
    expect(checkInvariants(world.state)).toEqual([]);
  }
  checkViews(world.state, world.now);
  const replayed = emptyState();
  for (const envelope of JSON.parse(JSON.stringify(world.log))) apply(replayed, envelope);
  expect(replayed).toEqual(world.state);
  expect(fromRecord(JSON.parse(JSON.stringify(toRecord(world.state))))).toEqual(world.state);
  return seen;
}

const CHANCE = fc.integer({ min: 0, max: 99 });

describe('any sequence of intents', () => {
  it('keeps the invariants, refuses in words, and is told again by its log', () => {
    fc.assert(
      fc.property(walk, CHANCE, (steps, chance) => {
        checkWalk(steps, chance);
      }),
      { numRuns: 200 },
    );
  });

  it('goes everywhere: a walk that never lands a task would prove little', () => {
    const seen = new Set<string>();
    const property = fc.property(walk, CHANCE, (steps, chance) => {
      for (const type of checkWalk(steps, chance)) seen.add(type);
    });
    fc.assert(property, { numRuns: 300, seed: 21 });
    expect(EVENTS_OF_DECIDE.filter((type) => !seen.has(type))).toEqual([]);
  });

  it('keeps the invariants over a restart of the server at any moment', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        const world = worldWithWork();
        for (const [next] of steps) take(world, next);
        const event = { type: 'server.started', pid: 1, version: '1', recovered: true } as const;
        apply(world.state, { seq: world.state.seq + 1, at: world.now, by: 'drover', event });
        expect(checkInvariants(world.state)).toEqual([]);
        expect([...world.state.runs.values()].every((run) => run.endedAt !== null)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** Every type of event but server.started, which the server records itself. */
const EVENTS_OF_DECIDE: DroverEvent['type'][] = [
  'epic.created',
  'task.created',
  'task.edited',
  'task.cancelled',
  'task.retried',
  'task.claimed',
  'run.started',
  'run.state-changed',
  'run.ended',
  'run.resumed',
  'task.released',
  'task.attempt-failed',
  'task.failed',
  'task.blocked',
  'task.submitted',
  'landing.changed',
  'landing.returned',
  'task.completed',
  'guidance.queued',
  'guidance.shown',
  'guidance.acknowledged',
  'guidance.requeued',
  'guidance.retracted',
  'worktree.added',
  'worktree.warmed',
  'worktree.staled',
  'worktree.cooled',
  'worktree.released',
  'worktree.removed',
  'session.started',
  'session.stopped',
  'task.pause-asked',
  'task.paused',
  'task.resumed',
  'session.held',
  'session.unheld',
  'task.awaiting',
  'task.await-ended',
  'task.decomposed',
  'task.found',
];
