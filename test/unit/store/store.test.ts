// What the store promises to its callers: order, atomicity, replay, history, snapshots, versions.
import { describe, expect, it } from 'vitest';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { CrashDisk, fateOf, randomFrom } from './crash-disk.ts';
import { commitToy, digestOf, Oracle, openToy, put, type ToyRecord } from './toy.ts';

const textOf = (disk: CrashDisk, name: string): string => disk.contents().get(name)?.toString('utf8') ?? '';

describe('commit', () => {
  it('applies at once and resolves with the envelopes when they are durable', async () => {
    const store = await openToy({ files: new CrashDisk() });
    const promise = store.commit([put('a', '1'), put('b', '2')], 'ada');
    expect([...store.state.items.keys()]).toEqual(['a', 'b']);
    expect([store.seq, store.durableSeq]).toEqual([2, 0]);
    expect(await promise).toEqual([
      { seq: 1, at: 1_700_000_000_001, by: 'ada', event: put('a', '1') },
      { seq: 2, at: 1_700_000_000_001, by: 'ada', event: put('b', '2') },
    ]);
    expect(store.durableSeq).toBe(2);
    expect(await store.commit([], 'ada')).toEqual([]);
  });

  it('shares one sync among all that wait', async () => {
    let syncs = 0;
    const disk = new CrashDisk({
      before: ({ name }) => {
        if (name === 'datasync') syncs += 1;
      },
    });
    const store = await openToy({ files: disk, limits: { journalBytes: 1 << 20 } });
    await Promise.all(Array.from({ length: 64 }, (_, index) => store.commit([put(`${index}`)], 'ada')));
    expect(syncs).toBe(1);
  });

  it('records nothing of an event that cannot be applied, and stops', async () => {
    const fatal: string[] = [];
    const disk = new CrashDisk();
    const store = await openToy({ files: disk, onFatal: ({ message }) => fatal.push(message) });
    await store.commit([put('a')], 'ada');
    await expect(store.commit([put('b'), { kind: 'bug' }], 'ada')).rejects.toThrow('could not be applied');
    await expect(store.commit([put('c')], 'ada')).rejects.toThrow('the store stopped');
    expect(fatal).toEqual(['the store stopped: an event could not be applied']);
    const again = await openToy({ files: disk });
    expect([...again.state.items.keys()]).toEqual(['a']);
  });

  it('keeps text as it is, whatever it holds', async () => {
    const disk = new CrashDisk();
    const store = await openToy({ files: disk });
    // With a burst of plain text, of which the checksums are put in by another way.
    await Promise.all(['c', 'd', 'e'].map((id) => store.commit([put(id, 'plain')], 'ada')));
    const text = 'line\nbreak "quoted" \u0000 \u2028 \ud83d\ude80 \u001b[31m';
    await store.commit([put('a', text)], 'a "person"\n');
    await store.checkpoint();
    await store.commit([put('b', text)], 'a "person"\n');
    const again = await openToy({ files: disk });
    expect([again.state.items.get('a')?.text, again.state.items.get('b')?.text]).toEqual([text, text]);
    expect((await again.history(() => true, 1))[0]?.by).toBe('a "person"\n');
  });
});

describe('subscribe', () => {
  it('tells durable events in order, before the commit resolves', async () => {
    const store = await openToy({ files: new CrashDisk() });
    const told: string[] = [];
    const stop = store.subscribe((envelopes) => {
      expect(envelopes.at(-1)?.seq).toBe(store.durableSeq);
      told.push(...envelopes.map(({ seq }) => `told ${seq}`));
    });
    const commit = (id: string): Promise<unknown> =>
      store.commit([put(id)], 'ada').then(() => told.push(`resolved ${id}`));
    await Promise.all([commit('a'), commit('b')]);
    await commit('c');
    stop();
    await commit('d');
    expect(told).toEqual(['told 1', 'told 2', 'resolved a', 'resolved b', 'told 3', 'resolved c', 'resolved d']);
  });
});

describe('since', () => {
  it('replays what follows, also after a restart, and says when it is too old', async () => {
    const disk = new CrashDisk();
    const limits = { journalBytes: 1 << 30, recentBytes: 100_000 };
    const store = await openToy({ files: disk, limits });
    const told: unknown[] = [];
    store.subscribe((envelopes) => told.push(...envelopes));
    // Commits of every kind: several events, in a batch with others, and one that fills a block by itself.
    for (let round = 0; round < 40; round += 1) {
      const several = [put('a', `${round}`), put('b', 'é'.repeat(round * 50))];
      const big = round === 30 ? [put('big', 'x'.repeat(70_000))] : [];
      await Promise.all([store.commit(several, 'ada'), store.commit([put('c')], 'bob'), store.commit(big, 'ada')]);
    }
    expect(store.seq).toBe(121);
    for (const seq of [90, 91, 92, 93, 119, 120]) expect(store.since(seq)).toEqual(told.slice(seq));
    expect(store.since(121)).toEqual([]);
    expect(store.since(89)).toBeNull();
    const again = await openToy({ files: disk, limits });
    expect(again.since(93)).toEqual(told.slice(93));
    expect(again.since(0)).toBeNull();
  });

  it('leaves out what is not durable', async () => {
    const store = await openToy({ files: new CrashDisk() });
    const promise = store.commit([put('a')], 'ada');
    expect(store.since(0)).toEqual([]);
    await promise;
    expect(store.since(0)).toHaveLength(1);
  });
});

