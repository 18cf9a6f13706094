// Owns the tests of pausing from the workspace: the key on a pane, the keys in the queue, the pane's title.
import { describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model.ts';
import { plainText } from '../../../src/tui/view/line.ts';
import { paneTitle } from '../../../src/tui/view/pane-title.ts';
import { busyHistory, key, modelOf, steps } from './model-fixture.ts';

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));
const linesAfter = (model: Model, keys: string): (string | undefined)[] =>
  (press(model, keys)[1] as readonly { type: string; line?: string }[])
    .filter(({ type }) => type === 'run')
    .map(({ line }) => line);
const asked = () => busyHistory().add({ type: 'task.pause-asked', taskId: 'task-x7k2m', isNow: false }, 7);

describe('the key on a pane', () => {
  test('pauses its task, and calls it off with the same', () => {
    expect(linesAfter(modelOf(busyHistory()), 'C-g p')).toEqual(['pause task-x7k2m']);
    expect(linesAfter(modelOf(asked()), 'C-g p')).toEqual(['resume task-x7k2m']);
  });

  test('is refused where no task is, and to one who looks on only', () => {
    const idle = { ...modelOf(busyHistory()), focused: 4 };
    expect(press(idle, 'C-g p')[0].note).toMatchObject({ kind: 'refusal', text: expect.stringContaining('no task') });
    const looking = { ...modelOf(busyHistory()), isReadOnly: true };
    expect(linesAfter(looking, 'C-g p')).toEqual([]);
    expect(press(looking, 'C-g p')[0].note).toMatchObject({ kind: 'refusal' });
  });

  test('shows in the title from when it was asked', () => {
    expect(plainText(paneTitle(modelOf(asked()), 1, 60))).toContain('pausing 7s');
  });
});

describe('the keys in the queue', () => {
  const on = (short: string, model: Model): Model => {
    const [open] = press(model, 'C-g q');
    return { ...open, queue: { ...open.queue, selected: `task-${short}` } };
  };

  test('pause what waits and what is worked on, and resume what is paused', () => {
    expect(linesAfter(on('x7k2m', modelOf(busyHistory())), 'p')).toEqual(['pause task-x7k2m']);
    expect(linesAfter(on('h5j6k', modelOf(busyHistory())), 'p')).toEqual(['pause task-h5j6k']);
    const paused = busyHistory().add({ type: 'task.paused', taskId: 'task-h5j6k', by: 'ada', work: null });
    expect(linesAfter(on('h5j6k', modelOf(paused)), 'u')).toEqual(['resume task-h5j6k']);
  });

  test.each([
    ['m8n9p', 'p', 'task-m8n9p is failed'],
    ['x7k2m', 'u', 'task-x7k2m is not paused'],
  ])('%s, %s is refused: %s', (short, name, text) => {
    const [model, effects] = press(on(short, modelOf(busyHistory())), name);
    expect(effects).toEqual([]);
    expect(model.note).toMatchObject({ kind: 'refusal', text });
  });
});
