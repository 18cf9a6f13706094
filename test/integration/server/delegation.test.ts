// Owns the tests of delegation with real agents' processes: sub-tasks that are waited for with one worker, work that comes back, division, research.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Task } from '../../../src/domain/task.ts';
import { addTask, Scene, type Watcher } from './scene.ts';

// The rehearsal agent and the MCP server are programs: those that were built.
vi.mock('../../../src/config/installation.ts', async (original) => ({
  ...(await original<object>()),
  MAIN: new URL('../../../dist/main.cjs', import.meta.url).pathname,
}));

let scene: Scene;
let client: Watcher;
afterEach(() => scene.closeSoundly());

async function begin(config: ConstructorParameters<typeof Scene>[0] = {}): Promise<void> {
  scene = new Scene({ agent: 'rehearsal', workers: 1, ...config });
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
  await scene.start();
  client = await scene.watch();
}

const script = (...steps: unknown[]): string => `\`\`\`rehearsal\n${JSON.stringify(steps)}\n\`\`\``;
const edit = (file: string): unknown => ({ edit: { file, content: `${file}\n` } });
const create = (title: string, description: string, more: object = {}): unknown => ({
  call: { tool: 'create_subtask', title, description, ...more },
});
const done = { complete: 'done' };
const waiting = { waitForCompletion: true };
const find = async (title: string): Promise<Task> => {
  const { tasks } = await client.call('task.list', {});
  const task = tasks.find((each) => each.title === title);
  if (task === undefined) throw new Error(`no task ${title}`);
  return task;
};
const conversationOf = (id: string): string => {
  const claimed = client.events.find(({ event }) => event.type === 'task.claimed' && event.taskId === id)?.event;
  if (claimed?.type !== 'task.claimed') throw new Error(`${id} was not claimed`);
  return readFileSync(join(scene.folder, 'state', 'drover-rehearsal', `${claimed.conversationId}.jsonl`), 'utf8');
};

describe('a parent that waits', () => {
  test('with one worker and three levels: each gets the work of the one below it, and all land', async () => {
    await begin();
    const bottom = script(edit('3.txt'), done);
    const third = script(create('Third', bottom, waiting), { run: 'cat 3.txt >> 2.txt' }, done);
    const second = script(create('Second', third, waiting), { run: 'cat 2.txt > 1.txt' }, done);
    const { id } = await addTask(client, 'First', { description: second });
    await client.call('session.start', { untilDone: true });
    await client.until('session.stopped');
    const { tasks } = await client.call('task.list', {});
    expect(tasks.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    expect(scene.git('show', 'main:1.txt')).toBe('3.txt');
    expect(conversationOf(id)).toContain('Its work is part of your branch now.');
    const most = client.events.filter(({ event }) => event.type === 'task.awaiting');
    expect(most).toHaveLength(2);
    expect([...(await client.call('pane.list', {})).panes].map(({ pane }) => pane)).toEqual(
      expect.arrayContaining([1, 2, 3]),
    );
  });

  test('shows in its pane what it waits for', async () => {
    await begin();
    const gate = scene.gate('gate');
    scene.write('wait.sh', `cat "${gate.path}"\n`);
    scene.git('add', '-A');
    scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'second');
    const child = script({ run: 'sh wait.sh' }, edit('child.txt'), done);
    await addTask(client, 'Parent', { description: script(create('Child', child, waiting), done) });
    await client.call('session.start', { untilDone: true });
    const { detail } = await client.until('run.state-changed', ({ state }) => state === 'gated');
    expect(detail).toBe(`waits for ${(await find('Child')).id}`);
    await gate.pass();
    await client.until('session.stopped');
  });
});

test('a sub-task that is not waited for: its end is told at the next boundary, before the parent is handed in', async () => {
  await begin({ workers: 2 });
  const gate = scene.gate('gate');
  scene.write('wait.sh', `cat "${gate.path}"\n`);
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'second');
  const steps = [create('Child', script(edit('child.txt'), done)), { run: 'sh wait.sh' }, edit('parent.txt'), done];
  const parent = await addTask(client, 'Parent', { description: script(...steps) });
  await client.call('session.start', { untilDone: true });
  const child = await client.until('task.created', ({ task }) => task.title === 'Child');
  await client.until('task.completed', ({ taskId }) => taskId === child.task.id);
  await gate.pass();
  await client.until('guidance.acknowledged', undefined);
  await client.until('session.stopped');
  expect(conversationOf(parent.id)).toContain(`The sub-task ${child.task.id} \\"Child\\" is completed and has landed`);
  expect(scene.git('show', 'main:child.txt', 'main:parent.txt')).toBe('child.txt\nparent.txt');
});

test('a divided task is completed when its parts are, in their order', async () => {
  await begin({ workers: 2 });
  const suggestedSubtasks = [
    { title: 'First half', description: script(edit('half.txt'), done), estimatedComplexity: 'small' },
    { title: 'Second half', description: script({ run: 'cat half.txt > whole.txt' }, done), dependsOn: ['First half'] },
  ];
  const steps = [{ call: { tool: 'signal_decomposition', reason: 'too large', suggestedSubtasks } }];
  const parent = await addTask(client, 'Large', { description: script(...steps) });
  await client.call('session.start', { untilDone: true });
  const { decomposition } = await client.until('task.decomposed');
  expect(decomposition.reason).toBe('too large');
  await client.until('session.stopped');
  expect((await find('Large')).status).toBe('completed');
  expect(scene.git('show', 'main:whole.txt')).toBe('half.txt');
  expect(client.events.filter(({ event }) => event.type === 'task.claimed' && event.taskId === parent.id)).toHaveLength(
    1,
  );
});

test('research: nothing is written, the findings are stored and given to whom they are for', async () => {
  await begin();
  const findings = [{ summary: 'The greeting is in README', relevance: 0.9, sourceRef: 'README.md:1' }];
  const steps = [edit('no.txt'), { call: { tool: 'record_findings', findings, sources: ['README.md'] } }, done];
  const research = await addTask(client, 'Where is it?', { type: 'research', description: script(...steps) });
  const user = await addTask(client, 'Use it', {
    description: script(edit('yes.txt'), done),
    blockedBy: [research.id],
  });
  await client.call('session.start', { untilDone: true });
  await client.until('session.stopped');
  const { task } = await client.call('task.show', { task: research.id });
  expect(task).toMatchObject({
    status: 'completed',
    landedCommit: null,
    research: { findings, sources: ['README.md', 'README.md:1'] },
  });
  expect(conversationOf(research.id)).toContain('a research task changes nothing');
  expect(scene.git('ls-tree', '--name-only', 'main').split('\n')).not.toContain('no.txt');
  expect(existsSync(join(scene.paths.dataHome, 'worktrees', 'worktree-1', 'no.txt'))).toBe(false);
  expect(conversationOf(user.id)).toContain('[0.9] The greeting is in README (README.md:1)');
});

test('an agent sees and changes its own sub-tasks only', async () => {
  await begin();
  const other = await addTask(client, 'Other');
  const steps = [{ call: { tool: 'check_subtask_status', taskId: other.id } }, { call: { tool: 'list_tasks' } }, done];
  const { id } = await addTask(client, 'Mine', { description: script(...steps), priority: 1 });
  await client.call('session.start', {});
  await client.until('task.completed', ({ taskId }) => taskId === id);
  expect(conversationOf(id)).toContain(`${other.id} is no sub-task of ${id}`);
  expect(conversationOf(id)).not.toContain('Other');
});
