// Owns where landed work goes: the base branch when it may be moved, the waiting branch drover/landed when it may not.
import { isDeepStrictEqual } from 'node:util';
import { refuse } from '../domain/refusal.ts';
import { forwardCheckout, inspectCheckout } from './checkout.ts';
import { mergeCandidate } from './merge.ts';
import type { Identity } from './names.ts';
import { QuickForward } from './quick-forward.ts';
import { isAncestor, prepareRefUpdate, type RefChange, readBranch, updateRefs } from './refs.ts';
import { type Checkout, checkoutsOf, type Repository } from './repository.ts';

/**
 * Moving a branch under a checkout with uncommitted changes makes every landed file look reverted there, and the user's
 * checkout is not to be touched. So landings wait on this branch, each on top of the one before, and the base branch is
 * fast-forwarded to it as soon as the checkout is clean. It exists only while something waits.
 */
export const LANDED_BRANCH = 'drover/landed';
const LANDED = `refs/heads/${LANDED_BRANCH}`;

/** What the next task is merged onto, and the refs that this was true for. */
export interface LandingTip {
  readonly commit: string;
  readonly base: string;
  /** null when nothing waits. */
  readonly landed: string | null;
}

/**
 * The commit that the next task is merged onto: the base branch, or what waits on drover/landed on top of it. When the
 * user has committed to the base branch meanwhile, both are merged first. Refuses `landing-refused` when that conflicts.
 */
export async function landingTip(repository: Repository, branch: string, committer: Identity): Promise<LandingTip> {
  const base = await readBranch(repository, branch);
  if (base === null)
    return refuse('unknown-branch', `the base branch ${branch} is gone`, `git branch ${branch} <commit>`);
  const landed = await readBranch(repository, LANDED_BRANCH);
  if (landed === null || (await isAncestor(repository, landed, base))) return { commit: base, base, landed };
  if (await isAncestor(repository, base, landed)) return { commit: landed, base, landed };
  const message = `Merge branch '${branch}' into ${LANDED_BRANCH}`;
  const merge = await mergeCandidate(repository, { ours: landed, theirs: base, message, author: committer });
  if (merge.kind === 'conflict') {
    const files = merge.files
      .slice(0, 5)
      .map((file) => JSON.stringify(file))
      .join(', ');
    refuse(
      'landing-refused',
      `${branch} has new commits that conflict in ${files} with the landed work that waits on ${LANDED_BRANCH}`,
      `git switch ${branch} && git merge ${LANDED_BRANCH}`,
    );
  }
  return { commit: merge.kind === 'merged' ? merge.commit : landed, base, landed };
}

export type AdvanceResult =
  /** `onto` is the branch that moved. `checkout` says what became of the user's checkout; empty when none was on the base branch. */
  | { readonly kind: 'advanced'; readonly onto: string; readonly checkout: string }
  /** The base branch or drover/landed was moved meanwhile; nothing was changed. */
  | { readonly kind: 'moved' };

/** What can be done before the commit is known. One of the two must be called. */
export interface PreparedAdvance {
  /** Moves the base branch to the commit (a descendant of `tip`) where that is safe, else drover/landed. */
  to(commit: string): Promise<AdvanceResult>;
  /** Changes nothing. */
  drop(): Promise<void>;
}

/** Moves the base branch from `tip` to the commit `to` (a descendant of it) where that is safe, else drover/landed. */
export async function advanceBase(
  repository: Repository,
  request: { branch: string; tip: LandingTip; to: string },
): Promise<AdvanceResult> {
  return (await prepareAdvance(repository, request)).to(request.to);
}

/** Looks at the checkouts of the base branch, and starts what moving it takes while the caller makes the commit. */
export async function prepareAdvance(
  repository: Repository,
  request: { branch: string; tip: LandingTip },
): Promise<PreparedAdvance> {
  const { branch, tip } = request;
  const checkouts = await checkoutsOf(repository, branch);
  const [checkout] = checkouts;
  const work =
    checkout === undefined
      ? prepareMove(repository, request)
      : prepareForward(repository, { ...request, checkout, rivals: checkouts.length });
  return {
    drop: work.drop,
    to: async (commit) => {
      // Checked out or left since: what was prepared is about another situation.
      if (!isDeepStrictEqual(await checkoutsOf(repository, branch), checkouts)) {
        await work.drop();
        return advanceBase(repository, { branch, tip, to: commit });
      }
      return work.to(commit);
    },
  };
}

