// Owns the quick way to fast-forward a checkout: one that nobody has touched, with nothing in the way of a new file.
import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BranchLock } from './branch-lock.ts';
import { type ForwardRequest, type ForwardResult, leftAlone } from './checkout.ts';
import { dropIntent, writeIntent } from './forward-intent.ts';
import { type GitIndex, identityOf } from './index-file.ts';
import { treeOf } from './merge.ts';
import { objectId } from './names.ts';
import { checkoutsOf, type Repository } from './repository.ts';
import { GitError, git } from './runner.ts';
import { isWayFree, untouchedIndex } from './untouched.ts';
import { adminOf, CHECKOUT_TIMEOUT } from './worktree.ts';

/**
 * A fast-forward of which all is done that can be before its end is known: the files are compared with the index beside
 * the merge, and after it only `read-tree` is started. Whatever is out of the ordinary is left to `inspectCheckout` and
 * `forwardCheckout`.
 */
export class QuickForward {
  readonly #repository: Repository;
  readonly #request: ForwardRequest;
  /** The git folder of the checkout; null when their link is broken. */
  readonly #admin: string | null;
  readonly #untouched: Promise<GitIndex | null>;

  constructor(repository: Repository, request: ForwardRequest) {
    this.#repository = repository;
    this.#request = request;
    this.#admin = adminOf(repository, request.checkout.path);
    this.#untouched = this.#look().catch(() => null);
  }

  async #look(): Promise<GitIndex | null> {
    const { checkout, from } = this.#request;
    if (this.#admin === null) return null;
    return untouchedIndex(checkout.path, join(this.#admin, 'index'), await treeOf(this.#repository, from));
  }

  /** True when no tracked file differs from the branch's commit, not even in its time. */
  async isUntouched(): Promise<boolean> {
    return (await this.#untouched) !== null;
  }

  /** Moves files, index and branch to the commit. null: that was not possible, nothing was changed, and git's own merge has to look. */
  async to(commit: string): Promise<ForwardResult | null> {
    const { checkout, branch, from } = this.#request;
    const untouched = await this.#untouched;
    if (this.#admin === null || untouched === null) return null;
    await this.#repository.guard.check(checkout.path);
    const objects = join(this.#repository.gitDir, 'objects');
    if (!isWayFree(checkout.path, untouched, objects, await treeOf(this.#repository, commit))) return null;
    // Before the first lock: locks that a kill leaves are removed because of the note.
    writeIntent(this.#repository, { path: checkout.path, branch, from, to: commit });
    const lock = await BranchLock.take(this.#repository, { admin: this.#admin, branch, from });
    try {
      const result = lock && (await this.#isAlone()) ? await this.#move(this.#admin, untouched, lock, commit) : null;
      // Cut off by a signal: it may stand half-way, and the note says so to the next start.
      if (!(result instanceof GitError)) dropIntent(this.#repository);
      return result instanceof GitError ? leftAlone(result) : result;
    } finally {
      lock?.release();
    }
  }

  /** With the branch and HEAD locked this stays true. */
  async #isAlone(): Promise<boolean> {
    const { checkout, branch } = this.#request;
    return isDeepStrictEqual(await checkoutsOf(this.#repository, branch), [checkout]);
  }

  /**
   * A link to the index is a lock of it, and a copy that has its time, by which git tells what may have changed since.
   * `read-tree` puts a new file in the place of the link, which then becomes the index.
   */
  async #move(
    admin: string,
    untouched: GitIndex,
    branch: BranchLock,
    to: string,
  ): Promise<ForwardResult | GitError | null> {
    const { checkout, from } = this.#request;
    const index = join(admin, 'index');
    const lock = `${index}.lock`;
    if (!tryLink(index, lock)) return null;
    let isHeld = true;
    try {
      if (identityOf(statSync(index)) !== untouched.identity) return null;
      // Whoever holds the one lock may remove the other: nobody else makes it.
      rmSync(`${lock}.lock`, { force: true });
      const args = ['read-tree', '-m', '-u', objectId(from), objectId(to)];
      await git(args, { cwd: checkout.path, env: { GIT_INDEX_FILE: lock }, timeout: CHECKOUT_TIMEOUT });
      renameSync(lock, index);
      isHeld = false;
      // When this fails the note stays, and the next start finishes it.
      branch.move(to);
      return { kind: 'forwarded' };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return error.exitCode === null ? error : leftAlone(error);
    } finally {
      if (isHeld) rmSync(lock, { force: true });
    }
  }
}

/** False when somebody holds the lock, or the file system knows no links. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
