// Owns the two lines of input, command bar and quick capture: what each key does in them.
import { VERBS } from '../../client/verbs.ts';
import type { Effect, Step } from '../effect.ts';
import { BAR_COMMANDS, parseCommand, takesOwnWords, unknownWord } from '../keys/command.ts';
import { textOfKey } from '../keys/key-name.ts';
import { runCommand } from '../keys/run-command.ts';
import type { Message } from '../message.ts';
import type { InputMode, Model } from '../model.ts';
import { refusalWords } from '../note.ts';
import { openForm } from './capture-form.ts';
import { startCompletion, stepCompletion } from './completion.ts';
import { withLine } from './history-file.ts';
import { editWithKey, lineOf } from './line-edit.ts';

/** One key into a line of input. */
export function typeIntoInput(model: Model, mode: InputMode, key: string): Step {
  if (key === 'Escape' || key === 'C-c' || key === 'C-g') return [close(model), []];
  // The answer is under way: what is typed now would be lost with it.
  if (mode.isRunning) return [model, []];
  if (key === 'Enter' || key === 'C-m' || key === 'C-j') return submit(model, mode);
  if (key === 'BSpace' && mode.edit.text === '') return [close(model), []];
  if (mode.kind === 'quick' && (key === 'Tab' || key === 'C-i'))
    return [{ ...model, mode: openForm(mode.edit.text) }, []];
  if (mode.kind === 'command') {
    if (key === 'Tab' || key === 'C-i') return complete(model, mode, 1);
    if (key === 'BTab') return complete(model, mode, -1);
    if (key === 'Up' || key === 'C-p') return [recall(model, mode, mode.historyAt + 1), []];
    if (key === 'Down' || key === 'C-n') return [recall(model, mode, mode.historyAt - 1), []];
  }
  const edit = editWithKey(mode.edit, key, textOfKey(key));
  return [edit ? { ...model, mode: { ...mode, edit, completion: null, refusal: null } } : model, []];
}

function close(model: Model): Model {
  return { ...model, mode: { kind: 'normal' } };
}

function submit(model: Model, mode: InputMode): Step {
  const line = mode.edit.text.trim();
  if (line === '') return [close(model), []];
  const waiting: Model = {
    ...model,
    mode: { ...mode, edit: lineOf(line), completion: null, refusal: null, isRunning: true },
  };
  if (mode.kind === 'quick') return [waiting, [{ type: 'capture', title: line }]];
  const history = withLine(model.history, line);
  const remember: readonly Effect[] = model.history.at(-1) === line ? [] : [{ type: 'remember', line }];
  const own = parseCommand(line);
  if (own.ok && BAR_COMMANDS.includes(own.command.name)) {
    const closed: Model = { ...close(model), history, note: null };
    const [next, effects] = runCommand(closed, own.command);
    // The line stays to be mended, as a refused verb's does.
    if (next.note?.kind === 'refusal' && next.mode.kind === 'normal')
      return [{ ...next, note: null, mode: { ...mode, refusal: refusalWords(next.note) } }, remember];
    return [next, [...remember, ...effects]];
  }
  // No verb has these names: what is wrong with their words is known here.
  if (!own.ok && takesOwnWords(line)) return [{ ...model, mode: { ...mode, refusal: own.message } }, []];
  const unknown = whyUnknown(line);
  if (unknown !== null) return [{ ...model, mode: { ...mode, refusal: unknown } }, []];
  return [{ ...waiting, history }, [...remember, { type: 'run', line }]];
}

const FIRST_WORDS = [
  ...VERBS.flatMap(({ name, aliases = [] }) => [name, ...aliases].map((words) => words.replace(/ .*/, ''))),
  ...BAR_COMMANDS,
];

/** Why a line is neither a verb's nor a command's: here both are known. Null when it may be one, or begins with an option. */
function whyUnknown(line: string): string | null {
  const [first = ''] = line.split(/\s+/);
  return FIRST_WORDS.includes(first) || first.startsWith('-') ? null : unknownWord('command', first, FIRST_WORDS);
}

function complete(model: Model, mode: InputMode, step: 1 | -1): Step {
  if (mode.completion) {
    const next = stepCompletion(mode.edit, mode.completion, step);
    return [{ ...model, mode: { ...mode, edit: next.line, completion: next.completion } }, []];
  }
  return [model, [{ type: 'complete', line: mode.edit.text, cursor: mode.edit.cursor }]];
}

/** The candidates have come; late ones, for a line that has changed since, are dropped. */
export function showCompletions(model: Model, found: Extract<Message, { type: 'completions' }>): Model {
  const { mode } = model;
  if (mode.kind !== 'command' || mode.edit.text !== found.line) return model;
  const { candidates, from, labels } = found;
  const next = startCompletion(mode.edit, { candidates, from, ...(labels ? { labels } : {}) });
  return { ...model, mode: { ...mode, edit: next.line, completion: next.completion } };
}

function recall(model: Model, mode: InputMode, at: number): Model {
  if (at < 0 || at > model.history.length) return model;
  const line = at === 0 ? '' : (model.history[model.history.length - at] ?? '');
  return { ...model, mode: { ...mode, edit: lineOf(line), completion: null, refusal: null, historyAt: at } };
}
