// The mouse over panes: a press focuses and goes to the program; a drag and the release stay with it.
import { expect, test } from 'vitest';
import type { MouseEvent } from '../../../src/tui/input/input-event.ts';
import { type Model, tilingOf } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { busyHistory, modelOf } from './model-fixture.ts';

const mods = { shift: false, meta: false, ctrl: false };

function mouse(model: Model, kind: MouseEvent['kind'], x: number, y: number) {
  const event: MouseEvent = { type: 'mouse', kind, button: 0, x, y, mods, bytes: Buffer.from('') };
  const [next, effects] = update(model, { type: 'mouse', event });
  return { next, mouse: effects.filter((effect) => effect.type === 'mouse').map(({ pane, x, y }) => [pane, x, y]) };
}

function inner(model: Model, number: number) {
  const tile = tilingOf(model).panes.find(({ pane }) => pane === number);
  if (!tile) throw new Error(`no pane ${number}`);
  return tile.inner;
}

test('press, drag and release: the focus first, then the program, to the edge of its pane', () => {
  const model = modelOf(busyHistory());
  const { x, y, width } = inner(model, 2);
  const pressed = mouse(model, 'press', x + 3, y + 2);
  expect(pressed.next.focused).toBe(2);
  expect(pressed.mouse).toEqual([[2, 3, 2]]);
  const dragged = mouse(pressed.next, 'drag', x + width + 50, y + 4);
  expect(dragged.next.focused).toBe(2);
  expect(dragged.mouse).toEqual([[2, width - 1, 4]]);
  const released = mouse(dragged.next, 'release', 0, 0);
  expect(released.mouse).toEqual([[2, 0, 0]]);
  expect(mouse(released.next, 'drag', x, y).mouse).toEqual([]);
});

test('the border focuses and is no part of the program; who looks on sends nothing', () => {
  const model = modelOf(busyHistory());
  const { x, y } = inner(model, 2);
  const border = mouse(model, 'press', x, y - 1);
  expect(border.next.focused).toBe(2);
  expect(border.mouse).toEqual([]);
  const looking = { ...model, isReadOnly: true };
  expect(mouse(looking, 'press', x, y).mouse).toEqual([]);
});

test('a pane in which nothing runs takes the focus only', () => {
  const model = modelOf(busyHistory());
  const { x, y } = inner(model, 4);
  const pressed = mouse(model, 'press', x, y);
  expect(pressed.next.focused).toBe(4);
  expect(pressed.mouse).toEqual([]);
});
