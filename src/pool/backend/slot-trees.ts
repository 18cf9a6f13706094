// Owns how a slot's tree comes to be: by copy-on-write from a golden tree where the machine can do it, else by git's checkout.
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TreeBackend } from '../../domain/worker.ts';
import type { Repository } from '../../git/repository.ts';
import { git, type Pace } from '../../git/runner.ts';
import {
  addSlot,
  adminFolder,
  CHECKOUT_TIMEOUT,
  entryOf,
  isUsable,
  removeSlot,
  renewEntry,
  resetSlot,
  slotPath,
} from '../../git/worktree.ts';
import type { Provisioner } from '../provisioner.ts';
import { BackendChoice, type WantedBackend } from './backend-choice.ts';
import { snapshot } from './btrfs.ts';
import { Detached } from './detached.ts';
import { GOLDENS, type Golden, Goldens } from './goldens.ts';
import { HOME, LAYERS, layersIn, mountLayer, restoreLayer, SLOTS, soleUpper, UPPER } from './layers.ts';
import { mountsBeneath, unmountBeneath } from './mounts.ts';
import { changedPlaces } from './overlay-changes.ts';
import { type CopyOnWrite, PROBE } from './probe.ts';
import { cloneTree, fitIndex } from './reflink.ts';
import { Trash } from './trash.ts';
import { type TreeRecord, TreeRecords } from './tree-records.ts';

export interface SlotTreesParts {
  readonly repository: Repository;
  readonly wanted: WantedBackend;
  readonly provisioner: Provisioner;
}

/** In the background a golden tree is made anew where that is better; while somebody waits, any will do. */
type PlaceOptions = Pace & {
  /** Untracked folders that may stay; relative. A tree that is made anew has none of them. */
  readonly spare?: readonly string[];
};

/** In a slot while it is made: the index that fits it. */
const FITTING = '.git.index';

export class SlotTrees {
  readonly #repository: Repository;
  readonly #provisioner: Provisioner;
  readonly choice: BackendChoice;
  readonly #home: string;
  readonly #records: TreeRecords;
  readonly #goldens: Goldens;
  readonly #trash: Trash;
  readonly #detached = new Detached();
  /** Slots with work in them that cannot be seen at present. */
  readonly #lost = new Set<string>();
  /** What a person should know, a sentence each. */
  readonly problems: string[] = [];

