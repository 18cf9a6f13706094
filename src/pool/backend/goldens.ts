// Owns golden trees: a checkout of one commit with its dependencies, made once, never changed, from which slots are made by copy-on-write.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Repository } from '../../git/repository.ts';
import { git, type Pace } from '../../git/runner.ts';
import { Lane } from '../../git/serial.ts';
import { CHECKOUT_TIMEOUT } from '../../git/worktree.ts';
import { asideEntries, makeEntry, worktreeOf } from '../../git/worktree-entry.ts';
import { DECISIVE_FILES } from '../dependencies/ecosystems.ts';
import type { Provisioner } from '../provisioner.ts';
import { createSubvolume } from './btrfs.ts';
import { mountOverlay, unmountBeneath } from './mounts.ts';
import type { CopyOnWrite } from './probe.ts';
import type { Trash } from './trash.ts';
import { writeRecord } from './tree-records.ts';

/** In the home of copy-on-write, a folder for each number, and in it the tree. */
export const GOLDENS = 'goldens';
export const TREE = 'tree';
/** Beside it, from when on it is one. */
const SEAL = 'golden.json';

export interface Golden {
  readonly number: number;
  readonly kind: CopyOnWrite;
  readonly commit: string;
  /** Of its dependencies; null when it has none. */
  readonly generation: string | null;
  /** The number of the whole one that it is a layer over: its tree holds only what differs. null for a whole one. */
  readonly over: number | null;
}

interface GoldensParts {
  readonly repository: Repository;
  /** In the home of copy-on-write. */
  readonly folder: string;
  readonly trash: Trash;
  readonly provisioner: Provisioner;
}

/** Moved files above which a layer over a golden tree is made for all slots to come, where it can: each slot would write them, on a disk that may be busy. */
const MANY = 50;

/** Moved files above which a new golden tree is made instead of bringing each slot up by git: each costs 0.25 to 0.35 ms and a copy in every slot. */
const FAR = 500;

/** Whole golden trees that are kept, the last used ones, though no slot may stand on them: the branch, or the lock file, that one goes back to. */
const KEPT = 2;

/** In the folder of a golden tree while it is made as a layer: where it is mounted, and what that takes. */
const VIEW = 'view';
const WORK = 'work';

export class Goldens {
  readonly #parts: GoldensParts;
  /** Sealed ones, oldest first. */
  #sealed: Golden[] = [];
  /** The numbers of those that make no more slots. */
  readonly #outdated = new Set<number>();
  readonly #building = new Lane();

  constructor(parts: GoldensParts) {
    this.#parts = parts;
  }

  /** Finds the sealed ones, and takes away what a killed server left half-made. No git runs. */
  recover(): void {
    const numbers = this.#numbers();
    for (const number of numbers.sort((a, b) => a - b)) {
      const golden = readSeal(this.#path(number, SEAL));
      const over = golden?.over ?? null;
      if (golden === null || (over !== null && this.get(over) === null)) this.#remove(number);
      else this.#sealed.push({ ...golden, number, over });
    }
  }

  #numbers(): number[] {
    const { folder } = this.#parts;
    return existsSync(folder) ? readdirSync(folder).map(Number).filter(Number.isInteger) : [];
  }

  get(number: number): Golden | null {
    return this.#sealed.find((each) => each.number === number) ?? null;
  }

  /** Of a layer what differs. */
  tree(golden: Golden): string {
    return this.#path(golden.number, TREE);
  }

  /** The tree that has the dependencies. */
  wholeTree({ number, over }: Golden): string {
    return this.#path(over ?? number, TREE);
  }

  index(golden: Golden): string {
    return this.#path(golden.number, 'index');
  }

  /** The dependencies of this golden tree turned out to be others than slots need: it makes no more of them. */
  outdate({ number, over }: Golden): void {
    this.#outdated.add(over ?? number);
  }

