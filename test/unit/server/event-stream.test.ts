// Owns the tests of the event stream: replay from the last id gives every event once, in order, whatever is committed meanwhile.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Connection } from '../../../src/protocol/connection.ts';
import type { Notice } from '../../../src/protocol/message.ts';
import { EventStream } from '../../../src/server/event-stream.ts';
import { MemoryStore } from './fixture.ts';

const epic = (id: number) =>
  ({
    type: 'epic.created',
    epic: { id: `epic-${id}`, title: `${id}`, description: '', createdBy: 'a', createdAt: 1 },
  }) as const;

class Sink {
  pending = 0;
  readonly heard: number[] = [];
  resyncs = 0;
  sendControl(notice: Notice): void {
    if (notice.notice === 'event') this.heard.push(notice.envelope.seq);
    else this.resyncs += 1;
  }
  asConnection(): Connection {
    return this as unknown as Connection;
  }
}

/** Events begin to flow a turn after the state of the reply is known to be durable. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + 1 + at);

test('any subscription misses nothing and repeats nothing, under commits in every moment', async () => {
  const step = fc.constantFrom('apply', 'flush', 'subscribe', 'resume', 'turn');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = new MemoryStore();
      const sink = new Sink();
      const stream = new EventStream(store.asStore(), sink.asConnection());
      let at: number | null = null;
      for (const each of steps) {
        if (each === 'apply') store.apply(epic(store.state.seq));
        if (each === 'flush') store.flush();
        if (each === 'turn') await nextTurn();
        if (each === 'subscribe' || (each === 'resume' && at !== null)) {
          const since: number | undefined = each === 'resume' ? (sink.heard.at(-1) ?? at ?? 0) : undefined;
          const { seq, state } = stream.subscribe(since);
          expect(state?.seq ?? since).toBe(seq);
          sink.heard.length = 0;
          at = seq;
        }
      }
      await nextTurn();
      store.flush();
      await nextTurn();
      if (at !== null) expect(sink.heard).toEqual(upTo(at, store.state.seq));
      stream.close();
      expect(store.listeners).toBe(0);
    }),
  );
});

test('events that were committed after the answer wait until it is on its way', () => {
  const store = new MemoryStore();
  const sink = new Sink();
  store.apply(epic(0));
  store.flush();
  new EventStream(store.asStore(), sink.asConnection()).subscribe(0);
  store.apply(epic(1));
  store.flush();
  expect(sink.heard).toEqual([]);
});

test('nothing is told before the state that was given is durable', async () => {
  const store = new MemoryStore();
  const sink = new Sink();
  store.apply(epic(0));
  expect(new EventStream(store.asStore(), sink.asConnection()).subscribe(undefined).seq).toBe(1);
  let isDurable = false;
  store.untilDurable(1).then(() => {
    isDurable = true;
  });
  await nextTurn();
  expect(isDurable).toBe(false);
  store.apply(epic(1));
  store.flush();
  expect(sink.heard).toEqual([]);
  await nextTurn();
  expect([isDurable, sink.heard]).toEqual([true, [2]]);
});

test('a client that is behind what is kept, or ahead of what a killed server could keep, gets the whole state', async () => {
  const store = new MemoryStore();
  const sink = new Sink();
  for (let id = 0; id < 5; id += 1) store.apply(epic(id));
  store.flush();
  store.firstKept = 4;
  const stream = new EventStream(store.asStore(), sink.asConnection());
  expect(stream.subscribe(3).state).toBeNull();
  expect(stream.subscribe(2).state?.seq).toBe(5);
  expect(stream.subscribe(9)).toMatchObject({ seq: 5, state: { seq: 5 } });
  await nextTurn();
  store.apply(epic(6));
  store.flush();
  expect(sink.heard).toEqual([6]);
});

test('a client that is too slow is told once to begin anew, and is sent nothing until it does', async () => {
  const store = new MemoryStore();
  const sink = new Sink();
  const stream = new EventStream(store.asStore(), sink.asConnection());
  stream.subscribe(undefined);
  await nextTurn();
  sink.pending = 5 * 1024 * 1024;
  for (let id = 0; id < 3; id += 1) {
    store.apply(epic(id));
    store.flush();
  }
  expect([sink.resyncs, sink.heard, store.listeners]).toEqual([1, [], 0]);
  sink.pending = 0;
  stream.subscribe(0);
  await nextTurn();
  expect(sink.heard).toEqual([1, 2, 3]);
});
