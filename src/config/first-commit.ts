// Owns what to type in a repository that has no commit yet.
import type { RepositoryPaths } from './paths.ts';

/** The command that makes an empty first commit; a bare repository has no working tree to commit from. */
export function firstCommitCommand({ root, gitDir }: RepositoryPaths): string {
  if (root !== gitDir) return 'git commit --allow-empty -m "Begin"';
  return 'git update-ref HEAD "$(git commit-tree -m Begin "$(git mktree </dev/null)")"';
}
