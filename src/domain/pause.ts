// Owns what a pause is: who wanted it, how far it has come, and the work that waits to go on.
import { isActive, isLanding, type Task } from './task.ts';

/** What a paused attempt goes on with: its worktree stays with the task, and the same conversation is continued. */
export interface PausedWork {
  /** The checkpoint of the worktree, uncommitted work included; null when git could not make one, and the worktree alone has it. */
  readonly kept: Checkpoint | null;
  /** The base branch's tip when it was paused. */
  readonly base: string;
  /** False when the agent had not said a word yet: then there is nothing to continue, and nothing to miss. */
  readonly hasConversation: boolean;
}

export interface Checkpoint {
  /** Under `refs/drover/keep/<task>/`. */
  readonly ref: string;
  /** All that lay in the worktree. */
  readonly commit: string;
  /** What HEAD was; `commit` itself when nothing was uncommitted. */
  readonly head: string;
}

export interface Pause {
  /** `asked`: the agent stops at its next safe point; `paused`: nobody works on it; `resumed`: it waits in the queue for a worker to go on. */
  readonly phase: 'asked' | 'paused' | 'resumed';
  /** The operator who paused it, or resumed it. */
  readonly by: string;
  /** ms since epoch; since when it is in this phase. */
  readonly at: number;
  /** While it is asked for: the agent is interrupted at once instead of at its next safe point. */
  readonly isNow: boolean;
  /** Why, when it was not a person's wish: a cap that was come to. */
  readonly reason?: string;
  /** Null when no attempt was under way, and until the agent has ended. */
  readonly work: PausedWork | null;
}

/** True while an agent has been asked to pause and has not ended yet. */
export function isPausing(task: Task): boolean {
  return task.pause?.phase === 'asked';
}

/** True when the pause is all that is left to be settled; work that is on its way to the base branch goes there first. */
export function isSettling(task: Task): boolean {
  return isPausing(task) && !isLanding(task);
}

/** True for a task that a pause means something for: it waits, or it is worked on and not asked yet. */
export function canPause({ status, pause }: Task): boolean {
  return status === 'ready' || (isActive(status) && pause === null);
}

/** True for a task that is paused or about to be. */
export function canResume(task: Task): boolean {
  return task.status === 'paused' || isPausing(task);
}

/** True for a task in the queue that goes on with a paused attempt instead of beginning a new one. */
export function isResumed(task: Task): boolean {
  return task.status === 'ready' && task.pause?.phase === 'resumed';
}

/** True while the worktree of the task's last run is its own: a worker holds the task, or it is to go on with it. */
export function keepsWorktree(task: Task): boolean {
  return isActive(task.status) || (task.pause !== null && task.pause.work !== null);
}
