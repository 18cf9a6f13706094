// Owns every event that can happen. An event is a fact: it is never refused, never changed, only added to this list.
import type { Epic } from './epic.ts';
import type { GuidanceBoundary, GuidanceId } from './guidance.ts';
import type { PausedWork } from './pause.ts';
import type { ClaimSource, PoolWish, StaleReason } from './pool.ts';
import type { Answer, Question } from './question.ts';
import type { Sync } from './sync.ts';
import type {
  BlockedReason,
  Decomposition,
  LandingPhase,
  ResearchResult,
  RunId,
  Task,
  TaskId,
  Verdict,
} from './task.ts';
import type { Usage } from './usage.ts';
import type { AgentKind, AgentState, StateSource, TreeBackend } from './worker.ts';

/** The fields of a task that a person may change after its creation. */
export type TaskChanges = Partial<
  Pick<
    Task,
    'title' | 'description' | 'type' | 'epicId' | 'priority' | 'labels' | 'blockedBy' | 'testCommand' | 'maxAttempts'
  >
>;

export type DroverEvent =
  // the queue
  | { type: 'epic.created'; epic: Epic }
  | { type: 'task.created'; task: Task }
  | { type: 'task.edited'; taskId: TaskId; changes: TaskChanges }
  | { type: 'task.cancelled'; taskId: TaskId; reason: string }
  | { type: 'task.retried'; taskId: TaskId }
  // a run of it
  | {
      type: 'task.claimed';
      taskId: TaskId;
      runId: RunId;
      worker: number;
      worktreeId: string;
      branch: string;
      baseCommit: string;
      attempt: number;
      agent: AgentKind;
      conversationId: string;
    }
  | { type: 'run.started'; runId: RunId; pid: number }
  | { type: 'run.state-changed'; runId: RunId; state: AgentState; source: StateSource; detail: string }
  /** What an agent had to wait for before it may write is through. */
  | ({ type: 'run.synced'; runId: RunId } & Sync)
  /** Its worktree could not be brought up to date: it may not write until another try succeeds. */
  | { type: 'run.sync-failed'; runId: RunId; reason: string }
  | { type: 'run.asked'; runId: RunId; question: Question }
  /** By whoever answered; `answer` is null when that was in the pane. `allows`: the kind of calls that is allowed from now on. */
  | { type: 'run.answered'; runId: RunId; questionId: string; answer: Answer | null; allows?: string }
  /** What its agent has used up since the last one; every few seconds at most. */
  | { type: 'run.used'; runId: RunId; taskId: TaskId; usage: Usage }
  | { type: 'run.ended'; runId: RunId; exitCode: number | null; signal: string | null; reason: string }
  /** The same conversation goes on in a new process: `runId` is the new one. */
  | { type: 'run.resumed'; taskId: TaskId; previousRunId: RunId; runId: RunId; worker: number; reason: string }
  /** The attempt is given back unfinished, through no fault of the agent; it does not count. */
  | { type: 'task.released'; taskId: TaskId; reason: string }
  | { type: 'task.attempt-failed'; taskId: TaskId; error: string; retryAt: number }
  | { type: 'task.failed'; taskId: TaskId; error: string }
  /** `startFrom`: the kept commit that a retry begins from; absent means as before. */
  | { type: 'task.blocked'; taskId: TaskId; reason: BlockedReason; startFrom?: string }
  // pausing
  /** Its agent stops at the next safe point, or now. `reason`: why, when it was not a person's wish. */
  | { type: 'task.pause-asked'; taskId: TaskId; isNow: boolean; reason?: string }
  | { type: 'task.paused'; taskId: TaskId; by: string; work: PausedWork | null; reason?: string }
  /** Back into the queue, or the pause that was asked for is called off. */
  | { type: 'task.resumed'; taskId: TaskId }
  // landing
  | { type: 'task.submitted'; taskId: TaskId; verdict: Verdict; summary: string }
  | { type: 'landing.changed'; taskId: TaskId; phase: LandingPhase }
  /** Conflict or failing test: given back once to the same agent. */
  | { type: 'landing.returned'; taskId: TaskId; reason: BlockedReason }
  | {
      type: 'task.completed';
      taskId: TaskId;
      commit: string | null;
      by: string;
      /** What became of the user's checkout, in words; empty when it was not on the base branch. */
      checkout: string;
      /** The work waits on a branch beside the base branch, because a checkout of that is in use; `checkout` says which. */
      isBeside?: boolean;
    }
  // delegation
  /** Its agent's call blocks until these are over; it takes no slot meanwhile. */
  | { type: 'task.awaiting'; taskId: TaskId; subtasks: readonly TaskId[] }
  | { type: 'task.await-ended'; taskId: TaskId }
  /** Its sub-tasks take its place; said again when one of them that had failed is tried again. */
  | { type: 'task.decomposed'; taskId: TaskId; decomposition: Decomposition }
  | { type: 'task.found'; taskId: TaskId; research: ResearchResult }
  // guidance
  | { type: 'guidance.queued'; guidanceId: GuidanceId; taskId: TaskId; text: string }
  | { type: 'guidance.shown'; guidanceId: GuidanceId; taskId: TaskId; runId: RunId; via: GuidanceBoundary }
  | { type: 'guidance.acknowledged'; guidanceId: GuidanceId; taskId: TaskId }
  /** It was shown and did not arrive. */
  | { type: 'guidance.requeued'; guidanceId: GuidanceId; taskId: TaskId; reason: string }
  /** By a person (no reason), or because there is nobody left to hear it. */
  | { type: 'guidance.retracted'; guidanceId: GuidanceId; taskId: TaskId; reason: string }
  // worktrees
  /** It is in the pool, and cold. `backend` absent means `checkout`. */
  | { type: 'worktree.added'; worktreeId: string; path: string; backend?: TreeBackend }
  /** It is ready to be claimed; `ms` that it took. `backend` absent means the one that it had. */
  | {
      type: 'worktree.warmed';
      worktreeId: string;
      baseCommit: string;
      generation: string | null;
      ms: number;
      backend?: TreeBackend;
    }
  | { type: 'worktree.staled'; worktreeId: string; reason: StaleReason }
  /** A warm or stale one was found to be no longer as it was left. */
  | { type: 'worktree.cooled'; worktreeId: string; reason: string }
  | { type: 'worktree.released'; worktreeId: string }
  | { type: 'worktree.removed'; worktreeId: string }
  // the pool
  /** How a claim found its worktree, and the ms until the claim was durable. Recorded beside the agent's start. */
  | { type: 'pool.claimed'; taskId: TaskId; worktreeId: string; from: ClaimSource; ms: number }
  /** A claim found no warm or stale worktree, and waited for a cold one. */
  | { type: 'pool.exhausted'; taskId: TaskId }
  // the session
  /** `untilDone`: it stops by itself when nothing is left to do; absent means no. */
  | {
      type: 'session.started';
      workers: number;
      agent: AgentKind;
      epicId: string | null;
      untilDone?: boolean;
      /** What was asked of the pool for this session; absent means as configured. */
      pool?: PoolWish;
    }
  | { type: 'session.stopped'; reason: string }
  /** Nothing more is taken from the queue until it is let go on. */
  | { type: 'session.held' }
  | { type: 'session.unheld' }
  | { type: 'server.started'; pid: number; version: string; recovered: boolean }
  // the people
  | { type: 'client.attached'; operator: string; kind: 'tui' | 'linear'; isReadOnly: boolean }
  | { type: 'client.detached'; operator: string; kind: 'tui' | 'linear'; isReadOnly: boolean }
  /** Somebody began to type into a pane: once for each spell of typing, not for each key. A shell pane has no run. */
  | { type: 'pane.typed'; operator: string; pane: number; runId: RunId | null; taskId: TaskId | null };

export type EventType = DroverEvent['type'];

/** An event with its place in history. `seq` counts from 1 without gaps; `at` is ms since epoch; `by` is an operator, `agent:<task-id>` or `drover`. */
export interface Envelope {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly event: DroverEvent;
}
