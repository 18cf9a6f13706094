// Owns the question which paths git ignores.
import { git } from './runner.ts';

/** Those of the paths (beneath the worktree) that git ignores. */
export async function ignoredOf(worktree: string, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  // It refuses to take names literally; behind `./` no name has a meaning of its own.
  const input = paths.map((path) => `./${path}\0`).join('');
  const env = { GIT_LITERAL_PATHSPECS: '0' };
  // 1: none of them is.
  const options = { cwd: worktree, env, isRead: true, isBackground: true, okCodes: [1], input };
  const { stdout } = await git(['check-ignore', '-z', '--stdin'], options);
  return new Set(stdout.split('\0').flatMap((path) => (path === '' ? [] : [path.slice(2)])));
}
