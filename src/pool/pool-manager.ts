// Owns the pool: which slot is free, which task holds one, and that no work is lost when a slot changes hands.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '../domain/pause.ts';
import { refuse } from '../domain/refusal.ts';
import type { Worktree } from '../domain/worker.ts';
import { checkpoint, worktreeStatus } from '../git/commit.ts';
import { changedFiles } from '../git/diff.ts';
import type { Identity } from '../git/names.ts';
import { isAncestor, keepRef, keptBy, mergeBase, readBranch } from '../git/refs.ts';
import { checkoutsOf, type Repository } from '../git/repository.ts';
import { GitError } from '../git/runner.ts';
import { removeLock } from '../git/sweep.ts';
import {
  addSlot,
  adminFolder,
  attachBranch,
  forgetSlot,
  isReset,
  isUsable,
  mendSlot,
  resetSlot,
  slotPath,
} from '../git/worktree.ts';

export interface Lease {
  /** `worktree-1`… */
  readonly id: string;
  readonly path: string;
  /** The commit that the branch started from. */
  readonly baseCommit: string;
  /** True when the worktree was added for this lease. */
  readonly isNew: boolean;
}

export interface LeaseRequest {
  readonly taskId: string;
  /** The attempt that begins, from 1; what an earlier one left on the branch is kept under the number before it. */
  readonly attempt: number;
  /** Where a fresh branch starts. */
  readonly commit: string;
  /** `drover/<task-id>` */
  readonly branch: string;
  /** True goes on with the branch, and the worktree, as an earlier run left them. */
  readonly existing?: boolean;
}

interface Slot {
  readonly id: string;
  readonly path: string;
  taskId: string | null;
  /** May hold work of an unknown past: a killed server, a release that failed. It is kept before the slot is used. */
  isSuspect: boolean;
  /** Could not be made ready; it is not tried again in this session. */
  isDamaged: boolean;
}

export type Comparison =
  /** The files that differ, beneath the worktree. */
  | { readonly kind: 'there'; readonly changed: readonly string[] }
  | { readonly kind: 'gone' }
  /** HEAD stands on a commit that does not hold what it held. */
  | { readonly kind: 'moved'; readonly head: string };

/** Who signs a commit that only keeps work safe. */
const KEEPER: Identity = { name: 'Drover', email: 'drover@localhost' };

/** The pool of one repository. Slots keep their paths and are used again; one is added when none is free. */
export class WorktreePool {
  readonly #repository: Repository;
  readonly #slots = new Map<string, Slot>();
  /** What was found wrong with the repository and with known worktrees at the start, a sentence each. */
  readonly problems: string[] = [];

  private constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * Opens the pool over what is on disk. `known` says which task held which slot; a slot on disk that nobody holds is
   * free, and what lies in it is kept before its next use. The repository has been swept when it was opened.
   */
  static async open(options: { repository: Repository; known: readonly Worktree[] }): Promise<WorktreePool> {
    const { repository, known } = options;
    const pool = new WorktreePool(repository);
    pool.problems.push(...repository.problems);
    const names = readdirSync(repository.worktreesFolder).filter((name) => /^worktree-[1-9]\d*$/.test(name));
    for (const id of new Set([...names, ...known.map((worktree) => worktree.id)])) {
      const path = slotPath(repository, id);
      const taskId = known.find((worktree) => worktree.id === id)?.taskId ?? null;
      const moved = isUsable(path) ? '' : await mendSlot(repository, path);
      if (moved !== '') pool.problems.push(moved);
      const isThere = isUsable(path);
      if (!isThere && taskId !== null)
        pool.problems.push(`the worktree ${path} of ${taskId} is gone; its branch is as it was`);
      if (isThere) pool.#slots.set(id, { id, path, taskId, isSuspect: true, isDamaged: false });
    }
    return pool;
  }

