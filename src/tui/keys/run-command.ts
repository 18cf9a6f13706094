// Owns what each command of the workspace does to the model.

import { printable } from '../../domain/text.ts';
import { lineOf } from '../command-bar/line-edit.ts';
import { runCopyCommand } from '../copy-mode/commands.ts';
import type { Effect } from '../effect.ts';
import { keyToBytes } from '../input/pane-input.ts';
import { neighbour } from '../layout/neighbour.ts';
import {
  type InputMode,
  isPaneLive,
  type Model,
  needsSomeone,
  paneNumbers,
  runOfWorker,
  tilingOf,
  windowPanes,
} from '../model.ts';
import { note, refusal } from '../note.ts';
import { toggleQueueFocus } from '../queue/queue-turn.ts';
import type { Command } from './command.ts';
import { chooseLayout, chooseTheme, evenSizes, resizePane, swapPanes, toggleSidebar } from './layout-commands.ts';
import { openShell, toggleLock, togglePause } from './pane-commands.ts';
import {
  breakPane,
  closeWindow,
  focusAnywhere,
  goToWindow,
  joinPane,
  openWindow,
  renameWindow,
} from './window-commands.ts';

/** Does a command. */
export function runCommand(model: Model, command: Command): readonly [Model, readonly Effect[]] {
  switch (command.name) {
    case 'focus':
      return [moveFocus(model, command.to), []];
    case 'zoom':
      return [{ ...model, isZoomed: !model.isZoomed && model.focused !== null }, []];
    case 'detach':
      return [model, [{ type: 'end', reason: 'detached', message: farewell(model) }]];
    case 'help':
      return [{ ...model, mode: { kind: 'help', scroll: 0, filter: '' } }, []];
    case 'command-bar':
      return [openBar(model, command.text), []];
    case 'quick':
      return [{ ...model, note: null, mode: emptyInput('quick', '') }, []];
    case 'queue':
      return [toggleQueueFocus(model), []];
    case 'sidebar':
      return [toggleSidebar(model, command.of), []];
    case 'swap':
      return [swapPanes(model, command.with), []];
    case 'resize':
      return [resizePane(model, command.to, command.by), []];
    case 'even-sizes':
      return [evenSizes(model), []];
    case 'layout':
      return [chooseLayout(model, command.to), []];
    case 'theme':
      return [chooseTheme(model, command.to), []];
    case 'new-window':
      return [openWindow(model, command.title), []];
    case 'rename-window':
      return [renameWindow(model, command.title), []];
    case 'window':
      return [goToWindow(model, command.to), []];
    case 'close-window':
      return [closeWindow(model), []];
    case 'break-pane':
      return [breakPane(model), []];
    case 'lock-pane':
      return toggleLock(model);
    case 'pause-task':
      return togglePause(model);
    case 'shell':
      return openShell(model);
    case 'join-pane':
      return [joinPane(model), []];
    case 'copy-mode':
    case 'copy-mode-up':
    case 'paste-buffer':
    case 'edit-history':
    case 'search':
      return runCopyCommand(model, command.name);
    case 'redraw':
      return [model, [{ type: 'redraw' }]];
    case 'suspend':
      return [model, [{ type: 'suspend' }]];
    case 'send-prefix':
      return [model, sendPrefix(model)];
    case 'unbind':
      return [model, []];
  }
}

function sendPrefix(model: Model): Effect[] {
  const { focused, isReadOnly, keys } = model;
  if (focused === null || isReadOnly || !isPaneLive(model, focused)) return [];
  return [{ type: 'input', pane: focused, key: keys.prefix, bytes: keyToBytes(keys.prefix, 0) }];
}

function farewell({ repository, connection }: Model): string {
  const name = printable(repository);
  return connection.kind === 'lost'
    ? `left ${name}; its server is gone: ${printable(connection.reason)}`
    : `detached from ${name}; everything keeps running`;
}

function emptyInput(kind: InputMode['kind'], text: string): InputMode {
  const edit = lineOf(text === '' ? '' : `${text} `);
  return { kind, edit, completion: null, refusal: null, isRunning: false, historyAt: 0 };
}

/** The command bar with a text in it; `{task}` stands for the task of the focused pane. */
function openBar(model: Model, text: string): Model {
  const task = model.focused === null ? null : (runOfWorker(model, model.focused)?.taskId ?? null);
  if (text.includes('{task}') && task === null) return refusal(model, 'no task is worked on in this pane', '');
  return { ...model, note: null, mode: emptyInput('command', text.replaceAll('{task}', task ?? '')) };
}

/** The focus on a pane; what was focused before is remembered for `focus last`. */
export function focusPane(model: Model, pane: number): Model {
  if (pane === model.focused) return model;
  return { ...model, focused: pane, lastFocused: model.focused };
}

function moveFocus(model: Model, to: Extract<Command, { name: 'focus' }>['to']): Model {
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
      return model.lastFocused !== null && numbers.includes(model.lastFocused)
        ? focusPane(model, model.lastFocused)
        : model;
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

/** While a pane is zoomed, and at the edge of a page, directions go through the panes in their order. */
function focusDirection(model: Model, focused: number, direction: 'left' | 'right' | 'up' | 'down'): Model {
  const numbers = windowPanes(model);
  const beside = neighbour(tilingOf(model).panes, focused, direction);
  if (beside !== null) return focusPane(model, beside);
  const { hiddenBefore, hiddenAfter } = tilingOf(model);
  if (hiddenBefore + hiddenAfter === 0) return model;
  const step = direction === 'left' || direction === 'up' ? -1 : 1;
  return focusPane(model, numbers[numbers.indexOf(focused) + step] ?? focused);
}
