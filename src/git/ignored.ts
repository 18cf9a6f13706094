// Owns the question which paths git ignores.
import { git } from './runner.ts';

/** Those of the paths (beneath the worktree) that git ignores. */
export async function ignoredOf(worktree: string, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  const args = ['check-ignore', '-z', '--stdin'];
  const input = paths.map((path) => `${path}\0`).join('');
  // 1: none of them is.
  const options = { cwd: worktree, isRead: true, isBackground: true, okCodes: [1], input };
  const { stdout } = await git(args, options);
  return new Set(stdout.split('\0').filter(Boolean));
}
