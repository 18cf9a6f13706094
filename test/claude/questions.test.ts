// What the real Claude Code asks, answered from outside of its pane: a permission, a question, a plan; and what its pane answers first.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Question } from '../../src/domain/question.ts';
import type { Watch } from '../e2e/watch.ts';
import { inOrder, type Script, type Step } from './messages-stub.ts';
import { PaneView } from './pane-view.ts';
import { bash, type ClaudeStage, completes, setClaudeStage } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

const DONE: Step = { say: 'Done.' };

async function begin(...steps: (Step | Script)[]): Promise<{ watch: Watch; task: string }> {
  stage = await setClaudeStage(inOrder(...steps, completes('It is done.'), DONE));
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Ask first']);
  const watch = await stage.watch();
  await stage.json(['run', '--workers', '1']);
  return { watch, task: task.id };
}

const questions = (watch: Watch): readonly Question[] => [...watch.state.runs.values()].flatMap((run) => run.questions);
async function asked(watch: Watch): Promise<Question> {
  await watch.until(() => questions(watch).length > 0, 'it asks');
  const [question] = questions(watch);
  if (!question) throw new Error('nothing is asked');
  return question;
}
const completed = (watch: Watch) =>
  watch.until(() => watch.task('Ask first').status === 'completed', 'the task is completed');

test('a permission is allowed from outside, for this task, and the next such call is not asked about', async () => {
  const mark = join('/tmp', `drover-asked-${process.pid}`);
  const { watch, task } = await begin(bash(`touch ${mark}-1`), bash(`touch ${mark}-2`));
  try {
    expect(await asked(watch)).toMatchObject({ kind: 'permission', about: `Bash: touch ${mark}-1` });
    expect(existsSync(`${mark}-1`)).toBe(false);
    await stage.json(['answer', task, 'allow-task']);
    await completed(watch);
    expect([`${mark}-1`, `${mark}-2`].map((path) => existsSync(path))).toEqual([true, true]);
    expect(watch.seen.filter(({ event }) => event.type === 'run.asked')).toHaveLength(1);
  } finally {
    for (const path of [`${mark}-1`, `${mark}-2`]) rmSync(path, { force: true });
  }
});

test('a permission is denied with a reason, which the model hears, and the turn goes on', async () => {
  const { watch, task } = await begin(bash('cat /etc/hostname'));
  await asked(watch);
  await stage.json(['answer', task, 'deny', 'there is a copy in the repository']);
  await completed(watch);
  expect(stage.stub.requests[1]?.news).toContain('The operator denies this: there is a copy in the repository');
});

test('a question of two parts is answered from outside, and the model hears both', async () => {
  const input = {
    questions: [
      {
        question: 'Which colour?',
        header: 'Colour',
        multiSelect: false,
        options: [
          { label: 'Red', description: 'Warm' },
          { label: 'Green', description: 'Calm' },
        ],
      },
      {
        question: 'Which shapes?',
        header: 'Shapes',
        multiSelect: true,
        options: [
          { label: 'Round', description: 'No corners' },
          { label: 'Square', description: 'Four' },
          { label: 'Star', description: 'Five' },
        ],
      },
    ],
  };
  const { watch, task } = await begin({ tool: 'AskUserQuestion', input });
  expect(await asked(watch)).toMatchObject({
    kind: 'question',
    parts: [
      { text: 'Which colour?', isMulti: false },
      { text: 'Which shapes?', isMulti: true },
    ],
  });
  await stage.json(['answer', task, '2', '1,3']);
  await completed(watch);
  const news = stage.stub.requests[1]?.news ?? '';
  expect(news).toContain('"Which colour?"="Green"');
  expect(news).toContain('"Which shapes?"="Round, Star"');
});

test('what its pane answers first is not answered again from outside', async () => {
  const { watch, task } = await begin(bash('cat /etc/hostname'));
  const question = await asked(watch);
  const pane = await PaneView.open(watch.client, 1);
  await pane.until('1. Yes');
  pane.type('1');
  await watch.until(() => questions(watch).length === 0, 'the question is closed');
  const { code, stderr } = await stage.drover(['answer', task, 'deny', '--question', question.id]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('it was answered in its pane');
  await completed(watch);
});

test('a dialog that is left in its pane is not asked any more', async () => {
  const { watch } = await begin(bash('cat /etc/hostname'));
  await asked(watch);
  const pane = await PaneView.open(watch.client, 1);
  await pane.until('1. Yes');
  pane.type('\x1b');
  await watch.until(() => questions(watch).length === 0, 'the question is closed');
  pane.type('Do without it');
  await pane.until('Do without it');
  pane.type('\r');
  await completed(watch);
});
