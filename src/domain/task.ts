// Owns what a task is, its statuses, and the one table of legal status transitions.
import type { Pause } from './pause.ts';
import type { Usage } from './usage.ts';

/** Ids are opaque: `task-` and five characters of an alphabet without look-alikes. */
export type TaskId = string;
export type EpicId = string;
export type RunId = string;

/** The literals of the design document. `ready` also holds tasks that still wait for a dependency: that is derived, never stored. */
export const TASK_STATUSES = [
  'ready',
  'claimed',
  'in_progress',
  'paused',
  'blocked',
  'decomposed',
  'completed',
  'failed',
  'cancelled',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TASK_TYPES = ['implementation', 'research', 'fix', 'test', 'docs', 'refactor', 'other'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** What an agent says of its own work; `unknown` is a command agent that ended with exit code 0. */
export const VERDICTS = ['pass', 'fail', 'blocked', 'unknown'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why a task waits for a person. Codes are append-only. */
export interface BlockedReason {
  readonly code:
    | 'conflict'
    | 'test-failed'
    | 'agent-blocked'
    | 'landing-refused'
    | 'worktree-damaged'
    | 'conversation-lost'
    | 'subtask';
  /** One sentence for a person. */
  readonly message: string;
  /** Conflicting files, or the tail of the failing test's output. */
  readonly detail: string;
}

/** A task divided by its agent: it is what its parts are. */
export interface Decomposition {
  readonly reason: string;
  readonly parts: readonly TaskId[];
}

/** What a research task has found. */
export interface ResearchResult {
  /** What was asked: the task's title. */
  readonly query: string;
  readonly findings: readonly Finding[];
  /** Where it was found: files, addresses, repositories. */
  readonly sources: readonly string[];
  /** ms since epoch */
  readonly createdAt: number;
}

export interface Finding {
  readonly summary: string;
  /** 0 to 1 */
  readonly relevance: number;
  /** One of the sources, or a place in it. */
  readonly sourceRef: string;
}

/** Where a finished branch is on its way into the base branch; null outside of it. */
export type LandingPhase = 'queued' | 'merging' | 'testing' | 'returned';

export interface Task {
  readonly id: TaskId;
  readonly title: string;
  readonly description: string;
  readonly type: TaskType;
  readonly epicId: EpicId | null;
  readonly parentId: TaskId | null;
  /** Higher goes first; 0 is normal; -100 to 100. */
  readonly priority: number;
  readonly labels: readonly string[];
  readonly blockedBy: readonly TaskId[];
  /** Shell command run on the merged result before it lands; null uses the project's. */
  readonly testCommand: string | null;
  readonly status: TaskStatus;
  /** Attempts that were begun; an API error or a server crash continues the same attempt. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Time (ms since epoch) before which a failed attempt is not tried again. */
  readonly retryAt: number | null;
  readonly lastError: string | null;
  readonly blockedReason: BlockedReason | null;
  readonly verdict: Verdict | null;
  readonly summary: string | null;
  /** `drover/<task-id>` once it has been claimed. */
  readonly branch: string | null;
  readonly landing: LandingPhase | null;
  /** How often the landing lane gave this attempt back to its agent; it does so once. */
  readonly landingReturns: number;
  readonly landedCommit: string | null;
  /** The pause that was asked for, holds, or waits to be over; null for a task that nobody paused. */
  readonly pause: Pause | null;
  /** The kept commit that the next attempt begins from, after a paused one that could not go on; null for the base branch. */
  readonly startFrom: string | null;
  /** The sub-tasks that a call of its agent waits for; meanwhile it takes no worker slot. Empty for one that waits for none. */
  readonly awaits: readonly TaskId[];
  /** The sub-tasks that take its place; null for one that is worked on itself. */
  readonly decomposition: Decomposition | null;
  /** Folders of other repositories that its agent may read, absolute. */
  readonly repos: readonly string[];
  readonly research: ResearchResult | null;
  /** What its agents have used up in all attempts; absent before one has told. */
  readonly used?: Usage;
  /** The run that works on it now, or worked on it last. */
  readonly runId: RunId | null;
  readonly createdBy: string;
  readonly modifiedBy: string;
  readonly completedBy: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** The one table: from a status to the statuses that may follow it. */
export const TRANSITIONS: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  ready: ['claimed', 'paused', 'blocked', 'cancelled'],
  claimed: ['in_progress', 'ready', 'paused', 'blocked', 'failed', 'cancelled'],
  in_progress: ['ready', 'paused', 'blocked', 'decomposed', 'completed', 'failed', 'cancelled'],
  paused: ['ready', 'claimed', 'in_progress', 'blocked', 'failed', 'cancelled'],
  blocked: ['ready', 'decomposed', 'cancelled'],
  decomposed: ['completed', 'failed', 'blocked', 'cancelled'],
  completed: [],
  failed: ['ready', 'decomposed', 'cancelled'],
  cancelled: ['ready'],
};

/** True for the statuses after which nothing more happens unless a person asks for it. */
export function isFinished(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** True from the moment the work is handed in until it has landed or is given back. */
export function isLanding({ landing }: Task): boolean {
  return landing !== null && landing !== 'returned';
}

/** True while a worker holds the task. */
export function isActive(status: TaskStatus): boolean {
  return status === 'claimed' || status === 'in_progress';
}
