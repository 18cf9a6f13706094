// Owns the tests of a task whose worktree is synced beside its agent: a real remote, real agents, tools that wait.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
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

const AS = ['-c', 'user.name=Uma', '-c', 'user.email=uma@example.invalid'];
const origin = (): string => join(scene.folder, 'origin.git');
const other = (): string => join(scene.folder, 'other');
const worktree = (): string => join(scene.paths.dataHome, 'worktrees', 'worktree-1');

/** A repository whose main has an upstream in a bare one beside. */
function furnish(config: ConstructorParameters<typeof Scene>[0] = {}): void {
  scene = new Scene({ agent: 'rehearsal', ...config });
  scene.git('clone', '-q', '--bare', '.', origin());
  scene.git('remote', 'add', 'origin', origin());
  scene.git('fetch', '-q');
  scene.git('branch', '-q', '--set-upstream-to=origin/main', 'main');
  scene.git('clone', '-q', origin(), other());
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
}

async function begin(): Promise<void> {
  await scene.start();
  client = await scene.watch();
}

/** Somebody else pushes these files; the commit's id. */
function push(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(other(), name), text);
  scene.git('-C', other(), 'add', '-A');
  scene.git('-C', other(), ...AS, 'commit', '-qm', 'theirs');
  scene.git('-C', other(), 'push', '-q', 'origin', 'main');
  return scene.git('-C', other(), 'rev-parse', 'HEAD');
}

/** The remote does not answer before the gate is passed. */
function slowRemote(): Gate {
  const gate = scene.gate('remote');
  const program = join(scene.folder, 'upload-pack');
  const open = join(scene.folder, 'open');
  writeFileSync(
    program,
    `#!/bin/sh\ntest -e ${open} || { cat ${gate.path} >/dev/null; touch ${open}; }\nexec git-upload-pack "$@"\n`,
  );
  chmodSync(program, 0o755);
  scene.git('config', 'remote.origin.uploadpack', program);
  return gate;
}

const scripted = (...steps: unknown[]): { description: string } => ({
  description: `\`\`\`rehearsal\n${JSON.stringify(steps)}\n\`\`\``,
});
const edit = (file: string): unknown => ({ edit: { file, content: `${file}\n` } });
const shown = async ({ id }: Task): Promise<Task> => (await client.call('task.show', { task: id })).task;
const isGated = (event: { state: string; detail: string }): boolean =>
  event.state === 'gated' && event.detail === 'sync';
function conversation(): string {
  const claimed = client.events.find(({ event }) => event.type === 'task.claimed')?.event;
  if (claimed?.type !== 'task.claimed') throw new Error('nothing was claimed');
  return readFileSync(join(scene.folder, 'state', 'drover-rehearsal', `${claimed.conversationId}.jsonl`), 'utf8');
}

