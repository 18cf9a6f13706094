// Owns the tests of waiting that does not go as meant: it is broken off, paused, cancelled; the sub-task is blocked or cancelled, or what it has landed does not fit.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { fromRecord } from '../../../src/domain/snapshot.ts';
import type { Task } from '../../../src/domain/task.ts';
import { addTask, type Gate, Scene, type Watcher } from './scene.ts';

// The rehearsal agent and the MCP server are programs: those that were built.
vi.mock('../../../src/config/installation.ts', async (original) => ({
  ...(await original<object>()),
  MAIN: new URL('../../../dist/main.cjs', import.meta.url).pathname,
}));

let scene: Scene;
let client: Watcher;
afterEach(() => scene.closeSoundly());

async function begin(config: ConstructorParameters<typeof Scene>[0] = {}): Promise<void> {
  scene = new Scene({ agent: 'rehearsal', workers: 1, pauseGrace: 600_000, ...config });
  scene.write('wait.sh', `for name; do cat "${scene.folder}/$name"; done\n`);
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'second');
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
  await scene.start();
  client = await scene.watch();
}

const script = (...steps: unknown[]): string => `\`\`\`rehearsal\n${JSON.stringify(steps)}\n\`\`\``;
const edit = (file: string, content = `${file}\n`): unknown => ({ edit: { file, content } });
const wait = (gate: Gate): object => ({ run: `sh wait.sh ${basename(gate.path)}` });
const done = { complete: 'done' };
const waits = (description: string): unknown => ({
  call: { tool: 'create_subtask', title: 'Child', description, waitForCompletion: true },
});
const asksAgain = { call: { tool: 'check_subtask_status', waitForCompletion: true } };

/** A parent that waits for a child which stands at a gate. */
async function waiting(childSteps: (gate: Gate) => unknown[], parentSteps: unknown[]): Promise<[Task, Task, Gate]> {
  const gate = scene.gate('gate');
  const description = script(waits(script(...childSteps(gate))), ...parentSteps);
  const parent = await addTask(client, 'Parent', { description });
  await client.call('session.start', { untilDone: true });
  const { task: child } = await client.until('task.created', ({ task }) => task.parentId === parent.id);
  await client.until('run.state-changed', ({ detail }) => detail === `waits for ${child.id}`);
  return [parent, child, gate];
}

const shown = async ({ id }: Task): Promise<Task> => (await client.call('task.show', { task: id })).task;
const claimOf = ({ id }: Task): { conversationId: string; worktreeId: string } => {
  const claimed = client.events.find(({ event }) => event.type === 'task.claimed' && event.taskId === id)?.event;
  if (claimed?.type !== 'task.claimed') throw new Error(`${id} was not claimed`);
  return claimed;
};
const conversationOf = (task: Task): string =>
  readFileSync(join(scene.folder, 'state', 'drover-rehearsal', `${claimOf(task).conversationId}.jsonl`), 'utf8');
const paneOf = async ({ id }: Task): Promise<number> => {
  const { panes } = await client.call('pane.list', {});
  const pane = panes.find(({ taskId }) => taskId === id);
  if (pane === undefined) throw new Error(`${id} has no pane`);
  return pane.pane;
};
async function endsSound(): Promise<void> {
  await client.until('session.stopped');
  const { state } = await client.call('events.subscribe', {});
  expect(state && checkInvariants(fromRecord(state))).toEqual([]);
}

