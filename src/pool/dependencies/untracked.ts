// Owns what git says of provisioned folders: what lies in a worktree that is not tracked, whether git would pass it over, and that it does.
import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../git/repository.ts';
import { git } from '../../git/runner.ts';

/** Everything in a worktree that is not tracked, ignored or not; of a folder in which nothing is tracked, the folder alone. */
export async function untrackedIn(path: string): Promise<Set<string>> {
  const { stdout } = await git(['ls-files', '--others', '--directory', '-z'], { cwd: path, isRead: true });
  return new Set(split(stdout).map((name) => name.replace(/\/$/, '')));
}

/** Those of the paths that the repository's rules, or the user's own, leave out of commits. */
export async function ignoredOf(path: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  // This command takes no literal paths; behind `./` nothing is magic, and it knows no patterns.
  const env = { GIT_LITERAL_PATHSPECS: '0' };
  const input = names.map((name) => `./${name}\0`).join('');
  // Without a look into the index, which takes longer than all else where files are many.
  const args = ['check-ignore', '--no-index', '-z', '--stdin'];
  const { stdout } = await git(args, { cwd: path, isRead: true, env, input, okCodes: [1] });
  return new Set(split(stdout).map((name) => name.slice(2)));
}

/** Those of the paths at or beneath which git tracks something. */
export async function trackedOf(path: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const { stdout } = await git(['ls-files', '-z', '--', ...names], { cwd: path, isRead: true });
  const files = split(stdout);
  return new Set(names.filter((name) => files.some((file) => file === name || file.startsWith(`${name}/`))));
}

const split = (text: string) => text.split('\0').filter((name) => name !== '');

/**
 * Sees to it that git passes over what was provisioned, in the agent's own commands as well as in ours. Where the
 * repository neither ignores nor tracks a folder, a `.gitignore` in it does: neither the repository's nor the user's rules are touched.
 * Gives the files, which cannot be hidden that way.
 */
export async function hideFromGit(path: string, roots: readonly string[]): Promise<string[]> {
  const isHidden = (root: string) => existsSync(join(path, root, '.gitignore'));
  const there = roots.filter((root) => existsSync(join(path, root)) && !isHidden(root));
  const ignored = await ignoredOf(path, there);
  const seen = there.filter((root) => !ignored.has(root));
  const tracked = await trackedOf(path, seen);
  const folders = seen.filter((root) => lstatSync(join(path, root)).isDirectory());
  for (const root of folders) if (!tracked.has(root)) writeFileSync(join(path, root, '.gitignore'), '*\n');
  return seen.filter((root) => !folders.includes(root));
}

/** Takes back what an install changed besides: tracked files are as in the commit, and nothing lies about that a commit would take. */
export async function tidy(repository: Repository, path: string): Promise<void> {
  await repository.guard.check(path);
  await git(['checkout', '--quiet', '--force'], { cwd: path });
  await git(['clean', '-ffdq'], { cwd: path });
}
