// Owns the tests of pausing with a real agent's process: it stops at a safe point, its work and its worktree stay, and the same conversation goes on.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Task } from '../../../src/domain/task.ts';
import { isRunning } from '../git/scene.ts';
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
  scene = new Scene({ agent: 'rehearsal', pauseGrace: 600_000, ...config });
  // What lies outside of the worktree is asked about when a command names it.
  scene.write('wait.sh', `for name; do cat "${scene.folder}/$name"; done\n`);
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'second');
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
  await scene.start();
  client = await scene.watch();
}

const scripted = (...steps: unknown[]): { description: string } => ({
  description: `\`\`\`rehearsal\n${JSON.stringify(steps)}\n\`\`\``,
});
const edit = (file: string, content = `${file}\n`): unknown => ({ edit: { file, content } });
const wait = (...gates: Gate[]): unknown => ({
  run: `sh wait.sh ${gates.map(({ path }) => basename(path)).join(' ')}`,
});
const shown = async ({ id }: Task): Promise<Task> => (await client.call('task.show', { task: id })).task;
const conversationOf = (): string => {
  const claimed = client.events.find(({ event }) => event.type === 'task.claimed')?.event;
  if (claimed?.type !== 'task.claimed') throw new Error('nothing was claimed');
  return join(scene.folder, 'state', 'drover-rehearsal', `${claimed.conversationId}.jsonl`);
};
const worktree = (): string => join(scene.paths.dataHome, 'worktrees', 'worktree-1');

/** A task whose agent has edited half.txt and waits in the second of two tools; and what lets that one go on. */
async function halfDone(more: unknown[] = [edit('whole.txt'), { complete: 'done' }]): Promise<[Task, Gate]> {
  const [first, second] = [scene.gate('first'), scene.gate('second')];
  const task = await addTask(client, 'Write both', scripted(edit('half.txt'), wait(first, second), ...more));
  await client.call('session.start', {});
  await first.pass();
  return [task, second];
}

async function halfPaused(): Promise<Task> {
  const [task, tool] = await halfDone();
  await client.call('task.pause', { task: task.id });
  await tool.pass();
  await client.until('task.paused');
  return task;
}

