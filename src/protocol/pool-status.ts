// Owns what the methods of the pool answer.
import type { PoolMetrics } from '../domain/pool-metrics.ts';
import type { TreeBackend, Worktree } from '../domain/worker.ts';

/** A worktree as `drover pool` shows it. */
export interface PoolWorktree extends Worktree {
  /** The title of the task that holds it. */
  title: string | null;
  /** Something is being done to it. */
  isBusy: boolean;
  /** It could not be made ready; the problems say why. */
  isDamaged: boolean;
  /** On the disk; what it shares with another worktree or with the dependency cache is counted there. null when that is not known. */
  diskBytes: number | null;
}

export interface PoolStatus {
  worktrees: PoolWorktree[];
  /** How the files of worktrees are made, and why not in another way; null when there is no commit to make them of. */
  trees: { backend: TreeBackend; reasons: string[] } | null;
  /** As it holds for the session that runs: the most and the least worktrees, those that tasks hold among them, and when one is looked after again. */
  config: { size: number; min: number; refreshMs: number };
  isRunning: boolean;
  /** The last claim had to wait for a cold worktree, and none is ready for the next. */
  isExhausted: boolean;
  metrics: PoolMetrics;
  /** What all worktrees and the dependency cache take (null when that is not known), and what further copies of dependencies would take besides. */
  disk: { usedBytes: number | null; savedBytes: number };
  /** What could not be done lately, a sentence each, the newest last. */
  problems: string[];
}
