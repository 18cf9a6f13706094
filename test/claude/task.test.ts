// A task from its first prompt to its landing, by the real Claude Code: tools, a question, completion.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { inOrder } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { bash, type ClaudeStage, completes, setClaudeStage, worktreeOf } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

test('it edits, runs, asks about what is outside of its worktree, completes and lands', async () => {
  let outside = '';
  stage = await setClaudeStage(
    inOrder(
      (request) => ({
        tool: 'Write',
        input: { file_path: join(worktreeOf(request), 'greeting.txt'), content: 'hello\n' },
      }),
      (request) => ({ tool: 'Read', input: { file_path: join(worktreeOf(request), 'greeting.txt') } }),
      (request) => ({
        tool: 'Edit',
        input: { file_path: join(worktreeOf(request), 'greeting.txt'), old_string: 'hello', new_string: 'hello world' },
      }),
      bash('git add -A && git commit -qm "Greet" && git log -1 --format="committed by %an %ae"'),
      () => ({ tool: 'Write', input: { file_path: outside, content: 'beyond\n' } }),
      completes('Wrote a greeting and read it back.'),
      { say: 'All done.' },
    ),
  );
  outside = join(stage.folder, 'outside.txt');
  await stage.json(['add', 'Write the greeting', '--description', 'Greet the world in greeting.txt.']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  const asks = (): boolean => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input');
  await watch.until(asks, 'it asks about the file outside');
  const [run] = watch.state.runs.values();
  expect(run).toMatchObject({ agent: 'claude', stateSource: 'hook', stateDetail: `Write: ${outside}` });
  expect(existsSync(outside)).toBe(false);

  // As a person does: look at the dialog, then press the key of its first choice.
  const pane = await PaneView.open(watch.client, run?.worker ?? 0);
  await pane.until(/1\. Yes/);
  pane.type('1');
  await watch.until(() => watch.task('Write the greeting').status === 'completed', 'it lands');
  await watch.until((state) => [...state.runs.values()].every(({ endedAt }) => endedAt !== null), 'its agent ends');

  expect(readFileSync(outside, 'utf8')).toBe('beyond\n');
  expect(stage.git('show', 'main:greeting.txt')).toBe('hello world\n');
  const task = watch.task('Write the greeting');
  expect(task).toMatchObject({ attempts: 1, verdict: 'pass', summary: 'Wrote a greeting and read it back.' });
  const landed = `Ann <ann@example.com>|Write the greeting (${task.id})\n`;
  expect(stage.git('log', '-1', '--format=%an <%ae>|%s', 'main')).toBe(landed);
  expect(stage.git('log', '--format=%an|%cn|%s', 'main')).toContain('Ann|Ann|Greet');
  expect(stage.git('status', '--porcelain')).toBe('');

  const [first] = stage.stub.requests;
  expect(first?.news).toContain('Greet the world in greeting.txt.');
  expect(first?.system).toContain(
    `You work for Drover, which runs several agents side by side, each on one task. Yours is ${task.id}.`,
  );
  expect(first?.tools).toEqual(
    expect.arrayContaining(['mcp__drover__complete_task', 'mcp__drover__get_task', 'Write', 'Bash']),
  );
  expect(stage.stub.requests.some(({ news }) => news.includes('committed by Ann ann@example.com'))).toBe(true);
  expect(stage.stub.requests.at(-1)?.news).toContain('It has landed as');
});
