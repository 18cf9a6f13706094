// Owns a slot's life in git: added once, reset for each task, attached to the task's branch.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { treeOf } from './merge.ts';
import { branchName, objectId } from './names.ts';
import { areFiles, keepRef, keptBy, refInFiles, updateRefs } from './refs.ts';
import type { Repository } from './repository.ts';
import { GitError, git, type Pace } from './runner.ts';
import { addIntentPath, removeLocks } from './sweep.ts';
import { holdsNothingElse, untouchedIndex } from './untouched.ts';
import {
  clearRetired,
  dropAside,
  emptyTrash,
  entriesOf,
  makeEntry,
  publishEntry,
  retireEntry,
  worktreeOf,
} from './worktree-entry.ts';

/** ms; checking out 60,000 files took 44 s on a loaded machine. */
export const CHECKOUT_TIMEOUT = 15 * 60_000;

/** The folder of a slot; it never changes, because tools key their caches by it. */
export function slotPath(repository: Repository, id: string): string {
  return join(repository.worktreesFolder, branchName(id));
}

/** The folder in `.git/worktrees` that belongs to a working tree; null when either end of the link is broken. */
export function adminFolder(worktree: string): string | null {
  try {
    const admin = resolve(
      worktree,
      readFileSync(join(worktree, '.git'), 'utf8')
        .replace(/^gitdir: /, '')
        .trim(),
    );
    const isWhole = ['HEAD', 'commondir', 'gitdir'].every(
      (name) => readFileSync(join(admin, name), 'utf8').trim() !== '',
    );
    return isWhole && worktreeOf(admin) === worktree ? admin : null;
  } catch {
    return null;
  }
}

/** The git folder of a working tree, main or linked; null when it is gone. */
export function adminOf(repository: Repository, path: string): string | null {
  return path === repository.root && !repository.isBare ? repository.gitDir : adminFolder(path);
}

/** Fills the working tree of a new slot, and the index of its entry; the folder does not exist yet. */
export type FillSlot = (slot: { path: string; entry: string; commit: string }, pace: Pace) => Promise<void>;

/**
 * Adds a slot, detached at the commit and locked against `prune`. It is made aside and becomes a worktree, whole, at its end: no other git of the
 * repository sees it before. Nothing tracks anything: it makes no branch, so the shared configuration is not written.
 */
export async function addSlot(
  repository: Repository,
  id: string,
  commit: string,
  { fill = checkOut, ...pace }: Pace & { readonly fill?: FillSlot } = {},
): Promise<string> {
  const path = slotPath(repository, id);
  await repository.guard.check(repository.root);
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new Error(`the folder ${path} is in the way of a worktree`);
  if (!areFiles(repository)) {
    await addByGit(repository, id, commit, pace);
    return path;
  }
  const entry = makeEntry(repository.gitDir, path, commit);
  try {
    await fill({ path, entry, commit }, pace);
    publishEntry(repository.gitDir, entry, path);
  } catch (error) {
    dropAside(repository.gitDir, entry, path);
    await emptyTrash(repository.worktreesFolder);
    throw error;
  }
  return path;
}

const checkOut: FillSlot = async ({ path, entry, commit }, pace) => {
  mkdirSync(path, { recursive: true });
  const env = { GIT_DIR: entry, GIT_WORK_TREE: path };
  const args = ['read-tree', '--reset', '-u', objectId(commit)];
  await git(args, { cwd: path, env, timeout: CHECKOUT_TIMEOUT, ...pace });
};

/** The entry is git's own affair where refs are no files. A hazard to every other git of the repository, so one at a time, and journalled for the sweep. */
async function addByGit(repository: Repository, id: string, commit: string, pace: Pace): Promise<void> {
  await repository.adding.run(async () => {
    const journal = addIntentPath(repository.worktreesFolder);
    writeFileSync(journal, JSON.stringify({ id, before: entriesOf(repository.gitDir) }));
    const options = ['--quiet', '--detach', '--lock', '--reason', `drover ${id}`];
    const args = ['worktree', 'add', ...options, '--', slotPath(repository, id), objectId(commit)];
    await git(args, { cwd: repository.root, timeout: CHECKOUT_TIMEOUT, ...pace });
    rmSync(journal);
  });
}

/** Takes a slot away, working tree and all. What must not be lost has to be kept before, and its processes must have ended. */
export async function removeSlot(repository: Repository, path: string): Promise<void> {
  const entry = entryOf(repository, path);
  if (entry !== null) retireEntry(repository.gitDir, entry, path);
  clearRetired(repository.gitDir);
  await emptyTrash(repository.worktreesFolder);
}

/** Takes a slot whose folder is gone out of git's list, so that its place and its branch are free again; a commit that only its HEAD knew is kept. */
export async function forgetSlot(repository: Repository, path: string): Promise<void> {
  const entry = entryOf(repository, path);
  if (entry !== null) await dropEntry(repository, entry, path);
}

