// Owns the tests of the scheduler: who starts what, once, and what happens when a start fails.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { refuse } from '../../../src/domain/refusal.ts';
import type { Task } from '../../../src/domain/task.ts';
import { Scheduler } from '../../../src/server/scheduler.ts';
import { MemoryCore } from './fixture.ts';

let core: MemoryCore;
let scheduler: Scheduler;
let starts: string[];
let work: (task: Task, worker: number, how: 'begin' | 'resume') => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  core = new MemoryCore();
  starts = [];
  work = () => new Promise(() => {});
  const start = (how: 'begin' | 'resume') => (task: Task, worker: number) => {
    starts.push(`${how} ${task.title} on ${worker}`);
    return work(task, worker, how);
  };
  scheduler = new Scheduler(core.asCore(), { begin: start('begin'), resume: start('resume'), isAtWork: () => false });
});
afterEach(() => {
  scheduler.stop();
  expect(core.store.listeners).toBe(0);
  vi.useRealTimers();
});

async function add(title: string, more: object = {}): Promise<string> {
  await core.intend({ type: 'task.create', task: { title, ...more } });
  return [...core.state.tasks.keys()].at(-1) ?? '';
}
const run = (workers: number, untilDone = false) =>
  core.intend({ type: 'session.start', workers, agent: 'command', epic: null, untilDone });
const claim = async (taskId: string, worker: number): Promise<void> => {
  const worktreeId = `worktree-${worker}`;
  await core.intend({ type: 'worktree.add', worktreeId, path: `/w/${worker}` });
  const rest = { baseCommit: 'c', agent: 'command', conversationId: 'c' } as const;
  await core.intend({ type: 'task.claim', taskId, runId: `run-${taskId}`, worker, worktreeId, ...rest });
};
/** Everything that is due by now, and what follows from it; a timer set by another is 1 ms later on this clock. */
async function turn(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await vi.advanceTimersByTimeAsync(1);
}

test('idle workers take the due tasks by priority, each once however often the state changes', async () => {
  await add('low', { priority: -1 });
  await add('high', { priority: 1 });
  await add('middle');
  await run(2);
  await turn();
  await add('more', { priority: 5 });
  await turn();
  expect(starts).toEqual(['begin high on 1', 'begin middle on 2']);
});

test('nothing starts without a session, nor after stop', async () => {
  await add('a');
  await turn();
  expect(starts).toEqual([]);
  await run(1);
  scheduler.stop();
  await turn();
  expect(starts).toEqual([]);
});

test('a lost race frees the worker at once; a fault rests the task, in no hot loop', async () => {
  const lost = await add('lost', { priority: 1 });
  await add('next');
  work = async (task) => {
    if (task.title !== 'lost') throw new Error('a broken disk');
    await core.intend({ type: 'task.cancel', taskId: lost, reason: '' });
    refuse('illegal-transition', 'it was cancelled meanwhile');
  };
  await run(1);
  await turn();
  await turn();
  expect(starts).toEqual(['begin lost on 1', 'begin next on 1']);
  expect(core.logged).toEqual([expect.stringContaining('a broken disk')]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(starts).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(starts).toHaveLength(3);
});

test('a refusal of what nobody changed rests the task too', async () => {
  await add('a');
  work = async () => refuse('no-commits', 'nothing to branch from');
  await run(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(starts).toHaveLength(1);
});

test('a task that backs off starts when its time has come, without any event', async () => {
  const id = await add('a');
  await run(1);
  await claim(id, 1);
  await core.intend({ type: 'task.fail-attempt', taskId: id, error: 'no' });
  await turn();
  expect(starts).toEqual([]);
  const wait = (core.state.tasks.get(id)?.retryAt ?? 0) - core.clock;
  expect(wait).toBe(100);
  core.clock += wait + 1;
  await vi.advanceTimersByTimeAsync(wait + 1);
  await turn();
  expect(starts).toEqual(['begin a on 1']);
});

test('a task that an earlier server held goes on with its own worker before anything else starts', async () => {
  const id = await add('held');
  await run(2);
  await claim(id, 2);
  await core.intend({ type: 'run.start', runId: `run-${id}`, pid: 9 });
  await core.store.commit([{ type: 'server.started', pid: 1, version: '0', recovered: true }]);
  await add('fresh', { priority: 9 });
  await turn();
  expect(starts).toEqual(['resume held on 2', 'begin fresh on 1']);
});

test('a session until done stops when nothing is left, and not while a start is on its way', async () => {
  let finish = (): void => {};
  const id = await add('a');
  work = () => new Promise((resolve) => (finish = resolve));
  await run(1, true);
  await turn();
  await core.intend({ type: 'task.cancel', taskId: id, reason: '' });
  await turn();
  expect(core.state.session.isRunning).toBe(true);
  finish();
  await turn();
  await turn();
  expect(core.state.session.isRunning).toBe(false);
});