  /**
   * Gives a task a slot with its branch checked out. A task that holds one gets it again with `existing`. Otherwise a
   * free slot is reset; the branch starts afresh at `commit` (an earlier tip is kept first) or goes on with `existing`.
   * Refuses `not-allowed` when the branch is checked out outside of the pool.
   */
  async acquire(request: LeaseRequest): Promise<Lease> {
    const held = [...this.#slots.values()].find((slot) => slot.taskId === request.taskId);
    if (held !== undefined && request.existing) return this.#resume(held, request);
    if (held !== undefined) await this.release(held.id);
    for (;;) {
      const slot = this.#reserve(request.taskId);
      const isNew = !isUsable(slot.path);
      try {
        const baseCommit = await this.#prepare(slot, request);
        return { id: slot.id, path: slot.path, baseCommit, isNew };
      } catch (error) {
        slot.taskId = null;
        if (isNew && !isUsable(slot.path)) this.#slots.delete(slot.id);
        if (isNew || !(error instanceof GitError)) throw error;
        slot.isDamaged = true;
        this.problems.push(`the worktree ${slot.path} cannot be made ready: ${error.message}`);
      }
    }
  }

  /**
   * Takes a slot back: what is on no ref, uncommitted work included, is kept under `refs/drover/keep/`; then the slot is
   * emptied and detached. The task's processes must have ended. Gives the ref that was made, or null.
   */
  async release(id: string): Promise<string | null> {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`no worktree ${id} in the pool`);
    if (!existsSync(slot.path)) {
      // Somebody removed the folder: its branch must not stay checked out in what is not there.
      await forgetSlot(this.#repository, slot.path);
      this.#slots.delete(id);
      return null;
    }
    const kept = await this.#secure(slot, 1);
    slot.taskId = null;
    return kept;
  }

  /** Keeps all that lies in a task's worktree, uncommitted work included, under `refs/drover/keep/`; the worktree stays as it is, and the task's. */
  async checkpoint(id: string, attempt: number): Promise<Checkpoint> {
    const slot = this.#slots.get(id);
    if (slot === undefined || slot.taskId === null) throw new Error(`no task holds a worktree ${id} in the pool`);
    const { commit, head } = await this.#snapshot(slot);
    const ref = await keepRef(this.#repository, { task: slot.taskId, attempt, commit });
    return { ref, commit, head };
  }

  /** What became of a checkpointed worktree since. */
  async compare(id: string, checkpoint: Checkpoint): Promise<Comparison> {
    const slot = this.#slots.get(id);
    if (slot === undefined || !isUsable(slot.path)) return { kind: 'gone' };
    const { commit, head } = await this.#snapshot(slot);
    if (!(await isAncestor(this.#repository, checkpoint.head, head))) return { kind: 'moved', head };
    return { kind: 'there', changed: await changedFiles(this.#repository.root, checkpoint.commit, commit) };
  }

  async #snapshot(slot: Slot): Promise<{ commit: string; head: string }> {
    const message = `Kept from ${slot.id}: uncommitted work`;
    const commit = await checkpoint(this.#repository, { worktree: slot.path, message, author: KEEPER });
    const head = (await worktreeStatus(slot.path, { untracked: false })).commit;
    return { commit, head: head ?? commit };
  }

  /** Every slot, and the task that it is reserved for. */
  list(): { id: string; path: string; taskId: string | null }[] {
    return [...this.#slots.values()].map(({ id, path, taskId }) => ({ id, path, taskId }));
  }

  #reserve(taskId: string): Slot {
    const free = [...this.#slots.values()].filter((slot) => slot.taskId === null && !slot.isDamaged);
    const slot = free.find((each) => !each.isSuspect) ?? free[0] ?? this.#newSlot();
    slot.taskId = taskId;
    return slot;
  }

  #newSlot(): Slot {
    let number = 1;
    while (this.#slots.has(`worktree-${number}`)) number += 1;
    const id = `worktree-${number}`;
    const slot: Slot = { id, path: slotPath(this.#repository, id), taskId: null, isSuspect: false, isDamaged: false };
    this.#slots.set(id, slot);
    return slot;
  }

  async #resume(slot: Slot, request: LeaseRequest): Promise<Lease> {
    const admin = adminFolder(slot.path);
    if (admin !== null) removeLock(join(admin, 'index.lock'), slot.path);
    slot.isSuspect = false;
    const tip = await readBranch(this.#repository, request.branch);
    const baseCommit = tip === null ? request.commit : await mergeBase(this.#repository, tip, request.commit);
    return { id: slot.id, path: slot.path, baseCommit, isNew: false };
  }

  /** Makes the slot ready and gives the commit that the branch started from. */
  async #prepare(slot: Slot, request: LeaseRequest): Promise<string> {
    const repository = this.#repository;
    // Then there is nothing to keep, and no git runs in the worktree.
    const isReady = request.existing !== true && (await isReset(repository, slot.path, request.commit));
    if (slot.isSuspect && !isReady) await this.#keep(slot, request.attempt, request.commit);
    await this.#freeBranch(slot, request.branch);
    const tip = await readBranch(repository, request.branch);
    const goesOn = request.existing === true && tip !== null;
    const commit = goesOn ? tip : request.commit;
    if (isReady) await repository.guard.check(repository.root);
    else if (isUsable(slot.path)) await resetSlot(repository, slot.path, commit);
    else await addSlot(repository, slot.id, commit);
    slot.isSuspect = false;
    if (!goesOn && tip !== null) await this.#keepTip(request, tip);
    const isOurs = await attachBranch(repository, { path: slot.path, branch: request.branch, from: tip, commit });
    if (!isOurs) throw new Error(`${request.branch} was moved while its worktree was made ready`);
    return goesOn ? mergeBase(repository, tip, request.commit) : commit;
  }

  async #keepTip(request: LeaseRequest, tip: string): Promise<void> {
    if (await isAncestor(this.#repository, tip, request.commit)) return;
    if ((await keptBy(this.#repository, tip, `refs/heads/${request.branch}`)) !== null) return;
    await keepRef(this.#repository, { task: request.taskId, attempt: Math.max(1, request.attempt - 1), commit: tip });
  }

  /** No two working trees may have one branch. */
  async #freeBranch(slot: Slot, branch: string): Promise<void> {
    for (const { path } of await checkoutsOf(this.#repository, branch)) {
      if (path === slot.path) continue;
      const other = [...this.#slots.values()].find((each) => each.path === path);
      if (other === undefined || other.taskId !== null) {
        refuse('not-allowed', `${branch} is checked out in ${path}`, `git -C ${path} switch --detach`);
      }
      await this.#secure(other, 1);
    }
  }

  /** Keeps what the slot holds, empties and detaches it. Gives the ref that was made, or null. */
  async #secure(slot: Slot, attempt: number): Promise<string | null> {
    const { commit, kept } = await this.#keep(slot, attempt);
    await resetSlot(this.#repository, slot.path, commit);
    slot.isSuspect = false;
    return kept;
  }

  /** Keeps what the slot holds, which stays as it is; the commit that has all of it, and the ref that was made for it, or null. `safe` is a commit that some ref holds. */
  async #keep(slot: Slot, attempt: number, safe?: string): Promise<{ commit: string; kept: string | null }> {
    slot.isSuspect = true;
    const repository = this.#repository;
    const message = `Kept from ${slot.id}: uncommitted work`;
    const commit = await checkpoint(repository, { worktree: slot.path, message, author: KEEPER });
    if (commit === safe || (await keptBy(repository, commit)) !== null) return { commit, kept: null };
    const { branch } = await worktreeStatus(slot.path, { untracked: false });
    const owner = branch?.startsWith('drover/') ? branch.slice('drover/'.length) : slot.taskId;
    return { commit, kept: await keepRef(repository, { task: owner ?? slot.id, attempt, commit }) };
  }
}
