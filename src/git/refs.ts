// Owns reading refs and changing them by compare-and-swap.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { branchName, objectId } from './names.ts';
import type { Repository } from './repository.ts';
import { GitError, git, startGit } from './runner.ts';

export interface RefChange {
  /** Full name, `refs/heads/main`. */
  readonly ref: string;
  /** What it must be now; null when it must not exist. */
  readonly from: string | null;
  /** What it becomes; null deletes it; the same as `from` only checks it. */
  readonly to: string | null;
}

const ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * The commit that a full ref name stands for, or null. Reads the ref's file (git replaces it by rename, so it is whole),
 * because a landing that starts a process for each look costs half as much again; other ref backends are asked through git.
 */
export async function readRef(repository: Repository, ref: string): Promise<string | null> {
  if (areFiles(repository)) {
    const found = refInFiles(repository, ref);
    if (found === null || ID.test(found)) return found;
  }
  const { stdout } = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], {
    cwd: repository.root,
    isRead: true,
    okCodes: [1],
  });
  return stdout === '' ? null : stdout;
}

/** The commit of a branch, or null when there is no such branch. */
export function readBranch(repository: Repository, branch: string): Promise<string | null> {
  return readRef(repository, `refs/heads/${branchName(branch)}`);
}

/** False when only git can read the refs. */
export function areFiles(repository: Repository): boolean {
  return !existsSync(join(repository.gitDir, 'reftable'));
}

/** What follows `prefix` in the full name that a symbolic ref stands for; null when it stands for something else, or is not there. Only where refs are files. */
export function readSymbolic(repository: Repository, ref: string, prefix: string): string | null {
  const text = readText(join(repository.gitDir, ref))?.trim() ?? '';
  return text.startsWith(`ref: ${prefix}`) ? text.slice(`ref: ${prefix}`.length) : null;
}

/** What a ref's file, or else the file of the packed ones, says; null when neither does. Only where refs are files. */
export function refInFiles({ gitDir }: Repository, ref: string): string | null {
  return readLoose(gitDir, ref) ?? readPacked(gitDir, ref);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}

function readLoose(gitDir: string, ref: string): string | null {
  return readText(join(gitDir, ref))?.trim() ?? null;
}

function readPacked(gitDir: string, ref: string): string | null {
  const text = readText(join(gitDir, 'packed-refs'));
  const line = text?.split('\n').find((each) => each.endsWith(` ${ref}`));
  return line?.slice(0, line.indexOf(' ')) ?? null;
}

/**
 * Changes all of the refs or none. False when one of them is no longer what `from` says: somebody was faster.
 * Hooks do not run; `reason` goes to the reflog.
 */
export async function updateRefs(
  repository: Repository,
  changes: readonly RefChange[],
  reason: string,
): Promise<boolean> {
  try {
    await git(updateArguments(reason), { cwd: repository.root, input: transaction(changes) });
    return true;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (await isOvertaken(repository, changes)) return false;
    throw error;
  }
}

/**
 * Makes a ref that must not exist. False when it does. Where refs are files it is written as git writes it, under its lock, durable before its
 * rename, and without a process; its reflog begins with the first commit. Only for refs that Drover alone makes; whatever is unusual is left to git.
 */
export async function createRef(
  repository: Repository,
  { ref, commit, reason }: { ref: string; commit: string; reason: string },
): Promise<boolean> {
  const isWritten = areFiles(repository) && (await writeNewRef(repository, ref, objectId(commit)).catch(() => false));
  return isWritten || updateRefs(repository, [{ ref, from: null, to: commit }], reason);
}

/** False when it was not written. */
async function writeNewRef(repository: Repository, ref: string, commit: string): Promise<boolean> {
  const path = join(repository.gitDir, ref);
  await mkdir(dirname(path), { recursive: true });
  const lock = await open(`${path}.lock`, 'wx');
  let isMade = false;
  try {
    await lock.writeFile(`${commit}\n`);
    await lock.sync();
    if (refInFiles(repository, ref) === null) {
      await rename(`${path}.lock`, path);
      isMade = true;
    }
  } finally {
    await lock.close();
    if (!isMade) await rm(`${path}.lock`, { force: true });
  }
  return isMade;
}

