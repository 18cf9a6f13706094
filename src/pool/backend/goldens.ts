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
import { basename, join } from 'node:path';
import type { Repository } from '../../git/repository.ts';
import { git, type Pace } from '../../git/runner.ts';
import { Lane } from '../../git/serial.ts';
import { CHECKOUT_TIMEOUT } from '../../git/worktree.ts';
import { asideEntries, makeEntry, worktreeOf } from '../../git/worktree-entry.ts';
import { DECISIVE_FILES } from '../dependencies/ecosystems.ts';
import type { Provisioner } from '../provisioner.ts';
import { createSubvolume } from './btrfs.ts';
import type { CopyOnWrite } from './probe.ts';
import type { Trash } from './trash.ts';
import { writeRecord } from './tree-records.ts';

/** In the home of copy-on-write, a folder for each number, and in it the tree. */
export const GOLDENS = 'goldens';
export const TREE = 'tree';

export interface Golden {
  readonly number: number;
  readonly kind: CopyOnWrite;
  readonly commit: string;
  /** Of its dependencies; null when it has none. */
  readonly generation: string | null;
}

interface GoldensParts {
  readonly repository: Repository;
  readonly folder: string;
  readonly trash: Trash;
  readonly provisioner: Provisioner;
}

/** Moved files above which a new golden tree is made instead of bringing each slot up by git: each costs 0.25 to 0.35 ms and a copy in every slot. */
const FAR = 500;

/** Golden trees that are kept, the last used ones, though no slot may stand on them: the branch, or the lock file, that one goes back to. */
const KEPT = 2;

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
      const golden = readSeal(this.#path(number, 'golden.json'));
      if (golden === null) this.#remove(number);
      else this.#sealed.push({ ...golden, number });
    }
  }

  #numbers(): number[] {
    const { folder } = this.#parts;
    return existsSync(folder) ? readdirSync(folder).map(Number).filter(Number.isInteger) : [];
  }

  get(number: number): Golden | null {
    return this.#sealed.find((each) => each.number === number) ?? null;
  }

  tree(golden: Golden): string {
    return this.#path(golden.number, TREE);
  }

  index(golden: Golden): string {
    return this.#path(golden.number, 'index');
  }

  /** The dependencies of this golden tree turned out to be others than slots need: it makes no more of them. */
  outdate(golden: number): void {
    this.#outdated.add(golden);
  }

  /**
   * The golden tree from which a slot at `commit` is made most quickly. In the background one is built when none is good for it,
   * which takes as long as a checkout with its dependencies; while somebody waits the newest does.
   */
  async near(kind: CopyOnWrite, commit: string, pace: Pace): Promise<Golden> {
    const present = pace.isBackground ? undefined : ((await this.#best(kind, commit)) ?? this.#newest(kind));
    const build = async () => (await this.#best(kind, commit)) ?? this.#build(kind, commit, pace);
    const golden = present ?? (await this.#building.run(build));
    const now = Date.now() / 1000;
    utimesSync(this.#path(golden.number), now, now);
    return golden;
  }

  #newest(kind: CopyOnWrite): Golden | undefined {
    return this.#sealed.findLast((golden) => golden.kind === kind);
  }

  /** The one from which the fewest files differ, the newest of several; undefined when none is good. */
  async #best(kind: CopyOnWrite, commit: string): Promise<Golden | undefined> {
    const ofKind = this.#sealed.filter((golden) => golden.kind === kind).reverse();
    const all = await Promise.all(
      ofKind.map(async (golden) => ({ golden, files: await this.#distance(golden, commit) })),
    );
    const good = all.filter(({ golden, files }) => files <= FAR && this.#sealed.includes(golden));
    return good.sort((a, b) => a.files - b.files)[0]?.golden;
  }

  /** True when a slot at the commit may be made of it rather than of a new one. */
  async isGoodFor(golden: Golden, commit: string): Promise<boolean> {
    return (await this.#distance(golden, commit)) <= FAR;
  }

  /** Files that differ from the commit; without end for one that makes no slots for it. */
  async #distance({ number, commit: from }: Golden, to: string): Promise<number> {
    if (this.#outdated.has(number)) return Infinity;
    if (from === to) return 0;
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to];
    // A commit that is gone by now is far.
    const { exitCode, stdout } = await git(args, { cwd: this.#parts.repository.root, isRead: true, okCodes: [128] });
    const names = stdout.split('\0').filter((name) => name !== '');
    return exitCode === 0 && !names.some((name) => DECISIVE_FILES.has(basename(name))) ? names.length : Infinity;
  }

  async #build(kind: CopyOnWrite, commit: string, pace: Pace): Promise<Golden> {
    const { repository, provisioner } = this.#parts;
    const number = Math.max(0, ...this.#numbers()) + 1;
    const tree = this.#path(number, TREE);
    mkdirSync(this.#path(number), { recursive: true, mode: 0o700 });
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
      return await this.#seal({ number, kind, commit, generation }, { tree, entry });
    } catch (error) {
      this.#remove(number);
      throw error;
    }
  }

  /** From here on it never changes. */
  async #seal(golden: Golden, { tree, entry }: { tree: string; entry: string }): Promise<Golden> {
    // A tracked file that the set-up changed is seen as changed in every slot, as it is without a golden tree.
    await git(['update-index', '-q', '--refresh'], { cwd: tree, okCodes: [1], timeout: CHECKOUT_TIMEOUT });
    copyFileSync(join(entry, 'index'), this.index(golden));
    rmSync(join(tree, '.git'));
    rmSync(entry, { recursive: true });
    await writeRecord(this.#path(golden.number, 'golden.json'), JSON.stringify(golden));
    this.#sealed.push(golden);
    return golden;
  }

  /** Removes those that no slot stands on, but for the two used last that may still make slots. */
  collect(used: ReadonlySet<number>): void {
    const usedAt = ({ number }: Golden) => statSync(this.#path(number)).mtimeMs;
    const kept = this.#sealed
      .filter(({ number }) => !this.#outdated.has(number))
      .sort((a, b) => usedAt(b) - usedAt(a))
      .slice(0, KEPT);
    for (const golden of this.#sealed.filter((each) => !used.has(each.number) && !kept.includes(each))) {
      this.#sealed = this.#sealed.filter((each) => each !== golden);
      this.#remove(golden.number);
    }
  }

  /** Those that are among these trees make no more slots. */
  doubt(trees: readonly string[]): void {
    for (const golden of this.#sealed) if (trees.includes(this.tree(golden))) this.outdate(golden.number);
  }

  #remove(number: number): void {
    const tree = this.#path(number, TREE);
    this.#parts.provisioner.forget(tree);
    for (const entry of asideEntries(this.#parts.repository.gitDir)) {
      if (worktreeOf(entry) === tree) rmSync(entry, { recursive: true, force: true });
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
