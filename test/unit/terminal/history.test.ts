// Owns the proofs of the history: every line that scrolled off is found again with its text and attributes, and takes little room.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameTables } from '../../../src/terminal/cells.ts';
import { LIVE_LINES } from '../../../src/terminal/history.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { Scrollback } from '../../../src/terminal/scrollback.ts';
import {
  createOracle,
  feed,
  LINKLESS_FRAGMENTS,
  oracleHistory,
  type Row,
  tablesOf,
  wireRow,
} from '../../helpers/screen-oracle.ts';

interface Rig {
  screen: Screen;
  write(text: string): void;
  /** The history in the oracle's words. */
  rows(from?: number, count?: number): Row[];
  texts(): string[];
}

function makeScreen(cols: number, rows: number, scrollback: number): Rig {
  const screen = new Screen({
    cols,
    rows,
    scrollback,
    name: 'Drover',
    now: () => 0,
    onAnswer: () => {},
    onTitle: () => {},
    onBell: () => {},
  });
  return {
    screen,
    write: (text) => {
      screen.push(Buffer.from(text));
      screen.parse(Number.POSITIVE_INFINITY);
    },
    rows: (from = 0, count = Number.MAX_SAFE_INTEGER) => {
      const tables = new FrameTables();
      const range = screen.history(from, count, tables);
      return range.lines.map(({ cells }) => wireRow(cells, tablesOf(tables)));
    },
    texts: () => {
      const { first, total } = screen.rowNumbers();
      return Array.from({ length: total - first }, (_, i) => screen.row(first + i)?.text ?? 'no row');
    },
  };
}

const numbered = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `line ${from + i}\r\n`).join('');

/** Enough lines to fill what the emulator keeps by itself, with attributes that outlive a line. */
const bursts = fc
  .record({ from: fc.nat(999), count: fc.integer({ min: 1, max: LIVE_LINES + 40 }), color: fc.nat(255) })
  .map(({ from, count, color }) => `\x1b[38;5;${color}m${numbered(from, count)}`);
const output = fc.array(
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...LINKLESS_FRAGMENTS) }, { weight: 1, arbitrary: bursts }),
  { minLength: 1, maxLength: 60 },
);

