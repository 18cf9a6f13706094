// Owns the tests of a task's life in the real server: started, failed, tried again, timed out, cancelled, landed.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isRunning } from '../git/scene.ts';
import { addTask, Scene } from './scene.ts';

let scene: Scene;
afterEach(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
});

test('dependencies land in their order, and the session ends when nothing is left', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const a = await addTask(client, 'echo a > a.txt');
  const b = await addTask(client, 'cat a.txt > b.txt', { blockedBy: [a.id] });
  const c = await addTask(client, 'cat a.txt b.txt > c.txt', { blockedBy: [b.id] });
  await client.call('session.start', { workers: 3, untilDone: true });
  await client.until('session.stopped');
  const landed = client.events.flatMap(({ event }) => (event.type === 'task.completed' ? [event.taskId] : []));
  expect(landed).toEqual([a.id, b.id, c.id]);
  expect(scene.git('show', 'main:c.txt')).toBe('a\na');
  expect(existsSync(join(scene.repository, 'c.txt'))).toBe(true);
  expect(client.events.map(({ seq }) => seq)).toEqual(client.events.map((_, at) => at + (client.events[0]?.seq ?? 0)));
  expect(scene.git('for-each-ref', 'refs/heads/drover')).not.toContain('task-');
});

test('a failed attempt backs off and starts afresh; its commits and its uncommitted work are kept', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const mark = join(scene.folder, 'second');
  const program = join(scene.folder, 'program.sh');
  writeFileSync(
    program,
    `if test -e ${mark}; then test ! -e one.txt && echo ok > two.txt; exit; fi
touch ${mark}; echo 1 > one.txt; git add -A; git commit -qm one; echo w > wip.txt; exit 3`,
  );
  const task = await addTask(client, `. ${program}`);
  await client.call('session.start', { untilDone: true });
  const failed = await client.until('task.attempt-failed');
  expect(failed.error).toContain('exit code 3');
  await client.until('task.completed');
  expect((await client.call('task.show', { task: task.id })).task).toMatchObject({ status: 'completed', attempts: 2 });
  const kept = scene.git('for-each-ref', '--format=%(refname)', `refs/drover/keep/${task.id}`).split('\n');
  const files = kept.map((ref) => scene.git('ls-tree', '--name-only', ref).split('\n'));
  expect(files).toContainEqual(['base.txt', 'one.txt', 'wip.txt']);
  expect(scene.git('ls-tree', '--name-only', 'main').split('\n')).toEqual(['base.txt', 'two.txt']);
});

test('the last failure ends the task; retry begins anew with all its attempts', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const mark = join(scene.folder, 'mended');
  const task = await addTask(client, `test -e ${mark} && echo ok > ok.txt`);
  const next = await addTask(client, 'echo next > next.txt', { blockedBy: [task.id] });
  await client.call('session.start', { untilDone: true });
  await client.until('task.failed');
  await client.until('session.stopped');
  const status = await client.call('status.get', {});
  expect(status.attention.map((each) => each.task.id)).toEqual([task.id, next.id]);
  expect((await client.call('task.list', {})).waits).toEqual({ [next.id]: { count: 1, isStuck: true } });
  scene.write('../mended', '');
  await client.call('task.retry', { task: task.id });
  await client.call('session.start', { untilDone: true });
  await client.until('task.completed', ({ taskId }) => taskId === next.id);
  expect((await client.call('task.show', { task: task.id })).task.attempts).toBe(1);
});

test('an attempt over its time is ended, and what a program says with exit code 0 on SIGTERM is no verdict', async () => {
  scene = new Scene({ taskTimeout: 400, retry: { maxAttempts: 1, baseDelay: 1, maxDelay: 1 } });
  await scene.start();
  const client = await scene.watch();
  await addTask(client, `trap 'exit 0' TERM; echo half > half.txt; while :; do sleep 0.02; done`);
  await client.call('session.start', { untilDone: true });
  expect((await client.until('task.failed')).error).toContain('took longer');
  await client.until('session.stopped');
  expect(client.events.map(({ event }) => event.type)).not.toContain('task.submitted');
  expect(scene.git('ls-tree', '--name-only', 'main')).toBe('base.txt');
});

test('cancel ends the agent and a child with a session of its own, and its worker takes the next task', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const up = scene.gate('up');
  const task = await addTask(client, `setsid sh -c 'echo $$ > ${up.path}; exec sleep 1000' & sleep 1000`);
  await client.call('session.start', {});
  const child = Number(await up.heard());
  const { pid } = await client.until('run.started');
  expect([isRunning(pid), isRunning(child)]).toEqual([true, true]);
  const next = await addTask(client, 'echo next > next.txt');
  await client.call('task.cancel', { task: task.id });
  await client.until('task.completed', ({ taskId }) => taskId === next.id);
  expect([isRunning(pid), isRunning(child)]).toEqual([false, false]);
  expect(await scene.tagged()).toEqual([]);
  expect((await client.call('task.list', { status: 'cancelled' })).tasks.map(({ id }) => id)).toEqual([task.id]);
});

