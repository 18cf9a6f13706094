// The real Claude Code tells what it uses up: tokens and dollars by its telemetry, tokens alone by its transcript.
import { afterEach, expect, test } from 'vitest';
import { inOrder } from './messages-stub.ts';
import { bash, type ClaudeStage, completes, PROGRAM, setClaudeStage } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

test.each([
  ['telemetry', {}],
  ['the transcript', { claude: { command: PROGRAM, telemetry: 'off' } }],
])('by %s', async (how, more) => {
  stage = await setClaudeStage(inOrder(bash('echo one'), completes('Did it.'), { say: 'Done.' }), { config: more });
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Count']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(() => watch.task('Count').status === 'completed', 'it lands');
  await watch.until(({ runs }) => [...runs.values()].every(({ endedAt }) => endedAt !== null), 'its agent has ended');
  const { used } = watch.task('Count');
  // Three requests of 5 tokens in and 5 out; telemetry counts the small ones beside them too.
  expect(used?.input).toBeGreaterThanOrEqual(15);
  expect(used?.output).toBeGreaterThanOrEqual(15);
  if (how === 'telemetry') expect(used?.cost).toBeGreaterThan(0);
  else expect(used?.cost).toBe(0);
  const { stdout } = await stage.drover(['show', task.id]);
  expect(stdout).toMatch(how === 'telemetry' ? /used +\d+ tokens, (less than )?\$0\.\d\d/ : /used +\d+ tokens\n/);
});
