// Owns what is measured of the pool: how long claims and refreshes took, and how often a claim found a worktree ready. What too few data cannot tell is null.
import { percentile } from './metrics.ts';
import type { State } from './state.ts';

/** Each null below as many values as it takes: with fewer it is only the largest one. */
export interface Percentiles {
  /** From three values on. */
  readonly p50: number | null;
  /** From ten on. */
  readonly p90: number | null;
  /** From a hundred on. */
  readonly p99: number | null;
}

export interface PoolMetrics {
  /** The last claims, at most so many as are remembered. */
  readonly claims: number;
  /** Those among them that found a warm or stale worktree (0 to 1); null without any claim. */
  readonly hitRate: number | null;
  /** Of those that found one, until they were durable. */
  readonly claimMs: Percentiles;
  readonly refreshes: number;
  readonly refreshMs: Percentiles;
}

/** Of the last claims and refreshes that the state remembers. */
export function poolMetrics({ pool }: State): PoolMetrics {
  const hits = pool.claims.filter(({ from }) => from !== 'cold');
  return {
    claims: pool.claims.length,
    hitRate: pool.claims.length === 0 ? null : hits.length / pool.claims.length,
    claimMs: percentilesOf(hits.map(({ ms }) => ms)),
    refreshes: pool.warmUps.length,
    refreshMs: percentilesOf(pool.warmUps),
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const from = (least: number, share: number) => (values.length < least ? null : percentile(values, share));
  return { p50: from(3, 0.5), p90: from(10, 0.9), p99: from(100, 0.99) };
}
