// Owns the tests of questions with a real agent's process: held by its hook, answered from outside or in the pane, and the first answer counts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import type { Run } from '../../../src/domain/worker.ts';
import { addTask, Scene, type Watcher } from './scene.ts';

// The rehearsal agent and the MCP server are programs: those that were built.
vi.mock('../../../src/config/installation.ts', async (original) => ({
  ...(await original<object>()),
  MAIN: new URL('../../../dist/main.cjs', import.meta.url).pathname,
}));

let scene: Scene;
let client: Watcher;
/** The same person, who types into panes. */
let typist: Client;
afterEach(() => scene.closeSoundly());

const ask = (question: string, ...options: string[]): unknown => ({ ask: { question, options } });
/** Names a file outside of the worktree, which the policy asks about. */
const outside = (name: string): unknown => ({ run: `touch ${join(scene.folder, name)}` });
const done = { complete: 'done' };

async function begin(...steps: (() => unknown)[]): Promise<string> {
  scene = new Scene({ agent: 'rehearsal' });
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
  await scene.start();
  client = await scene.watch();
  typist = await scene.connect();
  await typist.call('pane.view', { panes: [], focused: null });
  const script = JSON.stringify([...steps.map((step) => step()), done]);
  const task = await addTask(client, 'Ask', { description: `\`\`\`rehearsal\n${script}\n\`\`\`` });
  await client.call('session.start', {});
  return task.id;
}

const answered = () => client.events.filter(({ event }) => event.type === 'run.answered');
const conversation = (): string => {
  const claimed = client.events.find(({ event }) => event.type === 'task.claimed')?.event;
  if (claimed?.type !== 'task.claimed') throw new Error('nothing was claimed');
  return readFileSync(join(scene.folder, 'state', 'drover-rehearsal', `${claimed.conversationId}.jsonl`), 'utf8');
};
const runNow = async (): Promise<Run> => {
  const [first] = (await client.call('status.get', {})).running;
  if (!first?.run) throw new Error('nothing runs');
  return first.run;
};

describe('a permission', () => {
  test('is kept as data, allowed from outside, and recorded with who did; the same cannot be answered again', async () => {
    const task = await begin(
      () => outside('made'),
      () => ask('Go on?', 'yes', 'no'),
    );
    const { question } = await client.until('run.asked');
    expect(question).toMatchObject({ kind: 'permission', tool: 'Bash', about: `Bash: touch ${scene.folder}/made` });
    expect((await runNow()).questions).toEqual([question]);
    const [attention] = (await client.call('status.get', {})).attention;
    expect(attention?.reason).toContain('allow, allow-task, deny');
    const unknown = client.call('run.answer', { task, words: ['perhaps'] });
    await expect(unknown).rejects.toThrow(/"perhaps" is no answer to this; there are allow, allow-task, deny/);
    expect(await client.call('run.answer', { task, words: ['allow'] })).toMatchObject({ answer: 'allow' });
    const again = client.call('run.answer', { task, question: question.id, words: ['deny'] });
    await expect(again).rejects.toThrow(/asks nothing any more: ann@example.invalid answered it: allow/);
    await client.until('run.asked', (event) => event.question.kind === 'question');
    expect(readFileSync(join(scene.folder, 'made'), 'utf8')).toBe('');
    expect(answered()).toMatchObject([{ by: 'ann@example.invalid', event: { questionId: question.id } }]);
  });

  test('is denied with a reason that the agent hears, and the turn goes on', async () => {
    const task = await begin(() => outside('never'));
    await client.until('run.asked');
    await client.call('run.answer', { task, words: ['deny', 'use', 'the repository'] });
    await client.until('task.completed');
    expect(conversation()).toContain('The operator denies this: use the repository');
    expect(() => readFileSync(join(scene.folder, 'never'))).toThrow(/ENOENT/);
  });

  test('is answered in the pane, and nobody can answer it after that', async () => {
    const task = await begin(
      () => outside('made'),
      () => ask('Go on?', 'yes', 'no'),
    );
    const { question } = await client.until('run.asked');
    typist.sendInput(1, Buffer.from('1'));
    await client.until('run.answered');
    const late = client.call('run.answer', { task, question: question.id, words: ['allow'] });
    await expect(late).rejects.toThrow(/asks nothing any more: it was answered in its pane/);
    expect(answered()).toMatchObject([{ by: 'drover', event: { answer: null } }]);
  });

  test('gets one answer when the pane and two people answer at once', async () => {
    const task = await begin(() => ({ run: `echo once >> ${join(scene.folder, 'made')}` }));
    const other = await scene.connect({ operator: 'bob@example.invalid' });
    await client.until('run.asked');
    typist.sendInput(1, Buffer.from('1'));
    const outcomes = await Promise.allSettled([
      client.call('run.answer', { task, words: ['allow'] }),
      other.call('run.answer', { task, words: ['allow'] }),
    ]);
    await client.until('task.completed');
    expect(answered()).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    expect(readFileSync(join(scene.folder, 'made'), 'utf8')).toBe('once\n');
  });

  test('for the task covers the same program in the same place, and nothing beside it', async () => {
    const task = await begin(
      () => outside('one'),
      () => outside('two'),
      () => ({ run: `touch ${join(scene.folder, 'state', 'three')}` }),
    );
    const { question } = await client.until('run.asked');
    expect(question.scope).toBe(`touch on files in ${scene.folder}`);
    await client.call('run.answer', { task, words: ['allow-task'] });
    const next = await client.until('run.asked', (event) => event.question.id !== question.id);
    expect(next.question.about).toContain('state/three');
    expect(readFileSync(join(scene.folder, 'two'), 'utf8')).toBe('');
    await client.call('run.answer', { task, words: ['deny'] });
    await client.until('task.completed');
  });
});

