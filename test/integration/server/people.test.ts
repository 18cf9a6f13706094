// Owns the tests of several people on one server: who is there, who only looks on, who holds a pane, and panes of their own.
import { realpathSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import type { Notice } from '../../../src/protocol/message.ts';
import type { ClientInfo, PaneInfo } from '../../../src/protocol/methods.ts';
import { addTask, Scene, type Watcher } from './scene.ts';

const ANN = 'Ann <ann@example.invalid>';
const BOB = 'bob@example.invalid';

let scene: Scene;
let watcher: Watcher;

beforeAll(async () => {
  scene = new Scene();
  await scene.start();
  watcher = await scene.watch();
});
afterAll(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
  expect(scene.logged.filter((line) => line.includes('Error'))).toEqual([]);
});
afterEach(async () => {
  const { panes } = await watcher.call('pane.list', {});
  for (const { pane, shell } of panes) if (shell) await watcher.call('pane.close', { pane });
});

/** Waits for notices that fit, heard ones too. */
function hear(client: Client): <T>(pick: (notice: Notice) => T | undefined) => Promise<T> {
  const heard: Notice[] = [];
  const looks = new Set<() => void>();
  client.onNotice((notice) => {
    heard.push(notice);
    for (const look of [...looks]) look();
  });
  return (pick) =>
    new Promise((resolve) => {
      const look = (): void => {
        for (const notice of heard) {
          const found = pick(notice);
          if (found === undefined) continue;
          looks.delete(look);
          resolve(found);
          return;
        }
      };
      looks.add(look);
      look();
    });
}

const refused = (notice: Notice): Refusal | undefined => (notice.notice === 'refused' ? notice.refusal : undefined);
const paneThat =
  (fits: (pane: PaneInfo) => boolean) =>
  (notice: Notice): PaneInfo | undefined =>
    notice.notice === 'pane' && fits(notice.pane) ? notice.pane : undefined;

async function attach(operator: string, more: { isReadOnly?: boolean } = {}) {
  const client = await scene.connect({ operator, kind: 'tui', ...more });
  const until = hear(client);
  return { client, until };
}

