// Tells how the MCP server talks to a real client of the SDK, whose end is a real process with pipes.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { serveMcp } from '../../../src/mcp/mcp-server.ts';
import type { McpCall } from '../../../src/mcp/tools.ts';
import { TOOLS } from '../../../src/mcp/tools.ts';
import { taskAtWork } from '../../unit/agent/fixture.ts';

/** Joins the client's pipes to the server in this process. */
const RELAY = `const socket = require('node:net').connect(process.argv[1]); process.stdin.pipe(socket); socket.pipe(process.stdout);`;

let folder: string;
let listener: Server;
let client: Client;
let served: Promise<void>;
let calls: { method: string; params: unknown }[];
let failure: Error | null;
let ready: Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-mcp-'));
  calls = [];
  failure = null;
  let tellReady = (): void => undefined;
  ready = new Promise((resolve) => {
    tellReady = resolve;
  });
  const call = async (method: string, params: unknown): Promise<unknown> => {
    calls.push({ method, params });
    if (failure !== null) throw failure;
    if (method === 'agent.mcp-ready') tellReady();
    if (method === 'agent.task') return { task: taskAtWork({ description: 'All of it' }) };
    return method === 'agent.complete' ? { accepted: true, message: 'Taken; you may end.' } : {};
  };
  const path = join(folder, 'relay.sock');
  const connected = new Promise<void>((resolve) => {
    listener = createServer((socket) => {
      served = serveMcp({ input: socket, output: socket, call: call as McpCall, version: '0.0.1' });
      resolve();
    });
  });
  listener.listen(path);
  await once(listener, 'listening');
  client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ['-e', RELAY, path] }));
  await connected;
});

afterEach(async () => {
  await client.close();
  await served;
  await new Promise((resolve) => listener.close(resolve));
  await rm(folder, { recursive: true });
});

async function use(name: string, input: Record<string, unknown> = {}): Promise<{ isError: boolean; text: string }> {
  const { isError, content } = await client.callTool({ name, arguments: input });
  const [first] = Array.isArray(content) ? content : [];
  return { isError: isError === true, text: first?.type === 'text' ? first.text : '' };
}

describe('serveMcp', () => {
  it('names itself, lists the tools, and says so to Drover', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'drover', version: '0.0.1' });
    expect(calls).toEqual([]);
    const { tools } = await client.listTools();
    await ready;
    expect(calls).toEqual([{ method: 'agent.mcp-ready', params: {} }]);
    expect(tools.map(({ name }) => name)).toEqual([
      'complete_task',
      'get_task',
      'create_subtask',
      'check_subtask_status',
      'signal_decomposition',
      'record_findings',
      'list_tasks',
    ]);
    expect(tools[0]?.inputSchema).toMatchObject({
      type: 'object',
      required: ['verdict', 'summary'],
      additionalProperties: false,
      properties: { verdict: { enum: ['pass', 'fail', 'blocked'] }, summary: { type: 'string' } },
    });
  });

  it('completes the task and shows it', async () => {
    expect(await use('complete_task', { verdict: 'pass', summary: ' Fixed. ' })).toEqual({
      isError: false,
      text: 'Taken; you may end.',
    });
    expect(calls).toEqual([{ method: 'agent.complete', params: { verdict: 'pass', summary: 'Fixed.' } }]);
    expect(JSON.parse((await use('get_task')).text)).toMatchObject({
      id: 'task-abcde',
      description: 'All of it',
      attempt: 1,
    });
  });

  it.each([
    ['complete_task', { verdict: 'great', summary: 'x' }, 'verdict'],
    ['complete_task', { verdict: 'pass', summary: '  ' }, 'summary'],
    ['complete_task', { verdict: 'pass' }, 'summary'],
    ['complete_task', { verdict: 'pass', summary: 'x', extra: 1 }, 'extra'],
    ['complete_task', { verdict: 'pass', summary: 'x'.repeat(10_001) }, 'summary'],
    ['get_task', { task: 'task-other' }, 'task'],
    ['no_such_tool', {}, 'complete_task, get_task'],
  ])('tells the model what is wrong with %s %o', async (name, input, named) => {
    const { isError, text } = await use(name, input);
    expect({ isError, isNamed: text.includes(named) }).toEqual({ isError: true, isNamed: true });
    expect(calls).toEqual([]);
  });

  it('gives a refusal with its next step, and any other failure, as the error of the tool', async () => {
    failure = new RefusalError({
      code: 'illegal-transition',
      message: 'task-abcde is cancelled',
      next: 'drover retry task-abcde',
    });
    const input = { verdict: 'pass', summary: 'x' };
    expect(await use('complete_task', input)).toEqual({
      isError: true,
      text: 'task-abcde is cancelled\nNext: drover retry task-abcde',
    });
    failure = new Error('no server runs');
    expect(await use('complete_task', input)).toEqual({ isError: true, text: 'no server runs' });
    expect((await client.listTools()).tools).toHaveLength(TOOLS.length);
  });

  it('ends when the agent goes', async () => {
    await client.close();
    await served;
    expect(calls).toEqual([]);
  });
});