describe('a working agent', () => {
  test('stops at its safe point and goes on in the same conversation and worktree, told that the base moved', async () => {
    await begin();
    const [task, tool] = await halfDone();
    const asked = await client.call('task.pause', { task: task.id });
    expect(asked.tasks[0]).toMatchObject({
      status: 'in_progress',
      pause: { phase: 'asked', by: 'ann@example.invalid' },
    });
    const { pid } = await client.until('run.started');
    await tool.pass();
    const { work } = await client.until('task.paused');
    expect(isRunning(pid)).toBe(false);
    expect(await scene.tagged()).toEqual([]);
    expect(scene.git('show', `${work?.kept?.ref}:half.txt`)).toBe('half.txt');
    expect(scene.git('rev-parse', `${work?.kept?.ref}`)).toBe(work?.kept?.commit);
    expect(readFileSync(join(worktree(), 'half.txt'), 'utf8')).toBe('half.txt\n');
    expect(existsSync(join(worktree(), 'whole.txt'))).toBe(false);
    expect(await shown(task)).toMatchObject({ status: 'paused', attempts: 1, pause: { by: 'ann@example.invalid' } });
    // The worker is free, and the worktree is not.
    await addTask(client, 'Another', scripted(edit('other.txt'), { complete: 'done' }));
    await client.until('task.completed', ({ taskId }) => taskId !== task.id);
    expect(existsSync(join(worktree(), 'half.txt'))).toBe(true);
    await client.call('task.resume', { task: task.id });
    await client.until('task.completed', ({ taskId }) => taskId === task.id);
    expect(await shown(task)).toMatchObject({ attempts: 1, pause: null });
    expect(scene.git('show', 'main:half.txt', 'main:whole.txt', 'main:other.txt')).toBe(
      'half.txt\nwhole.txt\nother.txt',
    );
    const said = readFileSync(conversationOf(), 'utf8');
    expect(said).toContain('half.txt');
    expect(said).toContain('You were paused');
    expect(said).toContain('has got 2 commits meanwhile');
    expect(client.events.filter(({ event }) => event.type === 'run.resumed')).toHaveLength(1);
  });

  test('is interrupted when the grace time is over, and what it had started is ended', async () => {
    await begin({ pauseGrace: 10 });
    const [task] = await halfDone();
    await client.call('task.pause', { task: task.id });
    await client.until('task.paused');
    expect(await scene.tagged()).toEqual([]);
    expect(readFileSync(conversationOf(), 'utf8')).toContain('[Request interrupted by user for tool use]');
    expect(await shown(task)).toMatchObject({ status: 'paused', attempts: 1 });
  });

  test('is interrupted at once with isNow, also when it was asked before', async () => {
    await begin();
    const [task] = await halfDone();
    await client.call('task.pause', { task: task.id });
    await client.call('task.pause', { task: task.id, isNow: true });
    await client.until('task.paused');
    await client.call('task.resume', { task: task.id });
    await client.until('task.completed');
    expect(scene.git('show', 'main:whole.txt')).toBe('whole.txt');
  });

  test('goes on when the pause is called off before its safe point', async () => {
    await begin();
    const [task, tool] = await halfDone();
    await client.call('task.pause', { task: task.id });
    expect((await client.call('task.resume', { task: task.id })).tasks[0]?.pause).toBeNull();
    await tool.pass();
    await client.until('task.completed');
    expect(client.events.map(({ event }) => event.type)).not.toContain('task.paused');
  });

  test('that asks a person is paused at once, and asks again', async () => {
    await begin();
    const ask = { ask: { question: 'Which?', options: ['one', 'two'] } };
    const task = await addTask(client, 'Ask', scripted(edit('half.txt'), ask, { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('run.state-changed', ({ state }) => state === 'needs-input');
    await client.call('task.pause', { task: task.id });
    await client.until('task.paused');
    await client.call('task.resume', { task: task.id });
    await client.until('run.resumed');
    const { runId } = await shown(task);
    await client.until('run.state-changed', (event) => event.runId === runId && event.state === 'needs-input');
  });

  test('whose turn has ended is paused at once', async () => {
    await begin();
    const task = await addTask(
      client,
      'Stop',
      scripted(edit('half.txt'), 'end-turn', 'end-turn', { complete: 'done' }),
    );
    await client.call('session.start', {});
    await client.until('run.state-changed', ({ state }) => state === 'needs-input');
    await client.call('task.pause', { task: task.id });
    await client.until('task.paused');
    await client.call('task.resume', { task: task.id });
    await client.until('task.completed');
  });

  test('can be asked in the moment of its start', async () => {
    await begin();
    const gate = scene.gate('first');
    const task = await addTask(client, 'Start', scripted(wait(gate), { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('task.claimed');
    await client.call('task.pause', { task: task.id, isNow: true });
    await client.until('task.paused');
    expect(await shown(task)).toMatchObject({ status: 'paused', attempts: 1 });
    await client.call('task.resume', { task: task.id });
    await gate.pass();
    await client.until('task.completed');
  });

  test('that fails while it is asked to pause leaves a paused task', async () => {
    await begin({ retry: { maxAttempts: 2, baseDelay: 1, maxDelay: 2 } });
    const [task, tool] = await halfDone(['crash']);
    const started = await client.until('run.started');
    await client.call('task.pause', { task: task.id });
    process.kill(started.pid, 'SIGKILL');
    await client.until('task.attempt-failed');
    await client.until('task.paused');
    await client.until('worktree.released');
    expect(await shown(task)).toMatchObject({ status: 'paused', pause: { work: null } });
    void tool;
  });
});

describe('a task without an agent', () => {
  test('is paused in the queue and goes back to it', async () => {
    await begin();
    const task = await addTask(client, 'Later', scripted({ complete: 'done' }));
    await client.call('task.pause', { task: task.id });
    await client.call('session.start', {});
    const other = await addTask(client, 'Now', scripted(edit('other.txt'), { complete: 'done' }));
    await client.until('task.completed', ({ taskId }) => taskId === other.id);
    expect(await shown(task)).toMatchObject({ status: 'paused', pause: { phase: 'paused', work: null } });
    await expect(client.call('task.pause', { task: task.id })).rejects.toThrow(/paused already/);
    await client.call('task.resume', { task: task.id });
    await client.until('task.completed', ({ taskId }) => taskId === task.id);
  });

  test('that lands is not paused, and says so', async () => {
    await begin();
    const up = scene.gate('up');
    const line = { ...scripted(edit('half.txt'), { complete: 'done' }), testCommand: `cat ${up.path}` };
    const task = await addTask(client, 'Land', line);
    await client.call('session.start', {});
    await client.until('landing.changed', ({ phase }) => phase === 'testing');
    await expect(client.call('task.pause', { task: task.id })).rejects.toThrow(/on its way to the base branch/);
    await up.pass();
    await client.until('task.completed');
  });

  test('of a command is not paused, because it could not go on', async () => {
    await begin({ agent: 'command' });
    const up = scene.gate('up');
    const task = await addTask(client, `echo up > ${up.path}; sleep 1000`);
    await client.call('session.start', {});
    await up.heard();
    await expect(client.call('task.pause', { task: task.id })).rejects.toThrow(/keeps no conversation/);
  });
});

describe('a paused task', () => {
  test('stays paused over a restart, with its worktree, and goes on', async () => {
    await begin();
    const task = await halfPaused();
    await scene.stop();
    await scene.start();
    client = await scene.watch();
    await client.call('session.start', {});
    const other = await addTask(client, 'Another', scripted(edit('other.txt'), { complete: 'done' }));
    await client.until('task.completed', ({ taskId }) => taskId === other.id);
    expect(readFileSync(join(worktree(), 'half.txt'), 'utf8')).toBe('half.txt\n');
    await client.call('task.resume', { task: task.id });
    await client.until('task.completed', ({ taskId }) => taskId === task.id);
    expect(scene.git('show', 'main:whole.txt')).toBe('whole.txt');
  });

  test('that was only asked for when its server ended is paused by the next one', async () => {
    await begin();
    const [task] = await halfDone();
    await client.call('task.pause', { task: task.id });
    await scene.stop();
    await scene.start();
    client = await scene.watch();
    const after = await shown(task);
    expect(after).toMatchObject({ status: 'paused', attempts: 1 });
    expect(after.pause?.work?.kept).not.toBeNull();
  });

  test('tells its agent which files somebody changed meanwhile', async () => {
    await begin();
    const task = await halfPaused();
    const conversation = conversationOf();
    writeFileSync(join(worktree(), 'half.txt'), 'changed\n');
    await client.call('task.resume', { task: task.id });
    await client.until('task.completed');
    expect(readFileSync(conversation, 'utf8')).toMatch(/changed during the pause, not by you:(\\n)+> half\.txt/);
  });

  test('goes on with the hint that it is resumed with', async () => {
    await begin();
    const task = await halfPaused();
    const conversation = conversationOf();
    const resume = client.call('task.resume', { isAll: true, hint: 'To all of you' });
    await expect(resume).rejects.toThrow(/for one task/);
    await expect(client.call('task.resume', { task: task.id, hint: ' ' })).rejects.toThrow(/empty/);
    expect((await shown(task)).status).toBe('paused');
    await client.call('task.resume', { task: task.id, hint: 'Use the auth middleware' });
    await client.until('guidance.acknowledged');
    await client.until('task.completed');
    expect(readFileSync(conversation, 'utf8')).toMatch(/from ann\): Use the auth middleware/);
    const { via } = await client.until('guidance.shown');
    expect(via).toBe('prompt');
  });

  test('whose worktree was taken to another commit is blocked with both commits', async () => {
    await begin();
    const task = await halfPaused();
    const { work } = await client.until('task.paused');
    scene.git('-C', worktree(), 'checkout', '-q', '--detach', '--force', 'main~1');
    await client.call('task.resume', { task: task.id });
    const { reason } = await client.until('task.blocked');
    expect(reason.code).toBe('worktree-damaged');
    expect(reason.message).toContain(`which does not hold ${work?.kept?.head.slice(0, 10)}`);
    await client.until('worktree.released');
    expect(scene.git('show', `${work?.kept?.ref}:half.txt`)).toBe('half.txt');
  });

  test('whose worktree is gone is blocked with what it was, and begins again from the kept commit', async () => {
    await begin();
    const task = await halfPaused();
    rmSync(worktree(), { recursive: true });
    await client.call('task.resume', { task: task.id });
    const { reason } = await client.until('task.blocked');
    expect(reason).toMatchObject({ code: 'worktree-damaged' });
    expect(reason.message).toContain(`drover retry ${task.id}`);
    await client.until('worktree.released');
    await client.call('task.retry', { task: task.id });
    await client.until('task.claimed', ({ attempt }) => attempt === 1);
    // Its tools wait once more.
    await scene.gateAgain('first').pass();
    await scene.gateAgain('second').pass();
    await client.until('task.completed');
    expect(scene.git('show', 'main:whole.txt', 'main:half.txt')).toBe('whole.txt\nhalf.txt');
    expect(scene.git('log', '--format=%s', 'main')).toContain('uncommitted work');
  });

  test('whose conversation is gone is blocked too, and never begun anew by itself', async () => {
    await begin();
    const task = await halfPaused();
    rmSync(conversationOf());
    await client.call('task.resume', { task: task.id });
    expect((await client.until('task.blocked')).reason.code).toBe('conversation-lost');
    await client.until('worktree.released');
    expect((await shown(task)).startFrom).toMatch(/^[0-9a-f]{40}$/);
    expect(client.events.filter(({ event }) => event.type === 'run.resumed')).toEqual([]);
  });

  test('can be cancelled: its worktree is given back, its work stays kept', async () => {
    await begin();
    const task = await halfPaused();
    const { work } = await client.until('task.paused');
    await client.call('task.cancel', { task: task.id });
    await client.until('worktree.released');
    await addTask(client, 'Another', scripted(edit('other.txt'), { complete: 'done' }));
    await client.until('task.completed');
    expect(scene.git('ls-tree', '--name-only', 'main').split('\n')).not.toContain('half.txt');
    expect(scene.git('show', `${work?.kept?.ref}:half.txt`)).toBe('half.txt');
  });
});

describe('all of them', () => {
  test('are paused and resumed together, with the queue held meanwhile', async () => {
    await begin({ workers: 2 });
    const gates = ['a', 'b', 'c', 'd'].map((name) => scene.gate(name));
    const [a, b, c, d] = gates as [Gate, Gate, Gate, Gate];
    await addTask(client, 'One', scripted(edit('1.txt'), wait(a, b), { complete: 'done' }));
    await addTask(client, 'Two', scripted(edit('2.txt'), wait(c, d), { complete: 'done' }));
    const third = await addTask(client, 'Three', scripted(edit('3.txt'), { complete: 'done' }));
    await client.call('session.start', { untilDone: true });
    await Promise.all([a.pass(), c.pass()]);
    const { tasks, others } = await client.call('task.pause', { isAll: true });
    expect([tasks.length, others.length]).toEqual([2, 0]);
    await Promise.all([b.pass(), d.pass()]);
    for (const { id } of tasks) await client.until('task.paused', ({ taskId }) => taskId === id);
    expect((await shown(third)).status).toBe('ready');
    expect((await client.call('task.why', { task: third.id })).why.join(' ')).toContain('drover unhold');
    expect((await client.call('task.resume', { isAll: true })).tasks).toHaveLength(2);
    await client.until('session.stopped');
    expect((await client.call('task.list', { status: 'completed' })).tasks).toHaveLength(3);
  });

  test('stay in the queue while it is held; what is at work goes on', async () => {
    await begin();
    const [task, tool] = await halfDone();
    const later = await addTask(client, 'Later', scripted(edit('later.txt'), { complete: 'done' }));
    expect(await client.call('session.hold', {})).toEqual({ wasHeld: false });
    await tool.pass();
    await client.until('task.completed', ({ taskId }) => taskId === task.id);
    await client.until('worktree.released');
    expect((await shown(later)).status).toBe('ready');
    expect(await client.call('session.unhold', {})).toEqual({ wasHeld: true });
    await client.until('task.completed', ({ taskId }) => taskId === later.id);
  });
});
