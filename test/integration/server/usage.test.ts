// Owns the tests of what agents use up with real agents' processes: it is told by telemetry, shown over the tree, and a cap pauses the tree.
import { afterEach, expect, test, vi } from 'vitest';
import { addTask, Scene, type Watcher } from './scene.ts';

// The rehearsal agent and the MCP server are programs: those that were built.
vi.mock('../../../src/config/installation.ts', async (original) => ({
  ...(await original<object>()),
  MAIN: new URL('../../../dist/main.cjs', import.meta.url).pathname,
}));

let scene: Scene;
let client: Watcher;
afterEach(() => scene.closeSoundly());

/** What Claude Code does by itself: posts to where its environment says, with the headers that it says. */
const TELL = `
const [name, value] = process.env.OTEL_EXPORTER_OTLP_HEADERS.split('=');
const [tokens, cost, token = value] = process.argv.slice(2);
const point = (asDouble, type) => ({ asDouble, attributes: [{ key: 'type', value: { stringValue: type } }] });
const metrics = [
  { name: 'claude_code.token.usage', sum: { dataPoints: [point(Number(tokens), 'output')] } },
  { name: 'claude_code.cost.usage', sum: { dataPoints: [point(Number(cost), '')] } },
];
const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
const to = process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/metrics';
const { status } = await fetch(to, { method: 'POST', body, headers: { 'content-type': 'application/json', [name]: token } });
console.log('status ' + status);
`;

async function begin(config: ConstructorParameters<typeof Scene>[0] = {}): Promise<void> {
  scene = new Scene({ agent: 'rehearsal', ...config });
  for (const name of Object.keys(process.env))
    if (name.startsWith('OTEL_') || name === 'CLAUDE_CODE_ENABLE_TELEMETRY') delete process.env[name];
  scene.write('tell.mjs', TELL);
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'second');
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
  await scene.start();
  client = await scene.watch();
}

const script = (...steps: unknown[]): string => `\`\`\`rehearsal\n${JSON.stringify(steps)}\n\`\`\``;
const tell = (tokens: number, cost: number, token = ''): unknown => ({
  run: `node tell.mjs ${tokens} ${cost} ${token}`,
});
const done = { complete: 'done' };
const child = (...steps: unknown[]): unknown => ({
  call: { tool: 'create_subtask', title: 'Child', description: script(...steps, done), waitForCompletion: true },
});

test('tokens and dollars of a task, of its sub-tasks and of its epic are added up and shown', async () => {
  await begin();
  await client.call('epic.create', { title: 'Epic' });
  const description = script(tell(100, 0.5), tell(999, 9, 'forged'), child(tell(2000, 0.25)), done);
  const { id } = await addTask(client, 'Parent', { description, epic: 'Epic' });
  await client.call('session.start', { untilDone: true });
  await client.until('session.stopped');
  const nothing = { input: 0, cacheRead: 0, cacheCreation: 0 };
  const { usage, task, history } = await client.call('task.show', { task: id });
  expect(usage).toEqual({
    task: { ...nothing, output: 100, cost: 0.5 },
    tree: { ...nothing, output: 2100, cost: 0.75 },
    epic: { ...nothing, output: 2100, cost: 0.75 },
  });
  expect(task.used).toEqual(usage?.task);
  expect(history.map(({ event }) => event.type)).not.toContain('run.used');
});

test('a cap pauses the parent and the sub-task that came to it together, and says so; resumed, they go on', async () => {
  await begin({ subtasks: { maxDepth: 3, maxPerTask: 20, perMinute: 10, maxTokens: null, maxCost: 1 } });
  const up = scene.gate('up');
  scene.write('wait.sh', `cat "${up.path}"\n`);
  scene.git('add', '-A');
  scene.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'third');
  const again = { call: { tool: 'check_subtask_status', waitForCompletion: true } };
  const steps = [tell(1, 0.6), child(tell(1, 0.6), { run: 'sh wait.sh' }), again, done];
  const parent = await addTask(client, 'Parent', { description: script(...steps) });
  await client.call('session.start', {});
  const paused = await client.until('task.paused', ({ taskId }) => taskId === parent.id);
  expect(paused.by).toBe('drover');
  const { why } = await client.call('task.why', { task: parent.id });
  expect(why.join(' ')).toContain(
    `because ${parent.id} and its sub-tasks have used 2 tokens, $1.20, and each $1 (subtasks.maxCost) they are paused`,
  );
  const { taskId } = await client.until('task.pause-asked', (event) => event.taskId !== parent.id);
  await up.pass();
  await client.until('task.paused', (event) => event.taskId === taskId);
  await client.call('task.resume', { isAll: true });
  await client.until('task.completed', (event) => event.taskId === parent.id);
});

test('telemetry that goes elsewhere by the wish of the operator stays there', async () => {
  await begin();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://127.0.0.1:9';
  const out = { run: 'env | grep OTEL_ > otel.txt' };
  await addTask(client, 'Look', { description: script(out, done) });
  await client.call('session.start', { untilDone: true });
  await client.until('session.stopped');
  expect(scene.git('show', 'main:otel.txt')).toBe('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9');
});
