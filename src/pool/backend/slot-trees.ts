// Owns how a slot's tree comes to be: by copy-on-write from a golden tree where the machine can do it, else by git's checkout.
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../domain/refusal.ts';
import { areFiles } from '../../git/refs.ts';
import type { Repository } from '../../git/repository.ts';
import { git } from '../../git/runner.ts';
import {
  addSlot,
  CHECKOUT_TIMEOUT,
  entryOf,
  isUsable,
  removeSlot,
  renewEntry,
  resetSlot,
  slotPath,
} from '../../git/worktree.ts';
import { snapshot } from './btrfs.ts';
import { GOLDENS, type Golden, Goldens, type Provision } from './goldens.ts';
import { LAYERS, mountLayer, restoreLayer } from './layers.ts';
import { mountsBeneath, unmountBeneath } from './mounts.ts';
import { COPY_ON_WRITE, type CopyOnWrite, type Findings, PROBE, probe } from './probe.ts';
import { cloneTree, fitIndex } from './reflink.ts';
import { Trash } from './trash.ts';
import { type TreeRecord, TreeRecords } from './tree-records.ts';

export type Backend = 'checkout' | CopyOnWrite;

export interface SlotTreesParts {
  readonly repository: Repository;
  /** `auto` takes the first that works of btrfs, overlay, reflink. */
  readonly wanted: 'auto' | Backend;
  readonly provision: Provision;
}

interface PlaceOptions {
  /** Somebody waits: no golden tree is made anew for it as long as there is one. */
  readonly isUrgent: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** In our home: the records. */
const SLOTS = 'slots';

/** In a slot while it is made: the index that fits it. */
const FITTING = '.git.index';

/** Where everything of ours lies: among the worktrees, on their file system. */
const HOME = '.copy-on-write';

/**
 * Unmounts the slots that a killed server was making. The repository is opened afterwards: its sweep takes half-made worktrees
 * away, which it cannot as long as something is mounted there. Gives nothing and costs nothing where no slot was ever mounted.
 */
export async function unmountHalfMade(dataHome: string): Promise<void> {
  const folder = join(dataHome, 'worktrees');
  if (!existsSync(join(folder, HOME, SLOTS))) return;
  const worktrees = realpathSync(folder);
  for (const [id, { isReady }] of new TreeRecords(join(worktrees, HOME, SLOTS)).all()) {
    if (!isReady) await unmountBeneath(join(worktrees, id));
  }
}

export class SlotTrees {
  readonly #repository: Repository;
  readonly #wanted: SlotTreesParts['wanted'];
  readonly #home: string;
  readonly #records: TreeRecords;
  readonly #goldens: Goldens;
  readonly #trash: Trash;
  /** Slots with work in them that cannot be seen at present. */
  readonly #lost = new Set<string>();
  #findings: Promise<Findings> | null = null;
  /** What a person should know, a sentence each. */
  readonly problems: string[] = [];

