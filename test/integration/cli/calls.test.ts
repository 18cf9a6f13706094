// The built program against a server that answers from a table: what is sent, what is shown, how it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { sessionPaths } from '../../../src/config/paths.ts';
import { makeTask } from '../../helpers/task.ts';
import { builtProgram, createScene, type FakeServer, listenAs, type Scene } from './scene.ts';

const LINE = '🟢 4 running | 📋 12 queued | ✅ 28 done | 🔴 2 blocked';
const TASK = makeTask({ createdBy: 'a', modifiedBy: 'a', createdAt: 1, updatedAt: 1 });
const SESSION = { isRunning: false, workers: 0, agent: 'claude', epicId: null, startedAt: null };
const RECORD = { seq: 1, session: SESSION, tasks: [TASK], epics: [], runs: [], workers: [], worktrees: [] };

let main = '';
let scene: Scene;
let socket = '';
let server: FakeServer | null = null;

beforeAll(async () => {
  main = builtProgram();
  scene = createScene(main);
  await scene.drover(['init']);
  // paths.ts looks at the process's own environment.
  vi.stubEnv('DROVER_SOCKET_DIR', scene.env['DROVER_SOCKET_DIR']);
  socket = sessionPaths(scene.repository, { create: false }).socket;
  vi.unstubAllEnvs();
});
afterEach(async () => {
  await server?.close();
  server = null;
});
afterAll(() => scene.dispose());

async function listen(answers: Parameters<typeof listenAs>[1]): Promise<FakeServer> {
  server = await listenAs(socket, answers);
  return server;
}

const sent = (fake: FakeServer, method: string): unknown => fake.calls.find((call) => call.method === method)?.params;

describe('status --oneline', () => {
  test('is one line, and loads nothing but the few files of the fast path', async () => {
    const fake = await listen({ 'status.oneline': { line: LINE } });
    // Tells which files of the bundle are loaded, so that nothing heavy creeps in.
    const hook = join(scene.folder, 'hook.mjs');
    writeFileSync(
      hook,
      `import { appendFileSync } from 'node:fs';
import vm from 'node:vm';
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    appendFileSync(${JSON.stringify(join(scene.folder, 'loaded'))}, options.filename + '\\n');
  }
};\n`,
    );
    const ran = await scene.drover(['status', '--oneline'], { env: { NODE_OPTIONS: `--import=${hook}` } });
    expect(ran).toEqual({ code: 0, stdout: `${LINE}\n`, stderr: '' });
    expect(fake.calls.map((call) => call.method)).toEqual(['session.hello', 'status.oneline']);
    const loaded = readFileSync(join(scene.folder, 'loaded'), 'utf8').trimEnd().split('\n');
    // What a bundle holds stands in its map.
    const names = loaded.flatMap((file) => {
      const { sources } = JSON.parse(readFileSync(join(dirname(main), `${file}.map`), 'utf8')) as { sources: string[] };
      return sources.filter((source) => source.includes('src/')).map((source) => source.replace(/^.*src\//, ''));
    });
    expect(names.sort()).toEqual(
      [
        'cli/oneline.ts',
        'config/paths.ts',
        'domain/refusal.ts',
        'main.ts',
        'protocol/frame.ts',
        'protocol/methods.ts',
      ].sort(),
    );
  });

  test('an answer that would command the terminal is not printed as it is', async () => {
    await listen({ 'status.oneline': { line: '\u001b[2Jx' }, 'status.get': { oneline: '\u001b[2Jx' } });
    const { stdout } = await scene.drover(['status', '--oneline']);
    expect(stdout).toBe('[2Jx\n');
  });
});

describe('layout and theme', () => {
  test('list the names, choose one of them, and refuse another before anybody is asked', async () => {
    const listed = await scene.drover(['layout']);
    expect(listed).toMatchObject({ code: 0, stdout: 'dashboard\nfocus\ngrid\nmain-left\nmain-top\nstack\n' });
    const fake = await listen({ 'client.choose': { workspaces: 2 } });
    expect((await scene.drover(['theme', 'light'])).stdout).toBe('In your 2 workspaces: the theme light.\n');
    expect(sent(fake, 'client.choose')).toEqual({ what: 'theme', name: 'light' });
    const asked = fake.calls.length;
    const wrong = await scene.drover(['layout', 'main-lft']);
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'drover: there is no layout "main-lft"; there are main-left, dashboard, focus, grid, main-top, stack\n' +
        '  next: drover layout main-left\n',
    });
    expect((await scene.drover(['theme', 'nope'])).stderr).toMatch(/\n {2}next: drover theme\n$/);
    expect(fake.calls.length).toBe(asked);
  });
});

