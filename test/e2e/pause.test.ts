// A paused task through kill -9 of its server: its worktree is nobody else's, and it goes on under the next one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage?.strike());

test('kill -9 of the server leaves a paused task paused, with its worktree; resume goes on and it lands', async () => {
  stage = await setStage();
  const asks = script(
    { edit: { file: 'half.txt', content: 'half\n' } },
    { ask: { question: 'Which?', options: ['one', 'two'], patience: 1000 } },
    { edit: { file: 'whole.txt', content: 'whole\n' } },
    { complete: 'done' },
  );
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Write both', '--description', asks]);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  const first = await stage.watch();
  await first.until(({ runs }) => [...runs.values()].some(({ state }) => state === 'needs-input'), 'it asks');
  await stage.json(['pause', task.id]);
  await first.until(() => first.task('Write both').status === 'paused', 'it is paused');
  const path = [...first.state.worktrees.values()].find(({ taskId }) => taskId === task.id)?.path ?? '';
  process.kill(await stage.serverPid(), 'SIGKILL');

  const second = await stage.watch();
  expect(second.task('Write both').status).toBe('paused');
  const { stdout } = await stage.drover(['status']);
  expect(stdout).toMatch(new RegExp(`Paused\\n +${task.id} +paused .* drover resume ${task.id}`));
  const other = script({ edit: { file: 'other.txt', content: 'other\n' } }, { complete: 'done' });
  await stage.json(['add', 'Another', '--description', other]);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  await second.until(() => second.task('Another').status === 'completed', 'the worker took the other task');
  expect(readFileSync(join(path, 'half.txt'), 'utf8')).toBe('half\n');
  await stage.json(['resume', task.id]);
  await second.until(() => second.task('Write both').status === 'completed', 'it lands');
  expect(second.task('Write both').attempts).toBe(1);
  expect(stage.git('show', 'main:half.txt')).toBe('half\n');
  expect(stage.git('show', 'main:whole.txt')).toBe('whole\n');
});
