// The real Claude Code is paused in a tool chain and in a command that does not end: its process is gone, and the same conversation goes on with its whole history.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { processesOf } from '../e2e/stage.ts';
import { appearance } from './appearance.ts';
import { historyOf, type ModelRequest, type Step } from './messages-stub.ts';
import { bash, type ClaudeStage, completes, setClaudeStage, worktreeOf } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

/** Writes a file, runs the command, and only after the pause another file and the end. */
const model =
  (command: string) =>
  (request: ModelRequest): Step => {
    const history = historyOf(request);
    const write = (name: string, content: string): Step => ({
      tool: 'Write',
      input: { file_path: join(worktreeOf(request), name), content },
    });
    if (history.includes('complete_task {')) return { say: 'Done.' };
    if (history.includes('second.txt')) return completes('Wrote both files.');
    if (request.news.includes('You were paused')) return write('second.txt', 'two\n');
    if (history.includes('begun.txt')) return write('too-late.txt', 'it went on after its safe point\n');
    if (history.includes('first.txt')) return bash(command);
    return write('first.txt', 'one\n');
  };

const KINDS: Readonly<Record<string, { command: string; words: string[] }>> = {
  'at the safe point behind a command': {
    command: 'touch begun.txt; until test -e go.txt; do sleep 0.1; done; echo the-command-is-through',
    words: [],
  },
  'in a command that does not end, with --now': {
    command: 'touch begun.txt; while :; do sleep 0.1; done',
    words: ['--now'],
  },
};

test.each(Object.entries(KINDS))('%s', async (_name, { command, words }) => {
  stage = await setClaudeStage(model(command));
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Write both', '--description', 'Two files.']);
  await stage.json(['run', '--workers', '1']);
  const watch = await stage.watch();
  await stage.stub.request(({ news }) => news.includes('first.txt'), 'the first file is written');
  const [before] = watch.state.runs.values();
  const worktree = watch.state.worktrees.get(before?.worktreeId ?? '')?.path ?? '';
  await appearance(join(worktree, 'begun.txt'));
  const asked = stage.stub.requests.length;
  await stage.json(['pause', task.id, ...words]);
  if (words.length === 0) await stage.drover(['panes', '--task', task.id, '--', 'touch', 'go.txt']);
  await watch.until(() => watch.task('Write both').status === 'paused', 'it is paused');
  expect(processesOf(`DROVER_RUN=${before?.id}`)).toEqual([]);
  expect(stage.stub.requests.length).toBe(asked);
  const kept = watch.task('Write both').pause?.work?.kept;
  expect(stage.git('show', `${kept?.ref}:first.txt`)).toBe('one\n');

  await stage.json(['resume', task.id]);
  const resumed = await stage.stub.request(({ news }) => news.includes('You were paused'), 'the resumed conversation');
  const history = historyOf(resumed);
  expect(history).toContain('Work on this task of the queue');
  expect(history).toContain('first.txt');
  // The command's result was written down before the process was ended.
  if (words.length === 0) expect(history).toContain('the-command-is-through');
  await watch.until(() => watch.task('Write both').status === 'completed', 'it lands');
  expect(watch.task('Write both')).toMatchObject({ attempts: 1, verdict: 'pass', pause: null });
  expect(new Set([...watch.state.runs.values()].map(({ conversationId }) => conversationId)).size).toBe(1);
  expect(stage.git('show', 'main:second.txt')).toBe('two\n');
  expect(existsSync(join(worktree, 'too-late.txt'))).toBe(false);
});
