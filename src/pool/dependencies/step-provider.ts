// Owns how a worktree comes by one step: from a generation, by an install of its own, or as it was left.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildGeneration, installIn } from './build-generation.ts';
import { type Generation, type Generations, MANIFEST, TREE } from './generations.ts';
import type { Inspector } from './inspector.ts';
import { mendTree } from './mend-tree.ts';
import { probeMethod } from './probe.ts';
import { InstallFailure, runStep, type Site } from './run-step.ts';
import { discard, type Method } from './share-tree.ts';
import type { Provided, SlotRecords } from './slot-record.ts';
import { isFolderWithin, type Step } from './steps.ts';
import { trackedOf } from './untracked.ts';

interface Parts {
  readonly folder: string;
  readonly generations: Generations;
  readonly records: SlotRecords;
  readonly share: 'auto' | 'link' | 'copy';
  readonly inspector: Inspector;
}

interface Run {
  readonly site: Site;
  readonly step: Step;
  /** What the worktree has of this very key. */
  readonly known: Provided | undefined;
  readonly unlearn: () => void;
}

/** ms: a failed install is not tried again for the next worktree before that. */
const FAILED_FOR = 5 * 60_000;

const METHODS: Readonly<Record<Method, string>> = { link: 'hard links', reflink: 'reflinks', copy: 'a copy' };

