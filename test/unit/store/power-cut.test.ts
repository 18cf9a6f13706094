// Power cuts at every file operation of a busy store: nothing acknowledged may be lost and no wrong state accepted.
import { describe, expect, it } from 'vitest';
import { CrashDisk, type DiskOptions, fateOf, randomFrom } from './crash-disk.ts';
import { commitToy, Oracle, openToy, put, type ToyEvent, type ToyStore } from './toy.ts';

interface Tally {
  images: number;
  cuts: number;
  /** Recoveries with the snapshot damaged on top of the power cut. */
  fallbacks: number;
  /** Power cuts while recovering from a power cut. */
  nested: number;
  readonly faults: string[];
}

const newTally = (): Tally => ({ images: 0, cuts: 0, fallbacks: 0, nested: 0, faults: [] });

/** A few hundred file operations: bursts, single commits, big ones, removals, snapshots in the middle of traffic, a restart. */
async function workload(disk: CrashDisk, oracle: Oracle, random: () => number): Promise<void> {
  // With and without room made in advance.
  const limits = { reserveBytes: random() < 0.5 ? 0 : 700 };
  let store = await openToy({ files: disk, limits });
  const events = (count: number, size: number): ToyEvent[] =>
    Array.from({ length: count }, () => {
      const id = `item-${Math.floor(random() * 12)}`;
      return random() < 0.15 ? { kind: 'remove', id } : put(id, 'x'.repeat(Math.floor(random() * size)));
    });
  const burst = (s: ToyStore, count: number, size: number): Promise<boolean>[] =>
    Array.from({ length: count }, () => commitToy(s, oracle, events(1 + Math.floor(random() * 3), size)));
  for (let round = 0; round < 14; round += 1) {
    await Promise.all(burst(store, 1 + Math.floor(random() * 5), round % 4 === 0 ? 900 : 60));
    await commitToy(store, oracle, events(1, 20));
    if (round % 5 === 2) {
      const busy = burst(store, 3, 100);
      await Promise.all([store.checkpoint(), ...busy, ...burst(store, 2, 300)]);
    }
    if (round === 8) {
      await store.close();
      store = await openToy({ files: disk, limits });
    }
  }
  await store.close();
}

interface Plan {
  readonly seed: number;
  readonly fates: number;
  readonly ignore?: DiskOptions['ignore'];
}

/** Opens the disk that a power cut left, and every now and then cuts the power again while it recovers. */
async function examine(image: CrashDisk, oracle: Oracle, tally: Tally, random: () => number): Promise<void> {
  tally.images += 1;
  const acknowledged = oracle.acknowledged;
  const isNested = tally.images % 25 === 0;
  if (isNested) {
    image.options.before = async () => {
      tally.nested += 1;
      await reopen(image.afterPowerCut(fateOf(2, random)), oracle, acknowledged, tally);
    };
  }
  const isDoubleFault =
    tally.images % 5 === 0 && image.contents().has('state.json') && image.contents().has('state.json.bak');
  const damaged = isDoubleFault ? image.survivor() : null;
  const store = await reopen(image, oracle, acknowledged, tally);
  if (damaged !== null) {
    // The backup and the journals are enough by themselves, at any moment.
    damaged.plant('state.json', Buffer.from('unreadable'));
    tally.fallbacks += 1;
    await reopen(damaged, oracle, acknowledged, tally);
  }
  if (store === null) return;
  if (store.recovery.cut !== null) tally.cuts += 1;
  if (tally.images % 10 === 0) await goOn(image, store, tally, random);
}

async function reopen(disk: CrashDisk, oracle: Oracle, acknowledged: number, tally: Tally): Promise<ToyStore | null> {
  try {
    const store = await openToy({ files: disk });
    const fault = oracle.judge(store, acknowledged);
    if (fault !== null) tally.faults.push(fault);
    return store;
  } catch (error) {
    tally.faults.push(`refused: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** A recovered store works: what it acknowledges survives the next cut as well. */
async function goOn(disk: CrashDisk, store: ToyStore, tally: Tally, random: () => number): Promise<void> {
  delete disk.options.before;
  const own = new Oracle();
  own.rewind(store);
  // The one digest the oracle needs: the state that was recovered.
  own.submit([put('after', 'the crash')]);
  const acknowledged = await store.commit([put('after', 'the crash')], 'tester');
  own.acknowledge(acknowledged.at(-1)?.seq ?? 0);
  await reopen(disk.afterPowerCut(fateOf(0, random)), own, own.acknowledged, tally);
}

async function crashEverywhere({ seed, fates, ignore }: Plan): Promise<Tally> {
  const tally = newTally();
  const oracle = new Oracle();
  const random = randomFrom(seed);
  const fateRandom = randomFrom(seed + 1);
  const cutHere = async (disk: CrashDisk): Promise<void> => {
    for (let index = 0; index < fates; index += 1) {
      await examine(disk.afterPowerCut(fateOf(index, fateRandom)), oracle, tally, fateRandom);
    }
  };
  const disk: CrashDisk = new CrashDisk({ ...(ignore ? { ignore } : {}), before: () => cutHere(disk) });
  await workload(disk, oracle, random);
  await cutHere(disk);
  return tally;
}

describe('a power cut', () => {
  it('loses nothing acknowledged and shows no wrong state, at any file operation', async () => {
    const total = newTally();
    for (let seed = 1; total.images < 12_000; seed += 1) {
      const tally = await crashEverywhere({ seed, fates: 14 });
      expect(tally.faults, `seed ${seed}`).toEqual([]);
      total.images += tally.images;
      total.cuts += tally.cuts;
      total.nested += tally.nested;
      total.fallbacks += tally.fallbacks;
    }
    expect(total.images).toBeGreaterThanOrEqual(10_000);
    // The simulator really tears: without such images it would prove nothing.
    expect(total.cuts).toBeGreaterThan(100);
    expect(total.nested).toBeGreaterThan(1_000);
    expect(total.fallbacks).toBeGreaterThan(1_000);
  }, 60_000);

  it('is noticed to lose commits when files are not synced', async () => {
    const tally = await crashEverywhere({ seed: 1, fates: 3, ignore: new Set(['datasync'] as const) });
    expect(tally.faults.some((fault) => fault.startsWith('lost'))).toBe(true);
  });

  it('is noticed to lose commits when folders are not synced', async () => {
    const tally = await crashEverywhere({ seed: 1, fates: 3, ignore: new Set(['syncFolder'] as const) });
    expect(tally.faults.some((fault) => fault.startsWith('lost') || fault.startsWith('refused'))).toBe(true);
  });
});