describe('an agent with hooks', () => {
  test('reads at once, writes when the upstream’s commits are there, and lands on top of them', async () => {
    furnish();
    const gate = slowRemote();
    const first = scene.git('rev-parse', 'main');
    const theirs = push({ 'theirs.txt': 'theirs\n' });
    await begin();
    const task = await addTask(client, 'Write', scripted({ read: 'base.txt' }, edit('mine.txt'), { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('run.state-changed', isGated);
    // The read has passed, the write has not.
    expect(conversation()).toContain('base');
    expect(existsSync(join(worktree(), 'mine.txt'))).toBe(false);
    expect(scene.git('-C', worktree(), 'rev-parse', 'HEAD')).toBe(first);
    await gate.pass();
    const synced = await client.until('run.synced');
    expect(synced).toMatchObject({ from: first, to: theirs, how: 'moved', files: 1, isAhead: true, note: '' });
    await client.until('task.completed');
    const { landedCommit } = await shown(task);
    // The upstream's commit came in as itself, and the landing holds the task's change alone.
    expect(scene.git('log', '--first-parent', '--format=%H', 'main').split('\n')).toEqual([
      landedCommit,
      theirs,
      first,
    ]);
    expect(scene.git('diff', '--name-only', `${landedCommit}^1`, `${landedCommit}`)).toBe('mine.txt');
    expect(scene.git('status', '--porcelain')).toBe('');
    expect((await client.call('task.diff', { task: task.id })).from).toBe(theirs);
  });

  test('is told which of the files that it has read are others now, instead of the write that was held', async () => {
    furnish();
    const gate = slowRemote();
    push({ 'base.txt': 'new base\n', 'theirs.txt': 'theirs\n' });
    await begin();
    const again = { edit: { file: 'again.txt', content: 'again\n' } };
    await addTask(client, 'Write', scripted({ read: 'base.txt' }, edit('mine.txt'), again, { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('run.state-changed', isGated);
    await gate.pass();
    await client.until('task.completed');
    expect(conversation()).toContain('not run, because it was decided before this');
    expect(conversation()).toContain('> base.txt\\nThen call it again');
    expect(scene.git('ls-tree', '--name-only', 'main')).toBe('again.txt\nbase.txt\ntheirs.txt');
  });

  test('is refused every write when the remote cannot be asked, and can say so', async () => {
    furnish();
    scene.git('config', 'remote.origin.url', join(scene.folder, 'nowhere.git'));
    await begin();
    const blocked = { complete: { verdict: 'blocked', summary: 'the worktree cannot be synced' } };
    const task = await addTask(client, 'Write', scripted({ read: 'base.txt' }, edit('mine.txt'), blocked));
    await client.call('session.start', {});
    const { reason } = await client.until('run.sync-failed');
    expect(reason).toMatch(/^origin\/main: .*nowhere\.git' does not appear to be a git repository$/);
    await client.until('task.blocked');
    expect(conversation()).toContain('Drover: not run: this worktree could not be brought up to date');
    expect(conversation()).toContain('base');
    expect(await shown(task)).toMatchObject({ status: 'blocked', blockedReason: { code: 'agent-blocked' } });
    expect(scene.git('ls-tree', '--name-only', 'main')).toBe('base.txt');
  });

  test('that calls its work done where it could write nothing is refused, and waits for a word', async () => {
    furnish();
    scene.git('config', 'remote.origin.url', join(scene.folder, 'nowhere.git'));
    await begin();
    const task = await addTask(client, 'Write', scripted({ read: 'base.txt' }, edit('mine.txt'), { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('run.state-changed', ({ state }) => state === 'needs-input');
    expect(conversation()).toContain('Not handed in: this worktree could not be brought up to date');
    expect(await shown(task)).toMatchObject({ status: 'in_progress', landing: null });
  });

  test('is refused when the remote does not answer in time; the next one waits for nothing with the fetch off', async () => {
    furnish({ sync: { fetch: 'auto', timeout: 300 } });
    slowRemote();
    await begin();
    await addTask(client, 'Write', scripted(edit('mine.txt'), { complete: { verdict: 'blocked', summary: 'no' } }));
    await client.call('session.start', {});
    expect((await client.until('run.sync-failed')).reason).toBe('origin/main: no answer within 0 s');
    await client.until('task.blocked');
    await scene.stop();
    await scene.start({ sync: { fetch: 'off', timeout: 300 } });
    client = await scene.watch();
    await addTask(client, 'Again', scripted(edit('other.txt'), { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('task.completed');
    expect(client.events.filter(({ event }) => event.type === 'run.synced')).toEqual([]);
    expect(scene.git('show', 'main:other.txt')).toBe('other.txt');
  });

  test('stays on the base here when that and the upstream have parted, which is said', async () => {
    furnish();
    push({ 'theirs.txt': 'theirs\n' });
    scene.write('ours.txt', 'ours\n');
    scene.git('add', '-A');
    scene.git(...AS, 'commit', '-qm', 'ours');
    await begin();
    await addTask(client, 'Write', scripted(edit('mine.txt'), { complete: 'done' }));
    await client.call('session.start', {});
    expect(await client.until('run.synced')).toMatchObject({
      how: 'current',
      files: 0,
      isAhead: false,
      note: expect.stringContaining('main and origin/main have parted'),
    });
    await client.until('task.completed');
    expect(scene.git('ls-tree', '--name-only', 'main')).toBe('base.txt\nmine.txt\nours.txt');
  });

  test('that is cancelled while it waits leaves nothing behind', async () => {
    furnish();
    const gate = slowRemote();
    await begin();
    const task = await addTask(client, 'Write', scripted(edit('mine.txt'), { complete: 'done' }));
    await client.call('session.start', {});
    await client.until('run.state-changed', isGated);
    await client.call('task.cancel', { task: task.id });
    await client.until('worktree.released');
    expect(await scene.tagged()).toEqual([]);
    await gate.pass();
  });
});

describe('an agent without hooks', () => {
  test('starts when its worktree is synced', async () => {
    furnish({ agent: 'command' });
    const gate = slowRemote();
    push({ 'theirs.txt': 'theirs\n' });
    await begin();
    await addTask(client, 'cp theirs.txt mine.txt');
    await client.call('session.start', {});
    await client.until('run.state-changed', isGated);
    expect(client.events.some(({ event }) => event.type === 'run.started')).toBe(false);
    await gate.pass();
    await client.until('task.completed');
    expect(scene.git('show', 'main:mine.txt')).toBe('theirs');
  });

  test('is not started when that failed: the attempt has failed', async () => {
    furnish({ agent: 'command', retry: { maxAttempts: 1, baseDelay: 1, maxDelay: 2 } });
    scene.git('config', 'remote.origin.url', join(scene.folder, 'nowhere.git'));
    await begin();
    await addTask(client, 'touch mine.txt');
    await client.call('session.start', {});
    expect((await client.until('task.failed')).error).toContain('its worktree could not be synced: origin/main: ');
    expect(client.events.some(({ event }) => event.type === 'run.started')).toBe(false);
  });
});

describe('a server that was killed while the files moved', () => {
  test('is followed by one that finishes and records it before the agent goes on', async () => {
    furnish({ agent: 'command', sync: { fetch: 'off', timeout: 1_000 } });
    await begin();
    const gate = scene.gate('work');
    const line = `cat ${gate.path} && touch mine.txt`;
    const task = await addTask(client, line);
    await client.call('session.start', {});
    const { branch, baseCommit: from } = await client.until('task.claimed');
    await client.until('run.started');
    await scene.stop();
    scene.write('newer.txt', 'newer\n');
    scene.git('add', '-A');
    scene.git(...AS, 'commit', '-qm', 'newer');
    const to = scene.git('rev-parse', 'main');
    // As a kill leaves it between the files and the branch.
    const note = join(scene.paths.dataHome, 'moving-worktree-1.json');
    writeFileSync(note, JSON.stringify({ path: worktree(), branch, from, to }));
    scene.git('-C', worktree(), 'checkout', '-q', '--detach', to);
    const seq = client.events.at(-1)?.seq ?? 0;
    await scene.start();
    client = await scene.watch(seq);
    expect(await client.until('run.synced')).toMatchObject({ from, to, note: 'an earlier server had begun it' });
    expect(existsSync(note)).toBe(false);
    await client.call('session.start', {});
    await gate.pass();
    await client.until('task.completed');
    expect(scene.git('diff', '--name-only', `${(await shown(task)).landedCommit}^1`, 'main')).toBe('mine.txt');
  });
});
