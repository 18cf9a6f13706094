// Owns the opened repository: what was checked before the first command, its base branch, and who has a branch checked out.
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { firstCommitCommand } from '../config/first-commit.ts';
import type { RepositoryPaths } from '../config/paths.ts';
import { refuse } from '../domain/refusal.ts';
import { finishForward } from './forward-recovery.ts';
import { ConfigGuard } from './hostile-config.ts';
import { finishTreeMoves, type TreeMove } from './move-tree.ts';
import { isBranchName } from './names.ts';
import { areFiles, readBranch, readRef, readSymbolic } from './refs.ts';
import { GitError, git } from './runner.ts';
import { Lane } from './serial.ts';
import { sweep } from './sweep.ts';
import { emptyTrash } from './worktree-entry.ts';

export interface Repository extends RepositoryPaths {
  /** Where our worktrees live, `<data home>/worktrees`, with symbolic links resolved as git records it. */
  readonly worktreesFolder: string;
  readonly isBare: boolean;
  readonly guard: ConfigGuard;
  /** Asked before all that lies in a worktree is committed: what was put there beside the work is to be seen to first. */
  readonly beforeCommits: ((worktree: string) => Promise<void>)[];
  /** `git worktree add`, where it has to be used, is a hazard to every other git of the repository: one at a time. */
  readonly adding: Lane;
  /** Commit -> tree. A commit never changes its tree, so this is never wrong. */
  readonly trees: Map<string, string>;
  /** Worktrees of the pool whose move to a newer base an earlier server had begun, and which now stand there; `forgetMove` once that is recorded. */
  readonly moved: readonly TreeMove[];
  /** What a person should know of what was found and mended when it was opened, a sentence each. */
  readonly problems: readonly string[];
}

export interface Checkout {
  readonly path: string;
  /** True in the middle of a rebase or bisect that will come back to the branch, and for a locked worktree that is not there. */
  readonly isBusy: boolean;
}

/** `merge-tree --write-tree` came with 2.38. */
const OLDEST_GIT = [2, 38] as const;

/**
 * Opens a repository for the server: sweeps what a killed server left half-made, checks git's version, and takes the
 * present git configuration as the user's own. Refuses `git-too-old`. Leftover agents must have been ended before.
 * `extensions.worktreeConfig` would keep an agent's `git config` out of the user's file, but setting it changes that
 * file for good, and nobody asked for that; the guard names the keys that matter instead.
 */
export async function openRepository(paths: RepositoryPaths & { dataHome: string }): Promise<Repository> {
  const folder = join(paths.dataHome, 'worktrees');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const worktreesFolder = realpathSync(folder);
  const problems = sweep({ gitDir: paths.gitDir, root: paths.root, worktreesFolder });
  const checking = checkGit(paths.root);
  const opening = ConfigGuard.open(paths.gitDir, paths.root);
  // Side by side, since a person waits; of several faults a git that is missing or too old is the one to tell.
  await Promise.allSettled([checking, opening]);
  await checking;
  const guard = await opening;
  const repository: Repository = {
    root: paths.root,
    gitDir: paths.gitDir,
    worktreesFolder,
    // What git takes it for where nothing is said.
    isBare: guard.isBare ?? paths.root === paths.gitDir,
    guard,
    beforeCommits: [],
    adding: new Lane(),
    trees: new Map(),
    moved: [],
    problems,
  };
  problems.push(...(await finishForward(repository)));
  const { moved, said } = await finishTreeMoves(repository);
  problems.push(...said);
  // Nobody waits for it; what is left is in nobody's way, and the next start tries again.
  emptyTrash(worktreesFolder).catch(() => undefined);
  return { ...repository, moved };
}

/** The version of git, e.g. `2.39.5`. Refuses `git-too-old` for a missing git and for one below 2.38. */
async function checkGit(cwd: string): Promise<string> {
  const next = 'install git 2.38 or newer';
  let text: string;
  try {
    text = (await git(['--version'], { cwd, isRead: true })).stdout;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === null) refuse('git-too-old', 'git was not found on PATH', next);
    throw error;
  }
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isOld = Number(major) < OLDEST_GIT[0] || (Number(major) === OLDEST_GIT[0] && Number(minor) < OLDEST_GIT[1]);
  if (isOld)
    refuse('git-too-old', `${text} is too old: Drover merges without a checkout, which git can since 2.38`, next);
  return text.replace(/^git version /, '');
}

const HEADS = 'refs/heads/';
const ORIGIN = 'refs/remotes/origin/';

/**
 * The branch that tasks land on and its commit. `configured` null finds it: the branch of origin/HEAD, then main or
 * master, then the one that is checked out. Refuses an empty repository (`no-commits`), a missing branch and a detached
 * HEAD without any of them (`unknown-branch`).
 */
