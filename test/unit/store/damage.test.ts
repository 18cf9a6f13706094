// Damage to files at rest: single flipped bits, missing and emptied files. Nothing wrong is ever accepted in silence.
import { describe, expect, it } from 'vitest';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { CrashDisk, randomFrom } from './crash-disk.ts';
import { commitToy, Oracle, openToy, put } from './toy.ts';

/** Two snapshots, the journals of both, and a journal in use whose last batch nothing proves. */
async function prepared(): Promise<{ files: Map<string, Buffer>; oracle: Oracle; proven: number }> {
  const disk = new CrashDisk();
  const oracle = new Oracle();
  const store = await openToy({ files: disk, limits: { journalBytes: 1 << 20, historyBytes: 1 << 20 } });
  let proven = 0;
  for (let round = 0; round < 9; round += 1) {
    proven = store.durableSeq;
    await Promise.all(
      [0, 1].map((index) => commitToy(store, oracle, [put(`item-${index}`, `round ${round}`), put(`once-${round}`)])),
    );
    if (round === 3 || round === 6) await store.checkpoint();
  }
  return { files: disk.contents(), oracle, proven };
}

function diskOf(files: Map<string, Buffer>): CrashDisk {
  const disk = new CrashDisk();
  for (const [name, content] of files) disk.plant(name, content);
  return disk;
}