describe('history', () => {
  it('finds the newest that match across journals, oldest first', async () => {
    const store = await openToy({ files: new CrashDisk(), limits: { historyBytes: 1 << 20 } });
    for (let index = 1; index <= 40; index += 1) {
      await store.commit([put(index % 2 === 0 ? 'even' : 'odd', 'x'.repeat(100)), put('both')], 'ada');
      if (index % 11 === 0) await store.checkpoint();
    }
    const even = await store.history(({ event }) => event.kind === 'put' && event.id === 'even', 5);
    expect(even.map(({ seq }) => seq)).toEqual([63, 67, 71, 75, 79]);
    expect(await store.history(() => true, 1000)).toHaveLength(80);
    expect(await store.history(() => false, 3)).toEqual([]);
    expect(await store.history(() => true, 0)).toEqual([]);
  });

  it('is bounded: the oldest journals go first, never one that a snapshot needs', async () => {
    const disk = new CrashDisk();
    const limits = { journalBytes: 1 << 20, historyBytes: 3000 };
    const store = await openToy({ files: disk, limits });
    for (let round = 0; round < 12; round += 1) {
      for (let index = 0; index < 5; index += 1) await store.commit([put('a', 'x'.repeat(100))], 'ada');
      await store.checkpoint();
    }
    const journals = (): string[] => [...disk.contents().keys()].filter((name) => name.startsWith('journal-')).sort();
    expect(journals()[0]).not.toBe('journal-000000000000.jsonl');
    expect((await store.history(() => true, 1000)).at(0)?.seq).toBeGreaterThan(1);
    // One huge journal is over the bound by itself, and stays because the backup is completed by it.
    await store.commit([put('b', 'x'.repeat(9000))], 'ada');
    await store.checkpoint();
    disk.plant('state.json', Buffer.from('damaged'));
    const again = await openToy({ files: disk, limits });
    expect(digestOf(again.state)).toBe(digestOf(store.state));
  });
});

describe('the snapshot', () => {
  it('is plain JSON with one record a line and a checksum', async () => {
    const disk = new CrashDisk();
    const store = await openToy({ files: disk });
    await store.commit([put('a', '1'), put('b', '2')], 'ada');
    await store.checkpoint();
    const text = textOf(disk, 'state.json');
    expect(JSON.parse(text)).toMatchObject({ format: 'drover.state', version: 1, seq: 2, state: { changes: 2 } });
    expect(text).toMatch(/\n\{"id":"a","text":"1","revision":1\},\n\{"id":"b",/);
    expect(text).toMatch(/\n"sum":"[0-9a-f]{8}"\}\n$/);
    expect(disk.contents().has('state.json.tmp')).toBe(false);
  });

  it('is a point in time: what is committed while it is written is not in it', async () => {
    const disk = new CrashDisk();
    const store = await openToy({ files: disk });
    await store.commit([put('a', 'old')], 'ada');
    let hasChanged = false;
    disk.options.before = async ({ name, file }) => {
      if (name !== 'write' || file !== 'state.json.tmp' || hasChanged) return;
      hasChanged = true;
      void store.commit([put('a', 'new'), put('b')], 'ada');
    };
    await store.checkpoint();
    expect(JSON.parse(textOf(disk, 'state.json')).state).toEqual({
      changes: 1,
      items: [{ id: 'a', text: 'old', revision: 1 }],
    });
    await store.close();
    expect(JSON.parse(textOf(disk, 'state.json')).state.changes).toBe(3);
    expect(JSON.parse(textOf(disk, 'state.json.bak')).state.changes).toBe(1);
  });

  it('waits for the journal: when it is damaged after a power cut, the backup and the journals have no gap', async () => {
    const disk = new CrashDisk();
    const store = await openToy({ files: disk, limits: { journalBytes: 1 << 20 } });
    await store.commit([put('a')], 'ada');
    await store.checkpoint();
    await store.commit([put('b')], 'ada');
    const images: CrashDisk[] = [];
    let late: Promise<unknown> | null = null;
    disk.options.before = async ({ name, file }) => {
      // Between two batches: it is in the view that the snapshot is made of, and not yet in the journal.
      if (name === 'syncFolder') late ??= store.commit([put('c')], 'ada');
      // A slow journal: many more turns than writing the whole snapshot takes.
      const isJournal = name === 'datasync' && file.startsWith('journal-');
      for (let turn = 0; isJournal && turn < 60; turn += 1) {
        images.push(disk.afterPowerCut(fateOf(0, randomFrom(1))));
        await new Promise(setImmediate);
      }
    };
    await store.checkpoint();
    await late;
    disk.options.before = () => undefined;
    for (const image of images) {
      const next = await openToy({ files: image });
      await next.commit([put('d')], 'ada');
      image.plant('state.json', Buffer.from('damaged'));
      expect((await openToy({ files: image })).state.items.has('d')).toBe(true);
    }
    expect(images.length).toBeGreaterThanOrEqual(60);
  });

  it('is written by itself when the journal has grown', async () => {
    const disk = new CrashDisk();
    const store = await openToy({ files: disk, limits: { journalBytes: 500 } });
    for (let index = 0; index < 20; index += 1) await store.commit([put('a', 'x'.repeat(100))], 'ada');
    await store.close();
    // Closing writes one snapshot; a backup means that there was one before.
    expect(disk.contents().has('state.json.bak')).toBe(true);
  });

  it('is written at close, once, and nothing goes on after that', async () => {
    const disk = new CrashDisk();
    const store = await openToy({ files: disk });
    const late = store.commit([put('a')], 'ada');
    await Promise.all([store.close(), store.close(), late]);
    expect(JSON.parse(textOf(disk, 'state.json')).seq).toBe(1);
    await expect(store.commit([put('b')], 'ada')).rejects.toThrow('closed');
    await expect(store.checkpoint()).rejects.toThrow('closed');
    const again = await openToy({ files: disk });
    expect(again.recovery).toEqual({ from: 'state.json', replayed: 0, migratedFrom: null, cut: null, setAside: [] });
  });
});