export async function resolveBase(repository: Repository, configured: string | null): Promise<Base> {
  const known = await readBase(repository, configured);
  if (known !== null) return known;
  const { existing, head, origin } = await listBranches(repository);
  if (existing.length === 0) {
    const message = `the repository ${repository.root} has no commit yet, so there is nothing to branch from`;
    refuse('no-commits', message, firstCommitCommand(repository));
  }
  const own = existing.filter((name) => !name.startsWith('drover/')).slice(0, 20);
  if (configured !== null && !existing.includes(configured)) {
    const message = `the base branch ${JSON.stringify(configured)} does not exist; there are: ${own.join(', ')}`;
    refuse('unknown-branch', message, 'set baseBranch in .drover/config.yaml to one of them');
  }
  const names = configured === null ? [origin, 'main', 'master', head] : [configured];
  const branch = names.find((name) => name !== undefined && isBranchName(name) && existing.includes(name));
  const commit = branch === undefined ? null : await readBranch(repository, branch);
  if (branch === undefined || commit === null) {
    const message = `no base branch: HEAD is detached and there is no main or master; there are: ${own.join(', ')}`;
    return refuse('unknown-branch', message, 'set baseBranch in .drover/config.yaml to one of them');
  }
  return { branch, commit };
}

interface Base {
  readonly branch: string;
  readonly commit: string;
}

/** What `resolveBase` gives, without a process: every start, claim and landing waits for it. null when there is none, or only git can tell. */
async function readBase(repository: Repository, configured: string | null): Promise<Base | null> {
  if (!areFiles(repository)) return null;
  const origin = readSymbolic(repository, `${ORIGIN}HEAD`, ORIGIN);
  const isStale = origin !== null && isBranchName(origin) && (await readRef(repository, ORIGIN + origin)) === null;
  const names = [isStale ? null : origin, 'main', 'master', readSymbolic(repository, 'HEAD', HEADS)];
  for (const branch of configured === null ? names : [configured]) {
    const commit = branch === null || !isBranchName(branch) ? null : await readBranch(repository, branch);
    if (branch !== null && commit !== null) return { branch, commit };
  }
  return null;
}

interface Branches {
  readonly existing: readonly string[];
  /** The one that is checked out. */
  readonly head: string | undefined;
  /** The one that origin/HEAD names. */
  readonly origin: string | undefined;
}

/** A stale origin/HEAD is not listed. */
async function listBranches(repository: Repository): Promise<Branches> {
  const format = '--format=%(HEAD)%(refname)%00%(symref)';
  const { stdout } = await git(['for-each-ref', format, 'refs/heads', 'refs/remotes/origin/HEAD'], {
    cwd: repository.root,
    isRead: true,
  });
  const refs = stdout.split('\n').map((line) => {
    const [name = '', symref = ''] = line.slice(1).split('\0');
    return { name, symref, isHead: line.startsWith('*') };
  });
  const branches = refs.filter(({ name }) => name.startsWith(HEADS));
  return {
    existing: branches.map(({ name }) => name.slice(HEADS.length)),
    head: branches.find(({ isHead }) => isHead)?.name.slice(HEADS.length),
    origin: refs.find(({ name }) => name === `${ORIGIN}HEAD`)?.symref.slice(ORIGIN.length),
  };
}

/** Every working tree that has the branch checked out; empty when the ref can be moved with nobody noticing. */
export async function checkoutsOf(repository: Repository, branch: string): Promise<Checkout[]> {
  if (existsSync(join(repository.gitDir, 'reftable'))) return askForCheckouts(repository, branch);
  const admin = join(repository.gitDir, 'worktrees');
  const linked = existsSync(admin) ? readdirSync(admin).map((name) => join(admin, name)) : [];
  const found: Checkout[] = [];
  if (!repository.isBare && holds(repository.gitDir, branch)) {
    found.push({ path: repository.root, isBusy: holds(repository.gitDir, branch) === 'busy' });
  }
  for (const folder of linked) {
    const held = holds(folder, branch);
    const gitFile = textOf(join(folder, 'gitdir'));
    if (held === null || gitFile === '') continue;
    const path = dirname(resolve(folder, gitFile));
    const isThere = existsSync(path);
    // A worktree that is gone has no files that could look reverted; a locked one may come back (a removable disk).
    if (!isThere && !existsSync(join(folder, 'locked'))) continue;
    found.push({ path, isBusy: held === 'busy' || !isThere });
  }
  return found;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function holds(admin: string, branch: string): 'checked-out' | 'busy' | null {
  const ref = `refs/heads/${branch}`;
  if (textOf(join(admin, 'HEAD')) === `ref: ${ref}`) return 'checked-out';
  const isRebased = ['rebase-merge', 'rebase-apply'].some((state) => textOf(join(admin, state, 'head-name')) === ref);
  return isRebased || textOf(join(admin, 'BISECT_START')) === branch ? 'busy' : null;
}

async function askForCheckouts(repository: Repository, branch: string): Promise<Checkout[]> {
  const { stdout } = await git(['worktree', 'list', '--porcelain', '-z'], { cwd: repository.root, isRead: true });
  return stdout
    .split('\0\0')
    .map((entry) => entry.split('\0'))
    .filter((lines) => lines.includes(`branch refs/heads/${branch}`))
    .map((lines) => ({ path: (lines[0] ?? '').slice('worktree '.length), isBusy: false }));
}