/** The entry that names this working tree, whether or not that knows of it. */
export function entryOf({ gitDir }: Repository, path: string): string | null {
  const entries = entriesOf(gitDir).map((name) => join(gitDir, 'worktrees', name));
  return entries.find((each) => worktreeOf(each) === path) ?? null;
}

/** What an interrupted command of the agent leaves in the slot's admin folder, and settings that the next task must not inherit. */
const LEFTOVERS = [
  'rebase-merge',
  'rebase-apply',
  'sequencer',
  'MERGE_HEAD',
  'MERGE_MODE',
  'MERGE_MSG',
  'AUTO_MERGE',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'SQUASH_MSG',
  'BISECT_LOG',
  'BISECT_NAMES',
  'BISECT_START',
  'BISECT_TERMS',
  'BISECT_EXPECTED_REV',
  'config.worktree',
  'info/sparse-checkout',
];

/** Makes an entry fit a working tree that was made anew at a commit: detached, nothing left of the task before. `index` is copied. */
export function renewEntry(
  entry: string,
  { path, commit, index }: { path: string; commit: string; index: string },
): void {
  clearEntry(entry, path);
  copyFileSync(index, join(entry, 'index.new'));
  renameSync(join(entry, 'index.new'), join(entry, 'index'));
  writeFileSync(join(entry, 'HEAD.new'), `${objectId(commit)}\n`);
  renameSync(join(entry, 'HEAD.new'), join(entry, 'HEAD'));
  writeFileSync(join(path, '.git'), `gitdir: ${entry}\n`);
}

function clearEntry(entry: string, path: string): void {
  for (const name of LEFTOVERS) rmSync(join(entry, name), { recursive: true, force: true });
  removeLocks(entry, path);
}

/**
 * Puts a slot at a commit, detached, with nothing of the task before: changes, untracked and ignored files, half-done
 * merges all go, but for the untracked folders in `spare` (relative to the slot). What must not be lost has to be kept before.
 */
export async function resetSlot(
  repository: Repository,
  path: string,
  commit: string,
  how: Pace & { readonly spare?: readonly string[] } = {},
): Promise<void> {
  const { spare = [], ...pace } = how;
  const admin = adminFolder(path);
  if (admin === null) throw new Error(`the worktree ${path} has lost its link to the repository`);
  clearEntry(admin, path);
  await repository.guard.check(path);
  await forgetIndexFlags(path);
  const checkout = ['checkout', '--quiet', '--force', '--detach', objectId(commit), '--'];
  await git(checkout, { cwd: path, timeout: CHECKOUT_TIMEOUT, ...pace });
  await clean(path, spare, pace);
}

/**
 * Moves a slot in which nobody has worked to another commit, detached; only the files that differ are written. False when something
 * stands in the way or was changed after all: then it has to be kept and reset.
 */
export async function moveSlot(
  repository: Repository,
  path: string,
  commit: string,
  pace: Pace = {},
): Promise<boolean> {
  await repository.guard.check(path);
  // Of all ways to move a tree the one that overwrites nothing, ignored files too.
  const args = ['checkout', '--no-overwrite-ignore', '--detach', objectId(commit), '--'];
  try {
    // It lists on standard output what differs from the commit.
    return (await git(args, { cwd: path, timeout: CHECKOUT_TIMEOUT, ...pace })).stdout === '';
  } catch (error) {
    if (!(error instanceof GitError) || pace.signal?.aborted) throw error;
    return false;
  }
}

/**
 * True when a slot stands at a commit as `resetSlot` leaves it: seen in the files, without running git there. False also when that cannot be
 * told: a repository of many files, or anything out of the ordinary. With `branch` it may be on that branch, at the commit; `spare` names what may lie
 * there besides.
 */
export function isReset(
  repository: Repository,
  path: string,
  commit: string,
  also: { branch?: string; spare?: readonly string[] } = {},
): Promise<boolean> {
  // What cannot be read is out of the ordinary too.
  return looksReset(repository, { path, commit, ...also }).catch(() => false);
}

async function looksReset(
  repository: Repository,
  { path, commit, branch, spare = [] }: { path: string; commit: string; branch?: string; spare?: readonly string[] },
): Promise<boolean> {
  const admin = adminFolder(path);
  // An agent may have pointed it at a repository of its own.
  if (admin === null || dirname(admin) !== join(repository.gitDir, 'worktrees')) return false;
  const textOf = (name: string) => readFileSync(join(admin, name), 'utf8').trim();
  const head = textOf('HEAD');
  const ref = `refs/heads/${branch}`;
  const isThere = head === commit || (head === `ref: ${ref}` && refInFiles(repository, ref) === commit);
  const isPlain = resolve(admin, textOf('commondir')) === repository.gitDir && isThere;
  if (!isPlain || [...LEFTOVERS, 'index.lock'].some((name) => existsSync(join(admin, name)))) return false;
  const index = await untouchedIndex(path, join(admin, 'index'), await treeOf(repository, commit));
  return index !== null && holdsNothingElse(path, index, spare);
}