/** Nobody has the branch checked out: only the ref moves. */
function prepareMove(repository: Repository, request: { branch: string; tip: LandingTip }): PreparedAdvance {
  const { branch, tip } = request;
  const update = prepareRefUpdate(repository, 'drover: land');
  return {
    drop: update.drop,
    to: async (to) => {
      if (!(await update.update([{ ref: `refs/heads/${branch}`, from: tip.base, to }]))) return { kind: 'moved' };
      await dropLanded(repository, tip);
      return { kind: 'advanced', onto: branch, checkout: '' };
    },
  };
}

function prepareForward(
  repository: Repository,
  request: { branch: string; tip: LandingTip; checkout: Checkout; rivals: number },
): PreparedAdvance {
  const { branch, tip, checkout, rivals } = request;
  const forward = { checkout, branch, from: tip.base };
  const several = { kind: 'left-alone', reason: `is one of ${rivals} checkouts of ${branch}` } as const;
  const quick = rivals > 1 || checkout.isBusy ? null : new QuickForward(repository, forward);
  const inspect = async () => (rivals > 1 ? several : inspectCheckout(repository, forward));
  const hindrance = (quick?.isUntouched() ?? Promise.resolve(false)).then((is) => (is ? null : inspect()));
  hindrance.catch(() => undefined);
  return {
    drop: async () => void (await hindrance.catch(() => undefined)),
    to: async (to) => {
      const result =
        (await quick?.to(to)) ??
        (await hindrance) ??
        (quick === null ? null : await inspect()) ??
        (await forwardCheckout(repository, { ...forward, to }));
      if (result.kind === 'moved') return result;
      if (result.kind === 'left-alone') {
        return advanceLanded(repository, { ...request, to }, `${checkout.path} ${result.reason} and was left alone`);
      }
      await dropLanded(repository, tip);
      return { kind: 'advanced', onto: branch, checkout: `${checkout.path} was fast-forwarded` };
    },
  };
}

/** Removes drover/landed when nothing waits on it any more. One that somebody moved in this moment holds more than we know, and stays. */
export async function dropLanded(repository: Repository, tip: LandingTip): Promise<void> {
  if (tip.landed === null || (await checkoutsOf(repository, LANDED_BRANCH)).length > 0) return;
  await updateRefs(repository, [{ ref: LANDED, from: tip.landed, to: null }], 'drover: all has landed');
}

/**
 * Removes a task's branch once all of it is in `into` and no working tree has it checked out; its attempts stay under
 * refs/drover/keep. True when it is gone.
 */
export async function dropBranch(repository: Repository, branch: string, into: string): Promise<boolean> {
  const tip = await readBranch(repository, branch);
  if (tip === null) return true;
  if ((await checkoutsOf(repository, branch)).length > 0 || !(await isAncestor(repository, tip, into))) return false;
  return updateRefs(repository, [{ ref: `refs/heads/${branch}`, from: tip, to: null }], 'drover: landed');
}

async function advanceLanded(
  repository: Repository,
  request: { branch: string; tip: LandingTip; to: string },
  why: string,
): Promise<AdvanceResult> {
  const { branch, tip, to } = request;
  const text = `${why}; the work waits on ${LANDED_BRANCH} until it is clean (or: git merge --ff-only ${LANDED_BRANCH})`;
  const [checkout] = await checkoutsOf(repository, LANDED_BRANCH);
  if (checkout === undefined || tip.landed === null) {
    const changes: RefChange[] = [
      { ref: `refs/heads/${branch}`, from: tip.base, to: tip.base },
      { ref: LANDED, from: tip.landed, to },
    ];
    const isMoved = await updateRefs(repository, changes, 'drover: land beside a checkout in use');
    return isMoved ? { kind: 'advanced', onto: LANDED_BRANCH, checkout: text } : { kind: 'moved' };
  }
  const forward = { checkout, branch: LANDED_BRANCH, from: tip.landed };
  const result =
    (await inspectCheckout(repository, forward)) ?? (await forwardCheckout(repository, { ...forward, to }));
  if (result.kind === 'left-alone') {
    const message = `${why}, and ${checkout.path}, which has ${LANDED_BRANCH} checked out, ${result.reason}`;
    refuse('landing-refused', message, `git -C ${checkout.path} switch --detach`);
  }
  return result.kind === 'moved' ? result : { kind: 'advanced', onto: LANDED_BRANCH, checkout: text };
}
