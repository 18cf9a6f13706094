// Tells how the hook server answers real HTTP requests: who may call, and what each event does.
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunObserver } from '../../../src/agent/agent.ts';
import { type HookRun, HookServer } from '../../../src/agent/hook-server.ts';
import { WorktreeGate } from '../../../src/agent/worktree-gate.ts';

const TOKEN = 'a-token-of-32-random-bytes-in-real-life';

interface Answer {
  status: number;
  body: unknown;
}

interface CallOptions {
  token?: string;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  raw?: string;
}

let server: HookServer;
let seen: string[];
let turnAnswer: string | null;
let faults: unknown[];
let openTools: () => void;

function call(body: unknown, options: CallOptions = {}): Promise<Answer> {
  const url = new URL(options.path ?? '/hook', server.url);
  const headers = { 'x-drover-token': options.token ?? TOKEN, 'content-type': 'application/json', ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: options.method ?? 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(options.raw ?? JSON.stringify(body));
  });
}

const event = (name: string, more: object = {}): object => ({
  hook_event_name: name,
  session_id: 's',
  cwd: '/wt',
  ...more,
});

function makeRun(changes: Partial<HookRun> = {}): HookRun {
  const tools = new Promise<void>((resolve) => {
    openTools = resolve;
  });
  const observer: RunObserver = {
    onState: ({ state, source, detail }) => seen.push(`${source}:${state}${detail && ` ${detail}`}`),
    onTurnEnded: (info) => {
      seen.push(`turn ${info.lastMessage} ${info.stopHookActive} ${info.hasBackgroundTasks}`);
      return turnAnswer;
    },
    onApiError: ({ error, message }) => seen.push(`api ${error}: ${message}`),
    onTranscript: ({ path, conversationId }) => seen.push(`transcript ${conversationId} ${path}`),
  };
  return {
    token: TOKEN,
    runId: 'run-1',
    observer,
    policy: { worktree: '/wt', extraWritable: [], policy: { insideWorktree: 'allow', outsideWorktree: 'ask' } },
    isMcpReady: () => tools,
    ...changes,
  };
}

beforeEach(async () => {
  seen = [];
  faults = [];
  turnAnswer = null;
  server = new HookServer({ mcpSettle: 0, onFault: (error) => faults.push(error) });
  await server.listen();
  server.register(makeRun());
});

afterEach(() => server.close());

describe('who may call', () => {
  it('answers an unknown, an empty and an ended token with 403 and nothing', async () => {
    for (const token of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
      expect(await call(event('Stop'), { token })).toEqual({ status: 403, body: {} });
    }
    server.unregister(TOKEN);
    expect(await call(event('Stop'))).toEqual({ status: 403, body: {} });
    expect(seen).toEqual([]);
  });

  it('refuses a page: another host, or an origin', async () => {
    expect(await call(event('Stop'), { headers: { host: 'evil.example:80' } })).toEqual({ status: 403, body: {} });
    expect(await call(event('Stop'), { headers: { host: '127.0.0.1' } })).toEqual({ status: 403, body: {} });
    expect(await call(event('Stop'), { headers: { origin: 'http://127.0.0.1' } })).toEqual({ status: 403, body: {} });
    expect(seen).toEqual([]);
  });

  it('refuses other paths, methods, bodies that are no events, and bodies over the limit', async () => {
    expect((await call(event('Stop'), { path: '/' })).status).toBe(404);
    expect((await call(null, { method: 'PUT' })).status).toBe(405);
    expect((await call(null, { raw: 'no json' })).status).toBe(400);
    expect((await call([])).status).toBe(400);
    expect((await call({ hook_event_name: '' })).status).toBe(400);
    const large = await call(event('Stop', { last_assistant_message: 'x'.repeat(5 * 1024 * 1024) })).catch(() => ({
      status: 413,
    }));
    expect(large.status).toBe(413);
    expect(seen).toEqual([]);
    expect((await call(event('Stop', { last_assistant_message: 'x'.repeat(3 * 1024 * 1024) }))).status).toBe(200);
  });

  it('tells runs apart', async () => {
    const other: string[] = [];
    const { observer } = makeRun();
    server.register(
      makeRun({ token: 'other', runId: 'run-2', observer: { ...observer, onState: ({ state }) => other.push(state) } }),
    );
    await call(event('PreCompact'), { token: 'other' });
    expect([seen, other]).toEqual([[], ['working']]);
  });
});

