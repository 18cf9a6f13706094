// Owns the dependency cache: a worktree is given what its lock files and setup commands say, the cheapest safe way, and what one worktree does to it no other sees.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DependencySettings, SetupStep } from '../../config/schema.ts';
import type { Repository } from '../../git/repository.ts';
import { Lane } from '../../git/serial.ts';
import { copyEnvFiles } from './env-files.ts';
import { Generations } from './generations.ts';
import { Inspector } from './inspector.ts';
import { hashKey } from './key.ts';
import { InstallFailure, type Site } from './run-step.ts';
import { type Provided, SlotRecords } from './slot-record.ts';
import { isRootWithin, StepProvider } from './step-provider.ts';
import { type Plan, planSteps, type Step } from './steps.ts';
import { Toolchain } from './toolchain.ts';
import type { TreeAnswer, TreeJob } from './tree-job.ts';
import { runTreeProcess } from './tree-process.ts';
import { hideFromGit } from './untracked.ts';

export interface DependencyCacheOptions {
  /** In the data home, on the file system of the worktrees. */
  readonly folder: string;
  /** Where the output of installs goes. */
  readonly logs: string;
  readonly repository: Repository;
  readonly config: { dependencies: DependencySettings; setup: readonly SetupStep[]; copy: readonly string[] };
  /** The value of DROVER_SESSION. */
  readonly sessionTag: string;
  /** argv of the role `__tree`. */
  readonly treeCommand: readonly string[];
  /** A generation was found changed: these worktrees share the changed files and should be made ready again. */
  readonly onDamage?: (worktrees: readonly string[], words: string) => void;
}

export interface ProvisionRequest {
  readonly signal?: AbortSignal | undefined;
  /** Nobody has worked in the worktree since it was provisioned last, so that what is there need not be looked at. */
  readonly isUnused?: boolean;
}

/** What a worktree has got. */
export interface Provision {
  /** Names the dependencies: the same for worktrees that have the same. null when there are none. */
  readonly generation: string | null;
  /** In words for a person, e.g. `npm by hard links`. */
  readonly method: string;
  /** Bytes on the disk that only this worktree has of it, and that it shares with others. */
  readonly bytes: number;
  readonly saved: number;
  /** What the worktree does without, a sentence each. */
  readonly problems: readonly string[];
}

export interface CacheUsage {
  readonly generations: number;
  /** Bytes on the disk of all generations, and of what worktrees have for themselves. */
  readonly bytes: number;
  /** What further copies for each worktree would take besides. */
  readonly saved: number;
}

/** The cache of one data home, in the hands of one server. */
export class DependencyCache {
  readonly #options: DependencyCacheOptions;
  readonly #generations: Generations;
  readonly #records: SlotRecords;
  readonly #toolchain = new Toolchain();
  /** Installs and copies take both cores; agents should have one. */
  readonly #lane = new Lane();
  readonly #provider: StepProvider;
  readonly #inspector: Inspector;
  #sweeping: Promise<unknown> = Promise.resolve();

