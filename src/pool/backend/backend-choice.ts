// Owns the choice of the way in which the files of slots are made, and the words for it.
import { mkdirSync } from 'node:fs';
import { refuse } from '../../domain/refusal.ts';
import type { TreeBackend } from '../../domain/worker.ts';
import { areFiles } from '../../git/refs.ts';
import type { Repository } from '../../git/repository.ts';
import { git } from '../../git/runner.ts';
import { COPY_ON_WRITE, type Findings, probe } from './probe.ts';

/** `auto` takes the first that works of btrfs, overlay and reflink for a repository of many files, else `checkout`. */
export type WantedBackend = 'auto' | TreeBackend;

/** Files; git checks out fewer in a fraction of a second, and a golden tree is one tree more on the disk. */
const FEW = 2_000;

export class BackendChoice {
  readonly #repository: Repository;
  readonly #wanted: WantedBackend;
  /** Where the ways are tried. */
  readonly #folder: string;
  #findings: Promise<Findings> | null = null;
  #chosen: TreeBackend | null = null;

  constructor(repository: Repository, folder: string, wanted: WantedBackend) {
    this.#repository = repository;
    this.#folder = folder;
    this.#wanted = wanted;
  }

  /** What each way of copy-on-write said when it was tried here; asked once. */
  findings(): Promise<Findings> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#findings ??= probe(this.#folder);
    return this.#findings;
  }

  /** Refuses `not-allowed` when a way of copy-on-write is wanted by name and doesn't work here. */
  async check(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === 'auto' || wanted === 'checkout') return;
    const next = 'set pool.backend to auto or checkout in your configuration';
    if (!areFiles(this.#repository)) {
      const why = 'needs references that are files; this repository has reftable';
      refuse('not-allowed', `pool.backend ${wanted} ${why}`, next);
    }
    const reason = (await this.findings())[wanted];
    if (reason !== null)
      refuse('not-allowed', `pool.backend ${wanted} doesn't work in ${this.#folder}: ${reason}`, next);
  }

  /** The one that slots are made by; decided once, by the size of the commit. */
  async of(commit: string): Promise<TreeBackend> {
    this.#chosen ??= await this.#choose(commit);
    return this.#chosen;
  }

  async #choose(commit: string): Promise<TreeBackend> {
    if (this.#wanted !== 'auto') return this.#wanted;
    if (!areFiles(this.#repository) || (await this.#hasFew(commit))) return 'checkout';
    const findings = await this.findings();
    return COPY_ON_WRITE.find((kind) => findings[kind] === null) ?? 'checkout';
  }

  async #hasFew(commit: string): Promise<boolean> {
    const args = ['ls-tree', '-r', '-z', '--name-only', commit];
    const { stdout } = await git(args, { cwd: this.#repository.root, isRead: true });
    return stdout.split('\0').length <= FEW;
  }

  /** In words for a person: how slots are made from a commit, and why not in another way. */
  async describe(commit: string): Promise<{ backend: TreeBackend; reasons: string[] }> {
    const backend = await this.of(commit);
    if (this.#wanted !== 'auto') return { backend, reasons: ['set by pool.backend'] };
    if (!areFiles(this.#repository)) return { backend, reasons: ['this repository has reftable'] };
    if (this.#findings === null) return { backend, reasons: [`git is quick enough with fewer than ${FEW} files`] };
    const findings = Object.entries(await this.findings());
    return { backend, reasons: findings.flatMap(([kind, reason]) => (reason === null ? [] : [`${kind}: ${reason}`])) };
  }
}
