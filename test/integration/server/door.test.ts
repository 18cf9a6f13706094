// Owns the tests of the server's door: broken, hostile, slow and unread clients change nothing for the others.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secureSocketFolder } from '../../../src/config/paths.ts';
import { FRAME, MAX_FRAME } from '../../../src/protocol/frame.ts';
import { addTask, Scene, type Watcher } from './scene.ts';

let scene: Scene;
let client: Watcher;

beforeAll(async () => {
  scene = new Scene();
  await scene.start();
  client = await scene.watch();
});
afterAll(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
});

test.each([
  ['a string', '"x"'],
  ['a number', '7'],
  ['null', 'null'],
  ['an array', '[1,2]'],
  ['no method', '{"id":1}'],
  ['a method of the prototype', '{"id":1,"method":"__proto__"}'],
  ['another of it', '{"id":1,"method":"constructor","params":{}}'],
  ['a method that is an object', '{"id":1,"method":{"toString":1,"valueOf":2}}'],
  ['a call before the greeting', '{"id":1,"method":"status.get"}'],
])('%s is answered with a refusal, and the server goes on', async (_name, text) => {
  const raw = await scene.raw();
  raw.bytes(text);
  const answer = await raw.answer(text.includes('"id"') ? 1 : 0);
  expect(answer.error?.code).toMatch(/^(unknown-method|not-allowed)$/);
  raw.socket.destroy();
});

test.each([
  ['unparsable JSON', (): Buffer => Buffer.from([2, 0, 0, 0, FRAME.control, 0x7b])],
  ['a frame of no length', (): Buffer => Buffer.alloc(5)],
  ['a frame over the limit', (): Buffer => Buffer.from(new Uint8Array(new Uint32Array([MAX_FRAME + 1, 0]).buffer))],
])('%s cuts the client off, and the server goes on', async (_name, bytes) => {
  const raw = await scene.raw();
  raw.socket.write(bytes());
  await raw.closed;
  expect((await client.call('server.status', {})).pid).toBe(process.pid);
});

test('frames of panes before the greeting, and frames of no kind, are passed over', async () => {
  const raw = await scene.raw();
  for (const kind of [FRAME.input, FRAME.ack, FRAME.pane, 99]) raw.socket.write(Buffer.from([3, 0, 0, 0, kind, 1, 0]));
  raw.hello();
  expect((await raw.answer(1)).result).toBeDefined();
  raw.socket.destroy();
});

test('a name out of the prototype, a path for an id and a huge complaint are refused in few words', async () => {
  const raw = await scene.raw();
  raw.hello();
  raw.bytes('{"id":2,"method":"task.create","params":{"title":"x","__proto__":{"priority":9},"constructor":1}}');
  raw.say({ id: 3, method: 'task.show', params: { task: '../../etc/passwd' } });
  raw.say({ id: 4, method: 'task.show', params: { task: 'x', ['y'.repeat(1 << 20)]: 1 } });
  raw.say({ id: 5, method: 'z'.repeat(1 << 20) });
  raw.say({ id: 6, method: 'session.start', params: { agent: 'toString' } });
  const codes = [];
  for (const id of [2, 3, 4, 5, 6]) {
    const { error } = await raw.answer(id);
    codes.push(error?.code);
    expect(error?.message.length).toBeLessThan(1000);
  }
  expect(codes).toEqual(['bad-params', 'unknown-task', 'bad-params', 'unknown-method', 'bad-params']);
  raw.socket.destroy();
});

test('another version is told so, whatever else its greeting holds', async () => {
  const raw = await scene.raw();
  raw.say({ id: 1, method: 'session.hello', params: { protocol: 99, kind: 'hologram', shape: 'new' } });
  expect((await raw.answer(1)).error?.code).toBe('protocol-version');
  raw.socket.destroy();
});

test('a wrong token opens nothing, a second greeting is refused, and only an agent may call for an agent', async () => {
  await expect(scene.connect({ token: 'wrong' })).rejects.toThrow('token');
  const raw = await scene.raw();
  raw.hello();
  raw.hello({ operator: 'somebody else' });
  raw.say({ id: 2, method: 'agent.complete', params: { verdict: 'pass', summary: '' } });
  expect((await raw.answer(2)).error?.code).toBe('not-allowed');
  raw.socket.destroy();
});

test('an unsafe socket folder is refused by both sides: open to others, a link, a file', async () => {
  const open = join(scene.folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o755);
  symlinkSync(join(scene.folder, 's'), join(scene.folder, 'link'));
  writeFileSync(join(scene.folder, 'file'), '');
  for (const name of ['open', 'link'])
    expect(() => secureSocketFolder(join(scene.folder, name))).toThrow('not a folder');
  expect(() => secureSocketFolder(join(scene.folder, 'file'))).toThrow();
  const before = scene.paths;
  Object.assign(scene, { paths: { ...before, socket: join(open, 'x.sock'), listening: '' } });
  await expect(scene.connect()).rejects.toThrow('not a folder of yours alone');
  Object.assign(scene, { paths: before });
});

test('a client that asks and never reads is cut off; one that only listens is told to begin anew', async () => {
  const text = 'x'.repeat(60_000);
  const { id } = await addTask(client, 'big', { description: text });
  for (let n = 0; n < 20; n += 1) await addTask(client, `big ${n}`, { description: text });
  const glutton = await scene.raw();
  const deaf = await scene.raw();
  deaf.hello();
  await deaf.answer(1);
  deaf.say({ id: 2, method: 'events.subscribe', params: {} });
  await deaf.answer(2);
  deaf.socket.pause();
  glutton.socket.pause();
  glutton.hello();
  for (let n = 2; n < 40; n += 1) glutton.say({ id: n, method: 'task.list', params: {} });
  for (let n = 0; n < 120; n += 1) {
    await client.call('task.edit', { task: id, changes: { description: `${n}${text}` } });
  }
  expect((await client.call('server.status', {})).clients).toBe(2);
  deaf.socket.resume();
  await deaf.noticed('resync');
  glutton.socket.destroy();
  deaf.socket.destroy();
});
