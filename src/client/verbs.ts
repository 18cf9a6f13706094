// Owns THE verb table: every verb of the shell and of the command bar is one row here.

import { TASK_STATUSES, type TaskStatus } from '../domain/task.ts';
import { AGENT_KINDS } from '../domain/worker.ts';
import type { Params } from '../protocol/methods.ts';
import { renderDiff } from './diff-text.ts';
import { renderLock } from './pane-text.ts';
import { renderFound, searchParams } from './search-text.ts';
import type { CallVerb, LocalVerb, Verb, VerbOption } from './verb.ts';
import {
  argument,
  choiceOption,
  given,
  newTask,
  paneArgument,
  TASK_OPTIONS,
  taskChanges,
  textOption,
  titleOf,
} from './verb-params.ts';
import {
  renderCreated,
  renderEpic,
  renderEpics,
  renderServer,
  renderStatus,
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
  options: TASK_OPTIONS,
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
  summary: 'Show what a task changes against its base',
  args: '<task>',
  example: 'drover diff task-x7k2m',
  completes: 'task',
  method: 'task.diff',
  params: (input) => ({ task: argument(input) }),
  render: renderDiff,
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
  summary: 'Cancel a task; its agent is ended, its work is kept',
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

const search: CallVerb<'search.run'> = {
  name: 'search',
  group: 'Look',
  summary: 'Search all panes and all conversations of agents',
  details:
    'Finds the words as they are written, one behind the other; capitals count only when there is one. What the panes show and have shown comes first, then the conversations, the newest first.',
  args: '<words...>',
  options: [{ flags: '-n, --limit <number>', help: 'how many places at the most, up to 500', default: '100' }],
  example: 'drover search connection refused',
  method: 'search.run',
  params: searchParams,
  render: renderFound,
};

const status: CallVerb<'status.get'> = {
  name: 'status',
  aliases: ['st'],
  group: 'Look',
  summary: 'Show what runs and what needs attention',
  options: [{ flags: '--oneline', help: 'only the counts, in one line' }],
  example: 'drover status --oneline',
  method: 'status.get',
  params: () => ({}),
  render: renderStatus,
};

const RUN_OPTIONS: readonly VerbOption[] = [
  { flags: '-w, --workers <number>', help: 'how many tasks are worked on at the same time' },
  { flags: '-e, --epic <epic>', help: 'only tasks of this epic: its id or exact title', completes: 'epic' },
  { flags: '-a, --agent <agent>', help: 'who does the work', choices: AGENT_KINDS },
  { flags: '--headless', help: 'no workspace: print a line for each transition until nothing is left to do' },
  { flags: '--until-done', help: 'return only when nothing is left to do, also after detaching from the workspace' },
];

const run: LocalVerb = {
  name: 'run',
  group: 'Work',
  summary: 'Let agents work on the queue, and watch them',
  details:
    'Opens the workspace when standard input and output are terminals. With --headless or --until-done it exits 0 when nothing is left to do and 1 when tasks are failed or blocked, naming them. Interrupting it leaves the run going.',
  options: RUN_OPTIONS,
  example: 'drover run --workers 4 --epic Login',
  local: true,
};

const stop: CallVerb<'session.stop'> = {
  name: 'stop',
  group: 'Work',
  summary: 'Claim no more tasks; agents at work go on to their end',
  options: [{ flags: '-r, --reason <text>', help: 'why, for whoever reads the history' }],
  example: 'drover stop',
  method: 'session.stop',
  startsServer: false,
  params: (input) => given<{ reason: string }>({ reason: textOption(input, 'reason') }),
  render: ({ wasRunning }) =>
    wasRunning ? 'No more tasks are claimed; agents at work go on to their end.' : 'No session was running.',
};

const attach: LocalVerb = {
  name: 'attach',
  aliases: ['a'],
  group: 'Work',
  summary: 'Open the workspace on what runs',
  details:
    'With --linear there is no screen: each change, question and landing is one plain line, for a screen reader or a log. Verbs are read from standard input, and beside them: say <task> <words>, answer <task> <number>, read <pane>, quit.',
  options: [
    { flags: '--read-only', help: 'look on: nothing you type goes into a pane, and nothing is changed' },
    { flags: '--linear', help: 'plain lines instead of a screen; verbs are read from standard input' },
  ],
  example: 'drover attach',
  local: true,
  shellOnly: 'you are attached already',
};

const detach: CallVerb<'client.detach'> = {
  name: 'detach',
  group: 'Work',
  summary: 'Close every workspace that is open on this repository; agents go on',
  example: 'drover detach',
  method: 'client.detach',
  startsServer: false,
  params: () => ({}),
  render: ({ detached }) =>
    detached === 0
      ? 'No workspace is open.'
      : `Closed ${detached} ${detached === 1 ? 'workspace' : 'workspaces'}; what runs goes on.`,
};

const panes: LocalVerb = {
  name: 'panes',
  group: 'Work',
  summary: 'List the panes, or open one with a program of your own',
  details:
    "The program runs on the server, in the repository's root or in a task's worktree, with a number from 101. It goes on when you detach, and its pane goes when it ends.",
  args: '[command...]',
  options: [{ flags: '-t, --task <task>', help: "run it in this task's worktree", completes: 'task' }],
  example: 'drover panes --task task-x7k2m -- git log --oneline',
  local: true,
};

const panesClose: CallVerb<'pane.close'> = {
  name: 'panes close',
  group: 'Work',
  summary: 'End the program of a pane that was opened with panes',
  args: '<pane>',
  example: 'drover panes close 101',
  method: 'pane.close',
  params: (input) => ({ pane: paneArgument(input) }),
  render: ({ pane }) => `Closed pane ${pane}.`,
};

const layout: LocalVerb = {
  name: 'layout',
  group: 'Work',
  summary: 'Choose the layout of the workspaces that you have open, or list the layouts',
  details:
    'In the workspace itself the command bar takes the same words. Names are those of the files in layouts/; next and previous step through them.',
  args: '[name]',
  example: 'drover layout main-left',
  local: true,
};

const theme: LocalVerb = {
  name: 'theme',
  group: 'Work',
  summary: 'Choose the theme of the workspaces that you have open, or list the themes',
  details:
    'In the workspace itself the command bar takes the same words. Names are those of the files in themes/; next and previous step through them.',
  args: '[name]',
  example: 'drover theme light',
  local: true,
};

const lock: CallVerb<'pane.lock'> = {
  name: 'lock',
  group: 'Work',
  summary: 'Lock a pane: it takes no input but yours',
  details: 'The lock ends with unlock or give, or when you have not been connected for a minute.',
  args: '<pane>',
  example: 'drover lock 2',
  method: 'pane.lock',
  params: (input) => ({ pane: paneArgument(input) }),
  render: renderLock,
};

const unlock: CallVerb<'pane.unlock'> = {
  name: 'unlock',
  group: 'Work',
  summary: 'Let everybody type into a pane again that you have locked',
  args: '<pane>',
  example: 'drover unlock 2',
  method: 'pane.unlock',
  params: (input) => ({ pane: paneArgument(input) }),
  render: renderLock,
};

const give: CallVerb<'pane.give'> = {
  name: 'give',
  group: 'Work',
  summary: 'Hand a pane that you have locked to somebody else who is attached',
  args: '<pane> <operator>',
  example: 'drover give 2 bob',
  method: 'pane.give',
  params: (input) => ({ pane: paneArgument(input), to: argument(input, 1) }),
  render: renderLock,
};

const init: LocalVerb = {
  name: 'init',
  group: 'Set up',
  summary: 'Set Drover up in this repository',
  details:
    'Writes .drover/config.yaml, a commented file to be committed, and gives the repository its id. Tasks, worktrees and logs go to the data home outside of the repository; with --local they go to .drover/, where git clean -xdff deletes them.',
  options: [{ flags: '--local', help: 'keep everything under .drover/ of this repository' }],
  example: 'drover init',
  local: true,
};

const doctor: LocalVerb = {
  name: 'doctor',
  group: 'Set up',
  summary: 'Check what Drover needs on this machine and say what to do',
  example: 'drover doctor',
  local: true,
};

const demo: LocalVerb = {
  name: 'demo',
  group: 'Set up',
  summary: 'Try Drover on a throw-away sample repository with the rehearsal agent',
  details: 'The rehearsal agent follows a script; it is not an AI, and needs no account and no network.',
  options: [
    { flags: '--headless', help: 'no workspace: print a line for each transition, then a summary' },
    { flags: '-w, --workers <number>', help: 'how many tasks are worked on at the same time', default: '4' },
  ],
  example: 'drover demo --headless',
  local: true,
  shellOnly: 'it opens a workspace of its own',
};

const serverStatus: CallVerb<'server.status'> = {
  name: 'server status',
  group: 'Set up',
  summary: 'Show the server of this repository; exit 3 when there is none',
  example: 'drover server status',
  method: 'server.status',
  startsServer: false,
  params: () => ({}),
  render: renderServer,
};

const serverStop: LocalVerb = {
  name: 'server stop',
  group: 'Set up',
  summary: 'End the server and its agents; the next start resumes their tasks',
  example: 'drover server stop',
  local: true,
};

const serverRestart: LocalVerb = {
  name: 'server restart',
  group: 'Set up',
  summary: 'End the server and start it again; tasks in progress are resumed',
  example: 'drover server restart',
  local: true,
};

/** The shells that `completions` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const completions: LocalVerb = {
  name: 'completions',
  group: 'Set up',
  summary: 'Print the completion script of a shell',
  args: '<shell>',
  example: 'drover completions bash >> ~/.bashrc',
  completes: 'shell',
  local: true,
  shellOnly: 'it prints a script for a shell',
};

const help: LocalVerb = {
  name: 'help',
  group: 'Look',
  summary: 'Show the help of a verb',
  args: '[verb...]',
  example: 'drover help run',
  completes: 'verb',
  local: true,
};

const mcp: LocalVerb = {
  name: 'mcp',
  group: 'Set up',
  summary: 'Serve the tools of an agent on standard input and output',
  example: 'drover mcp',
  local: true,
  isHidden: true,
  shellOnly: 'it is for agents',
};

/** All rows, in the order in which the help lists them. */
export const VERBS: readonly Verb[] = [
  add,
  quick,
  list,
  show,
  why,
  diff,
  edit,
  cancel,
  retry,
  epicAdd,
  epicList,
  run,
  stop,
  attach,
  detach,
  panes,
  panesClose,
  layout,
  theme,
  lock,
  unlock,
  give,
  status,
  search,
  init,
  doctor,
  demo,
  serverStatus,
  serverStop,
  serverRestart,
  completions,
  mcp,
  help,
];

/** The row that the first words name, by name or alias, and how many words that took. Null when they name none. */
export function findVerb(words: readonly string[]): { verb: Verb; taken: number } | null {
  for (const taken of [2, 1]) {
    const name = words.slice(0, taken).join(' ');
    const verb = VERBS.find((row) => row.name === name || row.aliases?.includes(name));
    if (verb && words.length >= taken) return { verb, taken };
  }
  return null;
}
