// Owns the words for the files that a task changes, as the server tells them.
import type { TaskId } from '../domain/task.ts';

export interface FileChange {
  /** Beneath the repository's root, with `/`. As git names it, not sanitised; bytes that are no UTF-8 are U+FFFD. */
  path: string;
  change: 'new' | 'modified' | 'deleted' | 'renamed';
  /** What a renamed file was called; null for another. */
  from: string | null;
  /** Lines; null for a binary file, for one of more than 8 MB, and where there was too much to count. */
  added: number | null;
  removed: number | null;
  /** When it was last written to (ms since epoch), in a worktree; null for one that is not there. */
  changedAt: number | null;
}

/** What a task changes against its base, committed by its agent or not. */
export interface TaskFiles {
  taskId: TaskId;
  /** The commit that it is compared with; null when there is no work to show. */
  from: string | null;
  /** `worktree`: as they lie there now; `commit`: in the commit that landed, was kept, or is the branch's; null when there is no work to show. */
  place: 'worktree' | 'commit' | null;
  /** In the order of their paths, at most 2,000. */
  files: FileChange[];
  /** There are more. */
  isCut: boolean;
  /** Why there is nothing to show, in words that follow `it has no work to show: `, or why they cannot be told; empty otherwise. */
  note: string;
}
