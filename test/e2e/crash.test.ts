// What survives kill -9 of the server: the queue, the work, the conversation; and nothing of the dead runs on.
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { script, writes } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage.strike());

/** A zombie that nobody collects, as in a container without an init, does nothing any more. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}

test('each task in progress goes on in its own worktree with its own conversation, once', async () => {
  stage = await setStage();
  const slow = (name: string) =>
    script(
      { say: `Beginning ${name}.` },
      { edit: { file: `${name}-1.txt`, content: 'one\n' } },
      // A branch is a flag that can be seen from inside a worktree.
      { run: 'while ! git show-ref --quiet refs/heads/go; do sleep 0.05; done' },
      ...writes(`${name}-2.txt`, 'two\n'),
    );
  for (const name of ['alpha', 'beta']) await stage.json(['add', name, '--description', slow(name)]);
  await stage.json(['run', '--workers', '2', '--agent', 'rehearsal']);
  const first = await stage.watch();
  await first.until(
    (state) => [...state.runs.values()].filter((run) => run.pid !== null && run.state === 'working').length === 2,
    'both agents work',
  );
  const agents = [...first.state.runs.values()].flatMap((run) => run.pid ?? []);
  const before = [...first.state.runs.values()].map((run) => [run.taskId, run.worktreeId, run.conversationId].join());
  process.kill(await stage.serverPid(), 'SIGKILL');

  // Any verb starts the next server.
  const second = await stage.watch();
  await second.until(
    (state) => [...state.runs.values()].filter((run) => run.resumes === 1 && run.pid !== null).length === 2,
    'both are resumed',
  );
  for (const pid of agents) expect(isAlive(pid)).toBe(false);
  stage.git('branch', 'go');
  await second.until((state) => [...state.tasks.values()].every((task) => task.status === 'completed'), 'both land');
  const runs = [...second.state.runs.values()];
  expect(runs).toHaveLength(4);
  const after = runs
    .filter((run) => run.resumes === 1)
    .map((run) => [run.taskId, run.worktreeId, run.conversationId].join());
  expect(after.sort()).toEqual(before.sort());
  for (const task of second.state.tasks.values()) expect(task.attempts).toBe(1);
  for (const name of ['alpha', 'beta']) {
    expect(stage.git('show', `main:${name}-1.txt`)).toBe('one\n');
    expect(stage.git('show', `main:${name}-2.txt`)).toBe('two\n');
  }
});

test('a parent that waits for its sub-task goes on waiting, and gets the result', async () => {
  stage = await setStage();
  // As JSON: a script within a script has its fences escaped.
  const steps = (...all: object[]) => `\`\`\`rehearsal\n${JSON.stringify(all)}\n\`\`\``;
  const waits = { run: 'while ! git show-ref --quiet refs/heads/go; do sleep 0.05; done' };
  const description = steps(waits, ...writes('c.txt', 'c\n'));
  const parent = steps(
    { call: { tool: 'create_subtask', title: 'child', description, waitForCompletion: true } },
    { call: { tool: 'check_subtask_status', waitForCompletion: true } },
    ...writes('p.txt', 'p\n'),
  );
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'parent', '--description', parent]);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  const first = await stage.watch();
  await first.until(({ runs }) => runs.size === 2 && first.task('parent').awaits.length > 0, 'it waits');
  await first.until((state) => [...state.runs.values()].every(({ pid }) => pid !== null), 'the child is at work');
  process.kill(await stage.serverPid(), 'SIGKILL');

  const second = await stage.watch();
  await second.until(
    ({ runs }) => second.task('parent').awaits.length > 0 && runs.get(second.task('parent').runId ?? '')?.resumes === 1,
    'it waits again',
  );
  stage.git('branch', 'go');
  await second.until((state) => [...state.tasks.values()].every(({ status }) => status === 'completed'), 'both land');
  expect(stage.git('show', 'main:c.txt', 'main:p.txt')).toBe('c\np\n');
  // The sub-task was created once.
  expect([...second.state.tasks.values()].map(({ parentId }) => parentId)).toEqual([null, task.id]);
});
