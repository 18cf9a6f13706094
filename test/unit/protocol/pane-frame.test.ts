// Owns the proofs of the pane frame's byte form: what goes in comes out, old bytes stay readable, hostile bytes are refused.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CELL_COMBINED,
  CELL_WIDTH_SHIFT,
  CELL_WORDS,
  type ExtendedStyle,
  type Frame,
  type PaneUpdate,
} from '../../../src/protocol/cells.ts';
import { decodePaneFrame, encodePaneFrame } from '../../../src/protocol/pane-frame.ts';
import { RowRoom } from '../../../src/protocol/row-room.ts';

const BLANK = 1 << CELL_WIDTH_SHIFT;
const word = fc.integer({ min: 0, max: 0xffffffff });
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((value) => !/[\x00-\x1f\x7f-\x9f]/.test(value));
const style: fc.Arbitrary<ExtendedStyle> = fc.record({
  underline: fc.integer({ min: 0, max: 5 }),
  underlineColor: fc.integer({ min: 0, max: 0x3ffffff }),
  link: fc.constantFrom('', 'https://example.org/a?b=c', 'file:///tmp/x'),
});
const code = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(0x4f60, 0x1f600, 0xa0, 0xd7ff, 0xe000, 0x10ffff) },
);

/** Cells in runs, as screens have them. */
function cellRun(strings: number, styles: number): fc.Arbitrary<number[]> {
  const content = fc.oneof(
    fc.tuple(code, fc.integer({ min: 0, max: 2 })).map(([value, width]) => value | (width << CELL_WIDTH_SHIFT)),
    fc
      .integer({ min: 1, max: Math.max(strings, 1) })
      .map((index) => (strings === 0 ? BLANK : index | CELL_COMBINED | (2 << CELL_WIDTH_SHIFT))),
    fc.constant(BLANK),
  );
  return fc
    .record({
      content,
      fg: fc.oneof(fc.constant(0), word),
      bg: fc.oneof(fc.constant(0), word),
      ext: fc.integer({ min: 0, max: styles }),
      length: fc.integer({ min: 1, max: 12 }),
    })
    .chain(({ content: first, fg, bg, ext, length }) =>
      fc
        .array(fc.oneof(fc.constant(first), content), { minLength: length, maxLength: length })
        .map((all) => all.flatMap((each) => [each, fg, bg, ext])),
    );
}

function paneUpdate(strings: number, styles: number): fc.Arbitrary<PaneUpdate> {
  return fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 })).chain(([cols, rows]) => {
    const cells = fc.array(cellRun(strings, styles), { maxLength: 8 }).map((runs) => {
      const words = new Uint32Array(cols * CELL_WORDS);
      for (let x = 0; x < cols; x += 1) words[x * CELL_WORDS] = BLANK;
      words.set(runs.flat().slice(0, words.length));
      return words;
    });
    return fc.record({
      pane: fc.integer({ min: 0, max: 0xffff }),
      generation: word,
      cols: fc.constant(cols),
      rows: fc.constant(rows),
      cursor: fc.record({ x: fc.nat(cols - 1), y: fc.nat(rows - 1), isVisible: fc.boolean(), shape: fc.nat(6) }),
      modes: word,
      lines: fc
        .uniqueArray(fc.nat(rows - 1))
        .chain((ys) => fc.tuple(...ys.sort((a, b) => a - b).map((y) => cells.map((each) => ({ y, cells: each }))))),
    });
  });
}

const frame: fc.Arbitrary<Frame> = fc
  .tuple(fc.array(text, { maxLength: 4 }), fc.array(style, { maxLength: 4 }))
  .chain(([strings, styles]) =>
    fc.record({
      number: word,
      isFree: fc.boolean(),
      strings: fc.constant(['', ...strings]),
      styles: fc.constant([{ underline: 0, underlineColor: 0, link: '' }, ...styles]),
      panes: fc.array(paneUpdate(strings.length, styles.length), { maxLength: 3 }),
    }),
  );

interface GoldenFrame {
  name: string;
  bytes: string;
  frame: Omit<Frame, 'panes'> & { panes: (Omit<PaneUpdate, 'lines'> & { lines: { y: number; cells: number[] }[] })[] };
}

function readGolden(): { name: string; bytes: Buffer; frame: Frame }[] {
  const file = new URL('../../golden/pane-frame.json', import.meta.url);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as GoldenFrame[];
  return golden.map(({ name, bytes, frame: plain }) => ({
    name,
    bytes: Buffer.from(bytes, 'hex'),
    frame: {
      ...plain,
      panes: plain.panes.map((pane) => ({
        ...pane,
        lines: pane.lines.map(({ y, cells }) => ({ y, cells: Uint32Array.from(cells) })),
      })),
    },
  }));
}

