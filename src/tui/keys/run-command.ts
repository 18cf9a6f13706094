// Owns what each command of the workspace does to the model.

import { printable } from '../../domain/text.ts';
import { lineOf } from '../command-bar/line-edit.ts';
import { runCopyCommand } from '../copy-mode/commands.ts';
import type { Effect, Step } from '../effect.ts';
import { keyToBytes } from '../input/pane-input.ts';
import { type InputMode, isPaneLive, type Model, runOfWorker, whyNotChanging } from '../model.ts';
import { refusal, showSaid } from '../note.ts';
import { runPanelCommand } from '../panel/panel-commands.ts';
import { openPanel } from '../panel/panel-update.ts';
import { runQueueCommand } from '../queue/queue-commands.ts';
import { toggleQueueFocus } from '../queue/queue-turn.ts';
import { closeView, scrollView } from '../view/scroll-mode.ts';
import type { Command } from './command.ts';
import { moveFocus } from './focus-commands.ts';
import { chooseLayout, chooseTheme, evenSizes, resizePane, swapPanes, toggleSidebar } from './layout-commands.ts';
import { openShell, toggleLock, togglePause } from './pane-commands.ts';
import { breakPane, closeWindow, goToWindow, joinPane, openWindow, renameWindow } from './window-commands.ts';

/** Does a command. */
export function runCommand(model: Model, command: Command): Step {
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
      return [openCapture(model), []];
    case 'queue':
    case 'activity':
      return [toggleQueueFocus(model, command.name), []];
    case 'scroll':
      return [scrollView(model, command.to), []];
    case 'close':
      return [closeView(model), []];
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
    case 'intervene':
      return [openPanel(model), []];
    case 'panel-go':
    case 'panel-choose':
    case 'panel-enter':
      return runPanelCommand(model, command);
    case 'join-pane':
      return [joinPane(model, command.to), []];
    case 'copy-mode':
    case 'copy-mode-up':
    case 'paste-buffer':
    case 'edit-history':
    case 'search':
      return runCopyCommand(model, command.name);
    case 'messages':
      return [showSaid(model), []];
    case 'redraw':
      return [model, [{ type: 'redraw' }]];
    case 'suspend':
      return [model, [{ type: 'suspend' }]];
    case 'send-prefix':
      return [model, sendPrefix(model)];
    case 'unbind':
      return [model, []];
    default:
      return runQueueCommand(model, command);
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

/** Who may not change anything is told so before a title is written. */
function openCapture(model: Model): Model {
  const why = whyNotChanging(model);
  return why === null ? { ...model, note: null, mode: emptyInput('quick', '') } : refusal(model, why, '');
}

/** The command bar with a text in it; `{task}` stands for the task of the focused pane. */
function openBar(model: Model, text: string): Model {
  const task = model.focused === null ? null : (runOfWorker(model, model.focused)?.taskId ?? null);
  if (text.includes('{task}') && task === null) return refusal(model, 'no task is worked on in this pane', '');
  return { ...model, note: null, mode: emptyInput('command', text.replaceAll('{task}', task ?? '')) };
}
