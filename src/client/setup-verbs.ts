// Owns the verbs around the work: repository, server, shell, help.

import type { CallVerb, LocalVerb, Verb } from './verb.ts';
import { renderServer } from './verb-text.ts';

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

/** In the order in which the help lists them. */
export const SETUP_VERBS: readonly Verb[] = [
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
