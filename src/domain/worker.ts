// Owns the words for who works: a worker is a slot, a run is one agent process in it, a worktree is where it works.
import type { Answered, Question } from './question.ts';
import type { RunId, TaskId } from './task.ts';

/** A slot that works on one task at a time; numbered from 1. It is the same number as its pane's. */
export interface Worker {
  readonly number: number;
  readonly runId: RunId | null;
  /** Since when (ms since epoch) it is in its present state, busy or idle. */
  readonly since: number;
}

/** How the files of a worktree are made: written by git, or a copy-on-write view of another one's. */
export const TREE_BACKENDS = ['checkout', 'overlay', 'reflink', 'btrfs'] as const;
export type TreeBackend = (typeof TREE_BACKENDS)[number];

/** A git worktree of the pool. Slots keep their paths; `worktree-1` is always the same folder. */
export interface Worktree {
  readonly id: string;
  readonly path: string;
  /**
   * `cold`: being made, cleaned or provisioned, or of an unknown past; `warm`: at `baseCommit` on a branch of its own, its dependencies in,
   * nothing else; `stale`: was warm, but the base branch has moved or its time has passed; `in-use`: a task holds it.
   */
  readonly state: 'cold' | 'warm' | 'in-use' | 'stale';
  /** ms since epoch; since when it is in its state. */
  readonly since: number;
  /** The task that holds it. */
  readonly taskId: TaskId | null;
  /** The commit that it stands at while nobody works in it, and that the work in it started from; null while that is unknown. */
  readonly baseCommit: string | null;
  /** ms since epoch; null when it never was made ready. */
  readonly warmedAt: number | null;
  /** The generation of the dependency cache that it was given; null without one. */
  readonly generation: string | null;
  readonly backend: TreeBackend;
}

export const AGENT_KINDS = ['claude', 'command', 'rehearsal'] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

export const AGENT_STATES = [
  'starting',
  'working',
  'gated',
  'needs-input',
  'turn-ended',
  'api-error',
  'interrupted',
  'paused',
  'exited',
] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** An agent's state as it is shown: a gate is told with what it waits for. */
export function stateWord({ state, stateDetail }: Pick<Run, 'state' | 'stateDetail'>): string {
  return state === 'gated' && stateDetail !== '' ? `${state}: ${stateDetail}` : state;
}

/** True for a run that waits for a person: its agent asks, or a person has interrupted it. */
export function needsSomeone(run: Pick<Run, 'state'> | null): boolean {
  return run !== null && (run.state === 'needs-input' || run.state === 'interrupted');
}

/** Where a state was learnt, in falling order of trust. */
export type StateSource = 'hook' | 'transcript' | 'title' | 'exit' | 'drover';

/** One agent at work on one attempt of a task. A resumed conversation is a new run with the same conversationId. */
export interface Run {
  readonly id: RunId;
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly worker: number;
  readonly worktreeId: string;
  readonly agent: AgentKind;
  /** The agent's own session id (a UUID that Drover chose), with which its conversation is resumed. */
  readonly conversationId: string;
  /** The commit that the branch started from. */
  readonly baseCommit: string;
  /** A commit of the upstream that its work began at, and that the base branch did not have then; null for none. */
  readonly upstreamCommit: string | null;
  /** Why its worktree could not be brought up to date, so that it may not write; null when it could, or has yet to be. */
  readonly syncError: string | null;
  readonly pid: number | null;
  readonly state: AgentState;
  readonly stateSource: StateSource;
  readonly stateSince: number;
  /** For a person: the question that is asked, the error that was met; empty when there is nothing to say. */
  readonly stateDetail: string;
  /** What its agent waits for an answer to, and can be answered from anywhere; the oldest first. */
  readonly questions: readonly Question[];
  /** What became of the last question. */
  readonly answered: Answered | null;
  /** The kinds of calls that a person has allowed for the task; call-kind.ts makes them. */
  readonly allowed: readonly string[];
  /** How many runs of this attempt came before it (after a crash of the server, after an API error). */
  readonly resumes: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly exitCode: number | null;
}
