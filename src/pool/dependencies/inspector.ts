// Owns the look at generations: that nobody changed a file of one, and what follows when somebody did.
import { join } from 'node:path';
import { Lane } from '../../git/serial.ts';
import { type Generation, type Generations, MANIFEST, TREE } from './generations.ts';
import type { SlotRecords } from './slot-record.ts';
import type { TreeAnswer, TreeJob } from './tree-job.ts';

interface Parts {
  readonly generations: Generations;
  readonly records: SlotRecords;
  readonly work: (job: TreeJob) => Promise<TreeAnswer>;
  /** A generation was found changed: all these worktrees share the changed files. */
  readonly onDamage: (worktrees: readonly string[], words: string) => void;
}

/** ms: eight worktrees that are made ready in a row need one look. */
const FRESH = 10_000;

export class Inspector {
  readonly #parts: Parts;
  readonly #lane = new Lane();
  /** Instance -> when it was looked at last, ms. */
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** How a generation is to be looked at before it is shared. */
  due(generation: Generation): 'none' | 'quick' | 'deep' {
    if (this.#parts.generations.isDeepDue(generation)) return 'deep';
    return Date.now() - (this.#seen.get(generation.instance) ?? 0) < FRESH ? 'none' : 'quick';
  }

  /** It was looked at, and is whole. */
  done(generation: Generation, how: 'quick' | 'deep'): void {
    this.#seen.set(generation.instance, Date.now());
    if (how === 'deep') this.#parts.generations.deepDone(generation);
  }

  /** Looks at a generation beside all else, once however many ask. */
  look(generation: Generation): void {
    if (this.#waiting.has(generation.instance)) return;
    this.#waiting.add(generation.instance);
    const look = () => {
      this.#waiting.delete(generation.instance);
      return this.inspect(generation, this.#parts.generations.isDeepDue(generation) ? 'deep' : 'quick');
    };
    // What cannot be looked at now is looked at before it is shared next.
    this.#lane.run(look).catch(() => undefined);
  }

  /** False when it was changed, and is no generation any more. */
  async inspect(generation: Generation, how: 'quick' | 'deep'): Promise<boolean> {
    const manifest = { path: join(generation.folder, MANIFEST), hash: generation.hash };
    const tree = join(generation.folder, TREE);
    const answer = await this.#parts.work({ job: 'check', manifest, tree, isDeep: how === 'deep' });
    const isCurrent = this.#parts.generations.find(generation.key)?.instance === generation.instance;
    if (answer.kind === 'damaged' && isCurrent) this.quarantine(generation, answer.files);
    else if (isCurrent) this.done(generation, how);
    return answer.kind !== 'damaged';
  }

  /** Takes a changed generation out; it is built anew when it is wanted next. */
  quarantine(generation: Generation, files: readonly string[]): void {
    this.#parts.generations.discard(generation.folder);
    const isSharing = ({ instance }: { instance: string }) => instance === generation.instance;
    const sharing = this.#parts.records.all().filter(({ steps }) => steps.some(isSharing));
    const paths = sharing.map(({ path }) => path);
    const where = paths.length === 0 ? 'no worktree shares it' : `it is shared by ${paths.join(', ')}`;
    const what = `${generation.step}: ${files[0] ?? 'a file'} was changed in place and reached the cache`;
    this.#parts.onDamage(paths, `${what}; ${where}, and is built anew`);
  }

  /** Waits until no look is under way. */
  settled(): Promise<void> {
    return this.#lane.run(async () => {});
  }
}