describe('a parent that waits', () => {
  test('goes on when a person presses Escape in its pane, and hears of the end of its sub-task as guidance', async () => {
    await begin();
    const [parent, child, gate] = await waiting(
      (at) => [wait(at), edit('child.txt'), done],
      [edit('parent.txt'), done],
    );
    const [person, pane] = [await scene.connect(), await paneOf(parent)];
    await person.call('pane.view', { panes: [{ pane, cols: 80, rows: 24 }], focused: pane });
    person.sendInput(pane, Buffer.from('\x1b'));
    await client.until('task.await-ended', ({ taskId }) => taskId === parent.id);
    await client.until('run.state-changed', ({ state }) => state === 'interrupted');
    const { attention } = await client.call('status.get', {});
    expect(attention).toMatchObject([{ task: { id: parent.id }, reason: expect.stringMatching(/^waits for you: ./) }]);
    expect((await shown(child)).status).toBe('in_progress');
    await gate.pass();
    await client.until('guidance.acknowledged');
    await endsSound();
    expect(conversationOf(parent)).toContain(`The sub-task ${child.id} \\"Child\\" is completed and has landed`);
    expect(scene.git('show', 'main:child.txt', 'main:parent.txt')).toBe('child.txt\nparent.txt');
  });

  test('is paused at once, its sub-task goes on, and it goes on with the result', async () => {
    await begin();
    const [parent, child, gate] = await waiting(
      (at) => [wait(at), edit('child.txt'), done],
      [asksAgain, edit('parent.txt'), done],
    );
    await client.call('task.pause', { task: parent.id });
    await client.until('task.paused', ({ taskId }) => taskId === parent.id);
    expect(await shown(parent)).toMatchObject({ status: 'paused', awaits: [] });
    await gate.pass();
    await client.until('task.completed', ({ taskId }) => taskId === child.id);
    await client.call('task.resume', { task: parent.id });
    await client.call('session.start', { untilDone: true });
    await client.until('task.completed', ({ taskId }) => taskId === parent.id);
    expect(conversationOf(parent)).toContain('Its work is part of your branch now.');
    expect(scene.git('show', 'main:child.txt', 'main:parent.txt')).toBe('child.txt\nparent.txt');
  });

  test('is cancelled with its sub-task: both agents are ended and both worktrees given back', async () => {
    await begin();
    const [parent, child] = await waiting((at) => [wait(at), done], [done]);
    await client.call('task.cancel', { task: parent.id });
    await client.until('task.cancelled', ({ taskId }) => taskId === child.id);
    for (const task of [parent, child])
      await client.until('worktree.released', ({ worktreeId }) => worktreeId === claimOf(task).worktreeId);
    await endsSound();
    expect(await scene.tagged()).toEqual([]);
    expect(await shown(parent)).toMatchObject({ status: 'cancelled', awaits: [] });
  });
});

describe('a sub-task that is waited for', () => {
  test('is blocked, which its parent waits through, and retried', async () => {
    await begin();
    const once = { complete: { verdict: 'blocked', summary: 'Which colour?' } };
    const [parent, child, gate] = await waiting((at) => [wait(at), once], [edit('parent.txt'), done]);
    await gate.pass();
    await client.until('task.blocked', ({ taskId }) => taskId === child.id);
    expect(await shown(parent)).toMatchObject({ status: 'in_progress', awaits: [child.id] });
    expect((await client.call('task.why', { task: parent.id })).why.join(' ')).toContain(child.id);
    await client.call('task.edit', { task: child.id, changes: { description: script(edit('child.txt'), done) } });
    await client.call('task.retry', { task: child.id });
    await endsSound();
    expect(conversationOf(parent)).toContain('Its work is part of your branch now.');
    expect(conversationOf(parent)).not.toContain('Operator guidance');
  });

  test('is cancelled by a person: the parent is told so and goes on', async () => {
    await begin();
    const [parent, child] = await waiting((at) => [wait(at), done], [edit('parent.txt'), done]);
    await client.call('task.cancel', { task: child.id });
    await endsSound();
    expect(conversationOf(parent)).toContain('\\"status\\": \\"cancelled\\"');
    expect((await shown(parent)).status).toBe('completed');
  });

  test('fails: the parent is told why and goes on', async () => {
    await begin();
    const fails = { complete: { verdict: 'fail', summary: 'There is no such door' } };
    const [parent, , gate] = await waiting((at) => [{ ...wait(at), attempt: 1 }, fails], [edit('parent.txt'), done]);
    await gate.pass();
    await endsSound();
    expect(conversationOf(parent)).toContain('There is no such door');
    expect((await shown(parent)).status).toBe('completed');
  });

  test('has changed what its parent has changed too: nothing is changed in the parent, which is told of the file and the command', async () => {
    await begin();
    const gate = scene.gate('gate');
    const child = script(edit('base.txt', 'of the child\n'), done);
    const parentSteps = [
      edit('base.txt', 'of the parent\n'),
      waits(child),
      { run: `git status --porcelain > status.txt; cat base.txt >> status.txt` },
      wait(gate),
    ];
    const parent = await addTask(client, 'Parent', { description: script(...parentSteps) });
    await client.call('session.start', {});
    await client.until('task.await-ended');
    await gate.pass();
    const landed = client.events.find(({ event }) => event.type === 'task.completed')?.event;
    const commit = landed?.type === 'task.completed' ? landed.commit : '';
    const path = join(scene.paths.dataHome, 'worktrees', claimOf(parent).worktreeId, 'status.txt');
    expect(readFileSync(path, 'utf8')).toBe(' M base.txt\n?? status.txt\nof the parent\n');
    const said = conversationOf(parent);
    expect(said).toContain('could not be merged into your worktree');
    expect(said).toContain('base.txt');
    expect(said).toContain(`git merge ${commit}`);
    expect(scene.git('show', 'main:base.txt')).toBe('of the child');
  });
});
