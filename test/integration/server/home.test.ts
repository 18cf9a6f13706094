// Owns the tests of where a repository's data lives: moved, renamed, copied, begun by several at once, served by one server only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HELD } from '../../../src/config/installation.ts';
import { sessionPaths } from '../../../src/config/paths.ts';
import { builtProgram, createScene } from '../cli/scene.ts';

let folder: string;
const before = process.env['XDG_STATE_HOME'];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-home-')));
  process.env['XDG_STATE_HOME'] = join(folder, 'state');
  mkdirSync(join(folder, 'one', '.git'), { recursive: true });
});
afterEach(() => {
  if (before === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = before;
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string, create = true) => sessionPaths(join(folder, name), { create });

test('a repository that is moved and renamed keeps its id and its home', () => {
  const { id, dataHome } = at('one');
  renameSync(join(folder, 'one'), join(folder, 'two'));
  expect(at('two', false)).toMatchObject({ id, dataHome });
  expect(at('two')).toMatchObject({ id, dataHome });
  expect(readFileSync(join(dataHome, 'repository'), 'utf8')).toBe(`${join(folder, 'two', '.git')}\n`);
});

test('a copy has no id until it is set up, then one of its own; the original keeps its home', () => {
  const original = at('one');
  cpSync(join(folder, 'one'), join(folder, 'copy'), { recursive: true });
  expect(at('copy', false).id).toBe('');
  const copy = at('copy');
  expect(copy.id).toMatch(/^[a-z0-9]{8}$/);
  expect(copy.id).not.toBe(original.id);
  expect(copy.dataHome).not.toBe(original.dataHome);
  expect(copy.socket).not.toBe(original.socket);
  expect([at('copy').id, at('one').id]).toEqual([copy.id, original.id]);
});

test('a copy whose original is gone is the original', () => {
  const { id, dataHome } = at('one');
  cpSync(join(folder, 'one'), join(folder, 'copy'), { recursive: true });
  rmSync(join(folder, 'one'), { recursive: true });
  expect(at('copy')).toMatchObject({ id, dataHome });
});

test('the same repository by another path is no copy', () => {
  const { id } = at('one');
  symlinkSync(join(folder, 'one'), join(folder, 'link'));
  expect(at('link').id).toBe(id);
});

test('a copied local home is put aside, with what people wrote left in its place', () => {
  mkdirSync(join(folder, 'one', '.git', 'drover'));
  writeFileSync(join(folder, 'one', '.git', 'drover', 'local'), '');
  const original = at('one');
  expect(original.dataHome).toBe(join(folder, 'one', '.drover'));
  for (const name of ['config.yaml', 'state.json']) writeFileSync(join(original.dataHome, name), name);
  cpSync(join(folder, 'one'), join(folder, 'copy'), { recursive: true });
  const copy = at('copy');
  expect(copy.id).not.toBe(original.id);
  expect(existsSync(join(copy.dataHome, 'config.yaml'))).toBe(true);
  expect(existsSync(join(copy.dataHome, 'state.json'))).toBe(false);
  expect(readFileSync(join(copy.dataHome, `copied-from-${original.id}`, 'state.json'), 'utf8')).toBe('state.json');
  expect(existsSync(join(original.dataHome, 'state.json'))).toBe(true);
  renameSync(join(folder, 'one'), join(folder, 'moved'));
  expect(at('moved')).toMatchObject({ id: original.id, dataHome: join(folder, 'moved', '.drover') });
});

test('an id that is damaged is replaced', () => {
  mkdirSync(join(folder, 'one', '.git', 'drover'));
  writeFileSync(join(folder, 'one', '.git', 'drover', 'id'), '../../etc\n');
  const { id } = at('one');
  expect(id).toMatch(/^[a-z0-9]{8}$/);
  expect(at('one').id).toBe(id);
});

test('of several servers that are started at once on a fresh repository one listens, and the others name its pid', async () => {
  const scene = createScene(builtProgram());
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, [builtProgram(), '__server', scene.repository], {
      env: scene.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const greetings = await Promise.all(
    children.map(
      (child) =>
        new Promise<{ ready: boolean; pid?: number; refusal?: { code: string; message: string } }>((resolve) => {
          let text = '';
          child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
            if (text.includes('\n')) resolve(JSON.parse(text));
          });
          child.once('close', () => resolve({ ready: false }));
        }),
    ),
  );
  const winners = greetings.filter(({ ready }) => ready);
  const ended = Promise.all(
    children.map((child) => child.exitCode ?? new Promise((resolve) => child.once('exit', resolve))),
  );
  for (const child of children) child.kill('SIGTERM');
  await ended;
  expect(winners).toHaveLength(1);
  for (const { ready, refusal } of greetings) {
    if (!ready)
      expect(refusal).toMatchObject({
        code: 'store-locked',
        message: expect.stringContaining(`pid ${winners[0]?.pid} `),
      });
  }
  scene.dispose();
});

test('a socket that a killed server left is replaced, and the client that starts the next one is answered', async () => {
  const scene = createScene(builtProgram());
  await scene.drover(['init']);
  const pidOf = async () => JSON.parse((await scene.drover(['server', 'status', '--json'])).stdout).pid as number;
  expect((await scene.drover(['quick', 'one'])).code).toBe(0);
  const pid = await pidOf();
  process.kill(pid, 'SIGKILL');
  const second = await scene.drover(['quick', 'two']);
  expect([second.code, second.stderr]).toEqual([0, '']);
  expect(await pidOf()).not.toBe(pid);
  expect(JSON.parse((await scene.drover(['list', '--json'])).stdout).tasks).toHaveLength(2);
  await scene.drover(['server', 'stop']);
  scene.dispose();
});

test('a held server touches nothing until it is told to begin, and ends when it is not wanted', async () => {
  const scene = createScene(builtProgram());
  const hold = () =>
    spawn(process.execPath, [builtProgram(), '__server', scene.repository, HELD], {
      env: scene.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  const unwanted = hold();
  unwanted.stdin.end();
  expect(await once(unwanted, 'close')).toEqual([0, null]);
  expect(existsSync(join(scene.repository, '.git', 'drover'))).toBe(false);
  const wanted = hold();
  wanted.stdin.end('begin\n');
  const [greeting] = await once(wanted.stdout.setEncoding('utf8'), 'data');
  expect(JSON.parse(greeting)).toEqual({ ready: true, pid: wanted.pid });
  wanted.kill('SIGTERM');
  await once(wanted, 'close');
  scene.dispose();
});

test('a client whose folder for sockets is another one reaches the server all the same, also from a prompt, and after a kill', async () => {
  const scene = createScene(builtProgram());
  const elsewhere = { env: { DROVER_SOCKET_DIR: join(scene.folder, 'deep', 'elsewhere') } };
  const pidAt = async (options = {}) =>
    JSON.parse((await scene.drover(['server', 'status', '--json'], options)).stdout).pid;
  await scene.drover(['init']);
  await scene.drover(['quick', 'one']);
  expect((await scene.drover(['quick', 'two'], elsewhere)).code).toBe(0);
  const pid = await pidAt(elsewhere);
  expect([typeof pid, await pidAt()]).toEqual(['number', pid]);
  expect((await scene.drover(['status', '--oneline'], elsewhere)).stdout).toContain('2');
  process.kill(pid, 'SIGKILL');
  expect((await scene.drover(['quick', 'three'], elsewhere)).code).toBe(0);
  expect(await pidAt()).toBe(await pidAt(elsewhere));
  expect((await scene.drover(['server', 'stop'])).code).toBe(0);
  expect((await scene.drover(['server', 'status'], elsewhere)).stderr).toContain('no server runs');
  scene.dispose();
});

test.each([
  ['sockets', 'is no absolute path'],
  ['/proc/nope', 'cannot be made: ENOENT'],
  ['/dev/null', 'is not a folder of yours alone'],
])('a socket folder %s is refused at once, with what to type', async (folder, reason) => {
  const scene = createScene(builtProgram());
  await scene.drover(['init']);
  const { code, stderr } = await scene.drover(['quick', 'one'], { env: { DROVER_SOCKET_DIR: folder } });
  expect(code).toBe(1);
  expect(stderr).toContain(`the socket folder ${folder} ${reason}`);
  expect(stderr).toContain('export DROVER_SOCKET_DIR=');
  scene.dispose();
});
