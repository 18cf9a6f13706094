// Owns what keys do while the intervention panel has them: its table of bindings, the hint and the answer that are being written, the yes before a task is cancelled.
import { editWithKey } from '../command-bar/line-edit.ts';
import type { Step } from '../effect.ts';
import { lookUp } from '../keys/key-map.ts';
import { textOfKey } from '../keys/key-name.ts';
import { runCommand } from '../keys/run-command.ts';
import { type Model, whyNotChanging } from '../model.ts';
import { refusal } from '../note.ts';
import { cancelTask } from '../queue/queue-actions.ts';
import { changeQueue } from '../queue/queue-turn.ts';
import type { PanelEffect, PanelMode, PanelPart } from './panel-mode.ts';
import { typeIntoAnswer } from './panel-question.ts';

/** One key into the panel. None reaches a pane. */
export function typeIntoPanel(model: Model, mode: PanelMode, key: string): Step {
  if (model.queue.confirming === mode.taskId) return confirm(model, mode, key);
  if (mode.part === 'question' && mode.diff === null && mode.asked?.writing)
    return typeIntoAnswer(model, mode, mode.asked, key);
  if (mode.part === 'hint' && mode.diff === null) return typeIntoHint(model, mode, key);
  const command = lookUp(model.keys, 'panel', key);
  if (command) return runCommand(model, command);
  return [refusal(model, `${key} has no meaning in the panel`, `${model.keys.prefix} ?`), []];
}

function confirm(model: Model, mode: PanelMode, key: string): Step {
  const task = model.state.tasks.get(mode.taskId);
  if (task && (key === 'y' || key === 'Y')) return cancelTask(model, task);
  return [changeQueue(model, { confirming: null }), []];
}

function typeIntoHint(model: Model, mode: PanelMode, key: string): Step {
  const back: PanelPart = mode.asked ? 'question' : 'files';
  if (key === 'Escape' || key === 'C-c' || key === 'C-g' || key === 'BTab')
    return [{ ...model, mode: { ...mode, part: back } }, []];
  if (key === 'Tab' || key === 'C-i') return [{ ...model, mode: { ...mode, part: 'files' } }, []];
  // The answer is under way: what is typed now would be lost with it.
  if (mode.isSending) return [model, []];
  if (key === 'Enter' || key === 'C-m' || key === 'C-j') return sendHint(model, mode);
  const edit = editWithKey(mode.hint, key, textOfKey(key));
  return [edit ? { ...model, mode: { ...mode, hint: edit, refusal: null } } : model, []];
}

function sendHint(model: Model, mode: PanelMode): Step {
  const text = mode.hint.text.trim();
  if (text === '') return [model, []];
  const why = whyNotChanging(model);
  if (why !== null) return [refusal(model, why, ''), []];
  const effect: PanelEffect = { type: 'send-hint', taskId: mode.taskId, text };
  return [{ ...model, mode: { ...mode, isSending: true, refusal: null } }, [effect]];
}
