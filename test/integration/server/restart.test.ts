// Owns the tests of stopping and starting again: what was at work goes on, what had landed is not landed twice, what was lost is said.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openSessionStore } from '../../../src/server/core.ts';
import { isRunning } from '../git/scene.ts';
import { addTask, Scene } from './scene.ts';

let scene: Scene;
afterEach(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
});

/** What a server leaves that is killed in this moment: its last words are not in the store. Gives the number of the last event before the new start. */
async function startAfterKill(): Promise<number> {
  await scene.stop();
  const store = await openSessionStore(scene.paths.dataHome, (error) => void scene.fatal.push(error));
  const { workers, agent, epicId } = store.state.session;
  await store.commit([{ type: 'session.started', workers, agent, epicId, untilDone: true }], 'test');
  const { seq } = store.state;
  await store.close();
  await scene.start();
  return seq;
}

test('a stopped server ends its agents; the next one goes on in the same worktree, with the same attempt', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const task = await addTask(first, `test -e half.txt && exit; echo half > half.txt; echo $$ > ${up.path}; sleep 1000`);
  await first.call('session.start', {});
  const pid = Number(await up.heard());
  const before = await startAfterKill();
  expect(isRunning(pid)).toBe(false);
  // The new server may have gone on already.
  const client = await scene.watch(before);
  await client.until('run.resumed', (event) => event.taskId === task.id);
  await client.until('task.completed');
  expect((await client.call('task.show', { task: task.id })).task.attempts).toBe(1);
  expect(scene.git('show', 'main:half.txt')).toBe('half');
  expect(client.events.filter(({ event }) => event.type === 'run.resumed')).toHaveLength(1);
});

test('a program that answers the end of the server with exit code 0 has not completed its task', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const line = `test -e h && exit 3; echo half > h; trap 'exit 0' TERM; echo up > ${up.path}; while :; do sleep 0.02; done`;
  const task = await addTask(first, line, { maxAttempts: 1 });
  await first.call('session.start', {});
  await up.heard();
  await scene.stop();
  await scene.start();
  const client = await scene.connect();
  const { task: after } = await client.call('task.show', { task: task.id });
  expect(after).toMatchObject({ status: 'in_progress', landing: null });
  expect((await client.call('task.list', {})).interrupted).toEqual([task.id]);
});

test('a server that is stopped while a landing is tested lands it at its next start, with no agent', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const mark = join(scene.folder, 'tested');
  const testCommand = `test -e ${mark} && exit; touch ${mark}; echo up > ${up.path}; sleep 1000`;
  const task = await addTask(first, 'echo a > a.txt', { testCommand });
  await first.call('session.start', {});
  await up.heard();
  await startAfterKill();
  const client = await scene.watch();
  await client.until('task.completed', ({ taskId }) => taskId === task.id);
  expect(client.events.map(({ event }) => event.type)).not.toContain('run.started');
  await client.until('worktree.released');
});

test('a server that is stopped while it lands what an earlier one left can be stopped, and lands it later', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const mark = join(scene.folder, 'tested');
  const testCommand = `test -e ${mark} && exit; echo up > ${up.path}; sleep 1000`;
  await addTask(first, 'echo a > a.txt', { testCommand });
  await first.call('session.start', {});
  await up.heard();
  await startAfterKill();
  await up.heard();
  scene.write('../tested', '');
  await startAfterKill();
  const client = await scene.watch();
  await client.until('task.completed');
  expect(scene.git('show', 'main:a.txt')).toBe('a');
});

test('work that had landed in the moment of the crash is recorded, not landed twice', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const task = await addTask(first, 'echo a > a.txt', { testCommand: `echo up > ${up.path}; sleep 1000` });
  await first.call('session.start', {});
  await up.heard();
  await scene.stop();
  const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid'];
  const message = `echo a > a.txt\n\nDrover-Task: ${task.id}`;
  scene.git(...author, 'merge', '-q', '--no-ff', '-m', message, `drover/${task.id}`);
  const landed = scene.git('rev-parse', 'main');
  await startAfterKill();
  const client = await scene.watch();
  expect((await client.until('task.completed')).commit).toBe(landed);
  expect(scene.git('rev-parse', 'main')).toBe(landed);
});

test('a worktree that is gone costs the attempt, not the task, and its place can be used again', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const mark = join(scene.folder, 'again');
  const task = await addTask(first, `test -e ${mark} && echo ok > ok.txt && exit; echo up > ${up.path}; sleep 1000`);
  const other = await addTask(first, 'echo other > other.txt', { priority: -1 });
  await first.call('session.start', {});
  await up.heard();
  await scene.stop();
  scene.write('../again', '');
  rmSync(join(scene.paths.dataHome, 'worktrees', 'worktree-1'), { recursive: true });
  await startAfterKill();
  const client = await scene.watch();
  await client.until('session.stopped');
  for (const { id } of [task, other]) {
    expect((await client.call('task.show', { task: id })).task.status).toBe('completed');
  }
  expect((await client.call('task.show', { task: task.id })).task.attempts).toBe(2);
});

test('a worktree that a killed server had added but not recorded is used', async () => {
  scene = new Scene();
  await scene.start();
  await scene.stop();
  const worktrees = join(scene.paths.dataHome, 'worktrees');
  scene.git('worktree', 'add', '-q', '--detach', join(worktrees, 'worktree-1'), 'main');
  await scene.start();
  const client = await scene.watch();
  await addTask(client, 'echo b > b.txt');
  await client.call('session.start', { untilDone: true });
  await client.until('task.completed');
  const claimed = client.events.flatMap(({ event }) => (event.type === 'task.claimed' ? event.worktreeId : []));
  expect(claimed).toEqual(['worktree-1']);
});

test('a cancelled task gives its worktree back although no agent was at work on it', async () => {
  scene = new Scene();
  await scene.start();
  const first = await scene.watch();
  const up = scene.gate('up');
  const task = await addTask(first, `echo up > ${up.path}; sleep 1000`);
  await first.call('session.start', {});
  await up.heard();
  await scene.stop();
  await scene.start();
  const client = await scene.watch();
  await client.call('task.cancel', { task: task.id });
  await client.until('worktree.released');
});

test('a server can be stopped in every moment of a start', async () => {
  scene = new Scene({ workers: 2 });
  await scene.start();
  const client = await scene.watch();
  for (const name of ['a', 'b', 'c']) await addTask(client, `echo ${name} > ${name}.txt`);
  await client.call('session.start', {});
  // The worktrees are being added.
  await scene.stop();
  await startAfterKill();
  const again = await scene.watch();
  await again.until('task.claimed');
  await startAfterKill();
  const last = await scene.watch();
  await last.until('session.stopped');
  const { tasks } = await last.call('task.list', { status: 'completed' });
  expect(tasks).toHaveLength(3);
  expect(await scene.tagged()).toEqual([]);
});
