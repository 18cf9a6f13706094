// Owns the tests of the pool at work: worktrees are ready before a task needs one, claimed without a touch, cleaned and ready again, and never lost or handed out twice.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { fromRecord } from '../../../src/domain/snapshot.ts';
import type { PoolStatus } from '../../../src/protocol/pool-status.ts';
import { addTask, Scene, type Watcher } from './scene.ts';

let scene: Scene;
afterEach(() => scene.close());

const statesOf = ({ worktrees }: PoolStatus): string[] => worktrees.map(({ id, state }) => `${id} ${state}`);
const pathOf = async (client: Client, id: string): Promise<string> =>
  (await client.call('pool.status', {})).worktrees.find((worktree) => worktree.id === id)?.path ?? '';
const inside = (path: string, ...words: string[]): string => scene.git('-C', path, ...words);

/** The number of events of a type so far. */
const count = (client: Watcher, type: string): number =>
  client.events.filter(({ event }) => event.type === type).length;

test('a worktree that was made ready is claimed as it is, named for its task, cleaned and made ready again', async () => {
  scene = new Scene();
  scene.write('.gitignore', 'built\n');
  scene.git('add', '-A');
  scene.git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-qm', 'ignore');
  await scene.start({ pool: { size: 1, min: 1, refresh: 3_600_000, backend: 'auto' } });
  const client = await scene.watch();
  expect(statesOf(await client.call('pool.warm', { count: 1 }))).toEqual(['worktree-1 warm']);
  const path = await pathOf(client, 'worktree-1');
  expect(inside(path, 'symbolic-ref', '--short', 'HEAD')).toBe('drover/worktree-1');
  const gate = scene.gate('gate');
  const task = await addTask(client, `cat ${gate.path} && touch built stray && git branch --show-current > branch.txt`);
  await client.call('session.start', {});
  const claimed = await client.until('task.claimed');
  expect(claimed).toMatchObject({ worktreeId: 'worktree-1', baseCommit: scene.git('rev-parse', 'main') });
  expect(await client.until('pool.claimed')).toMatchObject({ taskId: task.id, from: 'warm' });
  expect(statesOf(await client.call('pool.status', {}))).toEqual(['worktree-1 in-use']);
  await gate.pass();
  const { commit } = await client.until('task.completed');
  expect(scene.git('show', `${commit}:branch.txt`)).toBe(`drover/${task.id}`);
  await client.until('worktree.released');
  await client.until('worktree.warmed', (event) => event.baseCommit === commit);
  expect(inside(path, 'status', '--porcelain', '--ignored')).toBe('');
  expect(inside(path, 'rev-parse', 'drover/worktree-1')).toBe(commit);
  expect(count(client, 'pool.exhausted')).toBe(0);
  const { state } = await (await scene.connect()).call('events.subscribe', {});
  expect(state === null ? ['no state'] : checkInvariants(fromRecord(state))).toEqual([]);
});

test('a claim that finds none ready makes a cold one, and says so until one is ready again', async () => {
  scene = new Scene();
  await scene.start({ pool: { size: 0, min: 0, refresh: 3_600_000, backend: 'auto' } });
  const client = await scene.watch();
  const gate = scene.gate('gate');
  const task = await addTask(client, `cat ${gate.path}`);
  await client.call('session.start', { workers: 2 });
  expect(await client.until('pool.exhausted')).toMatchObject({ taskId: task.id });
  expect(await client.until('pool.claimed')).toMatchObject({ from: 'cold' });
  expect(await client.call('pool.status', {})).toMatchObject({ isExhausted: true, config: { size: 0 } });
  await client.call('session.start', { poolSize: 2 });
  const warm = await client.call('pool.warm', { count: 2 });
  expect(statesOf(warm)).toEqual(['worktree-1 in-use', 'worktree-2 warm']);
  expect(warm).toMatchObject({ isExhausted: false, config: { size: 2 }, metrics: { claims: 1, hitRate: 0 } });
  await gate.pass();
  await client.until('task.completed');
});

