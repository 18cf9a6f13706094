// Owns bringing a claimed worktree to the newest base: what that is, and by which way its files get there without a loss.
import { worktreeStatus } from '../git/commit.ts';
import { changedFiles } from '../git/diff.ts';
import { type Upstream, type UpstreamFetch, upstreamName } from '../git/fetch.ts';
import { finishMoveAgain, type MoveResult, moveTree, unfinishedMove } from '../git/move-tree.ts';
import { isAncestor, readBranch } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';

/** A worktree that was claimed, on a branch of its own. */
export interface ClaimedSlot {
  readonly path: string;
  readonly branch: string;
  /** Where the branch began, and stands as long as its agent has not written. */
  readonly baseCommit: string;
}

/** The base branch and the commit that new work starts from here. */
export interface LocalBase {
  readonly branch: string;
  readonly commit: string;
}

export interface NewestBase {
  readonly commit: string;
  /** Why it is not the upstream's commit, for a person; empty when there is nothing to say. */
  readonly note: string;
}

export type SyncOutcome =
  | { readonly kind: 'current' }
  /** `files` are those that changed, as git names them. */
  | { readonly kind: 'moved'; readonly to: string; readonly files: readonly string[] }
  /** It stays where it began; landing merges. */
  | { readonly kind: 'stayed'; readonly note: string }
  /** The files may be half moved. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Files. More than these take half a second and longer to move, in which the agent could not even read. */
const MOST_FILES = 500;

/**
 * The newest commit to work from: the local one, or its upstream's when that holds all of the local one. Asks the remote;
 * rejects when it cannot be asked. Where the two have parted it stays here: no merge is made that nobody asked for.
 */
export async function newestBase(
  repository: Repository,
  { base, upstream, fetch }: { base: LocalBase; upstream: Upstream | null; fetch: Pick<UpstreamFetch, 'tip'> },
): Promise<NewestBase> {
  if (upstream === null) return { commit: base.commit, note: '' };
  const name = upstreamName(upstream);
  const tip = await fetch.tip(upstream);
  if (tip === null)
    return { commit: base.commit, note: `${name} is gone, so the work begins at ${base.branch} as it is here` };
  if (await isAncestor(repository, base.commit, tip)) return { commit: tip, note: '' };
  if (await isAncestor(repository, tip, base.commit)) return { commit: base.commit, note: '' };
  return {
    commit: base.commit,
    note: `${base.branch} and ${name} have parted, so the work begins at ${base.branch} as it is here; to bring them together: git pull --no-rebase`,
  };
}

/** True when so few files differ between two commits that a worktree is moved while its agent stands by. */
export async function isShortWay({ root }: Repository, from: string, to: string): Promise<boolean> {
  return from === to || (await changedFiles(root, from, to)).length <= MOST_FILES;
}

/**
 * Brings the worktree to a commit, if the way is short and nobody has worked in it. `hold` makes the agent stand still
 * before the first file is touched; false when it could not be made to.
 */
export async function bringTo(
  repository: Repository,
  slot: ClaimedSlot,
  { to, hold }: { to: string; hold: () => Promise<boolean> },
): Promise<SyncOutcome> {
  const { path, branch, baseCommit: from } = slot;
  const unfinished = unfinishedMove(repository, path);
  if (unfinished !== null) {
    const files = await changedFiles(repository.root, unfinished.from, unfinished.to);
    return outcomeOf(await finishMoveAgain(repository, unfinished), unfinished.to, files);
  }
  if (from === to) return { kind: 'current' };
  const files = await changedFiles(repository.root, from, to);
  if (files.length > MOST_FILES) return stayed(`${files.length} files are too many to move under an agent`);
  if (!(await hold())) return stayed('its agent was in the middle of reading');
  // Only now nobody writes any more.
  const status = await worktreeStatus(path, { untracked: false });
  const isTouched = status.isDirty || status.commit !== from || status.branch !== branch;
  if (isTouched || (await readBranch(repository, branch)) !== from) return stayed('work has begun in it');
  return outcomeOf(await moveTree(repository, { path, branch, from, to }), to, files);
}

function outcomeOf(result: MoveResult, to: string, files: readonly string[]): SyncOutcome {
  if (result.kind === 'moved') return { kind: 'moved', to, files };
  return result.kind === 'refused' ? stayed(result.reason) : result;
}

function stayed(why: string): SyncOutcome {
  return { kind: 'stayed', note: `it stays on the base it began with, and landing merges: ${why}` };
}
