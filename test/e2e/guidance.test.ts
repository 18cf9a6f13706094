// A hint as a person has it: from the shell, from a key of a pane and from the queue, into the rehearsal agent, with its receipt.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { GuidanceMessage } from '../../src/domain/guidance.ts';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage?.strike());

interface Listed {
  readonly messages: readonly GuidanceMessage[];
}

test('arrives at every boundary of the rehearsal agent, from the shell and from a pane', async () => {
  stage = await setStage();
  const watch = await stage.watch();
  const description = script(
    { run: { command: 'until test -e go; do sleep 0.05; done', must: true } },
    { ask: { question: 'Which one?', options: ['this', 'that'] } },
    { 'end-turn': 'Anything else?' },
    { 'end-turn': 'I wait.' },
    { complete: { verdict: 'pass', summary: 'listened' } },
  );
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Login', '--description', description]);
  const { id } = task;
  const stateOf = (text: string): string =>
    [...watch.state.guidance.values()].find((message) => message.text === text)?.state ?? '';

  await stage.json(['hint', id, 'before it begins']);
  await stage.json(['hint', id, 'never mind']);
  const before = await stage.json<Listed>(['hints', id]);
  expect(before.messages.map(({ text, state }) => [text, state])).toEqual([
    ['before it begins', 'queued'],
    ['never mind', 'queued'],
  ]);
  await stage.json(['hints', 'retract', before.messages[1]?.id ?? '']);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  await watch.until(() => stateOf('before it begins') === 'acknowledged', 'it comes with the first words');

  // While a tool runs, from the pane itself.
  const terminal = stage.open(['attach'], { cols: 120, rows: 40 });
  await terminal.see('Running…', 'the tool that waits');
  terminal.type('\x07i');
  await terminal.see(`:hint ${id}`, 'the bar with the task filled in');
  terminal.type("don't touch `main`\r");
  await terminal.see(/Queued hint-/, 'its answer');
  expect(stateOf("don't touch `main`")).toBe('queued');
  await terminal.see('✎1', 'the mark in the title of the pane');
  const [run] = watch.state.runs.values();
  writeFileSync(join(watch.state.worktrees.get(run?.worktreeId ?? '')?.path ?? '', 'go'), '');
  await watch.until(() => stateOf("don't touch `main`") === 'acknowledged', 'it comes behind the tool');

  // While a dialog is open.
  const isAt = (detail: string) => (): boolean => [...watch.state.runs.values()].some((r) => r.stateDetail === detail);
  await watch.until(() => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input'), 'it asks');
  await stage.json(['hint', id, 'during the dialog']);
  expect(stateOf('during the dialog')).toBe('queued');
  await terminal.see('Which one?', 'the dialog');
  terminal.type('2');
  await watch.until(() => stateOf('during the dialog') === 'acknowledged', 'it comes behind the question');

  await watch.until(isAt('I wait.'), 'it is idle');
  await stage.json(['hint', id, '!ls\n/exit\n\u001b[201~#']);
  await watch.until(() => watch.task('Login').status === 'completed', 'it goes on and lands');
  await watch.until(() => stateOf('!ls\n/exit\n␛[201~#') === 'acknowledged', 'its receipt');

  const { messages } = await stage.json<Listed>(['hints', id]);
  expect(messages.map(({ state, via, author }) => [state, via, author])).toEqual([
    ['acknowledged', 'prompt', 'Ann <ann@example.com>'],
    ['retracted', null, 'Ann <ann@example.com>'],
    ['acknowledged', 'tool', 'Ann <ann@example.com>'],
    ['acknowledged', 'tool', 'Ann <ann@example.com>'],
    ['acknowledged', 'idle', 'Ann <ann@example.com>'],
  ]);
  expect(watch.seen.filter(({ event }) => event.type === 'guidance.shown')).toHaveLength(4);
  const late = await stage.drover(['hint', id, 'too late']);
  expect(late.code).toBe(1);
  expect(late.stderr).toMatch(/is completed: nobody is left to read a hint/);
  expect(late.stderr).toContain('drover add');
});

test('a killed server loses none: what has arrived is acknowledged at its next start, the rest waits and is said once', async () => {
  stage = await setStage();
  let watch = await stage.watch();
  const description = script({ ask: { question: 'Which one?', options: ['this', 'that'] } });
  const { task } = await stage.json<{ task: { id: string } }>(['add', 'Login', '--description', description]);
  await stage.json(['hint', task.id, 'first']);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  await watch.until(() => [...watch.state.runs.values()].some(({ state }) => state === 'needs-input'), 'it asks');
  await stage.json(['hint', task.id, 'second']);
  process.kill(await stage.serverPid(), 'SIGKILL');
  watch = await stage.watch();
  const all = (): string[] =>
    [...watch.state.guidance.values()].map(({ state, text, via }) => `${text} ${state} ${via}`);
  await watch.until(
    () => all().join() === 'first acknowledged prompt,second acknowledged prompt',
    'the second comes with the words that resume it',
  );
  const { entries } = await watch.client.call('conversation.read', { task: task.id });
  const said = entries.map(({ text }) => text).join('\n');
  expect(said.split('Operator guidance (')).toHaveLength(3);
});