/** Resolves when a pane shows a line with these words. */
async function shows(client: Client, pane: number, words: string): Promise<string[]> {
  for (;;) {
    const { lines } = await client.call('pane.capture', { pane });
    if (lines.some((line) => line.includes(words))) return lines;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const open = async (client: Client, ...argv: string[]): Promise<PaneInfo> =>
  (await client.call('pane.open', { argv })).pane;

describe('who is attached', () => {
  test('is listed with what they look at, told to the others, and kept in the history', async () => {
    const ann = await attach(ANN);
    const bob = await attach(BOB, { isReadOnly: true });
    const { pane } = await open(ann.client, 'cat');
    await ann.client.call('pane.view', { panes: [{ pane, cols: 70, rows: 20 }], focused: pane });
    const people = await bob.until((notice) =>
      notice.notice === 'clients' && notice.clients.some(({ focused }) => focused === pane)
        ? notice.clients
        : undefined,
    );
    const expected: Partial<ClientInfo>[] = [
      { operator: ANN, kind: 'tui', isReadOnly: false, focused: pane, cols: 70, rows: 20 },
      { operator: BOB, kind: 'tui', isReadOnly: true, focused: null, cols: null, rows: null },
    ];
    expect(people).toMatchObject(expected);
    expect((await watcher.call('client.list', {})).clients).toEqual(people);
    expect((await watcher.call('status.get', {})).people).toEqual(people);
    bob.client.close();
    await ann.until((notice) =>
      notice.notice === 'clients' && notice.clients.length === 1 && notice.clients[0]?.focused === pane
        ? true
        : undefined,
    );
    expect(await watcher.until('client.attached', ({ operator }) => operator === BOB)).toMatchObject({
      kind: 'tui',
      isReadOnly: true,
    });
    expect(await watcher.until('client.detached', ({ operator }) => operator === BOB)).toBeDefined();
    ann.client.close();
    await watcher.until('client.detached', ({ operator }) => operator === ANN);
  });
});

describe('a client that looks on', () => {
  test('sees panes, and its looking leaves their size alone', async () => {
    const ann = await attach(ANN);
    const bob = await attach(BOB, { isReadOnly: true });
    const { pane } = await open(ann.client, 'cat');
    await ann.client.call('pane.view', { panes: [{ pane, cols: 70, rows: 20 }], focused: pane });
    const { panes } = await bob.client.call('pane.view', { panes: [{ pane, cols: 33, rows: 11 }], focused: pane });
    expect(panes.find((info) => info.pane === pane)).toMatchObject({ cols: 70, rows: 20 });
    ann.client.close();
    bob.client.close();
  });

  test('is refused what changes anything, in words, and what it types', async () => {
    const ann = await attach(ANN);
    const bob = await attach(BOB, { isReadOnly: true });
    const { pane } = await open(ann.client, 'cat');
    const refusal = { refusal: { code: 'read-only', next: 'drover attach' } };
    await expect(bob.client.call('task.create', { title: 'x' })).rejects.toMatchObject(refusal);
    await expect(bob.client.call('server.stop', {})).rejects.toMatchObject(refusal);
    await expect(bob.client.call('pane.open', { argv: ['sh'] })).rejects.toMatchObject(refusal);
    await expect(bob.client.call('pane.submit', { pane, text: 'x' })).rejects.toMatchObject(refusal);
    await expect(bob.client.call('client.detach', {})).rejects.toMatchObject(refusal);
    expect((await bob.client.call('task.list', {})).tasks).toEqual([]);
    await bob.client.call('pane.view', { panes: [{ pane, cols: 70, rows: 20 }], focused: pane });
    bob.client.sendInput(pane, Buffer.from('from bob\r'));
    expect(await bob.until(refused)).toMatchObject({ code: 'read-only' });
    await ann.client.call('pane.submit', { pane, text: 'from ann' });
    expect((await shows(ann.client, pane, 'from ann')).join()).not.toContain('bob');
    ann.client.close();
    bob.client.close();
  });
});

describe('a lock', () => {
  test('keeps the input of others out and tells them, until it is given away or ended', async () => {
    const ann = await attach(ANN);
    const bob = await attach(BOB);
    const { pane } = await open(ann.client, 'cat');
    for (const { client } of [ann, bob])
      await client.call('pane.view', { panes: [{ pane, cols: 70, rows: 20 }], focused: pane });
    expect((await ann.client.call('pane.lock', { pane })).pane.lockedBy).toBe(ANN);
    await bob.until(paneThat((info) => info.pane === pane && info.lockedBy === ANN));

    bob.client.sendInput(pane, Buffer.from('from bob\r'));
    expect(await bob.until(refused)).toEqual({
      code: 'pane-locked',
      message: `pane ${pane} is locked by Ann`,
      next: `ask Ann for: drover give ${pane} bob`,
    });
    const locked = { refusal: { code: 'pane-locked' } };
    await expect(bob.client.call('pane.submit', { pane, text: 'x' })).rejects.toMatchObject(locked);
    await expect(bob.client.call('pane.lock', { pane })).rejects.toMatchObject(locked);
    await expect(bob.client.call('pane.unlock', { pane })).rejects.toMatchObject(locked);
    await expect(bob.client.call('pane.close', { pane })).rejects.toMatchObject(locked);
    await expect(ann.client.call('pane.give', { pane, to: 'carl' })).rejects.toMatchObject({
      refusal: { code: 'unknown-operator', message: 'nobody called "carl" is attached; attached are Ann, bob' },
    });

    await ann.client.call('pane.give', { pane, to: 'bob' });
    await bob.client.call('pane.submit', { pane, text: 'bob holds it' });
    await shows(bob.client, pane, 'bob holds it');
    await expect(ann.client.call('pane.submit', { pane, text: 'x' })).rejects.toMatchObject(locked);
    expect((await bob.client.call('pane.unlock', { pane })).pane.lockedBy).toBeUndefined();
    await ann.client.call('pane.submit', { pane, text: 'free again' });
    await shows(ann.client, pane, 'free again');
    ann.client.close();
    bob.client.close();
  });

  test('on a pane that is not there, or that nobody holds, is refused', async () => {
    const { client } = await attach(ANN);
    await expect(client.call('pane.lock', { pane: 77 })).rejects.toMatchObject({ refusal: { code: 'unknown-pane' } });
    const { pane } = await open(client, 'cat');
    await expect(client.call('pane.give', { pane, to: 'bob' })).rejects.toMatchObject({
      refusal: { code: 'not-allowed', next: `drover lock ${pane}` },
    });
    client.close();
  });
});

describe('a choice of layout or theme', () => {
  test('reaches the workspaces of the one who chose, and nobody else', async () => {
    const shell = await scene.connect({ operator: ANN });
    await expect(shell.call('client.choose', { what: 'theme', name: 'light' })).rejects.toMatchObject({
      refusal: { code: 'nothing-to-do', next: 'drover attach' },
    });
    const ann = await attach(ANN);
    const second = await attach(ANN, { isReadOnly: true });
    const bob = await attach(BOB);
    const heard: Notice[] = [];
    bob.client.onNotice((notice) => heard.push(notice));
    const chosen = (notice: Notice) => (notice.notice === 'chosen' ? notice : undefined);
    expect(await shell.call('client.choose', { what: 'layout', name: 'main-left' })).toEqual({ workspaces: 2 });
    const expected = { notice: 'chosen', what: 'layout', name: 'main-left' };
    expect(await ann.until(chosen)).toEqual(expected);
    expect(await second.until(chosen)).toEqual(expected);
    // An answer comes behind every notice that was sent before it.
    await bob.client.call('client.list', {});
    expect(heard.filter(({ notice }) => notice === 'chosen')).toEqual([]);
    for (const { client } of [ann, second, bob]) client.close();
  });
});

describe('a pane of one’s own', () => {
  test('runs in the root with a scrubbed environment, outlives its client, and goes when its program exits', async () => {
    process.env['TMUX'] = 'outer';
    const ann = await attach(ANN);
    const script = 'echo "pwd=$(pwd) term=$TERM tmux=[$TMUX] who=$DROVER_OPERATOR tag=$DROVER_SESSION"; read line';
    const opened = await open(ann.client, 'sh', '-c', script);
    expect(opened).toMatchObject({ isAlive: true, runId: null, taskId: null, shell: { openedBy: ANN } });
    expect(opened.pane).toBe(101);
    ann.client.close();
    await watcher.until('client.detached', ({ operator }) => operator === ANN);

    const bob = await attach(BOB);
    await bob.client.call('pane.view', { panes: [{ pane: 101, cols: 200, rows: 20 }], focused: 101 });
    const text = (await shows(bob.client, 101, 'pwd=')).join('');
    expect(text).toContain(`pwd=${realpathSync(scene.repository)} term=xterm-256color tmux=[] who=${ANN}`);
    expect(text).toContain(`tag=${scene.paths.id}`);
    bob.client.sendInput(101, Buffer.from('\r'));
    await bob.until(paneThat((info) => info.pane === 101 && !info.isAlive));
    expect(await watcher.until('pane.typed', ({ operator, pane }) => operator === BOB && pane === 101)).toMatchObject({
      runId: null,
      taskId: null,
    });
    await expect(bob.client.call('pane.capture', { pane: 101 })).rejects.toMatchObject({
      refusal: { code: 'unknown-pane' },
    });
    bob.client.close();
  });

  test('runs in the worktree of a task; keys are told once, with the run, in its history', async () => {
    const gate = scene.gate('shell-task');
    const task = await addTask(watcher, `cat ${gate.path} > /dev/null; cat`);
    await watcher.call('session.start', {});
    const { runId, worktreeId } = await watcher.until('task.claimed', ({ taskId }) => taskId === task.id);
    await watcher.until('run.started', (event) => event.runId === runId);
    const opened = (await watcher.call('pane.open', { argv: ['sh', '-c', 'pwd; read x'], task: task.id })).pane;
    expect(opened.taskId).toBe(task.id);
    await shows(watcher, opened.pane, worktreeId);
    await gate.pass();
    const ann = await attach(ANN);
    await ann.client.call('pane.view', { panes: [{ pane: 1, cols: 80, rows: 20 }], focused: 1 });
    for (const key of 'hello') ann.client.sendInput(1, Buffer.from(key));
    await shows(ann.client, 1, 'hello');
    await ann.until((notice) =>
      notice.notice === 'clients' &&
      notice.clients.some(({ operator, typesInto }) => operator === ANN && typesInto === 1)
        ? true
        : undefined,
    );
    const { history } = await watcher.call('task.show', { task: task.id });
    const typed = history.filter(({ event }) => event.type === 'pane.typed');
    expect(typed.map(({ by, event }) => ({ by, event }))).toEqual([
      { by: ANN, event: { type: 'pane.typed', operator: ANN, pane: 1, runId, taskId: task.id } },
    ]);
    ann.client.close();
    await watcher.call('task.cancel', { task: task.id });
    await watcher.until('run.ended', (event) => event.runId === runId);
    await expect(watcher.call('pane.open', { argv: ['sh'], task: task.id })).rejects.toMatchObject({
      refusal: { code: 'not-running', next: `drover why ${task.id}` },
    });
  });

  test('is closed with a hang-up, and by force where that is not minded; a worker’s pane is not', async () => {
    const polite = await open(watcher, 'sh', '-c', 'echo ready; cat');
    const stubborn = await open(watcher, 'sh', '-c', 'trap "" HUP; echo ready; while :; do read x; done');
    await shows(watcher, polite.pane, 'ready');
    await shows(watcher, stubborn.pane, 'ready');
    expect(await watcher.call('pane.close', { pane: polite.pane })).toEqual({ pane: polite.pane });
    expect(await watcher.call('pane.close', { pane: stubborn.pane })).toEqual({ pane: stubborn.pane });
    expect((await watcher.call('pane.list', {})).panes.filter(({ shell }) => shell)).toEqual([]);
    await expect(watcher.call('pane.close', { pane: 1 })).rejects.toMatchObject({ refusal: { code: 'not-allowed' } });
    await expect(watcher.call('pane.close', { pane: 150 })).rejects.toMatchObject({
      refusal: { code: 'unknown-pane' },
    });
  });

  test('stays to be read when its program ends by itself, until Enter; who has typed into it has left it', async () => {
    const shells = async () => (await watcher.call('pane.list', {})).panes.filter(({ shell }) => shell);
    const { client } = await attach(ANN);
    await client.call('pane.view', { panes: [], focused: null });
    const typeUntilGone = async (pane: number, ...typed: string[]): Promise<void> => {
      const gone = hear(client)(paneThat((info) => info.pane === pane && !info.isAlive));
      for (const keys of typed) client.sendInput(pane, Buffer.from(keys));
      await gone;
    };
    const failed = await open(client, 'sh', '-c', 'printf "\\033[?25l3 tests failed"; exit 3');
    const lines = await shows(client, failed.pane, ' ended with code 3; Enter closes it');
    expect(lines[0]).toContain('3 tests failed');
    expect(await shells()).toMatchObject([{ pane: failed.pane, isAlive: true }]);
    await typeUntilGone(failed.pane, 'x', '\r');
    const asked = await open(client, 'sh', '-c', 'read x; exit 1');
    await typeUntilGone(asked.pane, 'y\r');
    const closed = await open(client, 'true');
    await shows(client, closed.pane, ' ended with code 0; Enter closes it');
    await watcher.call('pane.close', { pane: closed.pane });
    expect(await shells()).toEqual([]);
    client.close();
  });

  test('that cannot be started leaves nothing', async () => {
    await expect(open(watcher, 'no-such-program')).rejects.toMatchObject({ refusal: { code: 'no-agent' } });
    expect((await watcher.call('pane.list', {})).panes.filter(({ shell }) => shell)).toEqual([]);
  });
});

test('a server that stops ends the panes and what they left behind, and tells who was attached as gone', async () => {
  const other = new Scene();
  try {
    await other.start();
    const client = await other.connect({ operator: BOB, kind: 'tui' });
    const { pane } = await client
      .call('pane.open', { argv: ['sh', '-c', 'setsid sleep 1000 & echo on; cat'] })
      .then((result) => result.pane);
    await shows(client, pane, 'on');
    expect((await other.tagged()).length).toBeGreaterThan(1);
    await other.stop();
    expect(await other.tagged()).toEqual([]);
    await other.start();
    const { events } = await (await other.connect()).call('events.recent', {});
    const people = events.flatMap(({ event }) => (event.type.startsWith('client.') ? [event] : []));
    expect(people).toEqual([
      { type: 'client.attached', operator: BOB, kind: 'tui', isReadOnly: false },
      { type: 'client.detached', operator: BOB, kind: 'tui', isReadOnly: false },
    ]);
    expect(other.logged.filter((line) => line.includes('Error'))).toEqual([]);
  } finally {
    await other.close();
  }
});
