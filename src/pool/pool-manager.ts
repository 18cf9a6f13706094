// Owns the pool: which slot is ready, which is free, which task holds one, and that no work is lost when a slot changes hands.
import { existsSync, readdirSync } from 'node:fs';
import type { Checkpoint } from '../domain/pause.ts';
import type { ClaimSource } from '../domain/pool.ts';
import type { TreeBackend, Worktree } from '../domain/worker.ts';
import { mergeBase, readBranch } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import { CALLED_OFF, GitError, type Pace } from '../git/runner.ts';
import { dropSlotBranch, nameBranch } from '../git/slot-branch.ts';
import { removeLocks } from '../git/sweep.ts';
import { adminFolder, detachHead, forgetSlot, isUsable, mendSlot, slotPath } from '../git/worktree.ts';
import { SlotTrees } from './backend/slot-trees.ts';
import { NO_PROVISIONS, type Provisioner } from './provisioner.ts';
import { type Comparison, checkpointWork, compareWork, type KeepParts, keepWork } from './safe-keeping.ts';
import { isAsLeft, newSlot, type ReadyMark, type Slot } from './slot.ts';
import { SlotSet } from './slot-set.ts';
import { freeBranch, keepTip } from './task-branch.ts';
import { makeReady } from './warm-step.ts';

export interface Lease {
  /** `worktree-1`… */
  readonly id: string;
  readonly path: string;
  /** The commit that the work starts from. */
  readonly baseCommit: string;
  readonly from: ClaimSource;
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
  /** Called when no ready slot was found, before one is made ready. */
  readonly onCold?: () => void;
}

/** The pool of one repository. Slots keep their paths and are used again; a claim that finds none free adds one. */
export class WorktreePool {
  readonly #repository: Repository;
  readonly #trees: SlotTrees;
  readonly #keeping: KeepParts;
  readonly #provisioner: Provisioner;
  readonly #slots: SlotSet;
  #claims = 0;
  /** What was found wrong with the repository and with known worktrees, a sentence each. */
  readonly problems: string[] = [];
  /** Called when a task has given a slot back: it can be made ready again. */
  onFreed: () => void = () => {};

  private constructor(repository: Repository, trees: SlotTrees, provisioner: Provisioner) {
    this.#repository = repository;
    this.#trees = trees;
    this.#keeping = { repository, trees };
    this.#provisioner = provisioner;
    this.#slots = new SlotSet((id) => slotPath(repository, id));
  }

  /**
   * Opens the pool over what is on disk. `known` says which task held which slot; a slot on disk that nobody holds is
   * free, and what lies in it is kept before its next use. A claim that a crash cut short is completed. The repository has been swept when it
   * was opened.
   */
  static async open(options: {
    repository: Repository;
    known: readonly Pick<Worktree, 'id' | 'taskId'>[];
    provisioner?: Provisioner;
    /** How the files of a slot are made. */
    backend?: 'auto' | TreeBackend;
  }): Promise<WorktreePool> {
    const { repository, known, provisioner = NO_PROVISIONS, backend = 'checkout' } = options;
    // Before anything looks into a slot: it may have to be mounted.
    const trees = await SlotTrees.open({ repository, wanted: backend, provisioner });
    const pool = new WorktreePool(repository, trees, provisioner);
    pool.problems.push(...repository.problems, ...trees.problems);
    const names = readdirSync(repository.worktreesFolder).filter((name) => /^worktree-[1-9]\d*$/.test(name));
    for (const id of new Set([...names, ...known.map((worktree) => worktree.id)])) {
      const path = slotPath(repository, id);
      const taskId = known.find((worktree) => worktree.id === id)?.taskId ?? null;
      if (trees.isLost(id)) {
        pool.#slots.put(newSlot(id, path, { taskId, isSuspect: true, isDamaged: true }));
        continue;
      }
      const moved = isUsable(path) ? '' : await mendSlot(repository, path);
      if (moved !== '') pool.problems.push(moved);
      const isThere = isUsable(path);
      if (!isThere && taskId !== null)
        pool.problems.push(`the worktree ${path} of ${taskId} is gone; its branch is as it was`);
      if (!isThere) continue;
      pool.#slots.put(newSlot(id, path, { taskId, isSuspect: true }));
      if (taskId === null) continue;
      await nameBranch(repository, { id, path, branch: `drover/${taskId}` }).done.catch((error: Error) => {
        pool.problems.push(`the worktree ${path} has not got the branch of ${taskId}: ${error.message}`);
      });
    }
    return pool;
  }

