// Owns what a call of a tool does to the worktree: nothing, reads there, or may write. Pure; who is not known is taken to write.
import { readShell, type Word } from './shell-words.ts';

export type ToolKind = 'aside' | 'reads' | 'writes';

/** Tools of Claude Code (its sdk-tools.d.ts) that touch no file of the worktree themselves; a subagent's own calls are asked about one by one. */
const ASIDE = new Set(
  `Agent AskUserQuestion CronCreate CronDelete CronList EnterPlanMode ExitPlanMode KillShell BashOutput
   ListMcpResourcesTool ReadMcpResourceTool PushNotification ScheduleWakeup Skill Task TaskCreate TaskGet TaskList
   TaskOutput TaskStop TaskUpdate TodoWrite ToolSearch WebFetch WebSearch`.split(/\s+/),
);
const READS = new Set(['Read', 'Grep', 'Glob', 'LS', 'NotebookRead']);
/** Our own tools talk to the server; the one that hands the work in does not belong here. */
const OUR_ASIDE = /^mcp__drover__(?!complete_task$)/;

/** What the call does. A shell command reads when each of its parts is plainly one that only reads. */
export function toolKind(tool: string, input: Readonly<Record<string, unknown>>): ToolKind {
  if (ASIDE.has(tool) || OUR_ASIDE.test(tool)) return 'aside';
  if (READS.has(tool)) return 'reads';
  const { command } = input;
  const isBackground = input['run_in_background'] === true;
  return tool === 'Bash' && typeof command === 'string' && !isBackground && isReading(command) ? 'reads' : 'writes';
}

/** Programs that only read, whatever their arguments are, but for the options below. */
const READERS = new Set(
  `[ basename cat cd cmp comm cut diff dirname du echo egrep expand false fgrep file find fold grep head join jq ls nl
   od paste printf pwd readlink realpath rev rg sort stat tac tail test tr tree true type wc which`.split(/\s+/),
);
/** With such an argument they write, run something, or never end. */
const WRITES: Readonly<Record<string, RegExp>> = {
  find: /^-(?:exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls)$/,
  file: /^(?:-C|--compile)/,
  rg: /^--(?:pre|hostname-bin)(?:=|$)/,
  sort: /^(?:-[a-zA-Z]*o|--output|--compress-program)/,
  tail: /^(?:-[a-zA-Z0-9]*[fF]|--follow|--retry)/,
  tree: /^-[a-zA-Z]*[oR]/,
};

/** Subcommands of git that only read. `status` and `diff` refresh the index by the way, which the move of a worktree waits for. */
const GIT_READERS = new Set(
  `blame cat-file describe diff grep log ls-files ls-tree merge-base name-rev rev-list rev-parse shortlog show status`.split(
    /\s+/,
  ),
);
const GIT_WRITES = /^(?:--output|-O|--open-files-in-pager|--ext-diff|--textconv|-o$)/;

/** Characters; a longer one is no plain look. */
const LONGEST = 4_000;

function isReading(command: string): boolean {
  // What is thrown away, and errors beside the output, are no files.
  const plain = command.replace(/\d?>>?\s*\/dev\/null(?=\s|$|[;|&)])/g, ' ').replace(/\d>&\d/g, ' ');
  // A single ampersand leaves something running behind the answer.
  if (plain.length > LONGEST || /(?<!&)&(?!&)/.test(plain)) return false;
  const { commands, nested, documents, isComplete } = readShell(plain);
  if (!isComplete || nested.length > 0 || documents.length > 0 || commands.length === 0) return false;
  return commands.every(readsOnly);
}

function readsOnly(words: readonly Word[]): boolean {
  const [program, ...args] = words.map(({ text }) => text);
  if (program === undefined || words.some(({ isTarget }) => isTarget)) return false;
  if (program === 'git') return isGitReading(args);
  if (!READERS.has(program)) return false;
  const writes = WRITES[program];
  return writes === undefined || !args.some((argument) => writes.test(argument));
}

function isGitReading(args: readonly string[]): boolean {
  const at = args[0] === '--no-pager' ? 1 : 0;
  const rest = args.slice(at + 1);
  if (args[at] === 'branch')
    return rest.every((argument) => /^(?:-a|-r|-v|-vv|--list|--show-current|--all)$/.test(argument));
  return GIT_READERS.has(args[at] ?? '') && !rest.some((argument) => GIT_WRITES.test(argument));
}