describe('events', () => {
  it('holds the first prompt until the tools are listed, and no later one', async () => {
    const done: string[] = [];
    const first = call(event('UserPromptSubmit')).then(() => done.push('first'));
    const second = call(event('UserPromptSubmit')).then(() => done.push('second'));
    // Later requests overtake the held ones, which is how their hold shows without a clock.
    await call(event('PreCompact'));
    await call(event('PreCompact'));
    expect(done).toEqual([]);
    expect(seen[0]).toBe('hook:working');
    openTools();
    await Promise.all([first, second]);
    expect((await call(event('UserPromptSubmit'))).status).toBe(200);
  });

  it('lets the prompt go when the tools never come or fail', async () => {
    const hurried = new HookServer({ mcpSettle: 0, mcpPatience: 1 });
    const patient = server;
    await hurried.listen();
    server = hurried;
    try {
      hurried.register(makeRun({ isMcpReady: () => new Promise(() => undefined) }));
      expect((await call(event('UserPromptSubmit'))).status).toBe(200);
      hurried.register(makeRun({ token: 'fails', isMcpReady: () => Promise.reject(new Error('gone')) }));
      expect((await call(event('UserPromptSubmit'), { token: 'fails' })).status).toBe(200);
    } finally {
      await hurried.close();
      server = patient;
    }
  });

  it('answers tools that write by the policy, and leaves others to the agent', async () => {
    const decide = async (tool: string, input: object) => {
      const { body } = await call(event('PreToolUse', { tool_name: tool, tool_input: input }));
      return body;
    };
    const answer = (permissionDecision: string, reason: string) => ({
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision,
        permissionDecisionReason: `Drover: ${reason}`,
      },
    });
    expect(await decide('Write', { file_path: '/wt/a' })).toEqual(
      answer('allow', 'the file is inside of the worktree'),
    );
    expect(await decide('Write', { file_path: '/etc/a' })).toEqual(answer('ask', '/etc/a is outside of the worktree'));
    expect(await decide('Bash', { command: 'ls' })).toEqual(
      answer('allow', 'the command names nothing outside of the worktree'),
    );
    expect(await decide('Read', { file_path: '/etc/a' })).toEqual({});
    expect(await decide('mcp__other__x', {})).toEqual({});
  });

  it('applies the policy to subagents without telling their state', async () => {
    const { body } = await call(
      event('PreToolUse', { tool_name: 'Write', tool_input: { file_path: '/etc/a' }, agent_id: 'a' }),
    );
    expect(body).toMatchObject({ hookSpecificOutput: { permissionDecision: 'ask' } });
    expect(seen).toEqual([]);
  });

  it('tells the question of a permission request, and does not answer it', async () => {
    const { body } = await call(event('PermissionRequest', { tool_name: 'Bash', tool_input: { command: 'sudo ls' } }));
    expect(body).toEqual({});
    expect(seen).toEqual(['hook:needs-input Bash: sudo ls']);
  });

  it('lets a turn end, or goes on with the observer’s text', async () => {
    const stop = event('Stop', { last_assistant_message: 'Done.', stop_hook_active: true, background_tasks: [{}] });
    expect((await call(stop)).body).toEqual({});
    expect(seen).toEqual(['turn Done. true true', 'hook:turn-ended Done.']);
    seen = [];
    turnAnswer = 'Call complete_task.';
    expect((await call(event('Stop'))).body).toEqual({
      hookSpecificOutput: { hookEventName: 'Stop', additionalContext: 'Call complete_task.' },
    });
    expect(seen).toEqual(['turn  false false', 'hook:working']);
  });

  it('asks nobody about the end of a subagent', async () => {
    turnAnswer = 'go on';
    expect((await call(event('Stop', { agent_id: 'a' }))).body).toEqual({});
    expect((await call(event('SubagentStop', { agent_id: 'a' }))).body).toEqual({});
    expect(seen).toEqual([]);
  });

  it('tells an API error and the transcript, once', async () => {
    const more = { transcript_path: '/p/s.jsonl', error: 'rate_limit', last_assistant_message: 'Try later' };
    await call(event('StopFailure', more));
    await call(event('PreCompact', more));
    expect(seen).toEqual([
      'transcript s /p/s.jsonl',
      'hook:api-error rate_limit',
      'api rate_limit: Try later',
      'hook:working',
    ]);
  });

  it('reports a fault of the observer and answers as if it had nothing to say', async () => {
    const { observer } = makeRun();
    const broken = () => {
      throw new Error('broken');
    };
    server.register(makeRun({ token: 'broken', observer: { ...observer, onState: broken } }));
    expect(await call(event('PreCompact'), { token: 'broken' })).toEqual({ status: 200, body: {} });
    expect(faults).toEqual([new Error('broken')]);
  });

  it('takes a caller that goes away in the middle of its body', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /hook HTTP/1.1\r\nHost: ${hostname}:${port}\r\nx-drover-token: ${TOKEN}\r\nContent-Length: 100\r\n\r\n{`,
    );
    await call(event('PreCompact'));
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
    expect((await call(event('PreCompact'))).status).toBe(200);
    expect(faults).toEqual([]);
  });

  describe('while the worktree is synced', () => {
    let gate: WorktreeGate;
    beforeEach(() => {
      gate = new WorktreeGate({ worktree: '/wt', patience: 60_000, retry: () => undefined });
      server.register(makeRun({ gate }));
    });
    const tool = (name: string, id: string, more: object = {}): object =>
      event('PreToolUse', { tool_name: name, tool_use_id: id, tool_input: { file_path: '/wt/a' }, ...more });
    const decision = ({ body }: Answer): unknown =>
      (body as { hookSpecificOutput?: { permissionDecision?: string } }).hookSpecificOutput?.permissionDecision;

    it('a write waits, reads pass, and the run is gated whatever else of it goes on', async () => {
      const write = call(tool('Write', 'w'));
      await expect.poll(() => seen).toContain('hook:gated sync');
      expect((await call(tool('Read', 'r'))).body).toEqual({});
      await call(event('PostToolUse', { tool_name: 'Read', tool_use_id: 'r', tool_response: 'text' }));
      expect(seen.at(-1)).toBe('hook:gated sync');
      gate.complete([]);
      expect(decision(await write)).toBe('allow');
      expect(seen.at(-1)).toBe('hook:working');
      expect(decision(await call(tool('Write', 'w2', { tool_input: { file_path: '/etc/a' } })))).toBe('ask');
    });

    it('a move waits for the end of the reads that it has let through, however they end', async () => {
      await call(tool('Read', 'one'));
      await call(tool('Grep', 'two'));
      await call(tool('Glob', 'three', { agent_id: 'sub' }));
      const held = gate.hold(60_000);
      const late = call(tool('Read', 'late'));
      await expect.poll(() => seen).toContain('hook:gated sync');
      await call(event('PostToolUse', { tool_name: 'Read', tool_use_id: 'one', tool_response: 'text' }));
      await call(event('PostToolUseFailure', { tool_name: 'Grep', tool_use_id: 'two', error: 'no such file' }));
      await call(event('SubagentStop', { agent_id: 'sub' }));
      expect(await held).toBe(true);
      gate.complete([]);
      expect((await late).body).toEqual({});
    });

    it('a failure denies, also to a subagent, and completing the task stays possible', async () => {
      const write = call(tool('Edit', 'w', { agent_id: 'sub' }));
      await expect.poll(() => seen).toContain('hook:gated sync');
      gate.step({ type: 'failed', reason: 'no route to host', isMixed: false });
      const answer = await write;
      expect(decision(answer)).toBe('deny');
      expect(JSON.stringify(answer.body)).toContain('Drover: not run: this worktree could not be brought up to date');
      expect((await call(tool('mcp__drover__complete_task', 'c'))).body).toEqual({});
    });

    it('a caller that goes away is not waited for', async () => {
      const { hostname, port } = new URL(server.url);
      const body = JSON.stringify(tool('Write', 'w'));
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /hook HTTP/1.1\r\nHost: ${hostname}:${port}\r\nx-drover-token: ${TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await expect.poll(() => seen).toContain('hook:gated sync');
      socket.destroy();
      await expect.poll(() => seen.at(-1)).toBe('hook:working');
    });
  });

  it('tells of every tool that is through, of whichever thread and whether it failed: files may be others', async () => {
    let count = 0;
    const { observer } = makeRun();
    server.register(makeRun({ observer: { ...observer, onToolDone: () => void count++ } }));
    await call(event('PostToolUse', { tool_name: 'Edit' }));
    await call(event('PostToolUse', { tool_name: 'Edit', agent_id: 'sub' }));
    await call(event('PostToolUseFailure', { tool_name: 'Bash' }));
    await call(event('PostToolBatch'));
    await call(event('PreToolUse', { tool_name: 'Read' }));
    expect(count).toBe(3);
  });

  it('closes while a prompt is held', async () => {
    const held = call(event('UserPromptSubmit')).then(
      () => 'answered',
      () => 'cut off',
    );
    await call(event('PreCompact'));
    await server.close();
    expect(['answered', 'cut off']).toContain(await held);
  });
});