  /**
   * Gives a task a slot. A task that holds one gets it again with `existing`. Otherwise the one that is most ready is taken: a ready one
   * is looked at and not touched, and may stand behind `commit` (`from` is then `stale`, and `update` brings it up); any other is made ready at `commit`
   * first. An earlier tip of the branch is kept. The slot is on its own branch until `name` is called, when the claim is durable.
   * Refuses `not-allowed` when the task's branch is checked out outside of the pool.
   */
  async acquire(request: LeaseRequest): Promise<Lease> {
    this.#claims += 1;
    try {
      return await this.#acquire(request);
    } finally {
      this.#claims -= 1;
    }
  }

  /** True while a claim looks for a slot, or makes one ready: what nobody waits for is not begun then. */
  get isClaiming(): boolean {
    return this.#claims > 0;
  }

  async #acquire(request: LeaseRequest): Promise<Lease> {
    const held = this.#slots.list().find((slot) => slot.taskId === request.taskId);
    if (held !== undefined && request.existing) return this.#resume(held, request);
    if (held !== undefined) await this.release(held.id);
    const tip = await readBranch(this.#repository, request.branch);
    const goesOn = request.existing === true && tip !== null;
    const commit = goesOn ? tip : request.commit;
    for (;;) {
      const slot = await this.#slots.reserve(request.taskId, commit);
      const isNew = !isUsable(slot.path);
      try {
        const from = await this.#sourceOf(slot, commit);
        if (from === 'cold') request.onCold?.();
        if (tip !== null) await freeBranch(this.#keeping, this.#slots.list(), slot, request.branch);
        const isEnough = from === 'warm' || (from === 'stale' && tip === null);
        const ready = isEnough && slot.ready !== null ? slot.ready : await this.#makeReady(slot, commit);
        if (!goesOn && tip !== null) await keepTip(this.#repository, request, tip);
        const baseCommit = goesOn ? await mergeBase(this.#repository, tip, request.commit) : ready.commit;
        return { id: slot.id, path: slot.path, baseCommit, from };
      } catch (error) {
        slot.taskId = null;
        if (isNew && !isUsable(slot.path)) this.#slots.delete(slot.id);
        if (isNew || !(error instanceof GitError)) throw error;
        this.#damage(slot, error);
      }
    }
  }

  /** Brings a slot that was claimed at an older commit, and in which nobody works yet, to another one. */
  async update(id: string, commit: string): Promise<void> {
    await this.#makeReady(this.#slots.require(id), commit);
  }

  /** Brings what a claimed slot needs beside its files in order, after those have moved. Rejects as a provisioner does. */
  async provision(id: string, signal: AbortSignal): Promise<void> {
    await this.#provisioner.provision(this.#slots.require(id).path, { signal });
  }

  /** Gives the branch of a claimed slot its task's name. Call it when the claim is durable, and before an agent looks. */
  name(id: string, branch: string): Promise<void> {
    const slot = this.#slots.require(id);
    const { named, done } = nameBranch(this.#repository, { id, path: slot.path, branch });
    // Whoever waits for the name hears of it; `release` only needs the end. An own ref that could not go is used again.
    slot.naming = done.catch(() => named);
    slot.naming.catch(() => undefined);
    return named;
  }

  /** The claim did not come about: a slot that has not been named is free again as it was. */
  giveBack(id: string): void {
    this.#slots.require(id).taskId = null;
    this.onFreed();
  }

  /**
   * Takes a slot back: what is on no ref, uncommitted work included, is kept under `refs/drover/keep/`; then the slot leaves its branch. Its
   * files stay until it is made ready again. The task's processes must have ended. Gives the ref that was made, or null.
   */
  async release(id: string): Promise<string | null> {
    const slot = this.#slots.require(id);
    await slot.naming.catch(() => undefined);
    slot.ready = null;
    if (!existsSync(slot.path)) {
      // Somebody removed the folder: its branch must not stay checked out in what is not there.
      await forgetSlot(this.#repository, slot.path);
      this.#slots.delete(id);
      return null;
    }
    try {
      const keep = () => keepWork(this.#keeping, slot, { attempt: 1 });
      // A git that the system killed for want of memory is no reason to set the slot aside.
      const { ref, head } = await keep().catch((error) => (error instanceof GitError ? keep() : Promise.reject(error)));
      await detachHead(this.#repository, slot.path, head);
      slot.isSuspect = false;
      slot.keptAt = performance.now();
      slot.taskId = null;
      return ref;
    } catch (error) {
      slot.isDamaged = true;
      throw error;
    } finally {
      this.onFreed();
    }
  }

  /**
   * Makes a free slot ready at a commit, at low priority; claims wait for it rather than for a new one. null when a claim was faster. Rejects
   * when it was called off.
   */
  async warm(id: string, commit: string, signal: AbortSignal): Promise<ReadyMark | null> {
    const slot = this.#slots.require(id);
    return this.#whileFree(slot, () => this.#makeReady(slot, commit, { isBackground: true, signal }));
  }

  /** What was provisioned in these worktrees is not as it should be: the free ones are made ready anew before they are used. */
  spoil(paths: readonly string[]): void {
    for (const slot of this.#slots.list()) if (slot.taskId === null && paths.includes(slot.path)) slot.ready = null;
  }

  /** A further slot, which is not on the disk until it is made ready. */
  add(): { id: string; path: string } {
    const { id, path } = this.#slots.add();
    return { id, path };
  }

  /** A slot that could not be made ready is tried again. */
  forgive(id: string): void {
    this.#slots.require(id).isDamaged = false;
  }

  /** Removes a free slot from the disk; what is on no ref is kept first. False when a claim was faster. */
  async remove(id: string): Promise<boolean> {
    const slot = this.#slots.require(id);
    const done = await this.#whileFree(slot, async () => {
      // Also of one that no git has touched: a person may have left something there, and nobody was told.
      if (isUsable(slot.path)) await keepWork(this.#keeping, slot, { attempt: 1 });
      slot.ready = null;
      slot.isSuspect = true;
      await this.#trees.remove(id);
      await dropSlotBranch(this.#repository, id);
      this.#slots.delete(id);
      return true;
    });
    return done ?? false;
  }

  /** Keeps all that lies in a task's worktree, uncommitted work included, under `refs/drover/keep/`; the worktree stays as it is, and the task's. */
  async checkpoint(id: string, attempt: number): Promise<Checkpoint> {
    const slot = this.#slots.get(id);
    if (slot === undefined || slot.taskId === null) throw new Error(`no task holds a worktree ${id} in the pool`);
    await slot.naming;
    return checkpointWork(this.#keeping, slot, { task: slot.taskId, attempt });
  }

  /** What became of a checkpointed worktree since. */
  async compare(id: string, before: Checkpoint): Promise<Comparison> {
    const slot = this.#slots.get(id);
    return slot === undefined ? { kind: 'gone' } : compareWork(this.#keeping, slot, before);
  }

  /** How the files of slots are made, and where they lie. */
  get trees(): Pick<SlotTrees, 'backendOf' | 'choice' | 'doubt' | 'ownFolder' | 'sharedFolder'> {
    return this.#trees;
  }

  /** Unmounts what nobody holds and waits for what is being removed. Call it when no slot is in work any more. */
  close(): Promise<void> {
    return this.#trees.close((id) => (this.#slots.get(id)?.taskId ?? null) === null);
  }

  /** Every slot as this process knows it. */
  list(): readonly Readonly<Slot>[] {
    return this.#slots.list();
  }

  async #sourceOf(slot: Slot, commit: string): Promise<ClaimSource> {
    if (slot.ready === null) return 'cold';
    await this.#repository.guard.check(this.#repository.root);
    if (await isAsLeft(this.#repository, slot)) return slot.ready.commit === commit ? 'warm' : 'stale';
    slot.ready = null;
    slot.isSuspect = true;
    return 'cold';
  }

  async #whileFree<T>(slot: Slot, job: () => Promise<T>): Promise<T | null> {
    try {
      return await this.#slots.whileFree(slot, job);
    } catch (error) {
      if (error instanceof GitError && error.stderr !== CALLED_OFF) this.#damage(slot, error);
      throw error;
    }
  }

  #makeReady(slot: Slot, commit: string, pace: Pace = {}): Promise<ReadyMark> {
    const onProblem = (problem: string) => void this.problems.push(problem);
    const parts = { repository: this.#repository, trees: this.#trees, provisioner: this.#provisioner, onProblem };
    return makeReady(parts, slot, commit, pace);
  }

  #damage(slot: Slot, error: GitError): void {
    slot.isDamaged = true;
    this.problems.push(`the worktree ${slot.path} cannot be made ready: ${error.message}`);
  }

  async #resume(slot: Slot, request: LeaseRequest): Promise<Lease> {
    const admin = adminFolder(slot.path);
    if (admin !== null) removeLocks(admin, slot.path);
    slot.isSuspect = false;
    const tip = await readBranch(this.#repository, request.branch);
    const baseCommit = tip === null ? request.commit : await mergeBase(this.#repository, tip, request.commit);
    return { id: slot.id, path: slot.path, baseCommit, from: 'warm' };
  }
}
