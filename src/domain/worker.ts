// Owns the words for who works: a worker is a slot, a run is one agent process in it, a worktree is where it works.
import type { RunId, TaskId } from './task.ts';

/** A slot that works on one task at a time; numbered from 1. It is the same number as its pane's. */
export interface Worker {
  readonly number: number;
  readonly runId: RunId | null;
  /** Since when (ms since epoch) it is in its present state, busy or idle. */
  readonly since: number;
}

/** A git worktree of the pool. Slots keep their paths; `worktree-1` is always the same folder. */
export interface Worktree {
  readonly id: string;
  readonly path: string;
  readonly state: 'cold' | 'warm' | 'in-use' | 'stale';
  /** The task that holds it. */
  readonly taskId: TaskId | null;
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
  readonly pid: number | null;
  readonly state: AgentState;
  readonly stateSource: StateSource;
  readonly stateSince: number;
  /** For a person: the question that is asked, the error that was met; empty when there is nothing to say. */
  readonly stateDetail: string;
  /** How many runs of this attempt came before it (after a crash of the server, after an API error). */
  readonly resumes: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly exitCode: number | null;
}
