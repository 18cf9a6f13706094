// Owns the tests of the door: validation, roles, and every error as an answer.
import { expect, test } from 'vitest';
import { refuse } from '../../../src/domain/refusal.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';
import type { ClientSession } from '../../../src/server/client-session.ts';
import { Dispatcher, type Handlers } from '../../../src/server/dispatcher.ts';
import { MemoryCore } from './fixture.ts';

function open(who: Partial<Pick<ClientSession, 'hasGreeted' | 'isAgent'>> = {}) {
  const core = new MemoryCore();
  const called: unknown[] = [];
  const handlers = new Proxy({} as Handlers, {
    get: (_target, method) => (params: unknown) => {
      called.push([method, params]);
      if (method === 'task.why') throw new Error('broken inside');
      if (method === 'task.show') refuse('unknown-task', 'no such task', 'drover list');
      return { ok: method };
    },
  });
  const dispatcher = new Dispatcher(core.asCore(), handlers);
  const client = { hasGreeted: true, isAgent: false, ...who } as ClientSession;
  return { core, called, answer: (message: unknown) => dispatcher.answer(message, client) };
}

test('a valid request is answered under its id, with the validated parameters', async () => {
  const { answer, called } = open();
  expect(await answer({ id: 5, method: 'task.retry', params: { task: 'x' } })).toEqual({
    id: 5,
    result: { ok: 'task.retry' },
  });
  expect(called).toEqual([['task.retry', { task: 'x' }]]);
  expect(await answer({ id: 6, method: 'pane.list' })).toMatchObject({ id: 6, result: {} });
});

test('refusals are answered as they are; a fault is logged and marked, its stack stays here', async () => {
  const { answer, core } = open();
  expect(await answer({ id: 1, method: 'task.show', params: { task: 'x' } })).toEqual({
    id: 1,
    error: { code: 'unknown-task', message: 'no such task', next: 'drover list' },
  });
  expect(await answer({ id: 2, method: 'task.why', params: { task: 'x' } })).toMatchObject({
    id: 2,
    error: { message: 'broken inside', fault: true },
  });
  expect(core.logged).toEqual(['method task.why: Error: broken inside']);
});

test('nothing is called before the greeting', async () => {
  const { answer, called } = open({ hasGreeted: false });
  expect(await answer({ id: 1, method: 'task.list' })).toMatchObject({ error: { code: 'not-allowed' } });
  const hello = { protocol: PROTOCOL_VERSION, kind: 'cli', operator: 'a', pid: 1 };
  expect(await answer({ id: 2, method: 'session.hello', params: hello })).toHaveProperty('result');
  expect(called).toHaveLength(1);
});

test("an agent's token opens the agent's methods and no other; an operator has no call for those", async () => {
  const agent = open({ isAgent: true });
  for (const method of ['task.create', 'server.stop', 'pane.view', 'session.stop', 'task.list', 'events.subscribe']) {
    expect(await agent.answer({ id: 1, method, params: {} })).toMatchObject({ error: { code: 'not-allowed' } });
  }
  expect(await agent.answer({ id: 1, method: 'agent.task' })).toHaveProperty('result');
  expect(await open().answer({ id: 1, method: 'agent.task' })).toMatchObject({ error: { code: 'not-allowed' } });
});

test('another protocol is told before anything else of its greeting', async () => {
  const { answer } = open({ hasGreeted: false });
  const params = { protocol: 99, who: { new: 'form' } };
  // Other versions read the number in these words.
  expect(await answer({ id: 1, method: 'session.hello', params })).toMatchObject({
    error: {
      code: 'protocol-version',
      message: `the server speaks protocol ${PROTOCOL_VERSION}, this program 99: they are of different versions of Drover`,
    },
  });
});

test.each([
  [null],
  [7],
  ['x'],
  [[]],
  [{}],
  [{ id: 'a' }],
  [{ method: 1 }],
  [{ method: 'hasOwnProperty' }],
  [{ id: {}, method: '__proto__' }],
])('%j is refused as no method, under id 0', async (message) => {
  expect(await open().answer(message)).toMatchObject({ id: 0, error: { code: 'unknown-method' } });
});
