// Owns the commands about the focused pane that the server carries out: its lock, and a shell beside it.
import { canResume } from '../../domain/pause.ts';
import type { Step } from '../effect.ts';
import { type Model, runOfWorker, whyNotChanging } from '../model.ts';
import { refusal } from '../note.ts';

/** Locks the focused pane, or unlocks it; the server refuses the lock of another. */
export function toggleLock(model: Model): Step {
  const why = whyNotChanging(model);
  if (why !== null) return [refusal(model, why, ''), []];
  const { focused } = model;
  if (focused === null) return [refusal(model, 'there is no pane to lock', `${model.keys.prefix} : run`), []];
  const isLocked = model.infos.get(focused)?.lockedBy !== undefined;
  return [model, [{ type: 'lock', pane: focused, isLocked }]];
}

/** Opens the operator's shell where the focused pane's task is worked on; in the repository's root when there is none. */
export function openShell(model: Model): Step {
  const why = whyNotChanging(model);
  if (why !== null) return [refusal(model, why, ''), []];
  const { focused } = model;
  const run = focused === null ? null : runOfWorker(model, focused);
  const task = run?.taskId ?? (focused === null ? null : (model.infos.get(focused)?.taskId ?? null));
  return [model, [{ type: 'open-shell', task: task !== null && hasWorktree(model, task) ? task : null }]];
}

/** Pauses the focused pane's task; resumes it when it is paused, or is about to be. */
export function togglePause(model: Model): Step {
  const why = whyNotChanging(model);
  if (why !== null) return [refusal(model, why, ''), []];
  const { focused } = model;
  const id =
    focused === null ? null : (runOfWorker(model, focused)?.taskId ?? model.infos.get(focused)?.taskId ?? null);
  const task = id === null ? undefined : model.state.tasks.get(id);
  if (!task) return [refusal(model, 'no task is worked on in this pane', ''), []];
  return [model, [{ type: 'run', line: `${canResume(task) ? 'resume' : 'pause'} ${task.id}` }]];
}

function hasWorktree({ state }: Model, taskId: string): boolean {
  return [...state.worktrees.values()].some((worktree) => worktree.taskId === taskId);
}
