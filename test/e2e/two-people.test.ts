// Two workspaces of different sizes on one session, each with its own picture; attention reaches who looks elsewhere.
import { afterEach, expect, test } from 'vitest';
import { script, writes } from './script.ts';
import { type Stage, setStage } from './stage.ts';

const PREFIX = '\x07';

let stage: Stage;
afterEach(async () => stage.strike());

test('each has its own size and focus; keys of either reach the worker; one leaves, the other stays', async () => {
  stage = await setStage();
  const ask = (question: string) =>
    script({ ask: { question, options: ['red', 'green'] } }, ...writes(`${question.slice(0, 5)}.txt`, 'chosen\n'));
  await stage.json(['add', 'First colour', '--priority', '5', '--description', ask('Which first colour?')]);
  await stage.json(['add', 'Second colour', '--description', ask('Other second colour?')]);
  const large = stage.open(['run', '--workers', '2', '--agent', 'rehearsal'], { cols: 160, rows: 45 });
  await large.see((screen) => screen.includes('Which first') && screen.includes('Other second'), 'both questions');
  const small = stage.open(['attach'], { cols: 80, rows: 24 });
  await small.see(/Which first|Other second/);
  expect(large.lines()[44]).toContain('2 need you');
  expect(small.lines()[23]).toContain('2 need you');

  const watch = await stage.watch();
  const workerOf = (title: string) =>
    [...watch.state.runs.values()].find(({ id }) => id === watch.task(title).runId)?.worker;
  small.type(`${PREFIX}${workerOf('First colour')}`);
  small.type('1');
  await watch.until(() => watch.task('First colour').status === 'completed', 'the answer of the small one');
  small.type(`${PREFIX}d`);
  expect(await small.exited).toBe(0);
  large.type(`${PREFIX}${workerOf('Second colour')}`);
  await large.see('Other second');
  large.type('2');
  await watch.until(() => watch.task('Second colour').status === 'completed', 'the answer of the large one');
  large.type(`${PREFIX}d`);
  expect(await large.exited).toBe(0);
});

test('a question is notified as the terminal takes it, and stands in its title', async () => {
  stage = await setStage({ furnish: () => ({ TERM_PROGRAM: 'iTerm.app', LC_TERMINAL: 'iTerm2' }) });
  const hold = { run: 'while ! git show-ref --quiet refs/heads/go; do sleep 0.05; done' };
  await stage.json([
    'add',
    'Quiet one',
    '--priority',
    '5',
    '--description',
    script({ say: 'I wait.' }, hold, ...writes('a', 'a\n')),
  ]);
  await stage.json([
    'add',
    'Asking one',
    '--description',
    script(hold, { ask: { question: 'Which colour?', options: ['red', 'green'] } }, ...writes('b', 'b\n')),
  ]);
  const terminal = stage.open(['run', '--workers', '2', '--agent', 'rehearsal'], { cols: 120, rows: 40 });
  const watch = await stage.watch();
  await watch.until(
    (state) => [...state.runs.values()].filter((run) => run.state === 'working').length === 2,
    'both work',
  );
  const asking = [...watch.state.runs.values()].find(({ id }) => id === watch.task('Asking one').runId)?.worker ?? 0;
  terminal.type(`${PREFIX}${asking === 1 ? 2 : 1}`);
  stage.git('branch', 'go');
  await terminal.see('Which colour?');
  await terminal.see(() => terminal.raw.includes('\x1b]9;drover: Asking one needs you'), 'the notification');
  expect(terminal.raw).toMatch(/\x1b\]2;drover repository: \d running, 1 needs you\x1b\\/);
  terminal.type(`${PREFIX}${asking}`);
  terminal.type('1');
  await watch.until(() => watch.task('Asking one').status === 'completed', 'the answered task');
  await terminal.see(() => terminal.raw.includes('\x1b]9;drover: nothing is left to do, 2 done'), 'the end is told');
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});
