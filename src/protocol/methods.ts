// Owns the one method table: every key, verb, MCP tool and page calls one of these. Types only; the validators are in schemas.ts.

import type { Epic } from '../domain/epic.ts';
import type { Envelope, TaskChanges } from '../domain/event.ts';
import type { GuidanceMessage } from '../domain/guidance.ts';
import type { Question } from '../domain/question.ts';
import type { StateRecord } from '../domain/snapshot.ts';
import type { StatusCounts } from '../domain/status.ts';
import type { SubtaskResult } from '../domain/subtask.ts';
import type { Finding, Task, TaskStatus, TaskType, Verdict } from '../domain/task.ts';
import type { Usage } from '../domain/usage.ts';
import type { AgentKind, Run, Worktree } from '../domain/worker.ts';
import type { PoolStatus } from './pool-status.ts';
import type { TaskFiles } from './task-files.ts';

/**
 * Raised when a message changes its meaning; a server refuses another number, in words from which `drover server restart` of another version reads its
 * own. The greeting, `server.status` and `server.stop` mean the same in all of them.
 */
export const PROTOCOL_VERSION = 2;

/** The least rows or columns of a pane: the emulator takes no fewer. */
export const MIN_CELLS = 2;
/** The most rows or columns of a pane. */
export const MAX_CELLS = 2000;

export interface Hello {
  protocol: number;
  kind: 'cli' | 'tui' | 'linear' | 'mcp' | 'test';
  /** Who acts; declared, not proven. */
  operator: string;
  /** For agents: the token of their run, which limits them to their own task. */
  token?: string;
  pid: number;
  /** It looks on: the server refuses what would change anything, and its looking resizes no pane. */
  isReadOnly?: true;
}

/** Lines of a pane; the methods pane.history and pane.freeze say which. */
export interface PaneLines {
  generation: number;
  first: number;
  total: number;
  from: number;
  wrapped: number[];
  prompts: number[];
  frame: string;
}

/** Where words were found. `line` counts as in pane.history; the screen's rows come behind it. `column` is in cells; `text` is the row's, cut. */
export interface PaneMatch {
  pane: number;
  line: number;
  column: number;
  text: string;
}

/** What was said in an agent's conversation. Not sanitised. */
export interface ConversationEntry {
  /** `note`: what neither of the two said, an interrupt, guidance or an error of the service. */
  kind: 'user' | 'assistant' | 'tool' | 'result' | 'note';
  text: string;
}

/** A line that a search has found, cut. */
export interface FoundLine {
  task: string | null;
  /** The pane that shows it, or whose agent said it; null when no pane shows that run any more. */
  pane: number | null;
  source: 'screen' | 'conversation';
  /** As in pane.history, or the number of the entry in conversation.read. */
  line: number;
  text: string;
}

/** Somebody who is attached: with the workspace, or with the linear stream. */
export interface ClientInfo {
  operator: string;
  kind: 'tui' | 'linear';
  /** ms since epoch */
  since: number;
  isReadOnly: boolean;
  /** The pane that has its keyboard, and the size in which it draws that pane; null when it looks at none. */
  focused: number | null;
  cols: number | null;
  rows: number | null;
  /** The pane that it typed into last; absent before the first key. */
  typesInto?: number;
}

export interface TaskDetail {
  task: Task;
  epic: Epic | null;
  /** Sentences that say why it is not running; empty when it runs or is completed. */
  why: string[];
  /** Tasks that wait for it. */
  blocks: Task[];
  /** Its direct sub-tasks, the oldest first; absent from a server that knows of none. */
  subtasks?: Task[];
  /** What was used up by it, by it with all under it, and by its epic; absent while nothing was, and from a server that does not count. */
  usage?: { task: Usage; tree: Usage; epic: Usage | null };
  runs: Run[];
  /** `git log` of its branch since its base, newest first. */
  commits: { hash: string; subject: string }[];
  /** Refs under refs/drover/keep/<task>/ that hold its work. */
  kept: string[];
  history: Envelope[];
}

export interface TaskDiff {
  task: Task;
  /** Full ids of the two commits. */
  from: string;
  to: string;
  /** `to` has more than the task's branch: what lies in its worktree. No ref leads to it. */
  hasUncommitted: boolean;
  /** As git prints it, not sanitised: a table of the files, then the patch. At most 1 MB. */
  text: string;
  /** True when there is more than that. */
  isCut: boolean;
}

