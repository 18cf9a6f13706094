// Owns the verbs of tasks and epics.

import { TASK_STATUSES, type TaskStatus } from '../domain/task.ts';
import type { Params } from '../protocol/methods.ts';
import { renderDiff, renderFiles } from './diff-text.ts';
import type { CallVerb, Verb, VerbOption } from './verb.ts';
import {
  argument,
  choiceOption,
  given,
  newTask,
  REPO_OPTION,
  TASK_OPTIONS,
  taskChanges,
  textOption,
  titleOf,
} from './verb-params.ts';
import {
  renderCreated,
  renderEpic,
  renderEpics,
  renderTaskDetail,
  renderTaskLine,
  renderTasks,
  renderWhy,
} from './verb-text.ts';

const epicAdd: CallVerb<'epic.create'> = {
  name: 'epic add',
  group: 'Tasks',
  summary: 'Add an epic, a named group of tasks',
  args: '<title>',
  options: [{ flags: '-d, --description <text>', help: 'what the epic is for' }],
  example: 'drover epic add "Login"',
  method: 'epic.create',
  params: (input) => ({
    title: titleOf(argument(input)),
    ...given<{ description: string }>({ description: textOption(input, 'description') }),
  }),
  render: ({ epic }, context) => renderEpic(epic, context),
};

const epicList: CallVerb<'epic.list'> = {
  name: 'epic list',
  group: 'Tasks',
  summary: 'List the epics with their progress',
  example: 'drover epic list',
  method: 'epic.list',
  params: () => ({}),
  render: renderEpics,
};

const add: CallVerb<'task.create'> = {
  name: 'add',
  group: 'Tasks',
  summary: 'Add a task to the queue',
  args: '<title>',
  options: [...TASK_OPTIONS, REPO_OPTION],
  example: 'drover add "Fix the login form" --epic Login --blocked-by task-x7k2m --test "npm test"',
  method: 'task.create',
  params: newTask,
  render: renderCreated,
};

const quick: CallVerb<'task.create'> = {
  name: 'quick',
  aliases: ['q'],
  group: 'Tasks',
  summary: 'Add a task from a few words, without quotes',
  args: '<words...>',
  example: 'drover quick fix the login form',
  method: 'task.create',
  params: newTask,
  render: renderCreated,
};

const list: CallVerb<'task.list'> = {
  name: 'list',
  aliases: ['ls'],
  group: 'Look',
  summary: 'List tasks',
  options: [
    { flags: '-s, --status <status>', help: 'only tasks of this status', choices: TASK_STATUSES },
    { flags: '-e, --epic <epic>', help: 'only tasks of this epic: its id or exact title', completes: 'epic' },
    { flags: '-l, --label <label>', help: 'only tasks with this label' },
  ],
  example: 'drover list --status blocked',
  method: 'task.list',
  params: (input) =>
    given<Required<Params<'task.list'>>>({
      status: choiceOption<TaskStatus>(input, 'status', TASK_STATUSES),
      epic: textOption(input, 'epic'),
      label: textOption(input, 'label'),
    }),
  render: renderTasks,
};

const show: CallVerb<'task.show'> = {
  name: 'show',
  group: 'Look',
  summary: 'Show all that is known of a task',
  args: '<task>',
  example: 'drover show task-x7k2m',
  completes: 'task',
  method: 'task.show',
  params: (input) => ({ task: argument(input) }),
  render: renderTaskDetail,
};

const why: CallVerb<'task.why'> = {
  name: 'why',
  group: 'Look',
  summary: 'Say why a task is not running',
  args: '<task>',
  example: 'drover why task-x7k2m',
  completes: 'task',
  method: 'task.why',
  params: (input) => ({ task: argument(input) }),
  render: renderWhy,
};

const diff: CallVerb<'task.diff'> = {
  name: 'diff',
  group: 'Look',
  summary: 'Show what a task changes against its base, in all files or in one',
  args: '<task> [file]',
  example: 'drover diff task-x7k2m src/login.ts',
  completes: 'task',
  method: 'task.diff',
  params: (input) => ({ task: argument(input), ...given<{ file: string }>({ file: input.args[1] }) }),
  render: renderDiff,
};

const files: CallVerb<'task.files'> = {
  name: 'files',
  group: 'Look',
  summary: 'List the files that a task changes, with their lines',
  details:
    'Committed or not, against the base of the task: in its worktree while it has one, else in the commit that landed or was kept.',
  args: '<task>',
  example: 'drover files task-x7k2m',
  completes: 'task',
  method: 'task.files',
  params: (input) => ({ task: argument(input) }),
  render: renderFiles,
};

const editOnly: VerbOption = { flags: '--title <title>', help: 'the new title' };

const edit: CallVerb<'task.edit'> = {
  name: 'edit',
  group: 'Tasks',
  summary: 'Change a task',
  details: 'The word none empties --epic, --blocked-by, --label and --test.',
  args: '<task>',
  options: [editOnly, ...TASK_OPTIONS],
  example: 'drover edit task-x7k2m --priority 10 --blocked-by none',
  completes: 'task',
  method: 'task.edit',
  params: taskChanges,
  render: ({ task }, context) => renderTaskLine('Changed', task, context),
};

const cancel: CallVerb<'task.cancel'> = {
  name: 'cancel',
  group: 'Tasks',
  summary: 'Cancel a task, or give up one that failed; its agent is ended, its work is kept',
  details:
    'What is under it is cancelled too, and tasks that are blocked by it do not start. drover retry takes it up again.',
  args: '<task>',
  options: [{ flags: '-r, --reason <text>', help: 'why, for whoever reads its history' }],
  example: 'drover cancel task-x7k2m --reason "no longer needed"',
  completes: 'task',
  method: 'task.cancel',
  params: (input) => ({ task: argument(input), ...given<{ reason: string }>({ reason: textOption(input, 'reason') }) }),
  render: ({ task }, context) => renderTaskLine('Cancelled', task, context),
};

const retry: CallVerb<'task.retry'> = {
  name: 'retry',
  group: 'Tasks',
  summary: 'Put a failed, blocked or cancelled task back into the queue',
  args: '<task>',
  example: 'drover retry task-x7k2m',
  completes: 'task',
  method: 'task.retry',
  params: (input) => ({ task: argument(input) }),
  render: ({ task }, context) => renderTaskLine('Queued again', task, context),
};

/** In the order in which the help lists them. */
export const TASK_VERBS: readonly Verb[] = [
  add,
  quick,
  list,
  show,
  why,
  diff,
  files,
  edit,
  cancel,
  retry,
  epicAdd,
  epicList,
];