  private constructor({ repository, wanted, provisioner }: SlotTreesParts) {
    this.#repository = repository;
    this.#provisioner = provisioner;
    this.#home = join(repository.worktreesFolder, HOME);
    this.choice = new BackendChoice(repository, this.#home, wanted);
    this.#records = new TreeRecords(join(this.#home, SLOTS));
    this.#trash = new Trash(this.#home);
    const folder = join(this.#home, GOLDENS);
    this.#goldens = new Goldens({ repository, folder, trash: this.#trash, provisioner });
  }

  /**
   * Recovers what an earlier server left: mounts the slots that a reboot unmounted, takes away what is half-made. It has
   * to be done before anything looks into a worktree. Refuses `not-allowed` when the wanted backend doesn't work here.
   */
  static async open(parts: SlotTreesParts): Promise<SlotTrees> {
    const trees = new SlotTrees(parts);
    await trees.#recover();
    await trees.choice.check();
    return trees;
  }

  /** The one that a slot was made by. */
  backendOf(id: string): TreeBackend {
    return this.#records.get(id)?.backend ?? 'checkout';
  }

  /** True for a slot whose work is there but cannot be seen, since its overlay could not be mounted: it must not be used. */
  isLost(id: string): boolean {
    return this.#lost.has(id);
  }

  /**
   * Puts a slot at a commit, detached, with nothing of before but the folders to spare, and adds it when it isn't there; with
   * the dependencies of the golden tree in it, and then true, when it is made of one. What must not be lost has to be kept before.
   */
  async place(id: string, commit: string, options: PlaceOptions = {}): Promise<boolean> {
    if (this.#lost.has(id)) throw new Error(`the work in ${slotPath(this.#repository, id)} cannot be seen at present`);
    const kind = await this.choice.of(commit);
    // A copy of every file costs more than what git does to the few that differ.
    if (kind === 'checkout' || (kind === 'reflink' && this.#records.get(id)?.backend === kind)) {
      await this.#checkOut(id, commit, kind, options);
      return false;
    }
    const golden = await this.#goldenFor(kind, commit, options);
    if (golden === null) {
      await this.#checkOut(id, commit, 'checkout', options);
      return false;
    }
    await this.#make(id, golden, commit, paceOf(options));
    this.#collect();
    return true;
  }

  /** True when moving a slot by git is as good as making it anew: its golden tree is the one that it would be made of. */
  async isNear(id: string, commit: string): Promise<boolean> {
    const record = this.#records.get(id);
    if (record === null || record.backend === 'reflink') return true;
    const golden = this.#goldens.get(record.golden);
    return golden !== null && (await this.#goldens.isGoodFor(golden, commit));
  }

  /** Says which dependencies a slot needed in the end at a commit, so that the next golden tree has them. */
  provisioned(id: string, commit: string, generation: string | null): void {
    const golden = this.#goldens.get(this.#records.get(id)?.golden ?? 0);
    // At the same commit another whole golden tree would be no other.
    const isTheOne = golden?.commit === commit && golden.over === null;
    if (golden !== null && !isTheOne && golden.generation !== generation) this.#goldens.outdate(golden);
  }

  /** By git: what lies there is reset, unless it was made in another way. */
  async #checkOut(id: string, commit: string, kind: TreeBackend, options: PlaceOptions): Promise<void> {
    const path = slotPath(this.#repository, id);
    if (this.backendOf(id) !== kind) await this.remove(id);
    if (isUsable(path)) await resetSlot(this.#repository, path, commit, options);
    else await addSlot(this.#repository, id, commit, paceOf(options));
  }

  /** null when it could not be made: a slot of an ordinary checkout is still to be had, or says what is wrong itself. */
  async #goldenFor(kind: CopyOnWrite, commit: string, options: PlaceOptions): Promise<Golden | null> {
    try {
      return await this.#goldens.near(kind, commit, paceOf(options));
    } catch (error) {
      options.signal?.throwIfAborted();
      this.problems.push(`no golden tree could be made at ${commit.slice(0, 12)}: ${(error as Error).message}`);
      return null;
    }
  }

  async #make(id: string, golden: Golden, commit: string, pace: Pace): Promise<void> {
    const repository = this.#repository;
    const path = slotPath(repository, id);
    const layer = `${id}.${Date.now()}`;
    const before = this.#records.get(id);
    // From here on until it is ready, a crash means that the slot is taken away.
    await this.#records.set(id, { backend: golden.kind, golden: golden.number, layer, isReady: false });
    await this.#detached.add(path);
    if (before !== null) this.#trash.add(this.#layer(before));
    this.#trash.add(path);
    const entry = entryOf(repository, path);
    try {
      if (entry !== null) {
        const index = await this.#clone(golden, path, layer);
        renewEntry(entry, { path, commit, index });
      } else {
        await addSlot(repository, id, commit, {
          fill: async (slot) => copyFileSync(await this.#clone(golden, path, layer), join(slot.entry, 'index')),
        });
      }
      rmSync(join(path, FITTING), { force: true });
      await repository.guard.check(path);
      // Of the index, which fits, only the entries that differ are looked at.
      const move = ['read-tree', '--reset', '-u', golden.commit, commit];
      if (golden.commit !== commit) await git(move, { cwd: path, timeout: CHECKOUT_TIMEOUT, ...pace });
    } catch (error) {
      await this.remove(id);
      throw error;
    }
    this.#provisioner.adopt(path, this.#goldens.wholeTree(golden));
    await this.#records.set(id, { backend: golden.kind, golden: golden.number, layer, isReady: true });
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
    if (record !== null) await this.#records.set(id, { ...record, isReady: false });
    await unmountBeneath(path);
    await removeSlot(this.#repository, path);
    this.#provisioner.forget(path);
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

  /** The dependencies in these trees were found to be damaged; a golden tree among them makes no more slots. */
  doubt(paths: readonly string[]): void {
    this.#goldens.doubt(paths);
  }

  /** The places in which alone a slot may hold something else than its index says; null when that is not known. */
  async changedPlaces(id: string): Promise<readonly string[] | null> {
    const record = this.#records.get(id);
    const golden = this.#goldens.get(record?.golden ?? 0);
    const point = slotPath(this.#repository, id);
    const admin = adminFolder(point);
    if (record?.backend !== 'overlay' || !record.isReady || golden === null || admin === null) return null;
    try {
      const upper = soleUpper({ home: this.#home, point, layer: record.layer });
      if (upper === null) return null;
      const index = { golden: this.#goldens.index(golden), slot: join(admin, 'index'), idLength: golden.commit.length };
      return await changedPlaces({ point, upper, index });
    } catch {
      // A folder that cannot be read, an index that is cut off: git says what is the matter.
      return null;
    }
  }

  /** The folder that holds what only this slot takes on the disk; null where the file system does not say. */
  ownFolder(id: string): string | null {
    const record = this.#records.get(id);
    if (record === null) return slotPath(this.#repository, id);
    return record.backend === 'overlay' ? this.#layer(record) : null;
  }

  /** The folder of all golden trees, which slots share. */
  get sharedFolder(): string {
    return join(this.#home, GOLDENS);
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
    await this.#detached.close();
    await this.#trash.empty();
  }

  async #recover(): Promise<void> {
    if (!existsSync(this.#home)) return;
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
    const used = new Set(this.#records.all().map(([, { layer }]) => layer));
    // Whose record cannot be read may have any that is called after it.
    const isKept = (layer: string) => used.has(layer) || this.#records.unreadable.includes(layer.split('.')[0] ?? '');
    for (const folder of layersIn(this.#home)) if (!isKept(basename(folder))) this.#trash.add(folder);
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
        `the worktree ${point} cannot be mounted (${message}); its changed files are in ${join(this.#layer(record), UPPER)}`,
      );
    }
  }

  #layer(record: TreeRecord): string {
    return join(this.#home, LAYERS, record.layer);
  }
}

const paceOf = ({ spare: _, ...pace }: PlaceOptions): Pace => pace;
