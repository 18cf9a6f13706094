// Owns what the methods of the pool answer.
import type { PoolConfig } from '../domain/pool.ts';
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
  /** Bytes on the disk; what it shares with another worktree or with the dependency cache is counted there. null when that is not known. */
  disk: number | null;
}

export interface PoolStatus {
  worktrees: PoolWorktree[];
  /** How the files of worktrees are made, and why not in another way; null when there is no commit to make them of. */
  trees: { backend: TreeBackend; reasons: string[] } | null;
  /** As it holds for the session that runs. */
  config: PoolConfig;
  isRunning: boolean;
  /** The last claim had to wait for a cold worktree, and none is ready for the next. */
  isExhausted: boolean;
  metrics: PoolMetrics;
  /** Bytes: what all worktrees and the dependency cache take (null when that is not known), and what further copies of dependencies would take besides. */
  disk: { used: number | null; saved: number };
  /** What could not be done lately, a sentence each, the newest last. */
  problems: string[];
}