  #isOutdated({ number, over }: Golden): boolean {
    return this.#outdated.has(over ?? number);
  }

  /**
   * The golden tree from which a slot at `commit` is made most quickly. In the background one is built when none is good for it,
   * which takes as long as a checkout with its dependencies; while somebody waits the newest does.
   */
  async near(kind: CopyOnWrite, commit: string, pace: Pace): Promise<Golden> {
    const present = pace.isBackground ? undefined : ((await this.#good(kind, commit))[0]?.golden ?? this.#newest(kind));
    const golden = present ?? (await this.#building.run(() => this.#fit(kind, commit, pace)));
    const now = Date.now() / 1000;
    for (const number of [golden.number, golden.over ?? golden.number]) utimesSync(this.#path(number), now, now);
    return golden;
  }

  async #fit(kind: CopyOnWrite, commit: string, pace: Pace): Promise<Golden> {
    const good = await this.#good(kind, commit);
    const best = good[0];
    if (best === undefined) return this.#build(kind, commit, pace);
    const whole = good.find(({ golden }) => golden.over === null)?.golden;
    if (best.files <= MANY || kind !== 'overlay' || whole === undefined) return best.golden;
    return this.#buildOver(whole, commit, pace).catch(() => {
      pace.signal?.throwIfAborted();
      // Each slot writes them itself then.
      return best.golden;
    });
  }

  #newest(kind: CopyOnWrite): Golden | undefined {
    return this.#sealed.findLast((golden) => golden.kind === kind);
  }

  /** Those from which a slot at the commit may be made, the one from which the fewest files differ first, the newest of several. */
  async #good(kind: CopyOnWrite, commit: string): Promise<{ golden: Golden; files: number }[]> {
    const ofKind = this.#sealed.filter((golden) => golden.kind === kind).reverse();
    const exact = ofKind.find((golden) => golden.commit === commit && !this.#isOutdated(golden));
    if (exact !== undefined) return [{ golden: exact, files: 0 }];
    const all = await Promise.all(
      ofKind.map(async (golden) => ({ golden, files: await this.#distance(golden, commit) })),
    );
    const good = all.filter(({ golden, files }) => files <= FAR && this.#sealed.includes(golden));
    return good.sort((a, b) => a.files - b.files);
  }

  /** True when a slot at the commit may be made of it rather than of a new one. */
  async isGoodFor(golden: Golden, commit: string): Promise<boolean> {
    return (await this.#distance(golden, commit)) <= FAR;
  }

  /** Files that differ from the commit; without end for one that makes no slots for it. */
  async #distance(golden: Golden, to: string): Promise<number> {
    const from = golden.commit;
    if (this.#isOutdated(golden)) return Infinity;
    if (from === to) return 0;
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to];
    // A commit that is gone by now is far.
    const { exitCode, stdout } = await git(args, { cwd: this.#parts.repository.root, isRead: true, okCodes: [128] });
    const names = stdout.split('\0').filter((name) => name !== '');
    return exitCode === 0 && !names.some((name) => DECISIVE_FILES.has(basename(name))) ? names.length : Infinity;
  }

  async #build(kind: CopyOnWrite, commit: string, pace: Pace): Promise<Golden> {
    const { repository, provisioner } = this.#parts;
    const number = this.#begin();
    const tree = this.#path(number, TREE);
    try {
      if (kind === 'btrfs') await createSubvolume(tree);
      else mkdirSync(tree);
      const entry = makeEntry(repository.gitDir, tree, commit);
      // For what the set-up asks of git; the entry is never published, so `git worktree list` doesn't show it.
      writeFileSync(join(tree, '.git'), `gitdir: ${entry}\n`);
      await repository.guard.check(tree);
      await git(['read-tree', '--reset', '-u', commit], { cwd: tree, timeout: CHECKOUT_TIMEOUT, ...pace });
      const { generation } = await provisioner.provision(tree, pace.signal ? { signal: pace.signal } : {});
      pace.signal?.throwIfAborted();
      // A tracked file that the set-up changed is seen as changed in every slot, as it is without a golden tree.
      await git(['update-index', '-q', '--refresh'], { cwd: tree, okCodes: [1], timeout: CHECKOUT_TIMEOUT });
      rmSync(join(tree, '.git'));
      return await this.#seal({ number, kind, commit, generation, over: null }, entry);
    } catch (error) {
      this.#remove(number);
      throw error;
    }
  }

  /** A layer over a whole golden tree, with its dependencies: only the files that moved are looked at, and written once for all slots. */
  async #buildOver(whole: Golden, commit: string, pace: Pace): Promise<Golden> {
    const { repository, folder } = this.#parts;
    const number = this.#begin();
    const [view, upper, work] = [VIEW, TREE, WORK].map((name) => this.#path(number, name)) as [string, string, string];
    for (const path of [view, upper, work]) mkdirSync(path);
    const home = dirname(folder);
    const parts = { lower: relative(home, this.tree(whole)), upper: relative(home, upper), work: relative(home, work) };
    try {
      await mountOverlay(view, { home, ...parts });
      const entry = makeEntry(repository.gitDir, view, commit);
      copyFileSync(this.index(whole), join(entry, 'index'));
      await repository.guard.check(repository.root);
      const env = { GIT_DIR: entry, GIT_WORK_TREE: view };
      const args = ['read-tree', '--reset', '-u', whole.commit, commit];
      await git(args, { cwd: view, env, timeout: CHECKOUT_TIMEOUT, ...pace });
      pace.signal?.throwIfAborted();
      // From here on it is beneath others, which may not be as long as it is mounted itself.
      await unmountBeneath(view);
      for (const path of [view, work]) rmSync(path, { recursive: true });
      return await this.#seal({ ...whole, number, commit, over: whole.number }, entry);
    } catch (error) {
      await unmountBeneath(view);
      this.#remove(number);
      throw error;
    }
  }

  /** The number of a new one, which has a folder. */
  #begin(): number {
    const number = Math.max(0, ...this.#numbers()) + 1;
    mkdirSync(this.#path(number), { recursive: true, mode: 0o700 });
    return number;
  }

  /** From here on it never changes. */
  async #seal(golden: Golden, entry: string): Promise<Golden> {
    copyFileSync(join(entry, 'index'), this.index(golden));
    rmSync(entry, { recursive: true });
    await writeRecord(this.#path(golden.number, SEAL), JSON.stringify(golden));
    this.#sealed.push(golden);
    return golden;
  }

  /**
   * Removes those that no slot stands on, but for the two whole ones that were used last and may still make slots, and of the layers over
   * each of them the one that was used last.
   */
  collect(used: ReadonlySet<number>): void {
    const usedAt = ({ number }: Golden) => statSync(this.#path(number), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const lately = this.#sealed.filter((each) => !this.#isOutdated(each)).sort((a, b) => usedAt(b) - usedAt(a));
    const whole = lately.filter(({ over }) => over === null).slice(0, KEPT);
    const layers = whole.flatMap(({ number }) => lately.find(({ over }) => over === number) ?? []);
    const kept = [...this.#sealed.filter(({ number }) => used.has(number)), ...whole, ...layers];
    const needed = new Set(kept.flatMap(({ number, over }) => [number, over]));
    for (const golden of this.#sealed.filter(({ number }) => !needed.has(number))) {
      this.#sealed = this.#sealed.filter((each) => each !== golden);
      this.#remove(golden.number);
    }
  }

  /** Those that are among these trees make no more slots. */
  doubt(trees: readonly string[]): void {
    for (const golden of this.#sealed) if (trees.includes(this.tree(golden))) this.outdate(golden);
  }

  #remove(number: number): void {
    // First of all: whoever dies in what follows leaves one that is half there.
    rmSync(this.#path(number, SEAL), { force: true });
    // The number may come again.
    this.#outdated.delete(number);
    const tree = this.#path(number, TREE);
    this.#parts.provisioner.forget(tree);
    for (const entry of asideEntries(this.#parts.repository.gitDir)) {
      if (dirname(worktreeOf(entry) ?? '') === this.#path(number)) rmSync(entry, { recursive: true, force: true });
    }
    this.#parts.trash.add(tree);
    this.#parts.trash.add(this.#path(number));
  }

  #path(number: number, ...names: string[]): string {
    return join(this.#parts.folder, String(number), ...names);
  }
}

function readSeal(path: string): Golden | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Golden;
  } catch {
    return null;
  }
}
