// Owns the methods of the pool: what is in it, and what a person may have done to it.
import { isExhausted } from '../../domain/pool.ts';
import { poolMetrics } from '../../domain/pool-metrics.ts';
import { refuse } from '../../domain/refusal.ts';
import { diskUse } from '../../pool/disk-use.ts';
import type { WorktreePool } from '../../pool/pool-manager.ts';
import type { PoolStatus } from '../../protocol/pool-status.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';
import type { LandingLane } from '../landing-lane.ts';
import type { PoolKeeper } from '../pool-keeper.ts';

export interface PoolParts {
  readonly core: Core;
  readonly pool: WorktreePool;
  readonly keeper: PoolKeeper;
  readonly lane: Pick<LandingLane, 'tip'>;
  readonly cache: { readonly folder: string; usage(): { readonly saved: number } };
}

export type PoolMethods = 'pool.status' | 'pool.warm' | 'pool.refresh' | 'pool.drain';

/** The handlers of the pool. */
export function poolHandlers(parts: PoolParts): Pick<Handlers, PoolMethods> {
  const { core, keeper, lane } = parts;
  const free = () => [...core.state.worktrees.values()].filter(({ taskId }) => taskId === null);
  return {
    'pool.status': () => statusOf(parts),
    'pool.warm': async ({ count }) => {
      // A repository that nothing can start from is refused here, to the person.
      await lane.tip();
      const { session } = core.state;
      await keeper.warm(count ?? (session.isRunning ? session.workers : core.config.workers));
      return statusOf(parts);
    },
    'pool.refresh': async () => {
      await lane.tip();
      if (free().length === 0) refuse('nothing-to-do', 'there is no worktree that nobody holds', 'drover pool warm');
      await keeper.refresh();
      return statusOf(parts);
    },
    'pool.drain': async () => {
      const before = new Set(free().map(({ id }) => id));
      await keeper.drain();
      for (const { id } of free()) before.delete(id);
      return { ...(await statusOf(parts)), removed: before.size };
    },
  };
}

async function statusOf({ core, pool, keeper, cache, lane }: PoolParts): Promise<PoolStatus> {
  const { state } = core;
  const slots = new Map(pool.list().map((slot) => [slot.id, slot]));
  const worktrees = [...state.worktrees.values()].sort((a, b) => numberOf(a.id) - numberOf(b.id));
  const folders = worktrees.flatMap(({ id }) => pool.trees.ownFolder(id) ?? []);
  const { size, min, refresh } = keeper.config;
  const sizes = await diskUse([cache.folder, pool.trees.sharedFolder, ...folders]);
  return {
    worktrees: worktrees.map((worktree) => ({
      ...worktree,
      title: state.tasks.get(worktree.taskId ?? '')?.title ?? null,
      isBusy: (slots.get(worktree.id)?.work ?? null) !== null,
      isDamaged: slots.get(worktree.id)?.isDamaged ?? false,
      backend: pool.trees.backendOf(worktree.id),
      diskBytes: sizes?.get(pool.trees.ownFolder(worktree.id) ?? '') ?? null,
    })),
    trees: await lane.tip().then(
      ({ commit }) => pool.trees.choice.describe(commit),
      () => null,
    ),
    config: { size, min, refreshMs: refresh },
    isRunning: state.session.isRunning,
    isExhausted: isExhausted(state),
    metrics: poolMetrics(state),
    disk: {
      usedBytes: sizes && [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
      savedBytes: cache.usage().saved,
    },
    problems: [...keeper.problems],
  };
}

function numberOf(id: string): number {
  return Number(/\d+$/.exec(id)?.[0] ?? 0);
}