/** A change of refs whose git has been started and waits to be told what to change. One of the two must be called. */
export interface PreparedRefUpdate {
  /** As `updateRefs`. */
  update(changes: readonly RefChange[]): Promise<boolean>;
  /** Changes nothing. */
  drop(): Promise<void>;
}

/** Starts the git of `updateRefs` in advance: most of its time is its start, which can run beside a merge. */
export function prepareRefUpdate(repository: Repository, reason: string): PreparedRefUpdate {
  const waiting = startGit(updateArguments(reason), { cwd: repository.root });
  // Whether it failed is asked when it was fed; until then nobody listens.
  waiting.result.catch(() => undefined);
  return {
    update: async (changes) => {
      waiting.feed(transaction(changes));
      try {
        await waiting.result;
        return true;
      } catch (error) {
        if (!(error instanceof GitError)) throw error;
        // A lost race for a lock is tried again in the usual way.
        return !(await isOvertaken(repository, changes)) && updateRefs(repository, changes, reason);
      }
    },
    drop: async () => {
      waiting.feed('');
      await waiting.result.catch(() => undefined);
    },
  };
}

const updateArguments = (reason: string) => ['update-ref', '-m', reason, '--stdin'];

/** With an explicit end: what a killed server had written only in part changes nothing. */
function transaction(changes: readonly RefChange[]): string {
  const lines = changes.map(({ ref, from, to }) => {
    const zero = '0'.repeat((from ?? to ?? '').length);
    const old = from === null ? zero : objectId(from);
    if (to === from) return `verify ${ref} ${old}`;
    return to === null ? `delete ${ref} ${old}` : `update ${ref} ${objectId(to)} ${old}`;
  });
  return ['start', ...lines, 'commit', ''].join('\n');
}

async function isOvertaken(repository: Repository, changes: readonly RefChange[]): Promise<boolean> {
  for (const { ref, from } of changes) {
    if ((await readRef(repository, ref)) !== from) return true;
  }
  return false;
}

/** True when `ancestor` is in the history of `commit`, or is it. */
export async function isAncestor(repository: Repository, ancestor: string, commit: string): Promise<boolean> {
  if (ancestor === commit) return true;
  const { exitCode } = await git(['merge-base', '--is-ancestor', objectId(ancestor), objectId(commit)], {
    cwd: repository.root,
    isRead: true,
    okCodes: [1],
  });
  return exitCode === 0;
}

/** How many commits `to` has that `from` has not; 0 when one of them is unknown by now. */
export async function countCommits(repository: Repository, from: string, to: string): Promise<number> {
  if (from === to) return 0;
  const { stdout } = await git(['rev-list', '--count', `${objectId(from)}..${objectId(to)}`], {
    cwd: repository.root,
    isRead: true,
    okCodes: [128],
  });
  return Number(stdout) || 0;
}

/** The commit where two histories part; the first one itself when they have nothing in common. */
export async function mergeBase(repository: Repository, one: string, other: string): Promise<string> {
  const { stdout } = await git(['merge-base', objectId(one), objectId(other)], {
    cwd: repository.root,
    isRead: true,
    okCodes: [1],
  });
  return stdout === '' ? one : stdout;
}

/** The first ref beside `except` whose history holds the commit, or null: then nothing else keeps it from being lost. */
export async function keptBy(
  repository: Repository,
  commit: string,
  except: string | null = null,
): Promise<string | null> {
  const { stdout } = await git(['for-each-ref', '--format=%(refname)', '--contains', objectId(commit)], {
    cwd: repository.root,
    isRead: true,
  });
  return stdout.split('\n').find((ref) => ref !== '' && ref !== except) ?? null;
}

/**
 * Keeps a commit of an attempt for ever under `refs/drover/keep/<task>/<attempt>` and gives that name. When the name is
 * taken by another commit, the next free `<attempt>-2`, `-3`… is used: what was kept once is never overwritten.
 */
export async function keepRef(
  repository: Repository,
  keep: { task: string; attempt: number; commit: string },
): Promise<string> {
  const base = `refs/drover/keep/${branchName(keep.task)}/${keep.attempt}`;
  for (let turn = 1; ; turn += 1) {
    const ref = turn === 1 ? base : `${base}-${turn}`;
    if ((await readRef(repository, ref)) === keep.commit) return ref;
    if (await updateRefs(repository, [{ ref, from: null, to: keep.commit }], 'drover: keep')) return ref;
  }
}