test('what the base branch has left behind is brought up without being asked for', async () => {
  scene = new Scene();
  await scene.start({ workers: 1, pool: { size: 2, min: 2, refresh: 3_600_000, backend: 'auto' } });
  const client = await scene.watch();
  await addTask(client, 'echo b > b.txt');
  await client.call('session.start', {});
  const { commit } = await client.until('task.completed');
  const ready = new Set<string>();
  await client.until('worktree.warmed', ({ worktreeId, baseCommit }) => {
    if (baseCommit === commit) ready.add(worktreeId);
    return ready.size === 2;
  });
  for (const id of ready) expect(existsSync(join(await pathOf(client, id), 'b.txt'))).toBe(true);
  expect(count(client, 'worktree.staled')).toBeGreaterThan(0);
});

test('a worktree in which somebody worked while nobody held it is kept before it is claimed', async () => {
  scene = new Scene();
  await scene.start({ pool: { size: 1, min: 1, refresh: 3_600_000, backend: 'auto' } });
  const client = await scene.watch();
  await client.call('pool.warm', { count: 1 });
  const path = await pathOf(client, 'worktree-1');
  inside(path, '-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '--allow-empty', '-m', 'by hand');
  const strange = inside(path, 'rev-parse', 'HEAD');
  await addTask(client, 'true');
  await client.call('session.start', {});
  expect(await client.until('pool.claimed')).toMatchObject({ from: 'cold' });
  expect(scene.git('for-each-ref', '--format=%(objectname)', 'refs/drover/keep')).toContain(strange);
  expect((await client.until('task.claimed')).baseCommit).not.toBe(strange);
  await client.until('task.completed');
});

test('drained, only what tasks hold is left, until it is asked for', async () => {
  scene = new Scene();
  await scene.start({ pool: { size: 3, min: 3, refresh: 3_600_000, backend: 'auto' } });
  const client = await scene.watch();
  const gate = scene.gate('gate');
  await addTask(client, `cat ${gate.path}`);
  await client.call('session.start', {});
  await client.until('task.claimed');
  await client.call('pool.warm', { count: 3 });
  const drained = await client.call('pool.drain', {});
  expect([drained.removed, drained.worktrees.map(({ state }) => state)]).toEqual([2, ['in-use']]);
  expect(scene.git('worktree', 'list').split('\n')).toHaveLength(2);
  expect(scene.git('for-each-ref', 'refs/heads/drover/worktree-*')).toBe('');
  await gate.pass();
  await client.until('worktree.removed', ({ worktreeId }) => worktreeId === drained.worktrees[0]?.id);
  expect(statesOf(await client.call('pool.warm', { count: 1 }))).toEqual(['worktree-1 warm']);
});

test('what is free is refreshed, also when tasks hold as many', async () => {
  scene = new Scene();
  await scene.start({ pool: { size: 3, min: 2, refresh: 3_600_000, backend: 'auto' } });
  const client = await scene.watch();
  const gate = scene.gate('gate');
  await addTask(client, `cat ${gate.path}`);
  await client.call('session.start', {});
  await client.until('task.claimed');
  const states = ({ worktrees }: PoolStatus): string[] => worktrees.map(({ state }) => state).sort();
  expect(states(await client.call('pool.warm', { count: 2 }))).toEqual(['in-use', 'warm']);
  expect(states(await client.call('pool.refresh', {}))).toEqual(['in-use', 'warm']);
  await gate.pass();
});

test('after a restart free worktrees are looked at before they count as ready', async () => {
  scene = new Scene();
  await scene.start({ pool: { size: 2, min: 2, refresh: 3_600_000, backend: 'auto' } });
  const first = await scene.connect();
  await first.call('pool.warm', { count: 2 });
  await scene.stop();
  await scene.start();
  const client = await scene.watch();
  expect(statesOf(await client.call('pool.status', {}))).toEqual(['worktree-1 cold', 'worktree-2 cold']);
  expect(statesOf(await client.call('pool.warm', { count: 2 }))).toEqual(['worktree-1 warm', 'worktree-2 warm']);
  await expect(client.call('pool.refresh', {})).resolves.toMatchObject({
    worktrees: [{ state: 'warm' }, { state: 'warm' }],
  });
  await client.call('pool.drain', {});
  await expect(client.call('pool.refresh', {})).rejects.toMatchObject({ refusal: { next: 'drover pool warm' } });
});
