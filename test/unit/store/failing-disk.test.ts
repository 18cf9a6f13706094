// ENOSPC and EIO at every file operation: the store stops, says so once, and a restart finds everything acknowledged.
import { describe, expect, it } from 'vitest';
import { CrashDisk, fateOf, type Operation, randomFrom } from './crash-disk.ts';
import { commitToy, Oracle, openToy, put, type ToyStore } from './toy.ts';

/** Snapshots, bursts and a big commit, in about a hundred file operations. Ends early when the store stops. */
async function program(store: ToyStore, oracle: Oracle): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const burst = [0, 1, 2].map((index) =>
      commitToy(store, oracle, [put(`item-${index}`, `${round}`), put('shared', `${index}`)]),
    );
    await Promise.all(burst);
    await commitToy(store, oracle, [put('big', 'x'.repeat(700))]);
    if (round % 2 === 1) await store.checkpoint().catch(() => undefined);
  }
}

interface Outcome {
  readonly hasFailed: boolean;
  readonly faults: string[];
}

/** Runs the program with operation number `target` failing, restarts on what is there, then cuts the power. */
async function failAt(target: number, code: 'ENOSPC' | 'EIO', isShort: boolean): Promise<Outcome> {
  const oracle = new Oracle();
  const faults: string[] = [];
  const fatal: Error[] = [];
  let count = 0;
  let failed: Operation | null = null;
  const disk = new CrashDisk({
    before: (operation) => {
      count += 1;
      if (count !== target) return;
      failed = operation;
      if (code === 'ENOSPC') {
        disk.isFull = true;
        disk.isShort = isShort;
      }
      if (operation.name === 'datasync') disk.dropPending(operation.file);
      // A full disk refuses what needs room; everything else goes on.
      if (code === 'EIO' || operation.name === 'datasync') {
        throw Object.assign(new Error(`${code}: simulated`), { code });
      }
    },
  });
  let store: ToyStore | null = null;
  try {
    store = await openToy({ files: disk, onFatal: (error) => fatal.push(error) });
    await program(store, oracle);
    await store.close();
  } catch {
    // Opening and closing may fail; what counts is what a restart finds.
  }
  if (fatal.length > 1) faults.push('onFatal was called more than once');
  if (fatal.length === 1 && store !== null) await expectStopped(store, faults);
  disk.isShort = false;
  const restarted = await restart(disk, oracle, faults);
  if (restarted !== null) await goOn(disk, restarted, faults, target);
  return { hasFailed: failed !== null, faults };
}

async function expectStopped(store: ToyStore, faults: string[]): Promise<void> {
  const answers = await Promise.allSettled([store.commit([put('late')], 'tester'), store.checkpoint()]);
  if (answers.some(({ status }) => status === 'fulfilled')) faults.push('a stopped store goes on');
}

/** On the full disk: recovery needs no room. */
async function restart(disk: CrashDisk, oracle: Oracle, faults: string[]): Promise<CrashDisk | null> {
  const survivor = disk.survivor();
  try {
    const store = await openToy({ files: survivor });
    const fault = oracle.judge(store);
    if (fault !== null) faults.push(fault);
    return survivor;
  } catch (error) {
    faults.push(`refused: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** With room again the store works, and what it acknowledges on top of a failed sync survives a power cut. */
async function goOn(disk: CrashDisk, before: CrashDisk, faults: string[], seed: number): Promise<void> {
  before.isFull = false;
  const store = await openToy({ files: before });
  const oracle = new Oracle();
  oracle.rewind(store);
  oracle.submit([put('after', 'the failure')]);
  oracle.acknowledge((await store.commit([put('after', 'the failure')], 'tester')).at(-1)?.seq ?? 0);
  disk.isFull = false;
  const random = randomFrom(seed);
  for (let index = 0; index < 4; index += 1) {
    const image = before.afterPowerCut(fateOf(index, random));
    await restart(image, oracle, faults);
  }
}

describe('a disk that fails', () => {
  for (const [title, code, isShort] of [
    ['with EIO', 'EIO', false],
    ['by being full', 'ENOSPC', false],
    ['by being full in the middle of a write', 'ENOSPC', true],
  ] as const) {
    it(`stops the store and loses nothing acknowledged: ${title}, at every operation`, async () => {
      let runs = 0;
      for (let target = 1; ; target += 1) {
        const { hasFailed, faults } = await failAt(target, code, isShort);
        expect(faults, `operation ${target}`).toEqual([]);
        if (!hasFailed) break;
        runs += 1;
      }
      expect(runs).toBeGreaterThan(60);
    });
  }

  it('rejects everything in flight with the cause', async () => {
    let isBroken = false;
    const disk = new CrashDisk({
      before: ({ name }) => {
        if (isBroken && name === 'datasync') throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
      },
    });
    const fatal: Error[] = [];
    const store = await openToy({ files: disk, onFatal: (error) => fatal.push(error) });
    const published: number[] = [];
    store.subscribe((envelopes) => published.push(...envelopes.map(({ seq }) => seq)));
    await store.commit([put('a')], 'tester');
    isBroken = true;
    const inFlight = store.commit([put('b')], 'tester');
    const queued = Promise.resolve().then(() => store.commit([put('c')], 'tester'));
    const checkpoint = store.checkpoint();
    const settled = await Promise.allSettled([inFlight, queued, checkpoint]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(fatal.map(({ message }) => message)).toEqual(['the store stopped: EIO: simulated']);
    expect(published).toEqual([1]);
    expect(store.durableSeq).toBe(1);
    await expect(store.close()).rejects.toThrow('the store stopped');
  });
});
