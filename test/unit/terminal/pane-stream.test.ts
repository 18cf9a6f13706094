// Owns the proofs of the pane stream: each client ends up with the screen as it is, in its own time, and nobody waits for it.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Frame } from '../../../src/protocol/cells.ts';
import { decodePaneFrame } from '../../../src/protocol/pane-frame.ts';
import { PaneStream, type PaneView, type StreamedPane } from '../../../src/server/pane-stream.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { createOracle, FRAGMENTS, feed, oracleRows, PaneCopy } from '../../helpers/screen-oracle.ts';

/** A pane without a process. */
class FakePane implements StreamedPane {
  readonly pane: number;
  readonly screen: Screen;
  generation = 1;
  #listener: () => void = () => {};

  constructor(pane: number, size: { cols: number; rows: number }) {
    this.pane = pane;
    const ignore = { onAnswer: () => {}, onTitle: () => {}, onBell: () => {} };
    this.screen = new Screen({ ...size, scrollback: 50, name: 'Drover', now: () => Date.now(), ...ignore });
  }

  onScreen(listener: () => void): () => void {
    this.#listener = listener;
    return () => {};
  }

  prefer(): void {}

  mayHaveChanged(since: number): boolean {
    return this.screen.mayHaveChanged(since);
  }

  countChangedRows(since: number): number {
    return this.screen.countChangedRows(since);
  }

  heldUntil(): number {
    return this.screen.heldUntil();
  }

  takeUpdate: StreamedPane['takeUpdate'] = (since, tables) => {
    const change = this.screen.changesSince(since, tables);
    if (change === null) return null;
    const { version, ...rest } = change;
    return { update: { pane: this.pane, generation: this.generation, ...rest }, mark: version };
  };

  write(text: string): void {
    this.screen.push(Buffer.from(text));
    this.screen.parse(Number.POSITIVE_INFINITY);
    this.#listener();
  }

  resize(cols: number, rows: number): void {
    this.screen.resize(cols, rows);
    this.#listener();
  }

  restart(): void {
    this.generation += 1;
    this.screen.restart();
    this.#listener();
  }
}

class FakeClient {
  readonly frames: Frame[] = [];
  readonly copies = new Map<number, PaneCopy>();
  backlog = 0;
  onPayload: (payload: Buffer) => void = () => {};
  view: PaneView;

  constructor(stream: PaneStream) {
    this.view = stream.addClient({
      send: (payload) => {
        this.onPayload(payload);
        this.#take(decodePaneFrame(payload));
      },
      pending: () => this.backlog,
    });
  }

  #take(frame: Frame): void {
    expect(frame.number).toBe(this.frames.length + 1);
    this.frames.push(frame);
    for (const update of frame.panes) {
      const copy = this.copies.get(update.pane) ?? new PaneCopy();
      copy.apply(frame, update);
      this.copies.set(update.pane, copy);
    }
  }

  /** Acknowledges the last frame that asks for it. */
  ack(): void {
    const last = this.frames.findLast((frame) => !frame.isFree);
    if (last !== undefined) this.view.ack(last.number);
  }

  /** Takes all that comes until nothing comes any more. */
  settle(): void {
    for (let before = -1; before !== this.frames.length; ) {
      before = this.frames.length;
      this.ack();
      vi.advanceTimersByTime(1000);
    }
  }
}

/** A client behind a link that carries 50 bytes a millisecond: frames are painted, and acknowledged, when their last byte has come. */
class SlowLink {
  readonly view: PaneView;
  readonly #copy = new PaneCopy();
  #queue: Buffer[] = [];
  #carried = 0;

