// Owns turning what lies in a worktree into a commit: for landing on its branch, for safe-keeping beside it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { refuse } from '../domain/refusal.ts';
import { type CommitWords, writeCommit } from './commit-object.ts';
import { treeOf } from './merge.ts';
import { branchName, composeMessage, identityVariables, isBranchName } from './names.ts';
import { withOwnIndex } from './own-index.ts';
import { areFiles, isAncestor, readBranch, updateRefs } from './refs.ts';
import type { Repository } from './repository.ts';
import { GitError, git } from './runner.ts';
import { removeLocks } from './sweep.ts';
import { adminFolder } from './worktree.ts';

export interface WorktreeStatus {
  readonly commit: string | null;
  /** null when HEAD is detached. */
  readonly branch: string | null;
  readonly isDirty: boolean;
  /** Files of an unfinished merge. */
  readonly unmerged: readonly string[];
}

/** Where a working tree stands. `untracked: false` looks at tracked files only. */
export async function worktreeStatus(path: string, options: { untracked: boolean }): Promise<WorktreeStatus> {
  const mode = options.untracked ? '--untracked-files=normal' : '--untracked-files=no';
  // An agent's changes inside a submodule are not part of this repository.
  const args = ['status', '--porcelain=v2', '--branch', '-z', mode, '--ignore-submodules=dirty', '--no-renames'];
  const fields = (await git(args, { cwd: path, isRead: true })).stdout.split('\0').filter(Boolean);
  const header = (name: string) => fields.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3) ?? '';
  const entries = fields.filter((line) => !line.startsWith('# '));
  const commit = header('branch.oid');
  const branch = header('branch.head');
  return {
    commit: /^[0-9a-f]{40,64}$/.test(commit) ? commit : null,
    branch: branch === '(detached)' || branch === '' ? null : branch,
    isDirty: entries.length > 0,
    // `u XY sub m1 m2 m3 mW h1 h2 h3 path`
    unmerged: entries.filter((line) => line.startsWith('u ')).map((line) => line.split(' ').slice(10).join(' ')),
  };
}

/**
 * Commits what is uncommitted in a task's worktree (ignored files stay out) and sees to it that the branch has all of
 * the work: a HEAD that the agent moved elsewhere is brought back when it holds the branch's commits. Gives the tip.
 * Refuses `landing-refused` for an unfinished merge, for a HEAD that left the branch behind, and for files that git
 * cannot add (a repository without commits inside the worktree).
 */
export async function commitLeftovers(
  repository: Repository,
  request: CommitWords & { worktree: string; branch: string },
): Promise<{ commit: string; isNew: boolean }> {
  const cwd = request.worktree;
  await repository.guard.check(cwd);
  for (const see of repository.beforeCommits) await see(cwd);
  // An agent's git that was killed leaves its lock; one that still runs keeps it.
  const admin = adminFolder(cwd);
  if (admin !== null) removeLocks(admin, cwd);
  const status = await worktreeStatus(cwd, { untracked: true });
  if (status.unmerged.length > 0) {
    const files = status.unmerged
      .slice(0, 5)
      .map((file) => JSON.stringify(file))
      .join(', ');
    refuse('landing-refused', `the worktree ${cwd} has an unfinished merge in ${files}`, `cd ${cwd} && git status`);
  }
  if (status.isDirty) await commitAll(cwd, request);
  const after = status.isDirty ? await worktreeStatus(cwd, { untracked: false }) : status;
  if (after.commit === null) refuse('landing-refused', `the worktree ${cwd} has no commit`, `cd ${cwd} && git status`);
  if (after.branch !== request.branch) await bringBack(repository, request, after.commit);
  return { commit: after.commit, isNew: after.commit !== status.commit };
}

async function commitAll(cwd: string, words: CommitWords): Promise<void> {
  try {
    await git(['add', '--all'], { cwd });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const why = error.stderr.trim().split('\n').at(-1) ?? '';
    refuse('landing-refused', `git cannot add what lies in ${cwd}: ${why}`, `cd ${cwd} && git add --all`);
  }
  // Exit code 1: nothing was left to commit after all (a touched file, a change inside a submodule).
  await git(['commit', '--quiet', '--no-verify', '--cleanup=verbatim', '--file=-'], {
    cwd,
    env: identityVariables(words.author, words.committer ?? words.author),
    input: composeMessage(words.message, words.trailers),
    okCodes: [1],
  });
}