describe('a torn tail', () => {
  it('is cut, and a copy of it is kept', async () => {
    const disk = new CrashDisk();
    const oracle = new Oracle();
    const store = await openToy({ files: disk });
    await commitToy(store, oracle, [put('a')]);
    const name = 'journal-000000000000.jsonl';
    const whole = textOf(disk, name);
    disk.plant(name, Buffer.from(`${whole}{"v":1,"s":2,"d":1,"t":17`));
    const again = await openToy({ files: disk });
    expect(oracle.judge(again)).toBeNull();
    const copy = again.recovery.cut?.copy ?? '';
    expect(again.recovery.cut).toMatchObject({ file: name, byte: whole.length, bytes: 25 });
    expect(textOf(disk, copy)).toBe('{"v":1,"s":2,"d":1,"t":17');
    expect(textOf(disk, name)).toBe(whole);
  });
});

describe('versions', () => {
  const upgrade = (record: unknown): ToyRecord => {
    const { items } = record as ToyRecord;
    return { changes: 1000, items: items.map((item) => ({ ...item, text: `${item.text}!` })) };
  };

  it('migrates an older snapshot, says so, and writes the new form', async () => {
    const disk = new CrashDisk();
    const old = await openToy({ files: disk });
    await old.commit([put('a', 'one')], 'ada');
    await old.close();
    const migrations = { 1: upgrade, 2: upgrade };
    const store = await openToy({ files: disk, version: 3, migrations });
    expect(store.recovery.migratedFrom).toBe(1);
    expect(store.state.items.get('a')?.text).toBe('one!!');
    await store.close();
    expect(JSON.parse(textOf(disk, 'state.json'))).toMatchObject({ version: 3, state: { changes: 1000 } });
    expect(JSON.parse(textOf(disk, 'state.json.bak'))).toMatchObject({ version: 1 });
    expect((await openToy({ files: disk, version: 3, migrations })).recovery.migratedFrom).toBeNull();
  });

  it('fails, with nothing changed, when no migration leads to the present', async () => {
    const disk = new CrashDisk();
    const old = await openToy({ files: disk });
    await old.commit([put('a')], 'ada');
    await old.close();
    await expect(openToy({ files: disk, version: 3, migrations: { 1: upgrade } })).rejects.toThrow(
      'nothing migrates it',
    );
    expect((await openToy({ files: disk })).seq).toBe(1);
  });

  it('refuses what a newer program wrote, snapshot or journal', async () => {
    const migrations = { 1: upgrade };
    for (const isClosed of [true, false]) {
      const disk = new CrashDisk();
      const newer = await openToy({ files: disk, version: 2, migrations });
      await newer.commit([put('a')], 'ada');
      if (isClosed) await newer.close();
      const before = disk.contents();
      const refusal = await openToy({ files: disk }).then(
        () => null,
        (error: unknown) => (error instanceof RefusalError ? error.refusal : null),
      );
      expect(refusal).toMatchObject({ code: 'store-newer' });
      expect(refusal?.message).toContain('schema 2');
      expect(disk.contents()).toEqual(before);
    }
  });
});