  constructor(stream: PaneStream) {
    const pending = (): number => this.#queue.reduce((sum, { length }) => sum + length, -this.#carried);
    this.view = stream.addClient({ send: (payload) => this.#queue.push(Buffer.from(payload)), pending });
  }

  drain(ms: number): void {
    this.#carried += ms * 50;
    for (let [head] = this.#queue; head !== undefined && head.length <= this.#carried; [head] = this.#queue) {
      this.#queue.shift();
      this.#carried -= head.length;
      const frame = decodePaneFrame(head);
      for (const update of frame.panes) if (update.pane === 1) this.#copy.apply(frame, update);
      if (!frame.isFree) this.view.ack(frame.number);
    }
    if (this.#queue.length === 0) this.#carried = 0;
  }

  /** The number in the first row of pane 1. */
  shown(): string {
    const cells = this.#copy.rows[0] ?? [];
    return cells
      .map((cell) => cell.split('|')[0])
      .join('')
      .trim();
  }
}

/** So many characters of which no two neighbours are alike, so that they take at least as many bytes. */
function many(count: number): string {
  return Array.from({ length: count }, (_, index) => String.fromCodePoint(0x61 + (index % 26))).join('');
}

function makeRig(sizes: { cols: number; rows: number }[] = [{ cols: 20, rows: 8 }]): {
  stream: PaneStream;
  panes: FakePane[];
  client: FakeClient;
} {
  const stream = new PaneStream({ now: () => Date.now() });
  const panes = sizes.map((size, index) => new FakePane(index + 1, size));
  for (const pane of panes) stream.addPane(pane);
  return { stream, panes, client: new FakeClient(stream) };
}

/** The pane of this number in a rig, and a client that looks at it and has painted its first frame. */
function makeViewer(): { stream: PaneStream; pane: FakePane; client: FakeClient } {
  const { stream, panes, client } = makeRig();
  const [pane] = panes;
  if (pane === undefined) throw new Error('no pane');
  client.view.view([1], 1);
  client.settle();
  return { stream, pane, client };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Step =
  | { kind: 'write'; pane: number; text: string }
  | { kind: 'resize'; pane: number; cols: number; rows: number }
  | { kind: 'restart'; pane: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'ack' }
  | { kind: 'type'; pane: number }
  | { kind: 'view'; panes: number[]; focused: number }
  | { kind: 'backlog'; bytes: number };

const number = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      pane: number,
      text: fc.constantFrom(...FRAGMENTS, '\x1b[?2026h', '\x1b[?2026l'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('resize' as const),
      pane: number,
      cols: fc.integer({ min: 2, max: 30 }),
      rows: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), pane: number }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 120 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ack' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('type' as const), pane: number }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('view' as const), panes: fc.uniqueArray(number), focused: number }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('backlog' as const), bytes: fc.constantFrom(0, 100_000, 2_000_000) }),
  },
);

describe('a client', () => {
  it('is sent nothing again when only its keyboard moves, and all of a pane that it turns to', () => {
    const { panes, client } = makeRig([
      { cols: 20, rows: 8 },
      { cols: 12, rows: 5 },
    ]);
    client.view.view([1], 1);
    client.settle();
    client.view.view([1, 2], 1);
    client.settle();
    expect(client.frames.at(-1)?.panes.map(({ pane, lines }) => [pane, lines.length])).toEqual([[2, 5]]);
    const sent = client.frames.length;
    client.view.view([1, 2], 2);
    client.settle();
    expect(client.frames).toHaveLength(sent);
    panes[0]?.write('new');
    client.view.view([1, 2], 1);
    client.settle();
    expect(client.frames.at(-1)?.panes.map(({ pane, lines }) => [pane, lines.length])).toEqual([[1, 1]]);
  });

  it('that obeys the protocol ends up with the screens as they are', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { panes, client } = makeRig([
          { cols: 20, rows: 8 },
          { cols: 12, rows: 5 },
        ]);
        const oracles = [createOracle(20, 8), createOracle(12, 5)];
        client.view.view([1, 2], 1);
        for (const each of steps) run(each, panes, oracles, client);
        for (const pane of panes) pane.write('\x1b[?2026l');
        client.backlog = 0;
        client.view.view([1, 2], 2);
        client.settle();
        for (const [index, oracle] of oracles.entries()) {
          expect(client.copies.get(index + 1)?.rows).toEqual(oracleRows(oracle));
          const cursor = oracle.buffer.active;
          expect(client.copies.get(index + 1)?.last?.cursor).toMatchObject({
            x: Math.min(cursor.cursorX, oracle.cols - 1),
            y: cursor.cursorY,
          });
          oracle.dispose();
        }
        client.view.close();
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  /** Does a step to the panes, the oracles and the client. */
  function run(each: Step, panes: FakePane[], oracles: ReturnType<typeof createOracle>[], client: FakeClient): void {
    if (each.kind === 'wait') vi.advanceTimersByTime(each.ms);
    else if (each.kind === 'ack') client.ack();
    else if (each.kind === 'type') client.view.typed(each.pane);
    else if (each.kind === 'view') client.view.view(each.panes, each.focused);
    else if (each.kind === 'backlog') client.backlog = each.bytes;
    else {
      const [pane, oracle] = [panes[each.pane - 1], oracles[each.pane - 1]];
      if (pane === undefined || oracle === undefined) throw new Error(`no pane ${each.pane}`);
      if (each.kind === 'write') {
        pane.write(each.text);
        feed(oracle, Buffer.from(each.text));
      } else if (each.kind === 'resize') {
        pane.resize(each.cols, each.rows);
        oracle.resize(each.cols, each.rows);
      } else {
        pane.restart();
        oracles[each.pane - 1] = createOracle(oracle.cols, oracle.rows);
        oracle.dispose();
      }
    }
  }

  it('gets all rows of all its panes first', () => {
    const { panes, client } = makeRig([
      { cols: 20, rows: 8 },
      { cols: 12, rows: 5 },
    ]);
    panes[0]?.write('before');
    client.view.view([1, 2, 9], 2);
    vi.advanceTimersByTime(1);
    expect(client.frames).toHaveLength(1);
    expect(client.frames[0]?.panes.map(({ pane, lines }) => [pane, lines.length])).toEqual([
      [1, 8],
      [2, 5],
    ]);
  });

  it('has one frame on its way that is to be acknowledged, and the next is simply newer', () => {
    const { panes, client } = makeRig([{ cols: 200, rows: 60 }]);
    const [pane] = panes;
    if (pane === undefined) throw new Error('no pane');
    client.view.view([1], 1);
    client.settle();
    pane.write(`\x1b[Hone${many(9000)}`);
    vi.advanceTimersByTime(100);
    expect(client.frames).toHaveLength(2);
    pane.write('\x1b[Htwo');
    pane.write('\x1b[Hthree');
    vi.advanceTimersByTime(10_000);
    expect(client.frames).toHaveLength(2);
    client.view.ack(1);
    client.view.ack(77);
    vi.advanceTimersByTime(1000);
    expect(client.frames).toHaveLength(2);
    client.view.ack(2);
    vi.advanceTimersByTime(1000);
    expect(client.frames).toHaveLength(3);
    expect(
      client.copies
        .get(1)
        ?.rows[0]?.slice(0, 5)
        .map((cell) => cell[0])
        .join(''),
    ).toBe('three');
  });

  it('is sent small frames without an acknowledgement, at most 8 kB of them', () => {
    const { pane, client } = makeViewer();
    let bytes = 0;
    client.onPayload = (payload) => {
      bytes += payload.length;
    };
    for (let i = 0; i < 5000; i += 1) {
      pane.write(`\x1b[H${i}`);
      vi.advanceTimersByTime(20);
    }
    expect(bytes).toBeGreaterThan(7000);
    expect(bytes).toBeLessThan(9000);
    const sent = client.frames.length;
    expect(client.frames.slice(1, -1).every(({ isFree }) => isFree)).toBe(true);
    expect(client.frames.at(-1)?.isFree).toBe(false);
    client.ack();
    vi.advanceTimersByTime(20);
    expect(client.frames).toHaveLength(sent + 1);
    client.settle();
    expect(
      client.copies
        .get(1)
        ?.rows[0]?.slice(0, 4)
        .map((cell) => cell[0]),
    ).toEqual([...'4999']);
  });

  it('that is slow holds up no other', () => {
    const { stream, pane, client: slow } = makeViewer();
    const quick = new FakeClient(stream);
    quick.view.view([1], 1);
    quick.settle();
    const before = quick.frames.length;
    slow.backlog = 5_000_000;
    for (let i = 0; i < 50; i += 1) {
      pane.write(`\x1b[H${i}`);
      vi.advanceTimersByTime(20);
      quick.ack();
    }
    expect(quick.frames.length - before).toBe(50);
    expect(slow.frames).toHaveLength(1);
    slow.backlog = 0;
    slow.settle();
    expect(slow.copies.get(1)?.rows).toEqual(quick.copies.get(1)?.rows);
    expect(slow.frames.length).toBeLessThanOrEqual(3);
  });

  it('is sent its focused pane each 16 ms, and the others with it each 80', () => {
    const { panes, client } = makeRig([
      { cols: 20, rows: 8 },
      { cols: 20, rows: 8 },
    ]);
    client.view.view([1, 2], 1);
    client.settle();
    const before = client.frames.length;
    for (let ms = 0; ms < 1600; ms += 4) {
      for (const pane of panes) pane.write(`\x1b[H${ms}`);
      vi.advanceTimersByTime(4);
      client.ack();
    }
    const sent = client.frames.slice(before).flatMap((frame) => frame.panes.map(({ pane }) => pane));
    // Both ends of the 1600 ms count.
    expect(sent.filter((pane) => pane === 1).length).toBe(101);
    expect(sent.filter((pane) => pane === 2).length).toBe(21);
  });

  it('costs nothing while nothing changes', () => {
    const { pane, client } = makeViewer();
    expect(vi.getTimerCount()).toBe(0);
    pane.write('\x1b[Hx');
    client.settle();
    expect(vi.getTimerCount()).toBe(0);
    pane.write('\x1b[Hx\x1b[1;2H');
    client.settle();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('what is due goes out at the end of the turn of parsing, once', () => {
    const { stream, pane, client } = makeViewer();
    pane.write('\x1b[Hx');
    expect(client.frames).toHaveLength(1);
    stream.flush();
    expect(client.frames).toHaveLength(2);
    pane.write('\x1b[Hy');
    stream.flush();
    expect(client.frames).toHaveLength(2);
    client.settle();
    expect(client.frames).toHaveLength(3);
  });

  it('what is due while panes are parsed waits for the end of the turn, and for nothing else', () => {
    let isParsing = false;
    const stream = new PaneStream({ now: () => Date.now(), isParsing: () => isParsing });
    const pane = new FakePane(1, { cols: 20, rows: 5 });
    stream.addPane(pane);
    const client = new FakeClient(stream);
    client.view.view([1], 1);
    client.settle();
    isParsing = true;
    pane.write('x');
    isParsing = false;
    expect(vi.getTimerCount()).toBe(0);
    expect(client.frames).toHaveLength(1);
    stream.flush();
    expect(client.frames).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
    pane.write('y');
    client.settle();
    expect(client.frames).toHaveLength(3);
  });
});

describe('the echo of a key', () => {
  it('goes out at once, also while a frame is on its way', () => {
    const { pane, client } = makeViewer();
    pane.write('flood\r\n');
    vi.advanceTimersByTime(16);
    expect(client.frames).toHaveLength(2);
    client.view.typed(1);
    pane.write('k');
    expect(client.frames).toHaveLength(3);
    expect(client.frames[2]).toMatchObject({ isFree: true, panes: [{ lines: [{ y: 1 }] }] });
    client.settle();
    expect(client.frames).toHaveLength(3);
  });

  it('is none when it is large, late, in another pane, or the socket is full', () => {
    const { pane, client } = makeViewer();
    const writeUnechoed = (text: string): void => {
      const before = client.frames.length;
      pane.write(text);
      expect(client.frames).toHaveLength(before);
      client.settle();
    };
    client.view.typed(1);
    writeUnechoed('1\r\n2\r\n3\r\n4\r\n5');
    client.view.typed(2);
    writeUnechoed('x');
    client.view.typed(1);
    vi.advanceTimersByTime(150);
    writeUnechoed('y');
    client.view.typed(1);
    client.backlog = 100_000;
    writeUnechoed('z');
  });

  it('is a few frames at most for each key', () => {
    const { pane, client } = makeViewer();
    const before = client.frames.length;
    client.view.typed(1);
    for (let i = 0; i < 100; i += 1) pane.write(`\r${i}`);
    expect(client.frames).toHaveLength(before + 8);
  });
});

describe('a slow link', () => {
  it('brings the echo of each of 1000 keys within 2 s, while other panes flood', () => {
    const sizes = [1, 2, 3].map(() => ({ cols: 60, rows: 12 }));
    const { stream, panes } = makeRig(sizes);
    const link = new SlowLink(stream);
    link.view.view([1, 2, 3], 1);
    for (let key = 0; key < 1000; key += 1) {
      link.view.typed(1);
      panes[0]?.write(`\x1b[H${key}`);
      let waited = 0;
      while (link.shown() !== String(key) && waited < 2000) {
        for (const pane of panes.slice(1))
          pane.write(`\x1b[38;5;${waited % 256}mflood ${key} ${waited} ${'=-'.repeat(20)}\r\n`.repeat(6));
        vi.advanceTimersByTime(4);
        link.drain(4);
        waited += 4;
      }
      expect(link.shown(), `key ${key}`).toBe(String(key));
    }
    link.view.close();
  });
});

describe('a picture that a program holds back', () => {
  it('is sent when it is whole, or at its limit without another byte', () => {
    const { pane, client } = makeViewer();
    pane.write('\x1b[?2026h\x1b[Hhalf');
    vi.advanceTimersByTime(200);
    expect(client.frames).toHaveLength(1);
    pane.write(' whole\x1b[?2026l');
    client.settle();
    expect(client.frames).toHaveLength(2);
    pane.write('\x1b[?2026h\x1b[Hstuck');
    client.settle();
    expect(client.frames).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
