import { expect, test } from 'vitest';
import { renderPool } from '../../../src/client/pool-text.ts';
import { NO_HISTORY } from '../../../src/domain/pool.ts';
import { poolMetrics } from '../../../src/domain/pool-metrics.ts';
import { emptyState } from '../../../src/domain/state.ts';
import type { PoolStatus } from '../../../src/protocol/pool-status.ts';

/** The status of a pool whose last claims and refreshes were these. */
function statusOf(claims: readonly ('warm' | 'cold')[], warmUps: readonly number[] = []): PoolStatus {
  const state = {
    ...emptyState(),
    pool: { ...NO_HISTORY, claims: claims.map((from, index) => ({ from, ms: index + 1 })), warmUps },
  };
  return {
    worktrees: [],
    trees: null,
    config: { size: 8, min: 2, refreshMs: 1_800_000 },
    isRunning: false,
    isExhausted: false,
    metrics: poolMetrics(state),
    disk: { usedBytes: null, savedBytes: 0 },
    problems: [],
  };
}

function factOf(name: string, status: PoolStatus): string {
  const text = renderPool(status, {
    width: 200,
    now: 0,
    paint: (_tone, words) => words,
    input: { args: [], options: {} },
  });
  return text.split('\n').find((line) => line.startsWith(name)) ?? '';
}

test.each([
  [[], 'claims     none yet'],
  [['cold', 'cold'], 'claims     2, none found a worktree ready'],
  [['cold', 'warm', 'warm'], 'claims     3, 2 found a worktree ready (67%)'],
  [['warm', 'warm', 'warm', 'cold'], 'claims     4, 3 found a worktree ready (75%): p50 2.0 ms'],
] as const)('claims %j', (claims, words) => {
  expect(factOf('claims', statusOf(claims))).toBe(words);
});

test('refreshes, and what is kept', () => {
  expect(factOf('refreshes', statusOf([]))).toBe('refreshes  none yet');
  expect(factOf('refreshes', statusOf([], [5]))).toBe('refreshes  1');
  expect(factOf('refreshes', statusOf([], [900, 1400, 2000]))).toBe('refreshes  3: p50 1.4 s');
  expect(factOf('kept', statusOf([]))).toBe(
    'kept       at most 8, at least 2 while a session runs, those of tasks counted; looked after every 30m',
  );
});

test('what --json prints names its units', () => {
  expect(statusOf(['warm', 'warm', 'warm'], [5]).metrics).toEqual({
    claims: 3,
    hitRate: 1,
    claimMs: { p50: 2, p90: null, p99: null },
    refreshes: 1,
    refreshMs: { p50: null, p90: null, p99: null },
  });
});
