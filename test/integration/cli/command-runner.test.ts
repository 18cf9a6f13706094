// The command bar's way into the verb table, in this process, against a server that answers from a table.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCommandRunner } from '../../../src/cli/command-runner.ts';
import { plainPaint } from '../../../src/cli/render.ts';
import type { Shell } from '../../../src/cli/shell.ts';
import type { CommandRunner } from '../../../src/client/command-line.ts';
import { sessionPaths } from '../../../src/config/paths.ts';
import { emptyState } from '../../../src/domain/state.ts';
import { createScene, type FakeServer, listenAs, type Scene } from './scene.ts';

let scene: Scene;
let server: FakeServer;
let runner: CommandRunner;

const missing = () => Promise.reject(new Error('not in the bar'));

beforeAll(async () => {
  scene = createScene('');
  for (const [name, value] of Object.entries(scene.env)) vi.stubEnv(name, value);
  const { socket } = sessionPaths(scene.repository, { create: true });
  server = await listenAs(socket, {
    'task.create': (params) => ({
      task: { id: 'task-x7k2m', title: `${(params as { title: string }).title} \u001b[2J`, blockedBy: [] },
    }),
    'task.why': { error: { code: 'unknown-task', message: 'there is no task zzz', next: 'drover list' } },
    'session.start': { workers: 3, agent: 'claude', epicId: null },
  });
  const shell: Shell = {
    env: scene.env,
    folder: scene.folder,
    program: 'drover',
    width: 80,
    paint: plainPaint,
    paintError: plainPaint,
    isInteractive: true,
    write: () => expect.unreachable('the bar writes nowhere'),
    writeError: () => expect.unreachable('the bar writes nowhere'),
    readText: missing,
    readLines: () => expect.unreachable('the bar reads nothing'),
    onInterrupt: () => () => undefined,
    roles: {
      prepareWorkspace: missing,
      looks: missing,
      settingsMistakes: missing,
      createDemoRepository: missing,
      runMcpServer: missing,
    },
  };
  runner = createCommandRunner(shell, { folder: scene.repository, as: 'alice', version: '1.2.3' });
});
afterEach(() => {
  server.calls.length = 0;
});
afterAll(async () => {
  await server.close();
  vi.unstubAllEnvs();
  scene.dispose();
});

const sent = (method: string): unknown => server.calls.find((call) => call.method === method)?.params;

describe('the command bar', () => {
  test('runs a verb as the operator of the workspace', async () => {
    expect(await runner.run('add "fix the login" -p 3')).toEqual({
      ok: true,
      text: 'Created task-x7k2m: fix the login [2J',
    });
    expect(sent('session.hello')).toMatchObject({ operator: 'alice' });
    expect(sent('task.create')).toEqual({ title: 'fix the login', priority: 3 });
  });

  test('takes the whole command of a shell, too, and nothing for an empty line', async () => {
    expect((await runner.run('drover quick fix it')).ok).toBe(true);
    expect(await runner.run('   ')).toEqual({ ok: true, text: '' });
    expect(server.calls.filter((call) => call.method === 'task.create')).toHaveLength(1);
  });

  test('run starts the work and stays in the workspace', async () => {
    expect(await runner.run('run --workers 3 --headless')).toEqual({
      ok: true,
      text: '3 workers take tasks (agent claude).',
    });
    expect(sent('session.start')).toEqual({ workers: 3 });
  });

  test.each([
    ['why zzz', 'there is no task zzz (next: drover list)'],
    ['lst', "unknown command 'lst'; did you mean list, ls, st? (next: drover --help)"],
    ['add "open', 'a quote is not closed'],
    ['attach', 'attach is for the shell: you are attached already'],
    ['demo', 'demo is for the shell: it opens a workspace of its own'],
    [
      'add x --description-file /etc/passwd',
      '--description-file is for the shell; here, use --description (next: drover add --help)',
    ],
    ['init', expect.stringContaining('has been set up')],
    ['completions bash', expect.stringContaining('is for the shell')],
  ])('%s is refused in words', async (line, text) => {
    if (line === 'init') await runner.run('init');
    expect(await runner.run(line)).toEqual({ ok: false, text });
    expect(sent('task.create')).toBeUndefined();
  });

  test('shows what a verb has found, though its exit code is none of success', async () => {
    expect(await runner.run('doctor')).toEqual({ ok: true, text: expect.stringMatching(/^fail +config/m) });
  });

  test('shows help', async () => {
    expect((await runner.run('help why')).text).toContain('Say why a task is not running');
  });

  test('completes from the state', () => {
    expect(runner.complete('wh', 2, emptyState())).toEqual({ candidates: ['why'], from: 0 });
  });
});