/** The agent worked on another branch or detached: the task's branch follows when nothing of it is left behind. */
async function bringBack(
  repository: Repository,
  request: { worktree: string; branch: string },
  head: string,
): Promise<void> {
  const tip = await readBranch(repository, request.branch);
  if (tip !== null && !(await isAncestor(repository, tip, head))) {
    const message = `the worktree ${request.worktree} stands on a commit that does not hold the work of ${request.branch}`;
    refuse('landing-refused', message, `cd ${request.worktree} && git switch ${request.branch}`);
  }
  const ref = `refs/heads/${branchName(request.branch)}`;
  await updateRefs(repository, [{ ref, from: tip, to: head }], 'drover: the work of a moved HEAD');
  await git(['symbolic-ref', '-m', 'drover: back on the branch', 'HEAD', ref], { cwd: request.worktree });
}

/** Where a working tree stood when a commit of all that lay in it was made; `commit` is `head` when nothing was uncommitted. */
export interface Snapshot {
  readonly commit: string;
  /** null on a branch without commits. */
  readonly head: string | null;
  /** null when HEAD was detached. */
  readonly branch: string | null;
}

/**
 * A commit of all that lies in the worktree, uncommitted work included (ignored files not), beside every branch: HEAD,
 * index and files stay as they are. It is HEAD itself when nothing is uncommitted. Nothing refers to it yet: keepRef.
 * The files are looked at once, which is most of what it costs; or only those at `places` (paths that are in the index or on the disk), when it is known that
 * the others are as the index says.
 */
export async function checkpoint(
  repository: Repository,
  request: CommitWords & { worktree: string; places?: readonly string[] | null },
): Promise<Snapshot> {
  const cwd = request.worktree;
  await repository.guard.check(cwd);
  for (const see of repository.beforeCommits) await see(cwd);
  const { commit: head, branch } = await standOf(repository, cwd);
  const tree = await withOwnIndex(cwd, async (env) => {
    await addAll(cwd, env, request.places ?? null);
    return (await git(['write-tree'], { cwd, env })).stdout;
  });
  if (head !== null && (await treeOf(repository, head)) === tree) return { commit: head, head, branch };
  return { commit: writeCommit(repository, { ...request, tree, parents: head === null ? [] : [head] }), head, branch };
}

/** What git cannot add (a repository without commits, an unreadable file) must not lose the rest. */
async function addAll(
  cwd: string,
  env: Readonly<Record<string, string>>,
  places: readonly string[] | null,
): Promise<void> {
  if (places !== null) {
    if (places.length === 0) return;
    // 1 is also the answer to an ignored file that is named.
    const args = ['--literal-pathspecs', 'add', '--all', '--ignore-errors', '--', ...places];
    const { exitCode } = await git(args, { cwd, env, okCodes: [1, 128] });
    if (exitCode !== 128) return;
  }
  await git(['add', '--all', '--ignore-errors'], { cwd, env, okCodes: [1, 128] });
}

/** The commit and the branch of a working tree: from its files where it is an ordinary one of this repository, else git is asked. */
async function standOf(repository: Repository, path: string): Promise<Pick<WorktreeStatus, 'commit' | 'branch'>> {
  const admin = adminFolder(path);
  if (areFiles(repository) && admin !== null && dirname(admin) === join(repository.gitDir, 'worktrees')) {
    const head = readFileSync(join(admin, 'HEAD'), 'utf8').trim();
    if (/^[0-9a-f]{40,64}$/.test(head)) return { commit: head, branch: null };
    const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1] ?? '';
    const commit = isBranchName(branch) ? await readBranch(repository, branch) : null;
    if (commit !== null) return { commit, branch };
  }
  return worktreeStatus(path, { untracked: false });
}
