// Owns the pool's plan: how many worktrees are kept ready, and what is to be done for that now. Pure.
import { claimable } from './schedule.ts';
import type { State } from './state.ts';
import type { TaskId } from './task.ts';
import type { Worktree } from './worker.ts';

/** Why a warm worktree is stale. */
export type StaleReason = 'base-moved' | 'interval' | 'asked';

/** How a claim found its worktree: as it should be, one step behind, or not ready at all. */
export type ClaimSource = 'warm' | 'stale' | 'cold';

/** What `drover run` may ask of the pool. */
export interface PoolWish {
  readonly size?: number;
  /** ms */
  readonly refresh?: number;
}

export interface PoolClaim {
  readonly from: ClaimSource;
  /** Until the claim was durable. */
  readonly ms: number;
}

/** The last claims and refreshes, the oldest first. */
export interface PoolHistory {
  readonly claims: readonly PoolClaim[];
  /** ms each */
  readonly warmUps: readonly number[];
  /** The last claim of this session that found no worktree ready, at `at` (ms since epoch), and whether one is ready again; null when all found one. */
  readonly exhausted: { readonly at: number; readonly taskId: TaskId; readonly isOver: boolean } | null;
}

export const NO_HISTORY: PoolHistory = { claims: [], warmUps: [], exhausted: null };

/** A percentile of 99 needs a hundred; this many are some hours of a busy session. */
export const MOST_REMEMBERED = 500;

export interface PoolConfig {
  /** The most worktrees that are kept, those that tasks hold among them; a claim that finds none adds one all the same. 0 keeps none ready. */
  readonly size: number;
  /** The least that are kept while a session runs, those that tasks hold among them. */
  readonly min: number;
  /** ms after which a warm worktree is looked after again. */
  readonly refresh: number;
}

/** What the state does not know. */
export interface PoolFacts {
  /** The commit that the next task starts from. */
  readonly tip: string;
  /** Worktrees that something is being done to, or that a claim is about to get. */
  readonly busy: ReadonlySet<string>;
  /** Worktrees that could not be made ready; they are left alone. */
  readonly damaged: ReadonlySet<string>;
  /** One is being added, and has no record yet. */
  readonly isAdding: boolean;
  readonly order: PoolOrder;
}

/**
 * What an operator wants beside the session. `keep`: nothing; `warm`: there are so many, those that tasks hold among them, and the others are made ready, also while no session runs;
 * `drain`: all that nobody holds are removed, and none is added.
 */
export type PoolOrder =
  | { readonly kind: 'keep' }
  | { readonly kind: 'warm'; readonly count: number }
  | { readonly kind: 'drain' };

export type PoolAction =
  | { readonly type: 'create' }
  /** Cold or stale, it is made ready at the tip. */
  | { readonly type: 'refresh'; readonly id: string }
  /** It is only marked: it can still be claimed. */
  | { readonly type: 'stale'; readonly id: string; readonly reason: StaleReason }
  | { readonly type: 'remove'; readonly id: string };

/** Least work first. */
const READINESS: readonly Worktree['state'][] = ['warm', 'stale', 'cold'];

/** Worktrees that are worked on at once. Adding is one at a time: it can fail the git commands of others. */
const AT_ONCE = 2;

/**
 * What is to be done now, the most urgent first; nothing while no session runs and nobody asked for it. Marks at once what has become stale; then makes
 * ready what is cold, adds what is missing, removes what is too many, and refreshes what is stale, the oldest first, at most two at a time. What is more than
 * the queue asks for is not refreshed but removed, and only when it has not been used for a whole interval: adding and
 * removing cost more than keeping. Never removes or refreshes one that a task holds, or that is busy or damaged.
 */
