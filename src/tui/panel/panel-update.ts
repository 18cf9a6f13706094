// Owns what opens the intervention panel, and what news and pasted text do in it.
import { isFinished } from '../../domain/task.ts';
import { insertText, lineOf } from '../command-bar/line-edit.ts';
import type { Step } from '../effect.ts';
import { type Model, runOfWorker } from '../model.ts';
import { refusal } from '../note.ts';
import { queueRows, selectedTask } from '../queue/queue-rows.ts';
import { hearDiff, hearFiles } from './panel-files.ts';
import type { PanelMessage, PanelMode } from './panel-mode.ts';
import { hearAnswer, settleQuestion } from './panel-question.ts';

/** Opens the panel of the task that is selected in the queue while that has the keys, else of the focused pane's. */
export function openPanel(model: Model): Model {
  const taskId = taskInHand(model);
  if (taskId === null || !model.state.tasks.has(taskId))
    return refusal(model, 'no task is worked on in this pane', `${model.keys.prefix} q`);
  const mode: PanelMode = {
    kind: 'panel',
    taskId,
    part: 'files',
    asked: null,
    hint: lineOf(''),
    isSending: false,
    refusal: null,
    files: null,
    selected: null,
    diff: null,
  };
  const settled = settleQuestion(model, mode);
  return { ...model, note: null, mode: settled.asked === null ? settled : { ...settled, part: 'question' } };
}

function taskInHand(model: Model): string | null {
  if (model.queue.on === 'queue') return selectedTask(model, queueRows(model))?.id ?? null;
  const { focused } = model;
  return focused === null ? null : (runOfWorker(model, focused)?.taskId ?? model.infos.get(focused)?.taskId ?? null);
}

/** The model after whatever has happened: the panel shows what became of its question. */
export function settlePanel(model: Model): Model {
  const { mode } = model;
  if (mode.kind !== 'panel') return model;
  // A server that has lost the task: nothing is left to show.
  if (model.hasState && !model.state.tasks.has(mode.taskId)) return { ...model, mode: { kind: 'normal' } };
  const settled = settleQuestion(model, mode);
  return settled === mode ? model : { ...model, mode: settled };
}

/** The task whose files are looked at; null while none are. */
export function watchedTask({ mode }: Model): string | null {
  return mode.kind === 'panel' ? mode.taskId : null;
}

/** Why the task hears no hint; null when it does. */
export function whyNoHint(model: Model, { taskId }: PanelMode): string | null {
  if (model.isReadOnly) return 'you look on only';
  const task = model.state.tasks.get(taskId);
  return task && isFinished(task.status) ? `it is ${task.status}: nobody is left to hear a hint` : null;
}

/** Pasted text goes to the line that is written, if there is one. */
export function pasteIntoPanel(model: Model, mode: PanelMode, text: string): Model {
  const { asked, part, diff } = mode;
  if (diff !== null) return model;
  if (part === 'question' && asked?.writing && !asked.isRunning) {
    const writing = { ...asked.writing, edit: insertText(asked.writing.edit, text) };
    return { ...model, mode: { ...mode, asked: { ...asked, writing, refusal: null } } };
  }
  if (part !== 'hint' || mode.isSending) return model;
  return { ...model, mode: { ...mode, hint: insertText(mode.hint, text), refusal: null } };
}

/** What the server has told the panel; late news for a panel that is closed change nothing. */
export function hearPanel(model: Model, message: PanelMessage): Step {
  const { mode } = model;
  if (mode.kind !== 'panel') return [model, []];
  switch (message.type) {
    case 'files-told':
      return hearFiles(model, mode, message.files);
    case 'diff-loaded':
      return [hearDiff(model, mode, message), []];
    case 'answered':
      return [hearAnswer(model, mode, message.questionId, message.outcome), []];
    case 'hint-sent': {
      if (message.taskId !== mode.taskId) return [model, []];
      const { outcome } = message;
      const refused = outcome.ok ? null : outcome.text;
      const hint = outcome.ok ? lineOf('') : mode.hint;
      return [{ ...model, mode: { ...mode, hint, isSending: false, refusal: refused } }, []];
    }
  }
}
