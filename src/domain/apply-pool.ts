// Owns the fold of the pool's events: what becomes of a worktree, and what is remembered of claims and refreshes.
import type { Envelope } from './event.ts';
import { MOST_REMEMBERED } from './pool.ts';
import type { State } from './state.ts';
import type { Worktree } from './worker.ts';

/** Folds an event of a worktree or of the pool; any other is passed over. Throws on a reference to an unknown worktree. */
export function applyToPool(state: State, { at, event }: Envelope): void {
  switch (event.type) {
    case 'worktree.added': {
      const { worktreeId: id, path, backend = 'checkout' } = event;
      const known = { baseCommit: null, warmedAt: null, generation: null, taskId: null };
      state.worktrees.set(id, { id, path, state: 'cold', since: at, ...known, backend });
      break;
    }
    case 'worktree.warmed': {
      const { baseCommit, generation, ms, backend } = event;
      const made = { baseCommit, generation, ...(backend === undefined ? {} : { backend }) };
      patchWorktree(state, event.worktreeId, at, { state: 'warm', warmedAt: at, ...made });
      const { exhausted } = state.pool;
      state.pool = {
        ...state.pool,
        warmUps: remember(state.pool.warmUps, ms),
        exhausted: exhausted && { ...exhausted, isOver: true },
      };
      break;
    }
    case 'worktree.staled':
      patchWorktree(state, event.worktreeId, at, { state: 'stale' });
      break;
    case 'worktree.cooled':
      patchWorktree(state, event.worktreeId, at, COLD);
      break;
    case 'worktree.released':
      patchWorktree(state, event.worktreeId, at, { ...COLD, taskId: null });
      break;
    case 'worktree.removed':
      state.worktrees.delete(event.worktreeId);
      break;
    case 'pool.exhausted':
      state.pool = { ...state.pool, exhausted: { at, taskId: event.taskId, isOver: false } };
      break;
    case 'pool.claimed':
      state.pool = { ...state.pool, claims: remember(state.pool.claims, { from: event.from, ms: event.ms }) };
      break;
    default:
      break;
  }
}

/** The generation of its dependencies stays: they still lie there. */
const COLD = { state: 'cold', baseCommit: null } as const;

/** A new server has not looked yet at what lies in a worktree that nobody holds. */
export function doubtWorktrees(state: State, at: number): void {
  for (const { id, state: now, taskId } of [...state.worktrees.values()])
    if (taskId === null && now !== 'cold') patchWorktree(state, id, at, COLD);
}

export function patchWorktree(state: State, id: string, at: number, changes: Partial<Worktree>): void {
  const worktree = state.worktrees.get(id);
  if (!worktree) throw new Error(`event refers to the unknown worktree ${id}`);
  state.worktrees.set(id, { ...worktree, ...changes, since: at });
}

function remember<T>(list: readonly T[], item: T): readonly T[] {
  return [...list.slice(1 - MOST_REMEMBERED), item];
}