test('a task that is cancelled while its worktree is made, or in the moment of its claim, never starts an agent', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const mark = join(scene.folder, 'ran');
  const early = await addTask(client, `touch ${mark}`, { priority: 2 });
  const late = await addTask(client, `touch ${mark}`, { priority: 1 });
  const last = await addTask(client, 'echo last > last.txt');
  const started = client.call('session.start', {});
  const cancelled = client.call('task.cancel', { task: early.id });
  await Promise.all([started, cancelled]);
  // The claim is told before its promise resolves: the cancel comes in that very moment.
  await client.until('task.claimed', ({ taskId }) => taskId === late.id);
  await client.call('task.cancel', { task: late.id });
  await client.until('task.completed', ({ taskId }) => taskId === last.id);
  const { tasks } = await client.call('task.list', { status: 'cancelled' });
  expect(tasks.map(({ id }) => id).sort()).toEqual([early.id, late.id].sort());
  expect(scene.logged.filter((line) => line.includes(`work on ${early.id}`))).toEqual([]);
});

test('a task is cancelled while its landing is tested, and while it waits for that; the next one lands', async () => {
  const gate = 'gate';
  scene = new Scene({ workers: 2 });
  const up = scene.gate(gate);
  await scene.start();
  const client = await scene.watch();
  const tested = await addTask(client, 'echo a > a.txt', { testCommand: `echo up > ${up.path}; sleep 1000` });
  await client.call('session.start', { workers: 2 });
  expect(await up.heard()).toBe('up');
  const queued = await addTask(client, 'echo b > b.txt');
  await client.until('task.submitted', ({ taskId }) => taskId === queued.id);
  const free = await addTask(client, 'echo c > c.txt');
  await client.call('task.cancel', { task: queued.id });
  // Its worker is free although the lane is still busy.
  await client.until('task.submitted', ({ taskId }) => taskId === free.id);
  await client.call('task.cancel', { task: tested.id });
  await client.until('task.completed', ({ taskId }) => taskId === free.id);
  expect(scene.git('ls-tree', '--name-only', 'main').split('\n')).toEqual(['base.txt', 'c.txt']);
});

test('a task that backs off can be cancelled and is not tried again', async () => {
  scene = new Scene({ retry: { maxAttempts: 3, baseDelay: 300_000, maxDelay: 600_000 } });
  await scene.start();
  const client = await scene.watch();
  const task = await addTask(client, 'exit 1');
  await client.call('session.start', { untilDone: true });
  await client.until('task.attempt-failed');
  await client.call('task.cancel', { task: task.id });
  await client.until('session.stopped');
  expect(client.events.filter(({ event }) => event.type === 'task.claimed')).toHaveLength(1);
});

test('a conflict goes back once to a new process of the same agent, then waits as blocked; others land', async () => {
  scene = new Scene({ workers: 2 });
  await scene.start();
  const client = await scene.watch();
  const gate = scene.gate('go');
  const blocked = await addTask(client, `cat ${gate.path}; echo mine > base.txt`);
  await client.call('session.start', { workers: 2 });
  const other = await addTask(client, 'echo theirs > base.txt');
  await client.until('task.completed', ({ taskId }) => taskId === other.id);
  await gate.pass();
  await client.until('landing.returned');
  await gate.pass();
  const { reason } = await client.until('task.blocked');
  expect(reason).toMatchObject({ code: 'conflict' });
  const after = await addTask(client, 'echo after > after.txt');
  await client.until('task.completed', ({ taskId }) => taskId === after.id);
  expect(scene.git('show', 'main:base.txt')).toBe('theirs');
  expect(scene.git('show', `drover/${blocked.id}:base.txt`)).toBe('mine');
});

test('stop lets a running agent finish and claims nothing more; fewer workers than tasks at work end one by one', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const gates = [scene.gate('g1'), scene.gate('g2')];
  const [one, two] = await Promise.all(
    gates.map((gate, at) => addTask(client, `cat ${gate.path}; echo x > ${at}.txt`)),
  );
  await client.call('session.start', { workers: 2 });
  for (const task of [one, two]) await client.until('task.claimed', ({ taskId }) => taskId === task?.id);
  await client.call('session.start', { workers: 1 });
  const third = await addTask(client, 'echo third > third.txt');
  await client.call('session.stop', {});
  for (const gate of gates) await gate.pass();
  for (const task of [one, two]) await client.until('task.completed', ({ taskId }) => taskId === task?.id);
  const claims = () => client.events.flatMap(({ event }) => (event.type === 'task.claimed' ? [event] : []));
  // Their worktrees are made ready side by side: either may be claimed first.
  expect(
    claims()
      .map(({ worker }) => worker)
      .sort(),
  ).toEqual([1, 2]);
  await client.call('session.start', { workers: 1 });
  await client.until('task.completed', ({ taskId }) => taskId === third.id);
  expect(claims().at(-1)).toMatchObject({ taskId: third.id, worker: 1 });
});