function flipped(content: Buffer, bit: number): Buffer {
  const copy = Buffer.from(content);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('a flipped bit', () => {
  it('is repaired, refused by file and byte, or reported as the cut of the last batch', async () => {
    const { files, oracle, proven } = await prepared();
    const random = randomFrom(7);
    const names = [...files.keys()];
    const tally = { repaired: 0, refused: 0, cut: 0 };
    for (let round = 0; round < 2500; round += 1) {
      const name = names[round % names.length] ?? '';
      const content = files.get(name) ?? Buffer.alloc(0);
      const bit = Math.floor(random() * content.length * 8);
      const disk = diskOf(new Map([...files, [name, flipped(content, bit)]]));
      try {
        const store = await openToy({ files: disk });
        const what = `${name} bit ${bit}`;
        expect(oracle.judge(store, proven), what).toBeNull();
        if (store.seq === oracle.seq) {
          tally.repaired += 1;
        } else {
          expect(store.recovery.cut, what).toMatchObject({ file: name });
          tally.cut += 1;
        }
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error;
        expect(error.refusal.code).toBe('store-damaged');
        expect(error.refusal.message).toContain(name);
        expect(error.refusal.message).toMatch(/damaged at byte \d+/);
        // Untouched, and with a copy beside it.
        expect(disk.contents().get(name)).toEqual(flipped(content, bit));
        expect([...disk.contents().keys()].some((other) => other.startsWith(`${name}.damaged-`))).toBe(true);
        tally.refused += 1;
      }
    }
    expect(tally.repaired).toBeGreaterThan(1000);
    expect(tally.refused).toBeGreaterThan(100);
    expect(tally.cut).toBeGreaterThan(10);
  });
});

describe('a damaged snapshot', () => {
  it('is replaced by the backup and the journals, and set aside', async () => {
    const { files, oracle } = await prepared();
    const disk = diskOf(new Map([...files, ['state.json', Buffer.alloc(0)]]));
    const store = await openToy({ files: disk });
    expect(oracle.judge(store)).toBeNull();
    expect(store.recovery.from).toBe('state.json.bak');
    expect(store.recovery.setAside).toMatchObject([
      { file: 'state.json', byte: 0, copy: 'state.json.damaged-00000000' },
    ]);
    await store.close();
    expect(oracle.judge(await openToy({ files: disk }))).toBeNull();
    expect([...disk.contents().keys()]).toContain('state.json.damaged-00000000');
  });

  it('is replaced by all the journals when the backup is damaged too', async () => {
    const { files, oracle } = await prepared();
    const disk = diskOf(
      new Map([...files, ['state.json', Buffer.from('null')], ['state.json.bak', Buffer.from('[1,2]')]]),
    );
    const store = await openToy({ files: disk });
    expect(oracle.judge(store)).toBeNull();
    expect(store.recovery.from).toBeNull();
  });

  it('is refused when the journals do not reach back to the start', async () => {
    const { files } = await prepared();
    files.delete('journal-000000000000.jsonl');
    const disk = diskOf(new Map([...files, ['state.json', Buffer.from('0')], ['state.json.bak', Buffer.from('0')]]));
    await expect(openToy({ files: disk })).rejects.toThrow(
      /no record of the events from 1 .*state\.json is damaged at byte 1/,
    );
    expect(disk.contents().get('state.json')).toEqual(Buffer.from('0'));
  });
});

describe('a missing journal', () => {
  it('is refused when it held acknowledged events', async () => {
    const { files } = await prepared();
    files.delete('state.json');
    files.delete('state.json.bak');
    files.delete('journal-000000000016.jsonl');
    await expect(openToy({ files: diskOf(files) })).rejects.toThrow(
      /journal-000000000000\.jsonl is damaged at byte \d+: it ends at event 16/,
    );
  });

  it('is refused when there is only a snapshot left, which a person can accept', async () => {
    const { files } = await prepared();
    for (const name of files.keys()) if (name.startsWith('journal-')) files.delete(name);
    const disk = diskOf(files);
    const refusal = await openToy({ files: disk }).then(
      () => null,
      (error: unknown) => (error instanceof RefusalError ? error.refusal : null),
    );
    expect(refusal).toMatchObject({ code: 'store-damaged', next: 'touch /simulated/journal-000000000028.jsonl' });
    disk.plant('journal-000000000028.jsonl', Buffer.alloc(0));
    expect((await openToy({ files: disk })).seq).toBe(28);
  });
});

describe('damage to records that the snapshot holds', () => {
  it('costs nothing now, and is refused by file and byte once the records are needed', async () => {
    const disk = new CrashDisk();
    const oracle = new Oracle();
    const store = await openToy({ files: disk, limits: { journalBytes: 1 << 20 } });
    for (let round = 0; round < 6; round += 1) await commitToy(store, oracle, [put(`item-${round}`)]);
    await store.close();
    const first = 'journal-000000000000.jsonl';
    disk.plant(first, flipped(disk.contents().get(first) ?? Buffer.alloc(0), 8 * 300));
    expect(oracle.judge(await openToy({ files: disk }))).toBeNull();
    disk.plant('state.json', Buffer.from('gone'));
    await expect(openToy({ files: disk })).rejects.toThrow(new RegExp(`${first} is damaged at byte \\d+`));
  });

  it('in the last journal is refused with the command that cuts it there, after which what stands before is whole', async () => {
    const disk = new CrashDisk();
    const oracle = new Oracle();
    const store = await openToy({ files: disk, limits: { journalBytes: 1 << 20 } });
    for (let round = 0; round < 6; round += 1) await commitToy(store, oracle, [put(`item-${round}`)]);
    const [journal = ''] = [...disk.contents().keys()].filter((name) => name.startsWith('journal-'));
    const after = diskOf(new Map([[journal, flipped(disk.contents().get(journal) ?? Buffer.alloc(0), 8 * 300)]]));
    const error = await openToy({ files: after }).catch((refused: unknown) => refused);
    if (!(error instanceof RefusalError)) throw error;
    const [, byte] = /^truncate -s (\d+) '\/simulated\/journal-\d+\.jsonl'$/.exec(error.refusal.next) ?? [];
    expect(error.refusal.message).toContain(`is damaged at byte ${byte}`);
    after.plant(journal, (after.contents().get(journal) ?? Buffer.alloc(0)).subarray(0, Number(byte)));
    const { seq } = await openToy({ files: after });
    expect(seq).toBeGreaterThan(0);
    expect(seq).toBeLessThan(6);
  });
});
