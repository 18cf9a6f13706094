// Owns the verbs of the pool: what is ready, and having it made ready, brought up to date or removed.
import { refuse } from '../domain/refusal.ts';
import { renderDrained, renderPool, renderWarmed } from './pool-text.ts';
import type { CallVerb, Verb, VerbInput } from './verb.ts';
import { argument } from './verb-params.ts';

const pool: CallVerb<'pool.status'> = {
  name: 'pool',
  group: 'Work',
  summary: 'Show the worktrees that are kept ready for tasks',
  details:
    'warm is ready at the tip of the base branch; stale was, and is brought up when it is claimed; cold is being made, cleaned or provisioned; in-use is held by a task. What worktrees share on the disk is counted once.\n\nsize and min under pool: in the configuration (drover run --pool-size for one session) are the most and the least worktrees that are kept while a session runs. Both count all worktrees, those that tasks hold too: with size 8 and 6 held, at most 2 are ready. A task never waits for size: when all are held, one more is made for it.',
  example: 'drover pool --json',
  method: 'pool.status',
  params: () => ({}),
  render: renderPool,
};

const warm: CallVerb<'pool.warm'> = {
  name: 'pool warm',
  group: 'Work',
  summary: 'Make worktrees ready now, also while nothing runs; so many as there are workers, or as you say',
  details:
    'The count is of all worktrees, those that tasks hold too. It returns when they are ready. Interrupting it leaves the work going.',
  args: '[count]',
  example: 'drover pool warm 4',
  method: 'pool.warm',
  params: (input) => (input.args.length === 0 ? {} : { count: countOf(input) }),
  render: renderWarmed,
};

function countOf(input: VerbInput): number {
  const text = argument(input);
  if (!/^[1-9]\d?$/.test(text) || Number(text) > 64)
    refuse('bad-params', `a number of worktrees is from 1 to 64, not "${text}"`, 'drover pool warm --help');
  return Number(text);
}

const refresh: CallVerb<'pool.refresh'> = {
  name: 'pool refresh',
  group: 'Work',
  summary: 'Bring every free worktree to the tip of the base branch, and see to its dependencies',
  example: 'drover pool refresh',
  method: 'pool.refresh',
  params: () => ({}),
  render: renderWarmed,
};

const drain: CallVerb<'pool.drain'> = {
  name: 'pool drain',
  group: 'Work',
  summary: 'Remove every free worktree; what tasks hold stays, and no work is lost',
  details: 'None is kept ready after it until drover pool warm, or until drover run starts a session.',
  example: 'drover pool drain',
  method: 'pool.drain',
  params: () => ({}),
  render: renderDrained,
};

/** In the order in which the help lists them. */
export const POOL_VERBS: readonly Verb[] = [pool, warm, refresh, drain];
