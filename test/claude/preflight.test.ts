// What Drover says and does when Claude Code is not there, not logged in, or does not trust the repository.
import { afterEach, expect, test } from 'vitest';
import { inOrder } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { type ClaudeStage, completes, setClaudeStage } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

const says = inOrder({ say: 'Nothing.' });

test('all is well: doctor names its version, login and trust', async () => {
  stage = await setClaudeStage(says);
  const { code, stdout } = await stage.drover(['doctor']);
  expect(stdout).toMatch(/^ok +claude +Claude Code 2\.1\.197$/m);
  expect(stdout).toMatch(/^ok +login +logged in \(api_key\)$/m);
  expect(stdout).toMatch(/^ok +trust /m);
  expect(code).toBe(0);
});

test('it is missing: doctor tells what to do, and a run is refused', async () => {
  stage = await setClaudeStage(says, { command: 'no-such-claude' });
  const doctor = await stage.drover(['doctor']);
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/^fail +claude +no-such-claude is not found/m);
  expect(doctor.stdout).toContain('install Claude Code, or set claude.command');

  const added = await stage.json<{ task: { id: string } }>(['add', 'Try it']);
  const run = await stage.drover(['run', '--headless', '--workers', '1']);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('Claude Code was not found: claude.command is "no-such-claude"');
  expect(run.stderr).toContain('drover doctor');
  // No task has paid for it with an attempt.
  expect((await stage.json<{ task: { attempts: number } }>(['show', added.task.id])).task.attempts).toBe(0);
});

test('it is not logged in: doctor names the command to type', async () => {
  stage = await setClaudeStage(says, { isLoggedIn: false });
  const { code, stdout } = await stage.drover(['doctor']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail +login +Claude Code is not logged in$/m);
  expect(stdout).toMatch(/login: \S*claude auth login/);
});

test('it is not logged in: its task waits for a person, and no attempt is lost', async () => {
  stage = await setClaudeStage(says, { isLoggedIn: false, config: { apiRetry: { baseDelay: '100ms' } } });
  await stage.json(['add', 'Try it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(
    (state) => [...state.runs.values()].some(({ state }) => state === 'needs-input'),
    'its agent waits for a person',
  );
  const [run] = watch.state.runs.values();
  expect(run?.stateDetail).toMatch(/^authentication_failed: Not logged in/);
  const pane = await PaneView.open(watch.client, 1);
  await pane.until('Please run /login');
  expect(watch.task('Try it')).toMatchObject({ status: 'in_progress', attempts: 1 });
  expect(stage.stub.requests).toEqual([]);
});

test('it does not trust the repository: doctor says so, its question is shown in the pane, and the task goes on from the answer', async () => {
  stage = await setClaudeStage(inOrder(completes('Nothing to do.'), { say: 'Done.' }), { isTrusted: false });
  const doctor = await stage.drover(['doctor']);
  expect(doctor.stdout).toContain('Claude Code has not been told to trust');
  await stage.json(['add', 'Try it']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  await watch.until(
    (state) => [...state.runs.values()].some(({ state }) => state === 'needs-input'),
    'its agent waits for a person',
  );
  const [run] = watch.state.runs.values();
  expect(run?.stateDetail).toBe('Claude Code asks whether this repository can be trusted');
  const pane = await PaneView.open(watch.client, 1);
  await pane.until(/1\. Yes, I trust this folder/);
  expect(stage.stub.requests).toEqual([]);
  pane.type('1');
  await watch.until(() => watch.task('Try it').status === 'completed', 'it is completed');
  expect(stage.stub.requests[0]?.tools).toContain('mcp__drover__complete_task');
});
