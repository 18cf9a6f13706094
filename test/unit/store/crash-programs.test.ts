// Random programs of commits, snapshots, restarts, kills and power cuts, checked against the oracle after each.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrashDisk, fateOf, randomFrom } from './crash-disk.ts';
import { commitToy, Oracle, openToy, put, type ToyStore } from './toy.ts';

type Step =
  | { readonly kind: 'commit'; readonly sizes: readonly number[]; readonly isAwaited: boolean }
  | { readonly kind: 'checkpoint'; readonly isAwaited: boolean }
  | { readonly kind: 'restart' }
  /** After so many more file operations the process is gone; `seed` says what the disk keeps, null for everything. */
  | { readonly kind: 'crash'; readonly after: number; readonly seed: number | null };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      sizes: fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 4 }),
      isAwaited: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const), isAwaited: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      after: fc.integer({ min: 0, max: 12 }),
      seed: fc.option(fc.integer(), { freq: 4 }),
    }),
  },
);

class Machine {
  readonly oracle = new Oracle();
  #disk = new CrashDisk();
  #store: ToyStore | null = null;
  #running: Promise<unknown>[] = [];

  async run(steps: readonly Step[]): Promise<void> {
    this.#store = await openToy({ files: this.#disk });
    for (const [index, each] of steps.entries()) {
      if (each.kind === 'crash') await this.#crash(each.after, each.seed, index);
      else await this.#work(each, index);
    }
    await this.#settle();
    await this.#check(this.#disk.survivor());
  }

  async #work(each: Exclude<Step, { kind: 'crash' }>, index: number): Promise<void> {
    const store = this.#store as ToyStore;
    if (each.kind === 'restart') {
      await this.#settle();
      await store.close();
      await this.#check(this.#disk);
      return;
    }
    const running =
      each.kind === 'checkpoint'
        ? store.checkpoint().catch(() => undefined)
        : commitToy(
            store,
            this.oracle,
            each.sizes.map((size) => put(`item-${(index + size) % 7}`, 'x'.repeat(size))),
          );
    this.#running.push(running);
    if (each.isAwaited) await running;
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#running.splice(0));
  }

  /** Lets the disk hang after some operations; what was acknowledged by then is what counts. */
  async #crash(after: number, seed: number | null, index: number): Promise<void> {
    const disk = this.#disk;
    const settled = this.#settle();
    let left = after;
    const hung = new Promise<void>((resolve) => {
      disk.options.before = () => {
        left -= 1;
        if (left >= 0) return;
        resolve();
        return new Promise<never>(() => undefined);
      };
    });
    await Promise.race([hung, settled]);
    // Also when everything was settled before: the process is dead, whatever it had under way.
    disk.options.before = () => new Promise<never>(() => undefined);
    const next = seed === null ? disk.survivor() : disk.afterPowerCut(fateOf(index % 8, randomFrom(seed)));
    this.#running = [];
    await this.#check(next);
  }

  async #check(disk: CrashDisk): Promise<void> {
    this.#disk = disk;
    this.#store = await openToy({ files: disk });
    expect(this.oracle.judge(this.#store)).toBeNull();
    this.oracle.rewind(this.#store);
  }
}

describe('any program of commits and crashes', () => {
  it('ends in a state that the oracle knows, with everything acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => new Machine().run(steps)),
      { numRuns: 1000 },
    );
  }, 30_000);
});