describe('one call', () => {
  test('add sends what was said, as whoever says it', async () => {
    const fake = await listen({ 'task.create': { task: TASK } });
    const title = '--json $(x) "y"';
    const ran = await scene.drover(
      [
        '--as',
        'Bob <bob@example.org>',
        'add',
        '--description-file',
        '-',
        '-b',
        'a,b',
        '-b',
        'c',
        '-p',
        '-5',
        '--test',
        'npm test',
        '--',
        title,
      ],
      { input: 'the whole\nstory\n' },
    );
    expect(ran).toEqual({ code: 0, stdout: 'Created task-x7k2m: Fix login\n', stderr: '' });
    expect(sent(fake, 'session.hello')).toMatchObject({ kind: 'cli', operator: 'Bob <bob@example.org>' });
    expect(sent(fake, 'task.create')).toEqual({
      title,
      description: 'the whole\nstory',
      blockedBy: ['a', 'b', 'c'],
      priority: -5,
      testCommand: 'npm test',
    });
  });

  test('the operator: --as, then DROVER_OPERATOR, then git, then the login', async () => {
    const fake = await listen({ 'task.list': { tasks: [], epics: [] } });
    const who = async (words: string[], env: Record<string, string> = {}) => {
      fake.calls.length = 0;
      await scene.drover([...words, 'list'], { env });
      return (sent(fake, 'session.hello') as { operator: string }).operator;
    };
    const login = await who([]);
    scene.git('config', 'user.email', 'git@example.org');
    expect(await who([])).toBe('git <git@example.org>');
    expect(await who([], { DROVER_OPERATOR: 'env' })).toBe('env');
    expect(await who(['--as', 'said'], { DROVER_OPERATOR: 'env' })).toBe('said');
    scene.git('config', '--unset', 'user.email');
    expect(login).toMatch(/^[\w.-]+$/);
    expect(login).not.toContain('@');
  });

  test('--json prints the result as one document, and a refusal as JSON on the other stream', async () => {
    const error = { code: 'unknown-task', message: 'there is no task zzz', next: 'drover list' };
    await listen({ 'task.list': { tasks: [TASK], epics: [] }, 'task.why': { error } });
    const [list, why] = [await scene.drover(['list', '--json']), await scene.drover(['why', 'zzz', '--json'])];
    expect(JSON.parse(list.stdout)).toEqual({ tasks: [TASK], epics: [] });
    expect(why).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(why.stderr)).toEqual({ error });
  });

  test('a fault of the server is 70 and names its log', async () => {
    await listen({ 'task.list': { error: { code: 'bad-params', message: 'it broke', next: '', fault: true } } });
    const { code, stderr } = await scene.drover(['list']);
    expect(code).toBe(70);
    expect(stderr).toMatch(/^drover: it broke \(the log is .*server\.log\)\n$/);
  });

  test('completion offers the ids of tasks', async () => {
    await listen({ 'task.list': { tasks: [TASK], epics: [] } });
    expect(await scene.drover(['__complete', 'show', 'task-'])).toEqual({
      code: 0,
      stdout: 'task-x7k2m\n',
      stderr: '',
    });
  });

  test('completion offers the layouts and themes there are, own ones too, and asks no server', async () => {
    const folder = join(scene.repository, '.drover', 'themes');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'dusk.json'), '{ "styles": {} }');
    expect((await scene.drover(['__complete', 'theme', 'd'])).stdout).toBe('dark\ndusk\n');
    expect((await scene.drover(['__complete', 'layout', 'main'])).stdout).toBe('main-left\nmain-top\n');
    expect((await scene.drover(['__complete', 'layout', 'n'])).stdout).toBe('next\n');
    rmSync(folder, { recursive: true });
  });

  test('nothing is cut or broken where there is no terminal', async () => {
    const reason = `it waits ${'for a very long reason '.repeat(12)}to end`;
    const server = { pid: 1, startedAt: 0, isRunning: false };
    await listen({
      'status.get': { oneline: LINE, running: [], attention: [{ task: TASK, reason }], people: [], server },
      'task.why': { task: TASK, why: [reason] },
    });
    expect((await scene.drover(['status'])).stdout).toContain(`: ${reason}\n`);
    expect((await scene.drover(['why', TASK.id])).stdout).toContain(`  ${reason}\n`);
  });

  test('server stop on a server that isn’t there is 3', async () => {
    expect(await scene.drover(['server', 'stop'])).toMatchObject({ code: 3 });
  });
});

