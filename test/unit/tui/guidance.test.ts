// Owns the tests of hints in the workspace: the key on a pane, the action in the queue, the mark in the title, the words of the feed.
import { expect, test } from 'vitest';
import type { DroverEvent } from '../../../src/domain/event.ts';
import { wordsOf } from '../../../src/tui/view/event-words.ts';
import { busyHistory, History, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';

const queued = (n: number, text = `words ${n}`): DroverEvent => ({
  type: 'guidance.queued',
  guidanceId: `hint-aaaa${n}`,
  taskId: 'task-x7k2m',
  text,
});
const shown: DroverEvent = {
  type: 'guidance.shown',
  guidanceId: 'hint-aaaa2',
  taskId: 'task-x7k2m',
  runId: 'run-x7k2m',
  via: 'tool',
};

test('the key opens the bar with the task of the pane filled in', () => {
  const [model] = steps(modelOf(busyHistory()), key('C-g'), key('i'));
  expect(model.mode).toMatchObject({ kind: 'command', edit: { text: 'hint task-x7k2m ' } });
});

test('the key says so where nobody works', () => {
  const [model] = steps(modelOf(new History().session(1)), key('C-g'), key('i'));
  expect(model.mode.kind).toBe('normal');
  expect(model.note?.text).toContain('no task is worked on in this pane');
});

test('the selected task of the queue has the action, unless it is over', () => {
  const on = (id: string) => {
    const model = modelOf(busyHistory());
    return { ...model, queue: { ...model.queue, on: 'queue' as const, selected: `task-${id}` } };
  };
  const [model] = steps(on('h5j6k'), key('i'));
  expect(model.mode).toMatchObject({ kind: 'command', edit: { text: 'hint task-h5j6k ' } });
  const [watching] = steps({ ...on('h5j6k'), isReadOnly: true }, key('i'));
  expect(watching.note?.text).toContain('look on only');
});

test('the title of a pane counts what has not arrived', () => {
  const history = busyHistory().add(queued(1)).add(queued(2));
  const title = (): string => rowsOf(modelOf(history)).find((row) => row.includes('x7k2m')) ?? '';
  expect(title()).toContain('✎2');
  history.add(shown).add({ type: 'guidance.acknowledged', guidanceId: 'hint-aaaa2', taskId: 'task-x7k2m' });
  expect(title()).toContain('✎1');
  history.add({ type: 'guidance.retracted', guidanceId: 'hint-aaaa1', taskId: 'task-x7k2m', reason: '' });
  expect(title()).not.toContain('✎');
});

test('the feed tells each step, and no text of it does anything', () => {
  const { state } = busyHistory().add(queued(2, 'use\ttabs\n!ls'));
  const told = (event: DroverEvent): string => {
    const words = wordsOf({ seq: 1, at: NOW, by: 'ada', event }, state);
    return `${words?.about} ${words?.mark} ${words?.text}`;
  };
  const about = { guidanceId: 'hint-aaaa2', taskId: 'task-x7k2m' };
  expect(told(queued(2, 'use\ttabs\n!ls'))).toBe('x7k2m ✎ hint: use tabs !ls');
  expect(told(shown)).toBe('x7k2m ✎ hint handed to its agent');
  expect(told({ type: 'guidance.acknowledged', ...about })).toBe('x7k2m ✎ hint has arrived: use tabs !ls');
  expect(told({ type: 'guidance.requeued', ...about, reason: 'its agent ended' })).toBe(
    'x7k2m ✎ hint waits again: its agent ended',
  );
  expect(told({ type: 'guidance.retracted', ...about, reason: '' })).toBe('x7k2m ✎ hint taken back');
});
