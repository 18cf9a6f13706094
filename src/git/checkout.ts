// Owns the user's checkout: it is fast-forwarded when it stands clean on the branch, and otherwise left alone.
import { worktreeStatus } from './commit.ts';
import { dropIntent, writeIntent } from './forward-intent.ts';
import { objectId } from './names.ts';
import { readBranch } from './refs.ts';
import type { Checkout, Repository } from './repository.ts';
import { GitError, git } from './runner.ts';

export type ForwardResult =
  | { readonly kind: 'forwarded' }
  /** Why it was left alone, as the end of a sentence about the checkout. */
  | { readonly kind: 'left-alone'; readonly reason: string }
  /** The branch is no longer at `from`. */
  | { readonly kind: 'moved' };

export interface ForwardRequest {
  readonly checkout: Checkout;
  readonly branch: string;
  /** Where the branch and its checkout stand. */
  readonly from: string;
}

/**
 * Whether the checkout may be fast-forwarded: null when it may, else why not. Clean means: no tracked file differs from
 * HEAD. Untracked files don't count, because git refuses by itself to write over one (ignored ones too, by option).
 */
export async function inspectCheckout(repository: Repository, request: ForwardRequest): Promise<ForwardResult | null> {
  const { checkout, branch, from } = request;
  if (checkout.isBusy) return { kind: 'left-alone', reason: `is in the middle of a rebase or bisect of ${branch}` };
  await repository.guard.check(checkout.path);
  const status = await worktreeStatus(checkout.path, { untracked: false });
  if (status.commit !== from || status.branch !== branch) return { kind: 'moved' };
  return status.isDirty ? { kind: 'left-alone', reason: 'has uncommitted changes' } : null;
}

/**
 * Fast-forwards a branch to `to` together with the one checkout that stands on it and was found clean. git refuses when
 * a file that has to change was changed since. What a kill leaves half-moved is finished at the next start.
 */
export async function forwardCheckout(
  repository: Repository,
  request: ForwardRequest & { to: string },
): Promise<ForwardResult> {
  const { checkout, branch, from, to } = request;
  await repository.guard.check(checkout.path);
  try {
    // Ignored files are the user's too (`.env`): a plain merge would write over them without a word.
    const args = [
      'merge',
      '--quiet',
      '--ff-only',
      '--no-overwrite-ignore',
      '--no-autostash',
      '--no-stat',
      objectId(to),
    ];
    writeIntent(repository, { path: checkout.path, branch, from, to });
    await git(args, { cwd: checkout.path, timeout: 15 * 60_000 });
    dropIntent(repository);
    return { kind: 'forwarded' };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    // Ended by a signal: it may stand half-way, and the note says so to the next start.
    if (error.exitCode !== null) dropIntent(repository);
    const now = await readBranch(repository, branch);
    if (now === to) return { kind: 'forwarded' };
    if (now !== from) return { kind: 'moved' };
    return leftAlone(error);
  }
}

/** In git's own words, the first line of them. */
export function leftAlone(error: GitError): ForwardResult {
  const [first = ''] = error.stderr.trim().split('\n', 1);
  return { kind: 'left-alone', reason: `could not be fast-forwarded (${first.replace(/^(?:error|fatal): /, '')})` };
}
