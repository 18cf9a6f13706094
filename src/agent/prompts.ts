// Owns every sentence that Drover says to an agent. What comes from a task, a file or a test is quoted as data.
import type { Epic } from '../domain/epic.ts';
import type { GuidanceMessage } from '../domain/guidance.ts';
import { shortName } from '../domain/operator-name.ts';
import type { BlockedReason, Task } from '../domain/task.ts';

/** Characters. One argument of a program may have 128 KiB on Linux, and a character up to 4 bytes. */
const LONG = 20_000;
/** Characters of one dependency's summary or of a test's output. */
const SHORT = 4_000;

/** Without control characters other than line feed and tab, and cut. The agent's terminal and its prompt parser see this text. */
function clean(text: string, length: number): string {
  const plain = text.replace(/\r\n?/g, '\n').replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '');
  return plain.length > length ? `${plain.slice(0, length)}\n[cut; get_task shows all of it]` : plain;
}

const oneLine = (text: string): string => clean(text, SHORT).replace(/\s+/g, ' ').trim();

/** Each line behind `> `: whoever wrote it, it cannot be mistaken for a sentence of ours. */
function quote(text: string, length: number): string {
  return clean(text, length)
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

export interface PromptFacts {
  readonly task: Task;
  readonly epic: Epic | null;
  /** The tasks that this one waited for, with what came of them. */
  readonly dependencies: readonly Task[];
  /** True when the branch begins with the work of an attempt that was paused and could not go on. */
  readonly isFromKept?: boolean;
  /** The sub-tasks that an earlier attempt has created. */
  readonly subtasks?: readonly Task[];
  /** True for an agent that has the MCP tools. */
  readonly hasTools: boolean;
}

/** The first prompt of an attempt. */
export function firstPrompt(facts: PromptFacts): string {
  const { task, epic, dependencies, isFromKept = false, subtasks = [], hasTools } = facts;
  const parts = [`Work on this task of the queue (${task.id}, ${task.type}).`, `Title: ${oneLine(task.title)}`];
  if (task.description.trim() !== '') parts.push(`Description:\n${quote(task.description, LONG)}`);
  if (epic !== null) parts.push(describeEpic(epic));
  const results = dependencies.filter((dependency) => dependency.status === 'completed');
  if (results.length > 0) {
    parts.push(
      `Tasks it builds on, which are finished and part of your branch:\n${results.map(describeResult).join('\n')}`,
    );
  }
  if (task.attempts > 1 && task.lastError !== null) {
    parts.push(`This is attempt ${task.attempts}. The one before failed:\n${quote(task.lastError, SHORT)}`);
  }
  if (isFromKept) {
    parts.push(
      'The branch holds the unfinished work of an earlier attempt, its last commit what was uncommitted. Look at it (git log, git diff) and go on from there.',
    );
  }
  if (task.repos.length > 0)
    parts.push(
      `Other repositories that you may read, and only read:\n${task.repos.map((path) => `- ${oneLine(path)}`).join('\n')}`,
    );
  if (subtasks.length > 0) {
    const list = subtasks.map(({ id, title, status }) => `- ${id} ${oneLine(title)}: ${status}`).join('\n');
    parts.push(`Sub-tasks that an earlier attempt has created (check_subtask_status shows their results):\n${list}`);
  }
  if (!hasTools) parts.push(RULES_WITHOUT_TOOLS);
  return parts.join('\n\n');
}

function describeEpic(epic: Epic): string {
  const words = `It belongs to the epic "${oneLine(epic.title)}".`;
  return epic.description.trim() === '' ? words : `${words} About the epic:\n${quote(epic.description, SHORT)}`;
}

function describeResult(task: Task): string {
  const summary = task.summary?.trim() ? `\n${quote(task.summary, SHORT)}` : '';
  const findings = (task.research?.findings ?? []).map(
    (finding) =>
      `[${finding.relevance}] ${finding.summary}${finding.sourceRef === '' ? '' : ` (${finding.sourceRef})`}`,
  );
  const found = findings.length === 0 ? '' : `\n${quote(`Findings:\n${findings.join('\n')}`, LONG)}`;
  return `- ${oneLine(task.title)} (${task.id})${summary}${found}`;
}

const RULES_WITHOUT_TOOLS = [
  'Work only inside the current folder. It is a git worktree on a branch of its own.',
  'Commit as you like; what is left uncommitted is committed for you. Do not push, merge, rebase onto or switch to another branch.',
  'When the task is done, exit with code 0; when it cannot be done, exit with another code and say why.',
].join('\n');

/** The rules of the house, appended to the system prompt. */
export function houseRules(facts: { task: Task; worktree: string; baseBranch: string }): string {
  return [
    `You work for Drover, which runs several agents side by side, each on one task. Yours is ${facts.task.id}.`,
    `Work only inside this git worktree: ${oneLine(facts.worktree)}. Other folders belong to other agents or to the operator.`,
    `The worktree is on a branch of its own, begun at "${oneLine(facts.baseBranch)}". Commit as you like; what is left uncommitted is committed for you.`,
    'Do not push, merge, rebase onto or switch to another branch, and do not change the configuration of git: Drover merges your branch, runs the tests on the result and moves the base branch.',
    'When the task is done and checked, call the tool complete_task of the server drover with verdict "pass" and a summary of what you changed and how you checked it. Call it with "fail" when the task cannot be done, and with "blocked" when a person has to decide or provide something; say what.',
    'The task is not finished before complete_task was called. If you need an answer from a person, ask in this terminal.',
    'Words that begin with "Operator guidance (hint-" are from the person you work for, wherever they reach you, also in the context of a hook: take them into account from then on.',
    'get_task shows your task again, list_tasks where it stands.',
    'When the task is too large for one worker, or a part of it is work of its own, hand it to others: create_subtask (with waitForCompletion when you need the result to go on), check_subtask_status, or signal_decomposition to divide the whole task.',
    ...(facts.task.type === 'research' ? [RESEARCH] : []),
  ].join('\n');
}

const RESEARCH =
  'This is a research task: you can read and search but change nothing, and nothing of it is committed. Store what you find with record_findings (a summary, its relevance from 0 to 1, and its source each), then call complete_task.';

/** Said once, when a turn ended without complete_task. */
export function nudge(): string {
  return [
    'Your turn ended, but complete_task was not called, so the task is still open.',
    'If it is done, call complete_task now with verdict "pass" and a summary. If it cannot be done, call it with "fail" or "blocked" and the reason.',
    'If there is work left, go on with it. If you wait for an answer from a person, say in one sentence what you need, and end your turn.',
  ].join('\n');
}

/** The prompt of a conversation that goes on in a new process. */
export function resumePrompt(facts: { task: Task; reason: string }): string {
  return [
    `You were interrupted (${oneLine(facts.reason)}) while you worked on ${facts.task.id}. Your conversation and the files of the worktree are as they were.`,
    'A command that ran at that time was ended and its result is lost: look at the state of the files before you go on.',
    'Go on with the task, and call complete_task when it is done.',
  ].join('\n');
}

/** Characters of an author's name. */
const LONGEST_NAME = 60;

/** What a person wants the agent to know, each message under a heading by which its receipt is found; further lines are indented, so that no line of it can be taken for a heading. */
export function guidanceText(messages: readonly Pick<GuidanceMessage, 'id' | 'author' | 'text'>[]): string {
  return messages
    .map(({ id, author, text }) => {
      const name = oneLine(shortName(author)).replace(/[()]/g, '').slice(0, LONGEST_NAME);
      return `Operator guidance (${id}, from ${name}): ${text.replaceAll('\n', '\n  ')}`;
    })
    .join('\n');
}

/** The ids of the messages whose headings stand in a text. */
export function readGuidanceIds(text: string): string[] {
  return [...text.matchAll(/^Operator guidance \((hint-[a-z0-9]+), from /gm)].map(([, id = '']) => id);
}

/** Said to an agent that completes its task while a person's words are still on their way to it. */
export function notYetHandedIn(): string {
  return 'Not handed in yet: the person you work for has sent guidance, which you are given with this answer. Take it into account, then call complete_task again.';
}

export interface PauseFacts {
  readonly task: Task;
  readonly baseBranch: string;
  /** How many commits the base branch has got meanwhile; 0 when it stands where it stood. */
  readonly newOnBase: number;
  /** Files of the worktree that somebody changed meanwhile. */
  readonly changed: readonly string[];
}

/** Files named in a prompt; the agent can ask git for the rest. */
const MOST_FILES = 20;

/** The prompt of a conversation that goes on after a pause. */
export function unpausedPrompt({ task, baseBranch, newOnBase, changed }: PauseFacts): string {
  const parts = [
    `You were paused while you worked on ${task.id}, and may go on now. A command that ran when you were stopped was ended.`,
  ];
  if (changed.length === 0) parts.push('The files of the worktree are as you left them.');
  else {
    const more = changed.length > MOST_FILES ? `\n> and ${changed.length - MOST_FILES} more` : '';
    const files = changed.slice(0, MOST_FILES).map(oneLine).join('\n');
    parts.push(`These files of the worktree were changed during the pause, not by you:\n${quote(files, SHORT)}${more}`);
  }
  if (newOnBase > 0) {
    const commits = newOnBase === 1 ? '1 commit' : `${newOnBase} commits`;
    parts.push(
      `"${oneLine(baseBranch)}" has got ${commits} meanwhile. Your branch is merged with it when you are done; if what came touches your work, look at it.`,
    );
  }
  if (task.landingReturns > 0 && task.lastError !== null) {
    parts.push(`Your branch was given back to you before:\n${quote(task.lastError, SHORT)}`);
  }
  parts.push('Go on with the task, and call complete_task when it is done.');
  return parts.join('\n\n');
}

/** Why a tool is not run, or work not handed in, before the worktree is synced. */
export function syncRefusal(reason: string, what: 'not run' | 'Not handed in' = 'not run'): string {
  return [
    `${what}: this worktree could not be brought up to date with its base (${oneLine(reason)}).`,
    'Until it is, you may read here and not write. A call that writes tries it again, every few seconds at most.',
    'If it stays so, call complete_task with verdict "blocked" and say why.',
  ].join(' ');
}

/** Told to an agent whose worktree was synced while it read. The files as git names them. */
export function syncedNews(files: readonly string[]): string {
  const more = files.length > MOST_FILES ? `\n> and ${files.length - MOST_FILES} more` : '';
  const names = quote(files.slice(0, MOST_FILES).map(oneLine).join('\n'), SHORT);
  return `Your worktree was brought to the newest commit of its base while you were reading. These files that you have seen are different now; read them again before you rely on them:\n${names}${more}`;
}

/** Told to an agent whose worktree could not be brought to the base branch as it was when its task began. */
export function behindNews(baseBranch: string): string {
  const base = oneLine(baseBranch);
  return `Your worktree stands at an older commit of "${base}", and could not be moved under you. Work that yours builds on may be missing: run git merge ${JSON.stringify(base)} first (this merge is allowed).`;
}

/** The same, for a call that was held meanwhile. */
export function notRun(news: string): string {
  return `not run, because it was decided before this: ${news}\nThen call it again, if it is still right.`;
}

/** The text typed after an API error, when the back-off is over. */
export function continuePrompt(): string {
  return 'The service answers again. Go on where you stopped.';
}

/** The text for an agent whose finished branch could not land. */
export function returnedPrompt(facts: { task: Task; reason: BlockedReason; baseBranch: string }): string {
  const { reason } = facts;
  const base = oneLine(facts.baseBranch);
  const heading =
    reason.code === 'conflict'
      ? `Your branch for ${facts.task.id} conflicts with "${base}", which moved on meanwhile.`
      : `Your branch for ${facts.task.id} was merged with "${base}" for a trial, and that did not pass: ${oneLine(reason.message)}`;
  const asked =
    reason.code === 'conflict'
      ? `Merge "${base}" into your branch here (this merge is allowed), resolve the conflicts so that both sides keep their purpose, run the tests, and commit.`
      : `Find out why. If it comes from what "${base}" brought meanwhile, merge "${base}" into your branch here (this merge is allowed). Correct your branch, run the tests, and commit.`;
  const what = reason.code === 'conflict' ? 'The files in conflict:' : 'The end of the output:';
  const detail = reason.detail.trim() === '' ? [] : [`${what}\n${quote(reason.detail.slice(-SHORT), SHORT)}`];
  return [heading, ...detail, asked, 'Then call complete_task again. It comes back to you only this once.'].join(
    '\n\n',
  );
}