const room = new RowRoom(64);

describe('pane frame', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(frame, (value) => {
        const bytes = encodePaneFrame(value);
        expect(decodePaneFrame(bytes)).toEqual(value);
        // The room holds some of the frames whole, of others the first rows, and what earlier ones left.
        expect(decodePaneFrame(bytes, room)).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it.each(readGolden())('keeps its golden bytes: $name', ({ bytes, frame: value }) => {
    expect(encodePaneFrame(value).toString('hex')).toBe(bytes.toString('hex'));
    expect(decodePaneFrame(bytes)).toEqual(value);
  });

  it('is refused when cut short or longer than it says', () => {
    for (const { bytes } of readGolden()) {
      for (let length = 0; length < bytes.length; length += 1)
        expect(() => decodePaneFrame(bytes.subarray(0, length))).toThrow(/a pane frame/);
      expect(() => decodePaneFrame(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('1 bytes behind its end');
    }
  });

  it('gives an honest frame or a clear error for any bytes', () => {
    const damaged = fc
      .tuple(
        frame.map((value) => Buffer.from(encodePaneFrame(value))),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      )
      .map(([bytes, changes]) => {
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        let value: Frame;
        try {
          value = decodePaneFrame(bytes);
        } catch (error) {
          expect((error as Error).message).toMatch(/^a pane frame /);
          return;
        }
        for (const pane of value.panes)
          for (const line of pane.lines) expect(line.cells.length).toBe(pane.cols * CELL_WORDS);
        expect(decodePaneFrame(encodePaneFrame(value))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });
});

/** A frame of one row of one column, from the bytes of its row on. */
function oneCell(...row: number[]): Buffer {
  //            format, urgent, number, strings, styles, panes | pane, generation, cols, rows, x, y, look, modes, lines, row
  return Buffer.of(1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1, 0, ...row);
}

describe('a hostile pane frame', () => {
  it.each([
    ['a control character', oneCell(0x0a, 0x1b), 'code 27'],
    ['a C1 control character', oneCell(0x0b, 0xd9, 0x09), 'code 155'],
    ['a surrogate', oneCell(0x0b, 0x81, 0x80, 0x1b), 'code 55296'],
    ['a width of 3', oneCell(0x0b, 0x03), 'width 3'],
    ['a string that is not there', oneCell(0x0b, 0x0d), 'string 1 of 0'],
    ['a style that is not there', oneCell(0x01, 0, 0, 1), 'style 1'],
    ['a run beyond the row', oneCell(0xfc, 0xff, 0xff, 0x7f, 0x08), 'are left in the row'],
    ['a run of nothing', oneCell(0x02), '0 cells'],
    ['an unknown step', oneCell(0x0f), 'unknown step 7'],
    ['a number over 32 bits', Buffer.of(1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 1), 'over 32 bits'],
    ['more strings than bytes', Buffer.of(1, 0, 1, 0xff, 0x7f), 'number of strings'],
    ['a string with an escape', Buffer.of(1, 0, 1, 1, 2, 0x1b, 0x5b, 0, 0), 'control characters'],
    ['a column outside', Buffer.of(1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0), 'cursor column 1'],
    ['a side too long', Buffer.of(1, 0, 1, 0, 0, 1, 1, 1, 0xff, 0xff, 0x7f, 1, 0, 0, 1, 0, 0), 'columns'],
    ['no rows', Buffer.of(1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0), 'no rows'],
    ['another format', Buffer.of(9), 'format 9'],
  ])('with %s is refused', (_what, bytes, message) => {
    expect(() => decodePaneFrame(bytes)).toThrow(message);
  });

  it('that unfolds to too many cells is refused before it is unfolded', () => {
    const head = Buffer.of(1, 0, 1, 0, 0, 1, 1, 1, 0x80, 0x20, 0x80, 0x20, 0, 0, 1, 0, 0x80, 0x20);
    const rows = Buffer.concat(
      Array.from({ length: 4096 }, (_, y) => (y < 128 ? Buffer.of(y, 0) : Buffer.of((y & 0x7f) | 0x80, y >> 7, 0))),
    );
    expect(() => decodePaneFrame(Buffer.concat([head, rows]))).toThrow('more than 2097152 cells');
  });
});