/** Files that the agent hid from git (assume-unchanged, skip-worktree) would keep their content for the next task. */
async function forgetIndexFlags(path: string): Promise<void> {
  const { stdout } = await git(['ls-files', '-v', '-z'], { cwd: path, isRead: true });
  const hidden = stdout
    .split('\0')
    .filter((line) => /^(?:[a-z]|S) /.test(line))
    .map((line) => line.slice(2));
  if (hidden.length === 0) return;
  // Each flag needs its own run: the second one in a command line is ignored.
  for (const flag of ['--no-assume-unchanged', '--no-skip-worktree']) {
    await git(['update-index', flag, '-z', '--stdin'], { cwd: path, input: `${hidden.join('\0')}\0` });
  }
}

/** Everything untracked and ignored goes, nested repositories too. */
async function clean(path: string, spare: readonly string[], pace: Pace): Promise<void> {
  const kept = spare.flatMap((folder) => ['-e', `/${asPattern(folder)}`]);
  const remove = () => git(['clean', '-ffdxq', ...kept], { cwd: path, timeout: CHECKOUT_TIMEOUT, ...pace });
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    // A folder without write permission (Go's module cache is one) can't be emptied.
    const { execa } = await import('execa');
    await execa('chmod', ['-R', 'u+rwX', '--', path], { reject: false, stdio: 'ignore' });
    await remove();
  }
}

/** A path as a pattern of gitignore that means only it. */
function asPattern(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&');
}

/**
 * Makes the branch at the commit and puts the slot's HEAD on it; no file is touched, so the slot must stand at the
 * commit already. `from` is what the branch was, null when it is new. False when it was something else.
 */
export async function attachBranch(
  repository: Repository,
  slot: { path: string; branch: string; from: string | null; commit: string },
): Promise<boolean> {
  const ref = `refs/heads/${branchName(slot.branch)}`;
  const change = { ref, from: slot.from, to: slot.commit };
  if (!(await updateRefs(repository, [change], 'drover: start of an attempt'))) return false;
  if (!areFiles(repository) || !pointHead(slot.path, `ref: ${ref}`))
    await git(['symbolic-ref', '-m', 'drover: attach', 'HEAD', ref], { cwd: slot.path });
  return true;
}

/**
 * What `git symbolic-ref HEAD` and `git update-ref --no-deref HEAD` do, lock and rename, without a process. `isStill` is asked under the lock,
 * while no git can commit in the slot. False when somebody holds the lock, or it is not.
 */
export function pointHead(path: string, content: string, isStill: () => boolean = () => true): boolean {
  const admin = adminFolder(path);
  if (admin === null) return false;
  const head = join(admin, 'HEAD');
  try {
    writeFileSync(`${head}.lock`, `${content}\n`, { flag: 'wx' });
  } catch {
    return false;
  }
  if (isStill()) {
    renameSync(`${head}.lock`, head);
    return true;
  }
  rmSync(`${head}.lock`);
  return false;
}

/** Takes the slot's branch from its HEAD, which stays at the commit; no file is touched. */
export async function detachHead(repository: Repository, path: string, commit: string): Promise<void> {
  if (areFiles(repository) && pointHead(path, objectId(commit))) return;
  const admin = adminFolder(path);
  if (admin !== null) removeLocks(admin, path);
  await git(['update-ref', '--no-deref', '-m', 'drover: detach', 'HEAD', objectId(commit)], { cwd: path });
}

/**
 * Mends a slot whose two ends no longer know each other: an agent removed its `.git` file, or the whole folder. Work is
 * never removed: a folder that git knows nothing of is moved aside. Says in words what was lost sight of; empty when
 * nothing was.
 */
export async function mendSlot(repository: Repository, path: string): Promise<string> {
  const entry = entryOf(repository, path);
  if (entry !== null && existsSync(path)) {
    rmSync(join(path, '.git'), { recursive: true, force: true });
    writeFileSync(join(path, '.git'), `gitdir: ${entry}\n`);
    if (isUsable(path)) return '';
  }
  const aside = `${path}.lost-${Date.now()}`;
  const isThere = existsSync(path);
  // Before its entry goes, which takes the folder of its name along.
  if (isThere) renameSync(path, aside);
  if (entry !== null) await dropEntry(repository, entry, path);
  return isThere ? `the worktree ${path} had lost its repository; its files are now in ${aside}` : '';
}

/** Removes the entry of a worktree whose folder is gone; a commit that only its HEAD knew is kept. */
async function dropEntry(repository: Repository, entry: string, path: string): Promise<void> {
  const head = readFileSync(join(entry, 'HEAD'), 'utf8').trim();
  const isCommit = /^[0-9a-f]{40,64}$/.test(head) && !/^0+$/.test(head);
  if (isCommit && (await keptBy(repository, head, null)) === null) {
    await keepRef(repository, { task: basename(entry), attempt: 1, commit: head });
  }
  retireEntry(repository.gitDir, entry, path);
}

/** True when the folder is a worktree that git can work in. */
export function isUsable(path: string): boolean {
  return existsSync(path) && adminFolder(path) !== null;
}