  private constructor({ repository, wanted, provision }: SlotTreesParts) {
    this.#repository = repository;
    this.#wanted = wanted;
    this.#home = join(repository.worktreesFolder, HOME);
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    this.#records = new TreeRecords(join(this.#home, SLOTS));
    this.#trash = new Trash(this.#home);
    const folder = join(this.#home, GOLDENS);
    this.#goldens = new Goldens({ repository, folder, trash: this.#trash, provision });
  }

  /**
   * Recovers what an earlier server left: mounts the slots that a reboot unmounted, takes away what is half-made. It has
   * to be done before anything looks into a worktree. Refuses `not-allowed` when the wanted backend doesn't work here.
   */
  static async open(parts: SlotTreesParts): Promise<SlotTrees> {
    const trees = new SlotTrees(parts);
    await trees.#recover();
    if (parts.wanted !== 'auto' && parts.wanted !== 'checkout') await trees.#insist(parts.wanted);
    return trees;
  }

  /** What each way of copy-on-write said when it was tried here; asked once. */
  findings(): Promise<Findings> {
    this.#findings ??= probe(this.#home);
    return this.#findings;
  }

  /** The one that slots are made by from now on. */
  async backend(): Promise<Backend> {
    if (this.#wanted !== 'auto') return this.#wanted;
    if (!areFiles(this.#repository)) return 'checkout';
    const findings = await this.findings();
    return COPY_ON_WRITE.find((kind) => findings[kind] === null) ?? 'checkout';
  }

  /** The one that a slot was made by. */
  backendOf(id: string): Backend {
    return this.#records.get(id)?.backend ?? 'checkout';
  }

  /** True for a slot whose work is there but cannot be seen, since its overlay could not be mounted: it must not be used. */
  isLost(id: string): boolean {
    return this.#lost.has(id);
  }

  async #insist(wanted: CopyOnWrite): Promise<void> {
    const next = 'set pool.backend to auto or checkout in your configuration';
    if (!areFiles(this.#repository))
      refuse(
        'not-allowed',
        `pool.backend ${wanted} needs references that are files; this repository has reftable`,
        next,
      );
    const reason = (await this.findings())[wanted];
    if (reason !== null) refuse('not-allowed', `pool.backend ${wanted} doesn't work in ${this.#home}: ${reason}`, next);
  }

  /**
   * Puts a slot at a commit, detached, with nothing of before, and adds it when it isn't there; with the dependencies of
   * the golden tree in it, when it is made of one. What must not be lost has to be kept before.
   */
  async place(id: string, commit: string, options: PlaceOptions): Promise<void> {
    if (this.#lost.has(id)) throw new Error(`the work in ${slotPath(this.#repository, id)} cannot be seen at present`);
    const kind = await this.backend();
    const path = slotPath(this.#repository, id);
    if (this.backendOf(id) !== kind) await this.remove(id);
    // A copy of every file costs more than what git does to the few that differ.
    if (kind === 'reflink' && isUsable(path)) return resetSlot(this.#repository, path, commit);
    const golden = kind === 'checkout' ? null : await this.#goldenFor(kind, commit, options);
    if (golden === null) return this.#checkout(id, commit);
    await this.#make(id, golden);
    if (golden.commit !== commit) {
      const checkout = ['checkout', '--quiet', '--force', '--detach', commit, '--'];
      await git(checkout, { cwd: path, timeout: CHECKOUT_TIMEOUT });
    }
    this.#collect();
  }

  /** Says which dependencies a slot needed in the end, so that the next golden tree has them. */
  provisioned(id: string, generation: string | null): void {
    const golden = this.#goldens.get(this.#records.get(id)?.golden ?? 0);
    if (golden !== null && golden.generation !== generation) this.#goldens.outdate(golden.number);
  }

  async #checkout(id: string, commit: string): Promise<void> {
    const path = slotPath(this.#repository, id);
    if (this.#records.get(id) !== null) await this.remove(id);
    if (isUsable(path)) await resetSlot(this.#repository, path, commit);
    else await addSlot(this.#repository, id, commit);
  }

  /** null when it could not be made: a slot of an ordinary checkout is still to be had, or says what is wrong itself. */
  async #goldenFor(kind: CopyOnWrite, commit: string, options: PlaceOptions): Promise<Golden | null> {
    try {
      return await this.#goldens.near(kind, commit, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      this.problems.push(`no golden tree could be made at ${commit.slice(0, 12)}: ${(error as Error).message}`);
      return null;
    }
  }

  async #make(id: string, golden: Golden): Promise<void> {
    const repository = this.#repository;
    const path = slotPath(repository, id);
    const layer = `${id}.${Date.now()}`;
    const before = this.#records.get(id);
    // From here on until it is ready, a crash means that the slot is taken away.
    this.#records.set(id, { backend: golden.kind, golden: golden.number, layer, isReady: false });
    await unmountBeneath(path);
    if (before !== null) this.#trash.add(this.#layer(before));
    this.#trash.add(path);
    const entry = entryOf(repository, path);
    try {
      if (entry !== null) {
        const index = await this.#clone(golden, path, layer);
        renewEntry(entry, { path, commit: golden.commit, index });
      } else {
        await addSlot(repository, id, golden.commit, {
          fill: async (slot) => copyFileSync(await this.#clone(golden, path, layer), join(slot.entry, 'index')),
        });
      }
      rmSync(join(path, FITTING), { force: true });
      await repository.guard.check(path);
    } catch (error) {
      await this.remove(id);
      throw error;
    }
    this.#records.set(id, { backend: golden.kind, golden: golden.number, layer, isReady: true });
  }

  /** Makes the tree, where nothing is, and gives the index that fits it. */
  async #clone(golden: Golden, path: string, layer: string): Promise<string> {
    const tree = this.#goldens.tree(golden);
    if (golden.kind === 'overlay') await mountLayer({ home: this.#home, point: path, golden, layer });
    else if (golden.kind === 'btrfs') await snapshot(tree, path);
    else await cloneTree(tree, path);
    return this.#indexFor(golden, path);
  }

  /** A snapshot and an overlay have the inode numbers and times of the golden tree, so its index holds as it is. */
  async #indexFor(golden: Golden, path: string): Promise<string> {
    const index = this.#goldens.index(golden);
    if (golden.kind !== 'reflink') return index;
    const fitting = join(path, FITTING);
    return (await fitIndex(index, fitting, path, golden.commit.length / 2)) ? fitting : index;
  }

  /** Takes a slot away whole: mount, tree, entry. What must not be lost has to be kept before. */
  async remove(id: string): Promise<void> {
    const path = slotPath(this.#repository, id);
    const record = this.#records.get(id);
    if (record !== null) this.#records.set(id, { ...record, isReady: false });
    await unmountBeneath(path);
    await removeSlot(this.#repository, path);
    this.#trash.add(path);
    if (record !== null) this.#trash.add(this.#layer(record));
    this.#records.delete(id);
    this.#collect();
  }

  #collect(): void {
    // A slot whose record cannot be read may stand on any of them.
    if (this.#records.unreadable.length > 0) return;
    this.#goldens.collect(new Set(this.#records.all().map(([, record]) => record.golden)));
  }

  /** Generations of dependencies that golden trees hold. */
  generations(): string[] {
    return this.#goldens.generations();
  }

  /**
   * Unmounts the slots that nobody has (a mount left in place keeps its folder from being deleted) and waits for what
   * is being removed. They are mounted again at the next start.
   */
  async close(isFree: (id: string) => boolean): Promise<void> {
    for (const [id, { backend }] of this.#records.all()) {
      if (backend === 'overlay' && isFree(id))
        await unmountBeneath(slotPath(this.#repository, id)).catch(() => undefined);
    }
    await this.#trash.empty();
  }

  async #recover(): Promise<void> {
    const { worktreesFolder } = this.#repository;
    await unmountBeneath(this.#home);
    for (const name of readdirSync(this.#home).filter((each) => each.startsWith(PROBE)))
      this.#trash.add(join(this.#home, name));
    this.#goldens.recover();
    for (const [id, record] of this.#records.all()) await this.#recoverSlot(id, record);
    for (const id of this.#records.unreadable) {
      this.#lost.add(id);
      this.problems.push(
        `the record of ${slotPath(this.#repository, id)} in ${this.#home} cannot be read; its files are left alone`,
      );
    }
    for (const { point } of mountsBeneath(worktreesFolder)) {
      const id = point.slice(worktreesFolder.length + 1);
      if (this.#records.get(id) === null && !this.#lost.has(id)) await unmountBeneath(point);
    }
    this.#sweepLayers();
    this.#trash.sweep();
    this.#collect();
  }

  async #recoverSlot(id: string, record: TreeRecord): Promise<void> {
    if (!record.isReady) return this.remove(id);
    if (record.backend !== 'overlay') return;
    const point = slotPath(this.#repository, id);
    try {
      const golden = this.#goldens.get(record.golden);
      if (golden === null) throw new Error(`its golden tree ${record.golden} is gone`);
      const said = await restoreLayer({ home: this.#home, point, golden, layer: record.layer });
      if (said !== null) this.problems.push(said);
    } catch (error) {
      this.#lost.add(id);
      const message = (error as Error).message.split('\n').at(-1);
      this.problems.push(
        `the worktree ${point} cannot be mounted (${message}); its changed files are in ${join(this.#layer(record), 'upper')}`,
      );
    }
  }

  /** Folders of changes that no slot has. */
  #sweepLayers(): void {
    const folder = join(this.#home, LAYERS);
    if (!existsSync(folder)) return;
    const used = new Set(this.#records.all().map(([, { layer }]) => layer));
    for (const name of readdirSync(folder)) {
      const isKept = used.has(name) || this.#records.unreadable.includes(name.split('.')[0] ?? '');
      if (!isKept) this.#trash.add(join(folder, name));
    }
  }

  #layer(record: TreeRecord): string {
    return join(this.#home, LAYERS, record.layer);
  }
}