export interface ServerStatus {
  pid: number;
  version: string;
  protocol: number;
  startedAt: number;
  repository: string;
  dataHome: string;
  socket: string;
  log: string;
  clients: number;
  seq: number;
  isRunning: boolean;
  workers: number;
  /** Configuration files that were changed after the server had read them: what they say now holds after a restart. Absent from a server that does not know. */
  changedConfig?: string[];
}

export interface PaneInfo {
  /** The worker's number. */
  pane: number;
  runId: string | null;
  taskId: string | null;
  cols: number;
  rows: number;
  title: string;
  isAlive: boolean;
  /** The only operator whose input it takes; absent when it is not locked. */
  lockedBy?: string;
  /** Set for a pane that a person opened: its command line as words, and who did. */
  shell?: { argv: string[]; openedBy: string };
}

interface Method<P, R> {
  params: P;
  result: R;
}

export interface Methods {
  'session.hello': Method<Hello, { server: ServerStatus }>;
  'status.get': Method<
    Record<string, never>,
    {
      counts: StatusCounts;
      oneline: string;
      running: { task: Task; run: Run | null }[];
      attention: { task: Task; reason: string }[];
      /** Absent, as `isHeld`, from a server that knows no pauses. */
      paused?: Task[];
      /** Nothing is taken from the queue. */
      isHeld?: boolean;
      /** How many worktrees are in each state; absent from a server that keeps none ready. */
      pool?: Record<Worktree['state'], number>;
      /** Who is attached, the longest first. */
      people: ClientInfo[];
      server: ServerStatus;
    }
  >;
  'status.oneline': Method<Record<string, never>, { line: string }>;
  'task.create': Method<
    {
      title: string;
      description?: string;
      type?: TaskType;
      epic?: string;
      priority?: number;
      labels?: string[];
      blockedBy?: string[];
      testCommand?: string;
      maxAttempts?: number;
      /** Folders of other repositories that its agent may read, absolute. */
      repos?: string[];
    },
    { task: Task }
  >;
  'task.edit': Method<{ task: string; changes: TaskChanges }, { task: Task }>;
  /** `waits`: of those that are ready, how many others each waits for, and whether it never starts without a person. */
  'task.list': Method<
    { status?: TaskStatus; epic?: string; label?: string },
    {
      tasks: Task[];
      epics: Epic[];
      waits?: Record<string, { count: number; isStuck: boolean }>;
      /** The ids of those whose agent ended with its server, and that no session has gone on with. */
      interrupted?: string[];
    }
  >;
  'task.show': Method<{ task: string }, TaskDetail>;
  'task.why': Method<{ task: string }, { task: Task; why: string[] }>;
  'task.cancel': Method<{ task: string; reason?: string }, { task: Task }>;
  'task.retry': Method<{ task: string }, { task: Task }>;
  /**
   * Pauses a task, at once when no agent works on it; else its agent is asked to stop at its next safe point, or now. With `isAll` the queue is
   * held and every task is paused that an agent works on; `others` go on, each with why.
   */
  'task.pause': Method<
    { task?: string; isAll?: true; isNow?: boolean },
    { tasks: Task[]; others: { task: Task; reason: string }[] }
  >;
  /** Puts a paused task back into the queue to go on, or calls off a pause that was only asked for; with `isAll` all of them, and the queue goes on. */
  'task.resume': Method<{ task?: string; isAll?: true; hint?: string }, { tasks: Task[] }>;
  /**
   * What the task changes against its base: its worktree with what is not committed, its branch, or the commit it landed as. With `file` that of one
   * file alone, `from` being what it was called before it was renamed: the patch without a table, and `to` the last commit before what it lacks.
   */
  'task.diff': Method<{ task: string; file?: string; from?: string }, TaskDiff>;
  /** The files that the task changes, now. */
  'task.files': Method<{ task: string }, { files: TaskFiles }>;
  /** As task.files, and a notice `files` for each change from now on, until this client watches those of another task, or of none. */
  'task.watch-files': Method<{ task: string | null }, { files: TaskFiles | null }>;
  /**
   * Answers what the agent of a task asks: `allow`, `allow-task`, `deny` with a reason, or for each part of a question an option's number, its label
   * or one's own words. `question`: the id of the one that is meant; else it is the oldest that waits.
   */
  'run.answer': Method<
    { task: string; question?: string; words: string[] },
    { task: Task; question: Question; answer: string }
  >;
  /** Words of a person for the agent of a task: delivered at the next boundary of its work, at most 8,000 characters. */
  'guidance.send': Method<{ task: string; text: string }, { message: GuidanceMessage; task: Task }>;
  /** The guidance of a task, the oldest first. */
  'guidance.list': Method<{ task: string }, { task: Task; messages: GuidanceMessage[] }>;
  /** Takes back what was not delivered yet. */
  'guidance.retract': Method<{ hint: string }, { message: GuidanceMessage }>;
  'epic.create': Method<{ title: string; description?: string }, { epic: Epic }>;
  'epic.list': Method<Record<string, never>, { epics: (Epic & { counts: StatusCounts })[] }>;
  /** Starts the session, or changes the number of workers, the agent or the epic of one that runs. */
  'session.start': Method<
    {
      workers?: number;
      epic?: string;
      agent?: AgentKind;
      untilDone?: boolean;
      /** The most worktrees that are kept ready, and ms until one is looked after again. */
      poolSize?: number;
      poolRefresh?: number;
    },
    { workers: number; agent: AgentKind; epicId: string | null }
  >;
  /** No new task is claimed; agents that work go on to their end. */
  'session.stop': Method<{ reason?: string }, { wasRunning: boolean }>;
  /** Nothing more is taken from the queue; agents at work go on. */
  'session.hold': Method<Record<string, never>, { wasHeld: boolean }>;
  'session.unhold': Method<Record<string, never>, { wasHeld: boolean }>;
  /** The worktrees of the pool, and what was measured of it. */
  'pool.status': Method<Record<string, never>, PoolStatus>;
  /** Makes so many worktrees ready, also while no session runs; so many as there are workers when it is not said. Answers when they are, or cannot be. */
  'pool.warm': Method<{ count?: number }, PoolStatus>;
  /** Brings every worktree that nobody holds to the base branch's tip, and sees to its dependencies. */
  'pool.refresh': Method<Record<string, never>, PoolStatus>;
  /** Removes every worktree that nobody holds. None is kept ready until pool.warm, or until a session is started. */
  'pool.drain': Method<Record<string, never>, PoolStatus & { removed: number }>;
  'server.status': Method<Record<string, never>, ServerStatus>;
  /** Answers, then ends: agents end, their tasks are given back or resumed at the next start. */
  'server.stop': Method<Record<string, never>, { pid: number }>;
  /** Subscribes to all events after `since`; without it the reply carries the whole state and the events follow from there. With all panes: who draws some of them before it knows the others would give them sizes for a moment. */
  'events.subscribe': Method<
    { since?: number },
    { seq: number; state: StateRecord | null; isRunning: boolean; panes: PaneInfo[] }
  >;
  /** The last events, oldest first; 200 when `limit` is not given. */
  'events.recent': Method<{ limit?: number }, { events: Envelope[] }>;
  /** Which panes this client looks at, and how large it draws them. Frames of other panes are not sent. */
  'pane.view': Method<
    { panes: { pane: number; cols: number; rows: number }[]; focused: number | null },
    { panes: PaneInfo[] }
  >;
  'pane.list': Method<Record<string, never>, { panes: PaneInfo[] }>;
  /** The visible text of a pane, a string a row, trailing blanks cut. */
  'pane.capture': Method<{ pane: number }, { lines: string[]; title: string }>;
  /**
   * Lines that have scrolled off a pane: at most `count` from number `from` on. Lines are numbered from 0 as they scroll off; those before `first`
   * are forgotten, and the newest one is `total` - 1. `frame` is a pane frame in base64 with the line number `from` + y as row y, as wide as the
   * widest of them; `wrapped` has the y of those that go on from the line before, `prompts` of those that a shell has marked as the beginning of
   * a prompt (OSC 133). A new generation, a resize, or a program that erases its history
   * begins new numbers.
   */
  'pane.history': Method<{ pane: number; from: number; count: number }, PaneLines>;
  /**
   * The screen of a pane with at most `count` lines above it, of one moment. As pane.history, but `frame` has two panes: the lines above, then the
   * screen, whose first row is line `total`.
   */
  'pane.freeze': Method<{ pane: number; count: number }, PaneLines>;
  /** The conversation of a task's last run, or of the run that a pane shows: at most `count` entries from number `from` on. */
  'conversation.read': Method<
    { task?: string; pane?: number; from?: number; count?: number },
    { taskId: string; runId: string; total: number; from: number; entries: ConversationEntry[] }
  >;
  /** Finds text in what all panes show and have shown, and in the conversations of all runs. Capitals count only when it has one. */
  'search.run': Method<{ query: string; limit?: number }, { results: FoundLine[]; isComplete: boolean }>;
  /**
   * Finds text as it is written (capitals count only when it has one) in the history and on the screen of one pane or all, newest first.
   * `isComplete` is false when time or the limit (at most 500) ended it.
   */
  'pane.search': Method<
    { query: string; isRegex?: false; pane?: number; limit?: number },
    { matches: PaneMatch[]; isComplete: boolean }
  >;
  /** The colours in which this client shows panes, `#rrggbb` each, for programs that ask. Those of the client that came first are told, as long as it is there. */
  'pane.palette': Method<
    { foreground: string; background: string; cursor?: string; ansi?: string[] },
    { isTaken: boolean }
  >;
  /** Pastes text into the program of a pane and presses Enter. */
  'pane.submit': Method<{ pane: number; text: string }, { pane: PaneInfo }>;
  /** Takes a pane for oneself: input of others is refused until it is unlocked, given away, or its holder has been gone for a minute. */
  'pane.lock': Method<{ pane: number }, { pane: PaneInfo }>;
  'pane.unlock': Method<{ pane: number }, { pane: PaneInfo }>;
  /** Hands the lock to another operator who is there: by name, address or both. */
  'pane.give': Method<{ pane: number; to: string }, { pane: PaneInfo }>;
  /** Runs a program in a pane of its own, in the worktree of a task or in the repository's root. */
  'pane.open': Method<{ argv: string[]; task?: string }, { pane: PaneInfo }>;
  /** Ends the program of a pane that was opened with pane.open, as a terminal does that is closed. */
  'pane.close': Method<{ pane: number }, { pane: number }>;
  'client.list': Method<Record<string, never>, { clients: ClientInfo[] }>;
  /** Sends every attached workspace of this repository away. */
  'client.detach': Method<Record<string, never>, { detached: number }>;
  /** Has every workspace that this operator has open choose a layout or a theme, by its name or as `next` or `previous`. */
  'client.choose': Method<{ what: 'layout' | 'theme'; name: string }, { workspaces: number }>;
  // what an agent may call, with the token of its run
  /** The agent has asked for its tools: its first prompt may pass. */
  'agent.mcp-ready': Method<Record<string, never>, Record<string, never>>;
  'agent.complete': Method<{ verdict: Verdict; summary: string }, { accepted: boolean; message: string }>;
  'agent.task': Method<Record<string, never>, { task: Task }>;
  /** A sub-task of its own task. With `waitForCompletion` it answers when that is over; the worker slot is free meanwhile. */
  'agent.create-subtask': Method<
    { title: string; description: string; type?: SubtaskType; waitForCompletion?: boolean },
    { result: SubtaskResult }
  >;
  /** What became of a sub-task, or of all of them. */
  'agent.subtask-status': Method<{ task?: string; waitForCompletion?: boolean }, { results: SubtaskResult[] }>;
  /** How its open sub-tasks stand, in one line; answers as soon as that is another than `seen`. */
  'agent.subtask-news': Method<{ seen: string }, { words: string }>;
  /** Its call that waits was broken off. */
  'agent.stop-waiting': Method<Record<string, never>, Record<string, never>>;
  /** Its task is divided into these, and over with that. `dependsOn` names titles of the same list. */
  'agent.decompose': Method<
    { reason: string; subtasks: { title: string; description: string; type?: SubtaskType; dependsOn?: string[] }[] },
    { parts: TaskLine[] }
  >;
  'agent.record-findings': Method<{ findings: Finding[]; sources: string[] }, { count: number }>;
  /** Its own task, those above it and those below it. */
  'agent.tasks': Method<Record<string, never>, { above: TaskLine[]; own: TaskLine; below: TaskLine[] }>;
}

/** What an agent may ask for. */
export type SubtaskType = 'implementation' | 'research' | 'fix';

/** A task as an agent sees it. */
export interface TaskLine {
  id: string;
  title: string;
  type: TaskType;
  status: TaskStatus;
  parentId: string | null;
  blockedBy: string[];
  /** Completed, failed or cancelled. */
  isOver: boolean;
}

export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]['params'];
export type Result<M extends MethodName> = Methods[M]['result'];