describe('a question', () => {
  test('is answered by number, by label and by the beginning of one; an unknown option names those there are', async () => {
    const task = await begin(
      () => ask('Which colour?', 'red', 'green'),
      () => ask('Which shape?', 'round', 'square'),
      () => ask('Which size?', 'small', 'large'),
    );
    const isAsked = (text: string) => client.until('run.asked', ({ question }) => question.about.includes(text));
    expect((await isAsked('colour')).question.parts).toMatchObject([
      { text: 'Which colour?', options: [{ label: 'red' }, { label: 'green' }] },
    ]);
    await expect(client.call('run.answer', { task, words: ['3'] })).rejects.toThrow(
      'there is no option 3; there are 1 red, 2 green',
    );
    await client.call('run.answer', { task, words: ['2'] });
    await isAsked('shape');
    await client.call('run.answer', { task, words: ['Square'] });
    await isAsked('size');
    await client.call('run.answer', { task, words: ['lar'] });
    await client.until('task.completed');
    for (const choice of ['green', 'square', 'large']) expect(conversation()).toContain(`The user answered: ${choice}`);
  });

  test('is not asked any more when its agent has ended, nor after a restart', async () => {
    const task = await begin(() => ask('Which colour?', 'red', 'green'));
    const { question } = await client.until('run.asked');
    await scene.stop();
    await scene.start();
    client = await scene.watch(0);
    await client.call('session.start', {});
    const second = await client.until('run.asked', (event) => event.question.id !== question.id);
    const old = client.call('run.answer', { task, question: question.id, words: ['1'] });
    await expect(old).rejects.toThrow(/does not ask/);
    await client.call('run.answer', { task, question: second.question.id, words: ['1'] });
    await client.until('task.completed');
  });
});

test('nothing is answered where nobody asks', async () => {
  await begin(() => ask('Go on?', 'yes'));
  const waiting = await addTask(client, 'Wait');
  await client.until('run.asked');
  const early = client.call('run.answer', { task: waiting.id, words: ['allow'] });
  await expect(early).rejects.toThrow(`no agent works on ${waiting.id}: it is ready`);
});
