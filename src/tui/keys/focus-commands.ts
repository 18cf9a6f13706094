// Owns what the command `focus` does to the model: which pane has the keys.
import { needsSomeone } from '../../domain/worker.ts';
import { farSide, neighbour } from '../layout/neighbour.ts';
import { type Model, paneNumbers, runOfWorker, tilingOf, windowPanes } from '../model.ts';
import { note, refusal } from '../note.ts';
import type { Command } from './command.ts';
import { focusAnywhere } from './window-commands.ts';

/** The focus on a pane; what was focused before is remembered for `focus last`. */
export function focusPane(model: Model, pane: number): Model {
  if (pane === model.focused) return model;
  return { ...model, focused: pane, lastFocused: model.focused };
}

/** Moves the focus by direction, number, order, history or need. */
export function moveFocus(model: Model, to: Extract<Command, { name: 'focus' }>['to']): Model {
  const all = paneNumbers(model);
  const numbers = windowPanes(model);
  const { focused } = model;
  if (all.length === 0) return refusal(model, 'there is no worker yet', `${model.keys.prefix} : run`);
  if (typeof to === 'number') {
    return all.includes(to) ? focusAnywhere(model, to, focusPane) : refusal(model, `there is no pane ${to}`, '');
  }
  if (to === 'attention') return focusAttention(model, all);
  if (focused === null) return note(model, 'no pane is in this window');
  switch (to) {
    case 'next':
      return focusPane(model, numbers[(numbers.indexOf(focused) + 1) % numbers.length] ?? focused);
    case 'last':
      return model.lastFocused !== null && model.lastFocused !== focused && numbers.includes(model.lastFocused)
        ? focusPane(model, model.lastFocused)
        : note(model, 'no other pane of this window was focused before');
    default:
      return focusDirection(model, focused, to);
  }
}

function focusAttention(model: Model, numbers: readonly number[]): Model {
  const at = model.focused === null ? -1 : numbers.indexOf(model.focused);
  const order = [...numbers.slice(at + 1), ...numbers.slice(0, at + 1)];
  const found = order.find((number) => needsSomeone(runOfWorker(model, number)));
  return found === undefined ? note(model, 'no pane needs anyone') : focusAnywhere(model, found, focusPane);
}

/** While a pane is zoomed, and at the edge of a page, directions go through the panes in their order; else over an edge to the far side, as in tmux. */
function focusDirection(model: Model, focused: number, direction: 'left' | 'right' | 'up' | 'down'): Model {
  const numbers = windowPanes(model);
  const { panes, hiddenBefore, hiddenAfter } = tilingOf(model);
  const beside = neighbour(panes, focused, direction);
  if (beside !== null) return focusPane(model, beside);
  if (hiddenBefore + hiddenAfter === 0) return focusPane(model, farSide(panes, focused, direction) ?? focused);
  const step = direction === 'left' || direction === 'up' ? -1 : 1;
  return focusPane(model, numbers[numbers.indexOf(focused) + step] ?? focused);
}