  private constructor(options: DependencyCacheOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#generations = new Generations(join(options.folder, 'generations'));
    this.#records = new SlotRecords(join(options.folder, 'worktrees'));
    this.#inspector = new Inspector({
      generations: this.#generations,
      records: this.#records,
      work: (job) => this.#work(job),
      onDamage: options.onDamage ?? (() => {}),
    });
    this.#provider = new StepProvider({
      folder: options.folder,
      generations: this.#generations,
      records: this.#records,
      share: options.config.dependencies.share,
      inspector: this.#inspector,
    });
  }

  /** Opens the cache, and removes what a killed server left half-built and what nobody wants any more, in the background. */
  static open(options: DependencyCacheOptions): DependencyCache {
    const cache = new DependencyCache(options);
    options.repository.beforeCommits.push((worktree) => cache.hide(worktree));
    cache.collect().catch(() => undefined);
    return cache;
  }

  /**
   * Brings a worktree to what its files say it needs; git must stand at the commit, and no agent may work in it. Costs
   * little when it is so already. A dependency that cannot be installed is a problem, and the worktree goes without: an
   * agent can install it, and the lock file may be what it is to mend. A setup command that fails throws InstallFailure,
   * since the configuration says that work needs it; so do a fault of the disk and `signal`, which calls it off.
   */
  async provision(path: string, { signal, isUnused = false }: ProvisionRequest = {}): Promise<Provision> {
    const plan = await planSteps(path, this.#options.config, this.#toolchain);
    if (isUnused && this.#isAsGiven(path, plan)) return summarise(this.#records.read(path).steps, []);
    return this.#lane.run(async () => {
      signal?.throwIfAborted();
      try {
        return await this.#provision(this.#siteOf(path, signal), plan);
      } finally {
        this.collect().catch(() => undefined);
      }
    });
  }

  /** Each step has its key, and the generation that it came from is still the one of that key. */
  #isAsGiven(path: string, { steps, problems }: Plan): boolean {
    const has = this.#records.read(path).steps;
    const isGiven = ({ id, key, way }: Step) => {
      const given = has.find(({ step }) => step === id);
      if (given?.key !== key) return false;
      return way === 'own' || (way === 'generation' && this.#generations.find(key)?.instance === given.instance);
    };
    const isCopying = this.#options.config.copy.length > 0;
    return problems.length === 0 && !isCopying && has.length === steps.length && steps.every(isGiven);
  }

  /** The folders, beneath the worktree, that cleaning it should leave: the next provision sees whether they are as they should be. */
  roots(path: string): string[] {
    return this.#records.read(path).steps.flatMap(({ roots }) => roots);
  }

  /** Has git pass over what was provisioned, also after an agent made it anew. */
  async hide(path: string): Promise<void> {
    await hideFromGit(
      path,
      this.roots(path).filter((root) => isRootWithin(path, root)),
    );
  }

  /** A worktree was made by copy-on-write of another one, which nobody changes: it has what that one has, and nothing of it is its own. */
  adopt(path: string, from: string): void {
    this.#records.copyLists(from, path);
    const { steps } = this.#records.read(from);
    const copied = steps.map((each) => ({ ...each, bytes: 0, saved: each.bytes + each.saved }));
    this.#records.write({ path, steps: copied });
  }

  /** The worktree is gone. */
  forget(path: string): void {
    this.#records.forget(path);
  }

  /** Discards the generations that no worktree has and that were not among the last two in use. Gives how many went. */
  async collect(): Promise<number> {
    for (const { path } of this.#records.all()) if (!existsSync(path)) this.#records.forget(path);
    const used = this.#records.all().flatMap(({ steps }) => steps.map(({ key }) => key));
    const gone = this.#generations.collect(new Set(used));
    await this.#sweep();
    return gone.length;
  }

  /** Reads every generation. A changed one is taken out, so that it is built anew when it is wanted next. Gives the keys of those. */
  verify(): Promise<string[]> {
    return this.#lane.run(async () => {
      const damaged: string[] = [];
      for (const generation of this.#generations.list()) {
        if (!(await this.#inspector.inspect(generation, 'deep'))) damaged.push(generation.key);
      }
      await this.#sweep();
      return damaged;
    });
  }

  /** From what was noted when it was made; no tree is walked. */
  usage(): CacheUsage {
    const generations = this.#generations.list();
    const steps = this.#records.all().flatMap((record) => record.steps);
    return {
      generations: generations.length,
      bytes: sum(generations.map(({ shared, own }) => shared + own)) + sum(steps.map(({ bytes }) => bytes)),
      saved: sum(steps.map(({ saved }) => saved)),
    };
  }

  /** Waits until nothing is under way. */
  async close(): Promise<void> {
    await this.#lane.run(async () => {});
    await this.#inspector.settled();
    await this.#sweeping;
  }

  #siteOf(worktree: string, signal: AbortSignal | undefined): Site {
    const { logs, repository, sessionTag } = this.#options;
    const work = (job: TreeJob) => this.#work(job, signal);
    return { worktree, logs, repository, sessionTag, signal, work, generations: this.#generations };
  }

  #work(job: TreeJob, signal?: AbortSignal): Promise<TreeAnswer> {
    const { treeCommand: command, sessionTag } = this.#options;
    return runTreeProcess({ command, sessionTag }, job, signal);
  }

  async #provision(site: Site, plan: Plan): Promise<Provision> {
    const path = site.worktree;
    const problems: string[] = [];
    const before = this.#records.read(path).steps;
    const wanted = new Set(plan.steps.map(({ id }) => id));
    this.#provider.drop(
      site,
      before.filter(({ step }) => !wanted.has(step)),
    );
    // Setup commands may read them; an install that cleans up after itself takes those along that git doesn't ignore.
    problems.push(...plan.problems, ...(await this.#copy(path)));
    const has = before.filter(({ step }) => wanted.has(step));
    for (const step of plan.steps) {
      const prior = has.find((each) => each.step === step.id);
      const others = has.filter((each) => each !== prior);
      // Until it is done, nothing is known of it: whoever dies here leaves what the next start does anew.
      const unlearn = () => this.#records.write({ path, steps: others });
      try {
        const provided = await this.#provider.provide(site, step, prior, unlearn);
        has.splice(0, has.length, ...others, ...(provided === null ? [] : [provided]));
        this.#records.write({ path, steps: has });
      } catch (error) {
        if (!(error instanceof InstallFailure) || step.isRequired) throw error;
        has.splice(0, has.length, ...others);
        problems.push(error.message);
      }
    }
    await this.hide(path);
    return summarise(has, problems);
  }

  async #copy(path: string): Promise<string[]> {
    const { repository, config } = this.#options;
    if (repository.isBare || config.copy.length === 0) return [];
    return copyEnvFiles(repository.root, path, config.copy);
  }

  /** Removes what was thrown away, beside all else. */
  #sweep(): Promise<unknown> {
    const paths = this.#generations.trash();
    if (paths.length === 0) return this.#sweeping;
    const remove = () => this.#work({ job: 'remove', paths }).catch(() => undefined);
    this.#sweeping = this.#sweeping.then(remove);
    return this.#sweeping;
  }
}

function summarise(steps: readonly Provided[], problems: readonly string[]): Provision {
  const sorted = [...steps].sort((one, other) => (one.step < other.step ? -1 : 1));
  return {
    generation:
      steps.length === 0 ? null : hashKey(Object.fromEntries(sorted.map(({ step, key }) => [step, key]))).slice(0, 12),
    method: sorted.map(({ method }) => method).join(', '),
    bytes: sum(steps.map(({ bytes }) => bytes)),
    saved: sum(steps.map(({ saved }) => saved)),
    problems,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
