// Owns what can be asked of the domain: an intent is a wish that `decide` turns into events or refuses.

import type { TaskChanges } from './event.ts';
import type { GuidanceBoundary, GuidanceId } from './guidance.ts';
import type { PausedWork } from './pause.ts';
import type { PoolWish, StaleReason } from './pool.ts';
import type { Answer, Question } from './question.ts';
import type { SubtaskLimits } from './subtask.ts';
import type { Sync } from './sync.ts';
import type { BlockedReason, Finding, LandingPhase, RunId, TaskId, TaskType, Verdict } from './task.ts';
import type { Usage } from './usage.ts';
import type { AgentKind, AgentState, StateSource, TreeBackend } from './worker.ts';

export interface NewTask {
  title: string;
  description?: string;
  type?: TaskType;
  /** An epic's id, an unambiguous beginning of it, or its exact title. */
  epic?: string;
  parentId?: TaskId;
  priority?: number;
  labels?: readonly string[];
  /** Ids, or unambiguous beginnings of them with or without `task-`. */
  blockedBy?: readonly string[];
  testCommand?: string;
  maxAttempts?: number;
  /** Folders of other repositories that its agent may read, absolute. */
  repos?: readonly string[];
}

/** What an agent hands to others. It may read what its parent may read, and gets the parent's epic, priority, labels and test. */
export interface NewSubtask {
  title: string;
  description: string;
  type?: TaskType;
  /** Places in the same list (from 0) of those that must be completed first. */
  after?: readonly number[];
}

export type Intent =
  | { type: 'epic.create'; title: string; description?: string }
  /** Nested, because a task has a `type` of its own. */
  | { type: 'task.create'; task: NewTask }
  | { type: 'task.edit'; taskId: TaskId; changes: TaskChanges }
  | { type: 'task.cancel'; taskId: TaskId; reason: string }
  | { type: 'task.retry'; taskId: TaskId }
  | {
      type: 'task.claim';
      taskId: TaskId;
      runId: RunId;
      worker: number;
      worktreeId: string;
      baseCommit: string;
      agent: AgentKind;
      conversationId: string;
    }
  | { type: 'run.start'; runId: RunId; pid: number }
  | { type: 'run.report-state'; runId: RunId; state: AgentState; source: StateSource; detail: string }
  | ({ type: 'run.sync'; runId: RunId } & Sync)
  | { type: 'run.fail-sync'; runId: RunId; reason: string }
  | { type: 'run.ask'; runId: RunId; question: Question }
  | { type: 'run.answer'; runId: RunId; questionId: string; answer: Answer | null; allows?: string }
  | { type: 'run.use'; runId: RunId; usage: Usage }
  | { type: 'run.end'; runId: RunId; exitCode: number | null; signal: string | null; reason: string }
  | { type: 'run.resume'; taskId: TaskId; runId: RunId; worker: number; reason: string }
  | { type: 'task.release'; taskId: TaskId; reason: string }
  | { type: 'task.fail-attempt'; taskId: TaskId; error: string }
  | { type: 'task.block'; taskId: TaskId; reason: BlockedReason; startFrom?: string }
  | { type: 'task.pause'; taskId: TaskId; isNow: boolean }
  | { type: 'task.settle-pause'; taskId: TaskId; work: PausedWork }
  | { type: 'task.resume'; taskId: TaskId; hint?: string }
  | { type: 'task.submit'; taskId: TaskId; verdict: Verdict; summary: string }
  | { type: 'landing.advance'; taskId: TaskId; phase: LandingPhase }
  /** Returned to the agent the first time, blocked the second. */
  | { type: 'landing.refuse'; taskId: TaskId; reason: BlockedReason }
  | { type: 'task.complete'; taskId: TaskId; commit: string | null; by: string; checkout: string; isBeside?: boolean }
  | { type: 'task.delegate'; taskId: TaskId; subtasks: readonly NewSubtask[] }
  | { type: 'task.decompose'; taskId: TaskId; reason: string; subtasks: readonly NewSubtask[] }
  | { type: 'task.await'; taskId: TaskId; subtasks: readonly TaskId[] }
  | { type: 'task.end-await'; taskId: TaskId; isForced: boolean }
  | { type: 'task.record-findings'; taskId: TaskId; findings: readonly Finding[]; sources: readonly string[] }
  | { type: 'guidance.send'; taskId: TaskId; text: string }
  | { type: 'guidance.show'; guidanceId: GuidanceId; runId: RunId; via: GuidanceBoundary }
  | { type: 'guidance.acknowledge'; guidanceId: GuidanceId }
  | { type: 'guidance.requeue'; guidanceId: GuidanceId; reason: string }
  | { type: 'guidance.retract'; guidanceId: GuidanceId }
  | { type: 'worktree.add'; worktreeId: string; path: string; backend?: TreeBackend }
  | {
      type: 'worktree.warm';
      worktreeId: string;
      baseCommit: string;
      generation: string | null;
      ms: number;
      backend?: TreeBackend;
    }
  | { type: 'worktree.stale'; worktreeId: string; reason: StaleReason }
  | { type: 'worktree.cool'; worktreeId: string; reason: string }
  | { type: 'worktree.release'; worktreeId: string }
  | { type: 'worktree.remove'; worktreeId: string }
  | {
      type: 'session.start';
      workers: number;
      agent: AgentKind;
      epic: string | null;
      untilDone?: boolean;
      pool?: PoolWish;
    }
  | { type: 'session.stop'; reason: string }
  | { type: 'session.hold' }
  | { type: 'session.unhold' }
  | { type: 'session.pause'; isNow: boolean }
  | { type: 'session.resume' };

/** All that `decide` may know beyond the state: clock, identity, ids and chance are parameters. */
export interface Context {
  /** ms since epoch */
  readonly now: number;
  /** operator, `agent:<task-id>` or `drover` */
  readonly by: string;
  /** A fresh id of 5 unambiguous characters, without its prefix. */
  readonly newId: () => string;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  readonly retry: RetryPolicy;
  readonly subtasks: SubtaskLimits;
}

export interface RetryPolicy {
  /** Attempts of a task that does not say its own; default 3. */
  readonly maxAttempts: number;
  /** ms; default 30 s. Doubles with each failed attempt. */
  readonly baseDelay: number;
  /** ms; default 10 min. */
  readonly maxDelay: number;
}
