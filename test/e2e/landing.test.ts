// Three branches, the second in conflict: the first and the third land, the second waits with its work intact.
import { afterEach, expect, test } from 'vitest';
import { script, writes } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage.strike());

test('a conflict goes back once, then waits with its work; the others land; the checkout is as it was', async () => {
  stage = await setStage();
  // A checkout in use: on another branch, with an uncommitted file.
  stage.git('switch', '-qc', 'mine');
  stage.git('config', 'user.email', 'me@example.com');
  const add = (title: string, description: string, ...more: string[]) =>
    stage.json<{ task: { id: string } }>(['add', title, '--description', description, ...more]);
  const stubborn = script(
    { edit: { file: 'same.txt', content: 'second\n' } },
    { commit: 'Second' },
    // Holds its branch back until the first has landed under it.
    { run: 'while ! git cat-file -e main:same.txt 2>/dev/null; do sleep 0.05; done' },
    { complete: { verdict: 'pass', summary: 'second' } },
    { returned: [{ say: 'I insist.' }, { complete: { verdict: 'pass', summary: 'second again' } }] },
  );
  await add('Second', stubborn, '--priority', '5');
  await add('First', script(...writes('same.txt', 'first\n')));
  const third = await add('Third', script(...writes('third.txt', 'third\n')));
  expect(third.task.id).toMatch(/^task-/);

  const { code, stdout } = await stage.drover(['run', '--headless', '--workers', '2', '--agent', 'rehearsal']);
  expect(code).toBe(1);
  expect(stdout).toContain('Second');
  const watch = await stage.watch();
  expect(watch.task('First').status).toBe('completed');
  expect(watch.task('Third').status).toBe('completed');
  const second = watch.task('Second');
  expect(second.status).toBe('blocked');
  expect(second.blockedReason).toMatchObject({ code: 'conflict' });
  expect(second.landingReturns).toBe(1);
  expect(stage.git('show', 'main:same.txt')).toBe('first\n');
  expect(stage.git('show', 'main:third.txt')).toBe('third\n');
  const kept = stage.git('for-each-ref', '--format=%(refname)', `refs/drover/keep/${second.id}/`).trim().split('\n');
  expect(stage.git('show', `${kept.at(-1)}:same.txt`)).toBe('second\n');
  expect(stage.git('branch', '--show-current').trim()).toBe('mine');
  expect(stage.git('status', '--porcelain')).toBe('');
  expect((await stage.drover(['why', second.id])).stdout).toContain('conflict');
});

test('a failing test on the merged result goes back to the agent, which mends it', async () => {
  stage = await setStage();
  await stage.json([
    'add',
    'Careless',
    '--test',
    'grep -q right answer.txt',
    '--description',
    script(
      { edit: { file: 'answer.txt', content: 'wrong\n' } },
      { commit: 'Answer' },
      { complete: { verdict: 'pass', summary: 'answered' } },
      {
        returned: [
          { edit: { file: 'answer.txt', content: 'right\n' } },
          { commit: 'Answer rightly' },
          { complete: { verdict: 'pass', summary: 'answered rightly' } },
        ],
      },
    ),
  ]);
  const { code } = await stage.drover(['run', '--headless', '--workers', '1', '--agent', 'rehearsal']);
  expect(code).toBe(0);
  expect(stage.git('show', 'main:answer.txt')).toBe('right\n');
});
