// Owns the tests of the key that is pressed once too often when a view is left: it must not interrupt an agent.
import { describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model.ts';
import { busyHistory, key, modelOf, steps } from './model-fixture.ts';

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));
const typed = (model: Model, keys: string): string[] =>
  press(model, keys)[1].flatMap((effect) => (effect.type === 'input' ? [effect.key] : []));
const later = (model: Model, ms: number): Model => ({ ...model, now: model.now + ms });

describe('a key that leaves a view, pressed again at once', () => {
  test.each([
    ['the queue', 'C-g q'],
    ['the activity', 'C-g q Tab'],
    ['the panel', 'C-g a'],
    ['the command bar', 'C-g :'],
    ['the capture', 'C-g c'],
    ['the search', 'C-g /'],
    ['help', 'C-g ?'],
  ])('is kept from the pane behind %s', (_name, open) => {
    const model = modelOf(busyHistory());
    expect(typed(model, `${open} Escape Escape Escape`)).toEqual([]);
    expect(typed(model, `${open} C-c C-c`)).toEqual([]);
    expect(press(model, `${open} Escape Escape`)[0].note?.text).toBe(
      'Esc has just closed a view: this one is not typed into the pane',
    );
  });

  test('is kept where it has given the prefix up', () => {
    expect(typed(modelOf(busyHistory()), 'C-g Escape Escape')).toEqual([]);
  });

  test('is kept for half a second, however often it is pressed', () => {
    const [left] = press(modelOf(busyHistory()), 'C-g q Escape Escape');
    expect(typed(later(left, 499), 'Escape')).toEqual([]);
    expect(typed(later(left, 500), 'Escape')).toEqual(['Escape']);
  });

  test('other keys are typed, and end it', () => {
    const [left] = press(modelOf(busyHistory()), 'C-g q Escape');
    expect(typed(left, 'C-c a Escape')).toEqual(['C-c', 'a', 'Escape']);
  });

  test('a key that left nothing is never kept', () => {
    const model = modelOf(busyHistory());
    expect(typed(model, 'Escape Escape')).toEqual(['Escape', 'Escape']);
    // It led back to the queue, not to the panes.
    expect(press(model, 'C-g q / Escape')[0].wayOut).toBeNull();
  });
});