export class StepProvider {
  readonly #parts: Parts;
  readonly #failures = new Map<string, { at: number; message: string }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Sees to it that a worktree has what a step makes. `prior` is what it had of it, `unlearn` writes down that it has nothing
   * of it any more. null when the repository brings it along. Throws InstallFailure.
   */
  async provide(site: Site, step: Step, prior: Provided | undefined, unlearn: () => void): Promise<Provided | null> {
    if (prior === undefined && (await isInstalledByGit(site, step))) return null;
    const known = prior?.key === step.key ? prior : undefined;
    if (known === undefined) {
      unlearn();
      if (prior !== undefined) this.drop(site, [{ ...prior, roots: this.#unwanted(prior, step) }]);
    }
    const run = { site, step, known, unlearn };
    const provided = step.way === 'generation' ? await this.#share(run) : await this.#install(run);
    if (step.way === 'generation' && step.check !== null) await this.#check(site, step);
    return provided;
  }

  /** Of what a worktree has, what the step does not bring from a generation: in those folders most files stay as they are. */
  #unwanted({ roots }: Provided, step: Step): readonly string[] {
    const wanted = step.way === 'generation' ? this.#parts.generations.find(step.key)?.roots : undefined;
    return wanted === undefined ? roots : roots.filter((root) => !wanted.includes(root));
  }

  /**
   * From a generation, which is built when there is none. A worktree that has it already is compared by its folders, and the generation
   * looked at afterwards: whoever changed a file of it in place did so for all that share it, long before this one came back.
   */
  async #share({ site, step, known, unlearn }: Run): Promise<Provided> {
    const { generations, inspector } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      const generation = generations.find(step.key) ?? (await this.#build(site, step, unlearn));
      // Before its record is taken back, so that nobody collects it meanwhile.
      generations.touch(generation);
      const isKnown = known?.instance === generation.instance;
      if (!isKnown) unlearn();
      const method = probeMethod(this.#parts.folder, site.worktree, this.#parts.share);
      const stamps = this.#parts.records.fileOf(site.worktree, step.id, 'stamps');
      const at = {
        manifest: { path: join(generation.folder, MANIFEST), hash: generation.hash },
        tree: join(generation.folder, TREE),
        worktree: site.worktree,
        stamps,
        trash: generations.trashFolder(),
      };
      const check = isKnown ? 'none' : inspector.due(generation);
      const isMended = isKnown && method === 'link' && (await mendTree(at));
      const answer = isMended
        ? ({ kind: 'shared' } as const)
        : await site.work({ job: 'share', ...at, method, isKnown, check });
      if (answer.kind === 'shared') {
        if (check !== 'none') inspector.done(generation, check);
        else if (isKnown) inspector.look(generation);
        return providedBy(step, generation, method);
      }
      if (answer.kind !== 'damaged' || attempt > 1) throw new Error(`the generation of ${step.id} cannot be used`);
      inspector.quarantine(generation, answer.files);
      unlearn();
    }
  }

  #build(site: Site, step: Step, unlearn: () => void): Promise<Generation> {
    unlearn();
    return this.#remembered(step, () => buildGeneration(site, step));
  }

  /** In the worktree itself: it is only looked at when it was done for this key before. */
  async #install({ site, step, known, unlearn }: Run): Promise<Provided> {
    const list = this.#parts.records.fileOf(site.worktree, step.id, 'manifest');
    if (known !== undefined && step.way === 'own' && (await this.#isUntouched(site, step, known, list))) return known;
    if (known !== undefined) this.drop(site, [known]);
    unlearn();
    if (step.way === 'always') {
      const isDone = step.check !== null && (await this.#passes(site, step));
      if (!isDone) await runStep(site, step, step.commands);
      return { step: step.id, key: step.key, instance: '', roots: [], method: step.id, bytes: 0, saved: 0 };
    }
    const roots = await this.#remembered(step, () => installIn(site, step));
    const answer = await site.work({ job: 'list', worktree: site.worktree, roots, into: list });
    if (answer.kind !== 'sealed') throw new Error(`a list was answered with ${answer.kind}`);
    const { hash, shared, own, linked } = answer.sealed;
    const method = `${step.id} in place`;
    return { step: step.id, key: step.key, instance: hash, roots, method, bytes: shared + own - linked, saved: linked };
  }

  async #isUntouched(site: Site, step: Step, known: Provided, list: string): Promise<boolean> {
    const answer = await site.work({
      job: 'share',
      manifest: { path: list, hash: known.instance },
      tree: null,
      worktree: site.worktree,
      method: 'copy',
      stamps: this.#parts.records.fileOf(site.worktree, step.id, 'stamps'),
      isKnown: true,
      check: 'none',
      trash: this.#parts.generations.trashFolder(),
    });
    return answer.kind === 'shared';
  }

  /** The check of a setup command whose outputs were copied: where they don't do in another worktree, it is run in this one. */
  async #check(site: Site, step: Step): Promise<void> {
    if (await this.#passes(site, step)) return;
    await runStep(site, step, step.commands);
    if (!(await this.#passes(site, step)))
      throw new InstallFailure(`the check of ${step.id} fails after its command has run`);
  }

  async #passes(site: Site, step: Step): Promise<boolean> {
    try {
      await runStep(site, { ...step, id: `${step.id}-check` }, step.check === null ? [] : [step.check]);
      return true;
    } catch (error) {
      if (error instanceof InstallFailure) return false;
      throw error;
    }
  }

  /** An install that has just failed would fail in the next worktree too. */
  async #remembered<T>(step: Step, install: () => Promise<T>): Promise<T> {
    const failure = this.#failures.get(step.key);
    if (failure !== undefined && Date.now() - failure.at < FAILED_FOR) throw new InstallFailure(failure.message);
    try {
      const result = await install();
      this.#failures.delete(step.key);
      return result;
    } catch (error) {
      if (error instanceof InstallFailure) this.#failures.set(step.key, { at: Date.now(), message: error.message });
      throw error;
    }
  }

  /** Puts what steps left in a worktree out of the way. */
  drop(site: Site, gone: readonly Provided[]): void {
    const roots = gone.flatMap((each) => each.roots).filter((root) => isRootWithin(site.worktree, root));
    if (roots.length === 0) return;
    const trash = this.#parts.generations.trashFolder();
    for (const [at, root] of roots.entries()) {
      if (existsSync(join(site.worktree, root))) discard(join(site.worktree, root), join(trash, String(at)));
    }
  }
}

/** A repository that has its node_modules under version control needs no install. */
async function isInstalledByGit(site: Site, step: Step): Promise<boolean> {
  const folder = join(step.folder, 'node_modules');
  if (step.outputs !== null || !existsSync(join(site.worktree, folder))) return false;
  return (await trackedOf(site.worktree, [folder])).has(folder);
}

/** True when the way to a root leads through folders of the worktree. */
export function isRootWithin(worktree: string, root: string): boolean {
  const parent = root.split('/').slice(0, -1).join('/');
  return parent === '' || isFolderWithin(worktree, parent);
}

function providedBy(step: Step, generation: Generation, method: Method): Provided {
  const { shared, own, instance, roots } = generation;
  const isShared = method !== 'copy';
  return {
    step: step.id,
    key: step.key,
    instance,
    roots,
    method: `${step.id} by ${METHODS[method]}`,
    bytes: isShared ? own : own + shared,
    saved: isShared ? shared : 0,
  };
}
