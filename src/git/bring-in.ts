// Owns bringing landed work into a task's own worktree while its agent waits: a merge that changes nothing when it cannot be clean.
import { type Identity, identityVariables, objectId } from './names.ts';
import { isAncestor } from './refs.ts';
import type { Repository } from './repository.ts';
import { GitError, git } from './runner.ts';

export type BroughtIn =
  /** It is part of the branch, now or since before. */
  | { readonly kind: 'there' }
  /** Nothing was changed; why, in git's words. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Characters of git's account of a conflict. */
const MOST_REASON = 1_000;

/**
 * Merges a commit into the branch of a worktree whose agent is not at work in it. A conflict, and a change of the
 * agent's own in the way, leave the worktree as it was; a file that git ignores is never written over.
 */
export async function bringIn(
  repository: Repository,
  { worktree, commit, by }: { worktree: string; commit: string; by: Identity },
): Promise<BroughtIn> {
  const { stdout: head } = await git(['rev-parse', 'HEAD'], { cwd: worktree, isRead: true });
  if (await isAncestor(repository, commit, head)) return { kind: 'there' };
  await repository.guard.check(worktree);
  const env = identityVariables(by, by);
  try {
    await git(['merge', '--quiet', '--no-edit', '--no-verify', '--no-overwrite-ignore', objectId(commit)], {
      cwd: worktree,
      env,
    });
    return { kind: 'there' };
  } catch (error) {
    if (!(error instanceof GitError) || error.exitCode === null) throw error;
    const isHalfDone =
      (await git(['rev-parse', '--quiet', '--verify', 'MERGE_HEAD'], { cwd: worktree, okCodes: [1], isRead: true }))
        .exitCode === 0;
    const { stdout } = await git(['diff', '--name-only', '--diff-filter=U'], { cwd: worktree, isRead: true });
    if (isHalfDone) await git(['merge', '--abort'], { cwd: worktree });
    const files = stdout.split('\n').filter(Boolean).join(', ');
    const reason = files === '' ? error.stderr.trim() : `conflicts in ${files}`;
    return { kind: 'refused', reason: reason.slice(0, MOST_REASON) };
  }
}