describe('run --headless', () => {
  const event = (seq: number, fields: object) => ({
    notice: 'event',
    envelope: { seq, at: 1, by: 'drover', event: fields },
  });
  const answers = {
    'events.subscribe': { seq: 1, state: RECORD, isRunning: false },
    'session.start': { workers: 2, agent: 'rehearsal', epicId: null },
  };

  test('prints a line for each transition and exits 1 when a task failed, naming it', async () => {
    const fake = await listen(answers);
    const running = scene.drover(['run', '--headless', '--workers', '2', '--agent', 'rehearsal']);
    await fake.called('session.start');
    expect(sent(fake, 'session.start')).toEqual({ workers: 2, agent: 'rehearsal', untilDone: true });
    fake.send(event(2, { type: 'session.started', workers: 2, agent: 'rehearsal', epicId: null }));
    fake.send(event(3, { type: 'task.cancelled', taskId: TASK.id, reason: 'never mind' }));
    fake.send(event(4, { type: 'task.retried', taskId: TASK.id }));
    fake.send(event(5, { type: 'task.failed', taskId: TASK.id, error: 'it broke' }));
    fake.send(event(6, { type: 'session.stopped', reason: 'nothing is left to do' }));
    const { code, stdout, stderr } = await running;
    expect(stderr).toBe('');
    expect(
      stdout.split('\n').map((line) =>
        line
          .replace(/^\d\d:\d\d:\d\d /, '')
          .replace(/ +/g, ' ')
          .trim(),
      ),
    ).toEqual([
      'task-x7k2m ready → cancelled Fix login: never mind',
      'task-x7k2m cancelled → ready Fix login',
      'task-x7k2m ready → failed Fix login: it broke',
      '0 of 1 tasks are completed; these need you:',
      'task-x7k2m failed Fix login: it broke',
      'next: drover why task-x7k2m',
      '',
    ]);
    expect(code).toBe(1);
  });

  test('says once that an agent waits for a person, and what is paused at the end', async () => {
    const fake = await listen(answers);
    const running = scene.drover(['run', '--headless']);
    await fake.called('session.start');
    const runId = 'run-1';
    const worktreeId = 'worktree-1';
    const claim = { runId, worker: 1, worktreeId, branch: 'b', baseCommit: 'c', attempt: 1, agent: 'rehearsal' };
    const asks = { state: 'needs-input', source: 'hook', detail: 'may it push?' };
    const question = { id: 'ask-1', kind: 'permission', tool: 'Bash', about: 'may it push?', parts: [], scope: null };
    const facts = [
      { type: 'session.started', workers: 2, agent: 'rehearsal', epicId: null },
      { type: 'worktree.added', worktreeId, path: '/w' },
      { type: 'task.claimed', taskId: TASK.id, conversationId: 'u', ...claim },
      { type: 'run.started', runId, pid: 1 },
      { type: 'run.state-changed', runId, ...asks },
      { type: 'run.asked', runId, question: { ...question, askedAt: 1 } },
      { type: 'task.paused', taskId: TASK.id, by: 'a', work: null },
      { type: 'session.stopped', reason: '' },
    ];
    for (const [index, fact] of facts.entries()) fake.send(event(index + 2, fact));
    const { code, stdout } = await running;
    expect(stdout.match(/.*waits for you.*/g)).toEqual([
      expect.stringMatching(/task-x7k2m waits for you +worker 1 +Fix login: may it push\?; to answer: drover needs$/),
    ]);
    expect(stdout.split('\n').slice(-3)).toEqual([
      '0 of 1 tasks are completed.',
      'task-x7k2m is paused; to go on: drover resume task-x7k2m && drover run',
      '',
    ]);
    expect(code).toBe(1);
  });

  test('exits 0 when nothing is left to do; --json prints a document a line', async () => {
    const fake = await listen(answers);
    const running = scene.drover(['run', '--headless', '--json']);
    await fake.called('session.start');
    fake.send(event(2, { type: 'session.started', workers: 2, agent: 'rehearsal', epicId: null }));
    fake.send(event(3, { type: 'task.cancelled', taskId: TASK.id, reason: '' }));
    fake.send(event(4, { type: 'session.stopped', reason: '' }));
    const { code, stdout } = await running;
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(documents).toEqual([
      expect.objectContaining({ taskId: TASK.id, from: 'ready', to: 'cancelled' }),
      { summary: { completed: 0, stuck: [], paused: [], total: 1 } },
    ]);
    expect(code).toBe(0);
  });

  test('SIGINT leaves the run going and says how to end it', async () => {
    const fake = await listen(answers);
    const child = spawn(process.execPath, [main, 'run', '--headless'], {
      cwd: scene.repository,
      env: scene.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await fake.called('session.start');
    // The first line shows that it follows, and so listens for signals.
    fake.send(event(2, { type: 'task.cancelled', taskId: TASK.id, reason: '' }));
    for await (const chunk of child.stdout) {
      stdout += String(chunk);
      if (stdout.includes('\n')) break;
    }
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(stderr).toContain('The run goes on without you.');
    expect(fake.calls.some((call) => call.method === 'session.stop' || call.method === 'server.stop')).toBe(false);
  });

  test('a server that goes ends it with 3', async () => {
    const fake = await listen(answers);
    const running = scene.drover(['run', '--headless']);
    await fake.called('session.start');
    fake.send({ notice: 'closing', reason: 'stopped by alice' });
    await fake.close();
    server = null;
    const { code, stderr } = await running;
    expect(code).toBe(3);
    expect(stderr).toContain('stopped by alice');
  });

  test('without a terminal and without --headless it starts the work and returns', async () => {
    await listen(answers);
    const { code, stdout } = await scene.drover(['run']);
    expect(code).toBe(0);
    expect(stdout).toContain('2 workers take tasks (agent rehearsal).');
  });
});
