// Owns the list of files that a task changes, as it is told to those who look.
import { RefusalError } from '../domain/refusal.ts';
import type { Task } from '../domain/task.ts';
import { listChanges } from '../git/changes.ts';
import { GitError } from '../git/runner.ts';
import type { TaskFiles } from '../protocol/task-files.ts';
import { type WorkParts, whyNoWork, workOf } from './task-work.ts';

/** What the task changes now. A worktree that git cannot look at (it is on its way out, or its configuration was tampered with) is told in the note. */
export async function filesOf(parts: WorkParts, task: Task, signal?: AbortSignal): Promise<TaskFiles> {
  const nothing = { taskId: task.id, from: null, place: null, files: [], isCut: false } satisfies Partial<TaskFiles>;
  const work = await workOf(parts, task);
  if (work === null) return { ...nothing, note: whyNoWork(task) };
  const { from, tip, worktree } = work;
  const to = worktree === null ? { commit: tip } : { worktree };
  try {
    const found = await listChanges(parts.repository, { from, to }, signal);
    return { ...nothing, from, place: worktree === null ? 'commit' : 'worktree', ...found, note: '' };
  } catch (error) {
    if (!(error instanceof GitError) && !(error instanceof RefusalError)) throw error;
    return { ...nothing, note: `git could not look: ${error.message.trim().split('\n').at(-1)}` };
  }
}
