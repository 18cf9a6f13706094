// The intervention panel as a person has it: a screen before, keys, the screen after. A question is answered from it, files come while one looks, and one of them is looked into.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal } from './terminal.ts';

let stage: Stage;
afterEach(async () => stage?.strike());

const LARGE = { cols: 120, rows: 40 };
const asksTwice = script(
  { edit: { file: 'src/one.js', content: 'export const one = 1;\n' } },
  { ask: { question: 'Which colour?', options: ['red', 'green'] } },
  { edit: { file: 'src/two.js', content: 'export const two = 2;\n' } },
  { ask: { question: 'Which size?', options: ['small', 'large'] } },
  { complete: { verdict: 'pass', summary: 'asked twice' } },
);

async function begin(): Promise<{ terminal: PersonTerminal; id: string; watch: Awaited<ReturnType<Stage['watch']>> }> {
  stage = await setStage();
  const watch = await stage.watch();
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Paint it', '--description', asksTwice]);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  await watch.until(({ runs }) => [...runs.values()].some(({ questions }) => questions.length > 0), 'it asks');
  const terminal = stage.open(['attach'], LARGE);
  await terminal.see(/needs-input[\s\S]*Which colour\?/, 'the pane that asks');
  return { terminal, id: task.id, watch };
}

test('a question is answered from the panel, files come while one looks, and one of them is looked into', async () => {
  const { terminal, id, watch } = await begin();
  terminal.type('\x07a');
  await terminal.see(`╭─ ${id}: Paint it ─`, 'the panel');
  await terminal.see(/in progress \d+s · {2}needs-input/, 'how it stands');
  await terminal.see(/asks ─+ +\d+s ─┤[\s\S]*Which colour\?[\s\S]*1 {2}red[\s\S]*2 {2}green/, 'the question');
  await terminal.see(/files \(1\)[\s\S]*src\/one\.js +new +\+1 −0/, 'its files');

  terminal.type('2');
  await terminal.see(/✓ Ann answered: green/, 'what became of the question');
  await terminal.see(/files \(2\)[\s\S]*src\/one\.js[\s\S]*src\/two\.js +new/, 'the file that came');
  await terminal.see(/it asks again +Enter shows the next question/, 'the next question');
  // A second 2 is not for the question that nobody has seen yet.
  terminal.type('2');
  await terminal.see(/Ann answered: green +Enter shows the next question/, 'the refusal in the status line');

  terminal.type('fj\r');
  await terminal.see(/├─ ▸ src\/two\.js ─+ \+1 −0 ─┤[\s\S]*\+export const two = 2;/, 'the changes of the second file');
  await terminal.see('Which size?', 'what is asked meanwhile');
  terminal.resize(80, 24);
  await terminal.see((screen) => screen.split('\n')[22]?.startsWith('╰─ ↑↓ scroll · Esc: back to the list ─') ?? false);
  terminal.type('\x1b');
  await terminal.see(/▸ files \(2\)/, 'the list again');
  terminal.resize(LARGE.cols, LARGE.rows);

  terminal.type('a\r');
  await terminal.see(/Which size\?[\s\S]*1 {2}small/, 'the second question');
  terminal.type('1');
  await watch.until(() => watch.task('Paint it').status === 'completed', 'it lands');
  await terminal.see(/│ completed \d+s/, 'the end in the panel');
  await terminal.see(/files \(2\), as committed/, 'what has landed');
  const answers = watch.seen.flatMap(({ event }) => (event.type === 'run.answered' ? [event.answer] : []));
  expect(answers).toEqual([
    { kind: 'choose', choices: ['green'] },
    { kind: 'choose', choices: ['small'] },
  ]);
  terminal.type('\x1b');
  await terminal.see((screen) => !screen.includes('╭─'), 'the panes again');
  const { stdout } = await stage.drover(['files', id]);
  expect(stdout).toMatch(/^new +\+1 +-0 +src\/one\.js\nnew +\+1 +-0 +src\/two\.js$/m);
});

test('two people answer at once: the second is told who was first, and sees no other question answered', async () => {
  const { terminal, id, watch } = await begin();
  terminal.type('\x07a');
  await terminal.see(/1 {2}red/, 'the question in the panel');
  const first = await stage.drover(['--as', 'Bob <bob@example.com>', 'answer', id, '1']);
  expect(first.code).toBe(0);
  terminal.type('2');
  await terminal.see(/✓ Bob answered: red/, 'who was first');
  await watch.until(
    ({ runs }) => [...runs.values()].some(({ questions }) => questions[0]?.about.includes('size') ?? false),
    'it asks again',
  );
  expect(watch.seen.filter(({ event }) => event.type === 'run.answered')).toHaveLength(1);
});

test('a hint goes from the panel of a queued task to its next agent, with its receipt', async () => {
  stage = await setStage();
  const watch = await stage.watch();
  const description = script(
    { run: { command: 'until test -e go; do sleep 0.05; done', must: true } },
    { complete: { verdict: 'pass', summary: 'listened' } },
  );
  await stage.json(['add', 'Listen', '--description', description]);
  const terminal = stage.open(['attach'], { cols: 80, rows: 24 });
  await terminal.see('1 task is queued', 'the workspace');
  terminal.type('\x07q');
  await terminal.see('keys go to the queue', 'the queue with the keys');
  terminal.type('a');
  await terminal.see(/no work to show: it was never begun/, 'the panel of a task that nobody works on');
  terminal.type('iuse the q key\r');
  await terminal.see(/queued +use the q key/, 'the hint that waits');
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  await terminal.see(/acknowledged use the q key/, 'its receipt');
  await watch.until(({ worktrees }) => [...worktrees.values()].some(({ taskId }) => taskId !== null), 'its worktree');
  const path = [...watch.state.worktrees.values()].find(({ taskId }) => taskId !== null)?.path ?? '';
  writeFileSync(join(path, 'go'), '');
  await watch.until(() => watch.task('Listen').status === 'completed', 'it lands');
});
