// Owns the tests of what a task changes, as the server tells it: while it runs, once it has landed, when nothing was done.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { addTask, Scene } from './scene.ts';

let scene: Scene;
afterEach(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
});

/** A server, a client, and an agent that can be held between two gates; `runs` is the title under which it runs these lines. */
async function setGated(config: ConstructorParameters<typeof Scene>[0] = {}) {
  scene = new Scene(config);
  await scene.start();
  const client = await scene.watch();
  const runs = (lines: readonly string[]): string => {
    const program = join(scene.folder, 'program');
    writeFileSync(program, lines.join('\n'));
    return `. ${program}`;
  };
  return { client, begun: scene.gate('begun'), go: scene.gate('go'), runs };
}

test('a landed task shows what it brought, and not what landed before it', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const first = await addTask(client, 'echo one > one.txt');
  const second = await addTask(client, 'echo two > two.txt; echo more >> base.txt', { blockedBy: [first.id] });
  await client.call('session.start', { untilDone: true });
  await client.until('session.stopped');
  const diff = await client.call('task.diff', { task: second.id });
  expect(diff.isCut).toBe(false);
  expect(diff.text).toContain('+++ b/two.txt');
  expect(diff.text).toMatch(/^ base\n\+more$/m);
  expect(diff.text).not.toContain('one.txt');
  expect((await client.call('task.diff', { task: first.id })).text).toMatch(/^\+one$/m);
  const { events } = await client.call('events.recent', { limit: 5 });
  // The pool goes on meanwhile.
  const until = client.events.filter(({ seq }) => seq <= (events.at(-1)?.seq ?? 0));
  expect(events.map(({ seq }) => seq)).toEqual(until.slice(-5).map(({ seq }) => seq));
});

test('what its agent merged of the base branch is not shown as its own', async () => {
  const { client, begun, go, runs } = await setGated({ workers: 2 });
  const lines = [
    'echo one > one.txt; git add -A; git commit -qm mine',
    `echo > ${begun.path}; cat ${go.path}`,
    'git merge -q --no-edit main; echo own >> one.txt; exit 1',
  ];
  const task = await addTask(client, runs(lines), { maxAttempts: 1 });
  await client.call('session.start', { untilDone: true });
  await begun.heard();
  await addTask(client, 'echo theirs > theirs.txt');
  await client.until('task.completed');
  await go.pass();
  await client.until('task.failed');
  const { text } = await client.call('task.diff', { task: task.id });
  expect(text).toMatch(/^\+one$/m);
  expect(text).not.toContain('theirs');
  const { commits } = await client.call('task.show', { task: task.id });
  expect(commits.map(({ subject }) => subject).join(' ')).toContain('mine');
  expect(commits.map(({ subject }) => subject).join(' ')).not.toContain('theirs');
});

test('a running task shows what is not committed, and its index stays as the agent has it', async () => {
  const { client, begun, go, runs } = await setGated();
  const lines = [
    'echo one > one.txt; git add -A; git commit -qm one',
    'echo two > two.txt; echo more >> base.txt; git add two.txt',
    `git status --porcelain > ${scene.folder}/before`,
    `echo > ${begun.path}; cat ${go.path}`,
    `git status --porcelain > ${scene.folder}/after`,
  ];
  const task = await addTask(client, runs(lines));
  await client.call('session.start', { untilDone: true });
  await begun.heard();
  const diff = await client.call('task.diff', { task: task.id });
  expect(diff.hasUncommitted).toBe(true);
  expect(diff.text).toMatch(/^\+one$/m);
  expect(diff.text).toMatch(/^\+two$/m);
  expect(diff.text).toMatch(/^ base\n\+more$/m);
  await go.pass();
  await client.until('session.stopped');
  const [before, after] = ['before', 'after'].map((name) => readFileSync(join(scene.folder, name), 'utf8'));
  expect(before).toBe(' M base.txt\nA  two.txt\n');
  expect(after).toBe(before);
  expect((await client.call('task.diff', { task: task.id })).hasUncommitted).toBe(false);
});

test('a failed task shows what was kept of it; configuration and attributes start no program', async () => {
  scene = new Scene({ retry: { maxAttempts: 1, baseDelay: 1, maxDelay: 2 } });
  const mark = join(scene.folder, 'ran');
  const tool = join(scene.folder, 'tool.sh');
  writeFileSync(tool, `#!/bin/sh\ntouch ${mark}\ncat "$1"\n`, { mode: 0o755 });
  scene.git('config', 'diff.evil.textconv', tool);
  scene.git('config', 'diff.evil.command', tool);
  scene.git('config', 'diff.external', tool);
  scene.write('.gitattributes', '* diff=evil\n');
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'attributes');
  await scene.start();
  const client = await scene.watch();
  const task = await addTask(client, 'echo half > half.txt; git add -A; git commit -qm half; exit 3', {
    maxAttempts: 1,
  });
  const never = await addTask(client, 'true', { blockedBy: [task.id] });
  await client.call('session.start', { untilDone: true });
  await client.until('task.failed');
  expect((await client.call('task.diff', { task: task.id })).text).toMatch(/^\+half$/m);
  const refused = await client.call('task.diff', { task: never.id }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RefusalError);
  expect(refused).toMatchObject({ refusal: { code: 'nothing-to-do' } });
  expect(existsSync(mark)).toBe(false);
});

test('a difference over 1 MB is cut at a whole line', async () => {
  scene = new Scene();
  await scene.start();
  const client = await scene.watch();
  const task = await addTask(client, 'seq 1 300000 > long.txt');
  await client.call('session.start', { untilDone: true });
  await client.until('session.stopped');
  const { text, isCut } = await client.call('task.diff', { task: task.id });
  expect(isCut).toBe(true);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
  expect(text).toMatch(/\n\+\d+\n$/);
});
