// Owns how a verb's words become the parameters of its method: numbers, lists, descriptions from a file. Refuses with the verb's own option in the sentence.

import { resolve } from 'node:path';
import { formatDuration, parseDuration } from '../config/duration.ts';
import { checkDescription, checkTitle } from '../domain/decide/task-fields.ts';
import type { TaskChanges } from '../domain/event.ts';
import { refuse } from '../domain/refusal.ts';
import { TASK_TYPES, type TaskType } from '../domain/task.ts';
import type { Params } from '../protocol/methods.ts';
import type { VerbInput, VerbOption } from './verb.ts';

/** The options that say what a task is; `add` and `edit` share them. */
export const TASK_OPTIONS: readonly VerbOption[] = [
  { flags: '-d, --description <text>', help: 'what is to be done, in full' },
  {
    flags: '--description-file <file>',
    help: 'read the description from a file, or from standard input with -',
    completes: 'file',
  },
  { flags: '-e, --epic <epic>', help: 'the epic it belongs to: its id or exact title', completes: 'epic' },
  { flags: '-p, --priority <number>', help: 'higher goes first; -100 to 100, 0 is normal' },
  {
    flags: '-b, --blocked-by <tasks>',
    help: 'tasks that must be completed first; may be repeated',
    isList: true,
    completes: 'task',
  },
  { flags: '-t, --type <type>', help: 'what kind of work it is', choices: TASK_TYPES },
  { flags: '-l, --label <labels>', help: 'labels to find it by; may be repeated', isList: true },
  {
    flags: '--test <command>',
    help: "shell command that must pass on the merged result before it lands, instead of the project's",
  },
  { flags: '--attempts <number>', help: 'how often it is tried before it has failed' },
];

/** Only of a new task: what its agent may read cannot change under it. */
export const REPO_OPTION: VerbOption = {
  flags: '--repo <folders>',
  help: 'another repository that its agent may read, and only read; may be repeated',
  isList: true,
  completes: 'file',
};

/** The option's text; undefined when it was not given. */
export function textOption(input: VerbInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The option's values with comma lists split and blanks cut; undefined when it was not given. Refuses a list of nothing: an empty variable of a script must not mean "none". */
function listOption(input: VerbInput, name: string, flag: string): string[] | undefined {
  const value = input.options[name];
  if (!Array.isArray(value)) return undefined;
  const items = value
    .flatMap((item) => item.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) refuse('bad-params', `${flag} names nothing`);
  return items;
}

/** The option as a whole number between `least` and `most`; undefined when it was not given. Refuses anything else. */
export function numberOption(
  input: VerbInput,
  name: string,
  limits: { least: number; most: number },
  flag = `--${name}`,
): number | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text.trim()) || value < limits.least || value > limits.most) {
    refuse('bad-params', `${flag} takes a whole number from ${limits.least} to ${limits.most}, not "${text}"`);
  }
  return value;
}

/** The option as a duration in ms, such as `30m`; undefined when it was not given. Refuses what is none, or shorter than `least`. */
export function durationOption(input: VerbInput, name: string, flag: string, least: number): number | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === null || ms < least)
    refuse('bad-params', `${flag} takes a duration such as 30m, at least ${formatDuration(least)}, not "${text}"`);
  return ms;
}

/** The option as one of `choices`; undefined when it was not given. Refuses another word. */
export function choiceOption<T extends string>(input: VerbInput, name: string, choices: readonly T[]): T | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  return refuse('bad-params', `--${name} takes one of ${choices.join(', ')}, not "${text}"`);
}

/** The argument of that place. The parser has seen to it that it is there. */
export function argument(input: VerbInput, index = 0): string {
  return input.args[index] ?? '';
}

/** A title as it may be sent. What is wrong with it is told by the verb that was typed, so the refusal names no other. */
export function titleOf(text: string): string {
  if (text.trim() === '') refuse('bad-title', 'The title is empty.');
  return checkTitle(text);
}

/** A description given as text, as a file or on standard input; undefined when there is none. */
async function descriptionOf(input: VerbInput): Promise<string | undefined> {
  const text = textOption(input, 'description');
  const file = textOption(input, 'descriptionFile');
  if (file === undefined) return text === undefined ? undefined : checkDescription(text);
  if (text !== undefined) refuse('bad-params', 'give either --description or --description-file, not both');
  if (!input.readText) return refuse('bad-params', '--description-file is for the shell; here, use --description');
  return checkDescription((await input.readText(file)).trimEnd());
}

/** Leaves out what was not given, as exactOptionalPropertyTypes wants it. */
export function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const PRIORITIES = { least: -100, most: 100 };
const ATTEMPTS = { least: 1, most: 100 };

/** Parameters of `add` (one argument) and `quick` (words that make the title). */
export async function newTask(input: VerbInput): Promise<Params<'task.create'>> {
  type Fields = Omit<Params<'task.create'>, 'title'>;
  return {
    title: titleOf(input.args.join(' ')),
    ...given<Required<Fields>>({
      description: await descriptionOf(input),
      type: choiceOption<TaskType>(input, 'type', TASK_TYPES),
      epic: textOption(input, 'epic'),
      priority: numberOption(input, 'priority', PRIORITIES),
      labels: listOption(input, 'label', '--label'),
      blockedBy: listOption(input, 'blockedBy', '--blocked-by'),
      testCommand: textOption(input, 'test'),
      maxAttempts: numberOption(input, 'attempts', ATTEMPTS),
      repos: listOption(input, 'repo', '--repo')?.map((folder) => resolve(folder)),
    }),
  };
}

/** `none` empties a field that can be empty. */
const orNull = (text: string | undefined): string | null | undefined => (text === 'none' ? null : text);
const orNothing = (list: string[] | undefined): string[] | undefined =>
  list?.length === 1 && list[0] === 'none' ? [] : list;

/** Parameters of `edit`; refuses an edit that changes nothing. */
export async function taskChanges(input: VerbInput): Promise<Params<'task.edit'>> {
  const title = textOption(input, 'title');
  const changes: TaskChanges = given<Required<TaskChanges>>({
    title: title === undefined ? undefined : titleOf(title),
    description: await descriptionOf(input),
    type: choiceOption<TaskType>(input, 'type', TASK_TYPES),
    epicId: orNull(textOption(input, 'epic')),
    priority: numberOption(input, 'priority', PRIORITIES),
    labels: orNothing(listOption(input, 'label', '--label')),
    blockedBy: orNothing(listOption(input, 'blockedBy', '--blocked-by')),
    testCommand: orNull(textOption(input, 'test')),
    maxAttempts: numberOption(input, 'attempts', ATTEMPTS),
  });
  if (Object.keys(changes).length === 0) refuse('bad-params', 'nothing was said to change', 'drover edit --help');
  return { task: argument(input), changes };
}

/** The first argument as the number of a pane. Refuses anything else. */
export function paneArgument(input: VerbInput): number {
  const text = argument(input);
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 65_535)
    refuse('bad-params', `a pane is named by its number, not "${text}"`, 'drover panes');
  return Number(text);
}