export function planPool(state: State, configured: PoolConfig, now: number, facts: PoolFacts): PoolAction[] {
  if (!state.session.isRunning && facts.order.kind === 'keep') return [];
  const config = ordered(configured, facts.order);
  const all = [...state.worktrees.values()].filter(({ id }) => !facts.damaged.has(id));
  const free = all.filter(({ id, taskId }) => taskId === null && !facts.busy.has(id)).sort(byAge);
  const marks = free.flatMap((worktree) => staleness(worktree, config, now, facts.tip));
  const wanted = wantedCount(state, config, now);
  let surplus = all.length + (facts.isAdding ? 1 : 0) - wanted;
  const isDue = ({ warmedAt, since }: Worktree) => now - (warmedAt ?? since) >= config.refresh;
  const removals: PoolAction[] = [];
  const left: Worktree[] = [];
  for (const worktree of free) {
    if (surplus > 0 && isDue(worktree)) {
      surplus -= 1;
      removals.push({ type: 'remove', id: worktree.id });
    } else left.push(worktree);
  }
  // Of those that the queue has no use for nothing is made.
  const least = (a: Worktree, b: Worktree) => READINESS.indexOf(a.state) - READINESS.indexOf(b.state);
  const useful = [...left]
    .sort(least)
    .slice(0, Math.max(0, left.length - Math.max(0, surplus)))
    .sort(byAge);
  const isMarked = new Set(marks.map(({ id }) => id));
  const refresh = (each: Worktree): PoolAction => ({ type: 'refresh', id: each.id });
  const creates: PoolAction[] = surplus < 0 && !facts.isAdding ? [{ type: 'create' }] : [];
  const todo = [
    ...useful.filter((each) => each.state === 'cold').map(refresh),
    ...creates,
    ...removals,
    ...useful.filter((each) => each.state === 'stale' || isMarked.has(each.id)).map(refresh),
  ];
  const running =
    all.filter(({ id, taskId }) => taskId === null && facts.busy.has(id)).length + (facts.isAdding ? 1 : 0);
  return [...marks, ...todo.slice(0, Math.max(0, AT_ONCE - running))];
}

function ordered(config: PoolConfig, order: PoolOrder): PoolConfig {
  if (order.kind === 'drain') return { size: 0, min: 0, refresh: 0 };
  return order.kind === 'warm' ? { ...config, min: order.count, size: Math.max(config.size, order.count) } : config;
}

/** ms: a task whose back-off ends within that time has its worktree made ready now; a checkout with dependencies takes some tens of seconds. */
const SOON = 60_000;

/** How many worktrees there should be: those that tasks hold, and one for each task that a worker could take next, or soon. */
function wantedCount(state: State, config: PoolConfig, now: number): number {
  const leased = [...state.worktrees.values()].filter(({ taskId }) => taskId !== null).length;
  const next = Math.min(claimable(state, now + SOON).length, state.session.workers);
  return Math.max(leased, clamp(leased + next, config.min, config.size));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function staleness(worktree: Worktree, config: PoolConfig, now: number, tip: string) {
  if (worktree.state !== 'warm') return [];
  const mark = (reason: StaleReason) => [{ type: 'stale', id: worktree.id, reason } as const];
  if (worktree.baseCommit !== tip) return mark('base-moved');
  return now - (worktree.warmedAt ?? 0) >= config.refresh ? mark('interval') : [];
}

/** When the plan changes by time alone: ms since epoch; null when it does not. */
export function nextPoolLook(state: State, config: PoolConfig): number | null {
  if (!state.session.isRunning) return null;
  const times = [...state.worktrees.values()].flatMap(({ taskId, warmedAt, since }) =>
    taskId === null ? [(warmedAt ?? since) + config.refresh] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}

/** What holds for the session that runs: as configured, but for what was asked when it was started. */
export function poolConfig(state: State, configured: PoolConfig): PoolConfig {
  const { size, refresh } = { ...configured, ...state.session.pool };
  return { size, refresh, min: Math.min(configured.min, size) };
}

/** True from a claim of this session that found no worktree ready until one is ready again. */
export function isExhausted({ session, pool }: State): boolean {
  return session.isRunning && pool.exhausted?.isOver === false;
}

/** ms in which a person is told of a claim that found none ready: time to look up and read it. */
const TOLD_FOR = 10_000;

/** True while a person is told that a claim found no worktree ready: as long as its task waits for one, and ten seconds at least: longer it would stand beside worktrees that are ready again. */
export function tellsExhaustion(state: State, now: number): boolean {
  const { exhausted } = state.pool;
  if (!state.session.isRunning || exhausted === null) return false;
  const isWaiting = !exhausted.isOver && state.tasks.get(exhausted.taskId)?.status === 'ready';
  return isWaiting || now - exhausted.at < TOLD_FOR;
}

/** How many worktrees are in each state. */
export function countWorktrees(state: State): Record<Worktree['state'], number> {
  const counts = { 'in-use': 0, warm: 0, stale: 0, cold: 0 };
  for (const worktree of state.worktrees.values()) counts[worktree.state] += 1;
  return counts;
}

/** The oldest first; ids decide between worktrees of one moment. */
function byAge(a: Worktree, b: Worktree): number {
  const difference = (a.warmedAt ?? a.since) - (b.warmedAt ?? b.since);
  return difference !== 0 ? difference : a.id < b.id ? -1 : 1;
}
