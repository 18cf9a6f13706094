// Owns the verbs of the work that runs: its workspace, its panes, where it stands.

import { AGENT_KINDS } from '../domain/worker.ts';
import { renderLock } from './pane-text.ts';
import { renderFound, searchParams } from './search-text.ts';
import type { CallVerb, LocalVerb, Verb, VerbOption } from './verb.ts';
import { argument, given, paneArgument, textOption } from './verb-params.ts';
import { renderStatus } from './verb-text.ts';

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
  {
    flags: '--pool-size <number>',
    help: 'the most worktrees that are kept, those that tasks hold among them; 0 keeps none ready',
  },
  { flags: '--pool-refresh <duration>', help: 'when a ready worktree is looked after again, e.g. 30m' },
  { flags: '--headless', help: 'no workspace: print a line for each transition until nothing is left to do' },
  { flags: '--until-done', help: 'return only when nothing is left to do, also after detaching from the workspace' },
];

const run: LocalVerb = {
  name: 'run',
  group: 'Work',
  summary: 'Let agents work on the queue, and watch them',
  details:
    'Opens the workspace when standard input and output are terminals. With --headless or --until-done it exits 0 when nothing is left to do and 1 when tasks are failed, blocked or paused, and says how they go on; an agent that waits for a person is told in a line. Interrupting it leaves the run going.',
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
    "The program runs on the server, in the repository's root or in a task's worktree, with a number from 101. It goes on when you detach. A program that ends by itself stays to be read until somebody presses Enter in its pane; one that somebody has typed into goes with its end.",
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
  completes: 'layout',
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
  completes: 'theme',
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

/** In the order in which the help lists them. */
export const RUN_VERBS: readonly Verb[] = [
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
];
