// Owns the question in the panel: which one is on the screen, what became of it, and what a key answers. A question that came meanwhile is never answered by a key that was meant for the one before.
import { shortName } from '../../domain/operator-name.ts';
import { answerWords, type Question } from '../../domain/question.ts';
import { isActive } from '../../domain/task.ts';
import type { Run } from '../../domain/worker.ts';
import { editWithKey, lineOf } from '../command-bar/line-edit.ts';
import { textOfKey } from '../keys/key-name.ts';
import type { Outcome } from '../message.ts';
import { type Model, whyNotChanging } from '../model.ts';
import { refusal } from '../note.ts';
import { answerRows, showQuestion, whyNotWords } from './panel-answers.ts';
import type { Asked, PanelEffect, PanelMode } from './panel-mode.ts';

type Step = readonly [Model, readonly PanelEffect[]];

/** The run that works on the panel's task; null when none does. */
export function runOfPanel({ state }: Model, { taskId }: PanelMode): Run | null {
  const task = state.tasks.get(taskId);
  const run = task?.runId ? state.runs.get(task.runId) : undefined;
  return task && run && run.endedAt === null && isActive(task.status) ? run : null;
}

/** The panel after whatever has happened: a question that nobody has answered from here is gone, or the first one has come. */
export function settleQuestion(model: Model, mode: PanelMode): PanelMode {
  const run = runOfPanel(model, mode);
  const { asked } = mode;
  if (asked === null) {
    const [first] = run?.questions ?? [];
    return first ? { ...mode, asked: showQuestion(first) } : mode;
  }
  if (asked.fate !== null || run?.questions.some(({ id }) => id === asked.question.id)) return mode;
  return { ...mode, asked: { ...asked, fate: fateOf(asked.question, run), writing: null, isRunning: false } };
}

function fateOf({ id }: Question, run: Run | null): string {
  const answered = run?.answered;
  if (!run) return 'its agent is at work no more: nobody waits for an answer';
  if (answered?.questionId !== id) return 'it is not asked any more';
  if (answered.answer === null) return 'it was answered in its pane, or is not asked any more';
  return `${shortName(answered.by)} answered: ${answerWords(answered.answer)}`;
}

/** The question that waits behind one that is settled; null when there is none. */
export function nextQuestion(model: Model, mode: PanelMode): Question | null {
  return mode.asked?.fate ? (runOfPanel(model, mode)?.questions[0] ?? null) : null;
}

/** Does what the row of this index says. */
export function chooseAnswer(model: Model, mode: PanelMode, index: number): Step {
  const { asked } = mode;
  if (asked === null) return [refusal(model, 'nothing is asked', ''), []];
  if (asked.fate !== null) {
    const next = nextQuestion(model, mode) === null ? '' : 'Enter shows the next question';
    return [refusal(model, asked.fate, next), []];
  }
  if (asked.isRunning) return [model, []];
  const why = whyNotChanging(model);
  if (why !== null) return [refusal(model, why, ''), []];
  const row = answerRows(asked)[index];
  if (!row) return [refusal(model, `there is no answer ${index + 1}`, ''), []];
  const here: Asked = { ...asked, row: index, refusal: null };
  switch (row.does.kind) {
    case 'write':
      return [show(model, mode, { ...here, writing: { kind: row.does.what, edit: lineOf('') } }), []];
    case 'mark': {
      const { option } = row.does;
      const rest = here.marked.filter((marked) => marked !== option);
      const marked = rest.length < here.marked.length ? rest : [...rest, option];
      return [show(model, mode, { ...here, marked }), []];
    }
    case 'send':
      if (row.does.words === '') return [show(model, mode, { ...here, refusal: 'no option is marked yet' }), []];
      return giveAnswer(model, mode, here, row.does.words);
  }
}

/** Enter on the question: the selected row, or the question behind a settled one. */
export function enterQuestion(model: Model, mode: PanelMode): Step {
  const next = nextQuestion(model, mode);
  if (next !== null) return [show(model, mode, showQuestion(next)), []];
  return chooseAnswer(model, mode, mode.asked?.row ?? 0);
}

/** The answer to the part that is shown; behind the last one, all of them are sent. */
function giveAnswer(model: Model, mode: PanelMode, asked: Asked, words: string): Step {
  const answers = [...asked.answers, words];
  if (answers.length < asked.question.parts.length)
    return [show(model, mode, { ...asked, answers, marked: [], row: 0, writing: null }), []];
  return send(model, mode, asked, answers);
}

function send(model: Model, mode: PanelMode, asked: Asked, words: readonly string[]): Step {
  const { taskId } = mode;
  const effect = { type: 'answer', taskId, questionId: asked.question.id, words } as const;
  return [show(model, mode, { ...asked, isRunning: true }), [effect]];
}

/** One key into the reason or the words that are being written. */
export function typeIntoAnswer(model: Model, mode: PanelMode, asked: Asked, key: string): Step {
  const { writing } = asked;
  if (writing === null || asked.isRunning) return [model, []];
  if (key === 'Escape' || key === 'C-c' || key === 'C-g')
    return [show(model, mode, { ...asked, writing: null, refusal: null }), []];
  if (key === 'Enter' || key === 'C-m' || key === 'C-j') {
    const text = writing.edit.text.trim();
    // A denial is one of the whole question, whichever part is shown.
    if (writing.kind === 'reason') return send(model, mode, asked, text === '' ? ['deny'] : ['deny', text]);
    const reason = whyNotWords(asked, text);
    if (reason !== null) return [show(model, mode, { ...asked, refusal: reason }), []];
    return giveAnswer(model, mode, asked, text);
  }
  const edit = editWithKey(writing.edit, key, textOfKey(key));
  return [edit ? show(model, mode, { ...asked, writing: { ...writing, edit }, refusal: null }) : model, []];
}

/** The server has taken the answer, or not. What became of the question is told by its event, whoever was first. */
export function hearAnswer(model: Model, mode: PanelMode, questionId: string, outcome: Outcome): Model {
  const { asked } = mode;
  if (asked === null || asked.question.id !== questionId || asked.fate !== null) return model;
  if (outcome.ok) return model;
  return show(model, mode, { ...asked, answers: [], marked: [], isRunning: false, refusal: outcome.text });
}

function show(model: Model, mode: PanelMode, asked: Asked): Model {
  return { ...model, mode: { ...mode, asked } };
}
