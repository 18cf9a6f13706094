// Owns the methods that look something up and change nothing: the difference that a task makes, its files, the last events.
import { resolveTask } from '../../domain/ids.ts';
import { quote } from '../../domain/quote.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Task } from '../../domain/task.ts';
import { patchOf } from '../../git/changes.ts';
import { checkpoint } from '../../git/commit.ts';
import { diffText } from '../../git/diff.ts';
import type { TaskDiff } from '../../protocol/methods.ts';
import type { Handlers } from '../dispatcher.ts';
import type { FileWatches } from '../file-watch.ts';
import { filesOf } from '../task-files.ts';
import { type TaskWork, type WorkParts, whyNoWork, workOf } from '../task-work.ts';

export type LookMethods = 'task.diff' | 'task.files' | 'task.watch-files' | 'events.recent';

/** Bytes of a difference: more is not read in a terminal, and a control frame holds 16 times that even when every byte is escaped. */
const MOST_DIFF = 1024 * 1024;

/** No ref ever leads to what it signs. */
const LOOKER = { name: 'Drover', email: 'drover@localhost' };

/** As many events as a tall feed shows, and some to scroll back to. */
const RECENT = 200;

export interface LookParts extends WorkParts {
  readonly watches: FileWatches;
}

/** The handlers of what is only looked at. */
export function lookHandlers(parts: LookParts): Pick<Handlers, LookMethods> {
  const { core, watches } = parts;
  return {
    'task.diff': ({ task, file, from }) => {
      const found = resolveTask(core.state, task);
      return file === undefined ? diffOf(parts, found) : fileDiffOf(parts, found, file, from ?? null);
    },
    'task.files': async ({ task }) => ({ files: await filesOf(parts, resolveTask(core.state, task)) }),
    'task.watch-files': async ({ task }, client) => ({
      files: await watches.watch(client, task === null ? null : resolveTask(core.state, task).id),
    }),
    'events.recent': async ({ limit = RECENT }) => ({ events: await core.store.history(() => true, limit) }),
  };
}

async function requireWork(parts: WorkParts, task: Task): Promise<TaskWork> {
  const work = await workOf(parts, task);
  if (work !== null) return work;
  return refuse('nothing-to-do', `${task.id} has no work to show: ${whyNoWork(task)}.`, `drover why ${task.id}`);
}

async function diffOf(parts: WorkParts, task: Task): Promise<TaskDiff> {
  const { from, tip, worktree } = await requireWork(parts, task);
  // A commit, beside every branch, of all that lies in the worktree.
  const words = { message: `Uncommitted work of ${task.id}`, author: LOOKER };
  const to = worktree === null ? tip : (await checkpoint(parts.repository, { ...words, worktree })).commit;
  const text = await diffText({ root: parts.core.paths.root, from, to, limit: MOST_DIFF });
  return { task, from, to, hasUncommitted: to !== tip, ...text };
}

/** The patch of one file. What lies in a worktree is read there, and no commit is made of it. */
async function fileDiffOf(parts: WorkParts, task: Task, file: string, before: string | null): Promise<TaskDiff> {
  for (const path of before === null ? [file] : [file, before]) requireInside(task, path);
  const { from, tip, worktree } = await requireWork(parts, task);
  const work = { from, to: worktree === null ? { commit: tip } : { worktree } };
  const text = await patchOf(parts.repository, work, { path: file, from: before, limit: MOST_DIFF });
  if (text.text === '' && file.includes('\ufffd'))
    refuse('nothing-to-do', `${quote(file, 200)} has no name in UTF-8.`, `drover diff ${task.id}`);
  if (text.text === '')
    refuse('nothing-to-do', `${task.id} does not change ${quote(file, 200)}.`, `drover files ${task.id}`);
  const since = { from: tip, to: work.to };
  const hasUncommitted =
    worktree !== null && (await patchOf(parts.repository, since, { path: file, from: null, limit: 4096 })).text !== '';
  return { task, from, to: tip, hasUncommitted, ...text };
}

function requireInside(task: Task, path: string): void {
  if (path !== '' && !path.includes('\0') && !path.startsWith('/') && !path.split('/').includes('..')) return;
  refuse('bad-params', `${quote(path, 200)} is no file of the repository.`, `drover files ${task.id}`);
}
