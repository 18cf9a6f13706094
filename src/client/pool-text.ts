// Owns how the pool is shown to a person.
import { formatAge } from '../domain/duration.ts';
import type { Percentiles, PoolMetrics } from '../domain/pool-metrics.ts';
import { sanitise } from '../domain/text.ts';
import type { Worktree } from '../domain/worker.ts';
import type { Result } from '../protocol/methods.ts';
import type { PoolStatus, PoolWorktree } from '../protocol/pool-status.ts';
import { type Cell, formatTable } from './format.ts';
import type { RenderContext, Tone } from './verb.ts';

const TONES: Readonly<Record<Worktree['state'], Tone>> = { cold: 'dim', warm: 'good', 'in-use': 'busy', stale: 'warn' };
const NONE = '–';

/** A row a worktree, then what was measured. */
export function renderPool(status: PoolStatus, context: RenderContext): string {
  const { paint } = context;
  const table =
    status.worktrees.length === 0
      ? 'No worktree yet; drover pool warm makes some ready, and drover run as many as its tasks need.'
      : tableOf(status.worktrees, context);
  const isFull = status.worktrees.length >= status.config.size;
  const wait = `a claim waited for a cold worktree, and none is ready for the next${isFull ? '; to keep more ready: drover run --pool-size <number>' : ''}`;
  const calls = [...(status.isExhausted ? [`exhausted: ${wait}`] : []), ...status.problems.map(sanitise)];
  const footer = factsOf(status).map((line) => paint('dim', line));
  return [table, [...calls.map((line) => paint('warn', line)), ...footer].join('\n')].join('\n\n');
}

function tableOf(worktrees: readonly PoolWorktree[], { width, now, paint }: RenderContext): string {
  const titles = ['worktree', 'state', 'base', 'age', 'disk', 'dependencies', 'task'];
  const head = titles.map((text): Cell => ({ text, paint: (words) => paint('dim', words) }));
  const rows = worktrees.map((worktree) => [
    { text: sanitise(worktree.id), paint: (text: string) => paint('strong', text) },
    { text: stateWord(worktree), paint: (text: string) => paint(TONES[worktree.state], text) },
    worktree.baseCommit === null ? NONE : sanitise(worktree.baseCommit).slice(0, 10),
    formatAge(now - worktree.since),
    worktree.diskBytes === null ? NONE : formatBytes(worktree.diskBytes),
    worktree.generation === null ? NONE : sanitise(worktree.generation),
    worktree.taskId === null ? NONE : `${sanitise(worktree.taskId)} ${sanitise(worktree.title ?? '')}`,
  ]);
  return formatTable([head, ...rows], width);
}

function stateWord({ state, isBusy, isDamaged }: PoolWorktree): string {
  if (isDamaged) return `${state}, damaged`;
  return isBusy ? `${state}, at work` : state;
}

function factsOf({ metrics, disk, config, worktrees, trees }: PoolStatus): string[] {
  const { refreshes, refreshMs } = metrics;
  const backends = [...new Set(worktrees.map(({ backend }) => backend))].join(', ') || NONE;
  const reasons = trees === null || trees.reasons.length === 0 ? '' : ` (${trees.reasons.map(sanitise).join('; ')})`;
  const used = disk.usedBytes === null ? NONE : formatBytes(disk.usedBytes);
  return [
    `claims     ${claimWords(metrics)}`,
    `refreshes  ${refreshes === 0 ? 'none yet' : `${refreshes}${took(refreshMs)}`}`,
    `disk       ${used} used, ${formatBytes(disk.savedBytes)} saved by sharing dependencies`,
    `kept       at most ${config.size}, at least ${config.min} while a session runs, those of tasks counted; looked after every ${formatAge(config.refreshMs)}`,
    `files      ${worktrees.length === 0 ? (trees?.backend ?? NONE) : backends}${reasons}`,
  ];
}

function claimWords({ claims, hitRate, claimMs }: PoolMetrics): string {
  if (hitRate === null) return 'none yet';
  const hits = Math.round(hitRate * claims);
  if (hits === 0) return `${claims}, none found a worktree ready`;
  return `${claims}, ${hits} found a worktree ready (${Math.round(hitRate * 100)}%)${took(claimMs)}`;
}

/** `: p50 0.8 ms, p90 1.2 ms`; empty where too few were measured. */
function took({ p50, p90, p99 }: Percentiles): string {
  const known = [
    ['p50', p50],
    ['p90', p90],
    ['p99', p99],
  ] as const;
  const words = known.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatMs(ms)}`]));
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}

/** `0.8 ms`, `12 ms`, `1.4 s` */
function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `1.2 MB`, `340 MB`; in thousands. */
function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** What is ready by now, and what kept the rest from it. */
export function renderWarmed(status: PoolStatus, { paint }: RenderContext): string {
  const ready = status.worktrees.filter(({ state }) => state === 'warm').length;
  const line = `${ready} ${ready === 1 ? 'worktree is' : 'worktrees are'} ready.`;
  return [line, ...status.problems.map((problem) => paint('warn', sanitise(problem)))].join('\n');
}

/** How many went, and how many are held. */
export function renderDrained({ removed, worktrees }: Result<'pool.drain'>): string {
  const held = worktrees.filter(({ taskId }) => taskId !== null).length;
  const left = held === 0 ? '' : ` ${held} ${held === 1 ? 'is' : 'are'} held by tasks.`;
  return `Removed ${removed} ${removed === 1 ? 'worktree' : 'worktrees'}.${left}`;
}