describe('the history', () => {
  it('has every line that scrolled off, cell by cell, whatever a program prints', () => {
    fc.assert(
      fc.property(output, fc.integer({ min: 1, max: 9 }), (fragments, pieces) => {
        const { screen, rows } = makeScreen(20, 8, 100_000);
        const oracle = createOracle(20, 8, 100_000);
        const bytes = Buffer.from(fragments.join(''));
        feed(oracle, bytes);
        const size = Math.ceil(bytes.length / pieces);
        for (let at = 0; at < bytes.length; at += size) {
          screen.push(bytes.subarray(at, at + size));
          screen.parse(Number.POSITIVE_INFINITY);
        }
        expect(screen.rowNumbers()).toEqual({
          first: 0,
          total: oracle.buffer.normal.baseY,
          end: oracle.buffer.normal.baseY + 8,
        });
        expect(rows()).toEqual(oracleHistory(oracle));
        oracle.dispose();
        screen.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the newest lines up to its limit, under the numbers that they had', () => {
    const limit = LIVE_LINES + 100;
    const { screen, write, texts, rows } = makeScreen(20, 4, limit);
    write(numbered(0, 2000));
    const { first, total } = screen.rowNumbers();
    expect([first, total]).toEqual([2000 - 3 - limit, 2000 - 3]);
    expect(texts()).toEqual(Array.from({ length: limit }, (_, i) => `line ${first + i}`));
    expect(rows(0, 10)).toEqual([]);
    expect(rows(first - 5, 10)).toHaveLength(5);
    expect(rows(total - 2, 100)).toHaveLength(2);
    expect(screen.row(first - 1)).toBeNull();
    expect(screen.row(total)?.text).toBe('line 1997');
    expect(screen.row(total + 4)).toBeNull();
  });

  it.each([
    ['none', 0],
    ['fewer than the emulator keeps', 7],
  ])('may be %s', (_what, limit) => {
    const { screen, write, texts } = makeScreen(20, 4, limit);
    write(numbered(0, 500));
    expect(texts()).toHaveLength(limit);
    expect(screen.rowNumbers().total).toBe(497);
  });

  it.each([
    ['erased by the program', '\x1b[3J'],
    ['a full reset', '\x1bc'],
  ])('is empty after %s', (_what, sequence) => {
    const { screen, write, texts } = makeScreen(20, 4, 1000);
    write(numbered(0, 500));
    write(sequence);
    expect(screen.rowNumbers()).toMatchObject({ first: 0, total: 0 });
    write(`\x1b[2J\x1b[4;1H${numbered(0, 300)}`);
    expect(texts().filter((text) => text.startsWith('line'))).toEqual(
      Array.from({ length: 297 }, (_, i) => `line ${i}`),
    );
  });

  it('is empty for the next program', () => {
    const { screen, write } = makeScreen(20, 4, 1000);
    write(numbered(0, 500));
    screen.restart();
    expect(screen.rowNumbers()).toMatchObject({ first: 0, total: 0 });
    write(numbered(0, 300));
    expect(screen.rowNumbers()).toMatchObject({ first: 0, total: 297 });
  });

  it('stays while the alternate screen is shown, whose rows stand behind it', () => {
    const { screen, write, texts } = makeScreen(20, 4, 1000);
    write(`${numbered(0, 300)}\x1b[?1049h\x1b[Halternate`);
    expect(texts()).toHaveLength(297);
    expect(screen.row(297)?.text).toBe('alternate');
    write(numbered(0, 300));
    expect(texts()).toHaveLength(297);
  });

  it('loses no line when the pane becomes narrower, wider, shorter and taller', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ cols: fc.integer({ min: 2, max: 60 }), rows: fc.integer({ min: 1, max: 40 }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        (sizes) => {
          const { screen, write } = makeScreen(40, 10, 100_000);
          let count = 0;
          for (const { cols, rows } of sizes) {
            write(Array.from({ length: 150 }, () => `<${count++}>${'x'.repeat(count % 30)}\r\n`).join(''));
            screen.resize(cols, rows);
          }
          const { first, end } = screen.rowNumbers();
          const all = Array.from({ length: end - first }, (_, i) => screen.row(first + i)?.text ?? '').join('');
          expect([...all.matchAll(/<(\d+)>/g)].map((match) => Number(match[1]))).toEqual(
            Array.from({ length: count }, (_, i) => i),
          );
          screen.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps links, underlines and clusters of lines that the emulator has forgotten', () => {
    const { screen, write } = makeScreen(30, 4, 10_000);
    const link = '\x1b]8;;https://example.org/a\x07link\x1b]8;;\x07';
    write(`\x1b[4:3;58:2::1:2:3mcurly\x1b[m ${link} 👨‍👩‍👧 你e\u0301\r\n${'\r\n'.repeat(LIVE_LINES + 50)}`);
    const tables = new FrameTables();
    const { lines } = screen.history(0, 1, tables);
    const row = wireRow(lines[0]?.cells ?? new Uint32Array(), tablesOf(tables));
    expect(row.map((cell) => cell.split('|')[0] || ' ').join('')).toContain('curly link 👨‍👩‍👧  你 e\u0301');
    expect(tables.styles().slice(1)).toEqual([
      { underline: 3, underlineColor: 0x3010203, link: '' },
      { underline: 0, underlineColor: 0, link: 'https://example.org/a' },
    ]);
  });

  it('tells which lines continue the line before them, and gives lines of a wider pane whole', () => {
    const { screen, write } = makeScreen(20, 4, 10_000);
    write(`${'a'.repeat(45)}\r\nb\r\n${'\r\n'.repeat(LIVE_LINES + 50)}`);
    expect(screen.history(0, 4, new FrameTables())).toMatchObject({ first: 0, from: 0, cols: 20, wrapped: [1, 2] });
    screen.resize(10, 4);
    expect(screen.history(0, 4, new FrameTables()).cols).toBe(20);
    expect(screen.history(3, 1, new FrameTables()).cols).toBe(10);
  });

  it('tells in which column a character of its text stands', () => {
    const { screen, write } = makeScreen(40, 2, 1000);
    write('ab你好 👨‍👩‍👧x😀e\u0301!\x1b[30Gend\r\n\r\n\r\n');
    const row = screen.row(0);
    const text = row?.text ?? '';
    const columns = ['a', '你', '好', '👨', 'x', '😀', 'e\u0301', '!', 'end'].map((part) =>
      row?.columnOf(text.indexOf(part)),
    );
    expect(columns).toEqual([0, 2, 4, 7, 9, 10, 12, 13, 29]);
  });
});

function put(store: Scrollback, line: Uint8Array): void {
  const { bytes, at } = store.take(line.length);
  bytes.set(line, at);
}

describe('the store of lines', () => {
  it('takes little more than the bytes of its lines, and no more with each round', () => {
    const store = new Scrollback(10_000);
    const line = new Uint8Array(100).fill(0x61);
    for (let i = 0; i < 30_000; i += 1) put(store, line);
    expect([store.first, store.end]).toEqual([20_000, 30_000]);
    expect(store.heldBytes).toBeLessThan(10_000 * 100 + 4 * 64 * 1024);
    expect(store.line(20_000)).toEqual(line);
    expect(store.line(19_999)).toBeUndefined();
  });

  it('takes a line larger than its chunks', () => {
    const store = new Scrollback(3);
    for (let i = 0; i < 5; i += 1) put(store, new Uint8Array(i % 2 === 0 ? 200_000 : 10).fill(i));
    expect([2, 3, 4].map((number) => [store.line(number)?.length, store.line(number)?.[0]])).toEqual([
      [200_000, 2],
      [10, 3],
      [200_000, 4],
    ]);
  });
});

describe('prompts that a shell marks', () => {
  const PROMPT = '\x1b]133;A\x07$ \x1b]133;B\x07';
  const promptsOf = ({ screen }: Rig): (string | undefined)[] =>
    screen.prompts(0, Number.MAX_SAFE_INTEGER).map((number) => screen.row(number)?.text.trimEnd());

  it('are found in the history and on the screen, however far they have scrolled', () => {
    const rig = makeScreen(20, 5, 1000);
    const wanted: string[] = [];
    for (let count = 0; count < 30; count += 1) {
      rig.write(`${PROMPT}run ${count}\r\n\x1b]133;C\x07${'out\r\n'.repeat(count)}\x1b]133;D;0\x07`);
      wanted.push(`$ run ${count}`);
    }
    rig.write(`${PROMPT}now`);
    expect(promptsOf(rig)).toEqual([...wanted, '$ now']);
    const { from, lines, prompts } = rig.screen.history(100, 60, new FrameTables());
    expect(prompts.length).toBeGreaterThan(2);
    expect(prompts.map((y) => rig.screen.row(from + y)?.text[0])).toEqual(prompts.map(() => '$'));
    expect(Math.max(...prompts)).toBeLessThan(lines.length);
    // Forgotten with their lines.
    rig.write('more\r\n'.repeat(1100));
    expect(promptsOf(rig)).toEqual([]);
  });

  it('stay with their lines when the pane is resized', () => {
    const rig = makeScreen(40, 6, 1000);
    for (let count = 0; count < 60; count += 1) rig.write(`${PROMPT}${count} ${'long '.repeat(12)}\r\nout\r\n`);
    const before = promptsOf(rig).map((text) => text?.slice(0, 8));
    for (const [cols, rows] of [
      [15, 6],
      [60, 20],
      [40, 4],
    ] as const) {
      rig.screen.resize(cols, rows);
      expect(promptsOf(rig).map((text) => text?.slice(0, 8))).toEqual(before);
    }
  });

  it('are one where the same is drawn again, and none on the alternate screen, for a second line, or after a reset', () => {
    const rig = makeScreen(20, 5, 100);
    rig.write(`${PROMPT}a\r${PROMPT}ab\r\n\x1b]133;A;k=s\x07> c\r\n`);
    expect(promptsOf(rig)).toEqual(['$ ab']);
    rig.write(`\x1b[?1049h${PROMPT}x`);
    expect(promptsOf(rig)).toEqual([]);
    rig.write('\x1b[?1049l');
    expect(promptsOf(rig)).toEqual(['$ ab']);
    rig.write('\x1b[H\x1b[2J');
    expect(promptsOf(rig)).toEqual([]);
    rig.write(`${PROMPT}b${'\r\n'.repeat(200)}${PROMPT}c`);
    rig.write('\x1b[3J');
    expect(promptsOf(rig)).toEqual(['$ c']);
    rig.write('\x1bc');
    expect(promptsOf(rig)).toEqual([]);
  });
});
