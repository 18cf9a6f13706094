// Owns the proof that the compositor's bytes show the wanted frame: random frames against a second emulator.
import { describe, expect, it } from 'vitest';
import { Compositor } from '../../../../src/tui/compositor/compositor.ts';
import type { Capabilities } from '../../../../src/tui/outer/capabilities.ts';
import { Emulator, type Seen, type WidthModel } from './emulator.ts';

const FULL: Capabilities = {
  color: 'rgb',
  sync: true,
  underlineStyles: true,
  links: true,
  keys: 'plain',
  isTmux: false,
  isScreen: false,
  name: 'test',
};
const COLS = 60;
const ROWS = 20;
const SOURCE = [
  'a',
  'bc',
  'word ',
  ' ',
  '你好',
  '😀',
  'é',
  'e\u0301',
  '─',
  '❤️',
  '👨‍👩‍👧',
  '🇩🇪',
  '\x1b[K',
  '\x1b[31m',
  '\x1b[95m',
  '\x1b[38;2;1;2;3m',
  '\x1b[38;5;123m',
  '\x1b[48;5;200m',
  '\x1b[48;2;9;8;7m',
  '\x1b[m',
  '\x1b[1m',
  '\x1b[22m',
  '\x1b[3;4:3;58:5:9m',
  '\x1b[4:2;58:2::1:2:3m',
  '\x1b[4m',
  '\x1b[24;59m',
  '\x1b[4:4m',
  '\x1b[4:5;58:2::255:255:255m',
  '\x1b[21m',
  '\x1b[59m',
  '\x1b[7m',
  '\x1b[27m',
  '\x1b[9;53m',
  '\x1b[2m',
  '\x1b[5m',
  '\x1b[8m',
  '\x1b]8;;http://a.example/x\x07',
  '\x1b]8;;https://b.example/?y=1\x07',
  '\x1b]8;;\x07',
  '👨‍👩‍👧‍👦',
  '👍🏽',
  '한',
  '☕',
  '\r\n',
  '\x1b[J',
  '   ',
  '\x1b[1K',
  '\x1b[5X',
  '\x1b[3P',
  '\x1b[2@',
  '\x1b[2L',
  '\x1b[M',
  '\x1b[4 q',
  '\x1b[0 q',
];

/** One cell or two in every terminal. */
const UNDISPUTED = /^[\x20-\x7e你好한é─]$/;

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

function change(next: (below: number) => number): string {
  let text = '';
  for (let count = next(12); count >= 0; count--) {
    // Often at the right edge, where a wide character has no room, or just enough.
    const column = next(4) === 0 ? COLS - next(3) : next(COLS) + 1;
    if (next(3) === 0) text += `\x1b[${next(ROWS) + 1};${column}H`;
    text += SOURCE[next(SOURCE.length)];
  }
  return text;
}

describe('random frames', () => {
  it.each([1, 2, 3, 4])('show the same cells, attributes, links and cursor in the outer terminal (seed %i)', (seed) => {
    const next = random(seed);
    const source = new Emulator(COLS, ROWS);
    const outer = new Emulator(COLS, ROWS);
    outer.write('\x1b[?7l');
    const compositor = new Compositor(COLS, ROWS, { ...FULL, sync: seed % 2 === 0 });
    for (let frame = 0; frame < 250; frame++) {
      source.write(change(next));
      if (next(100) === 0) compositor.invalidate();
      for (let y = 0; y < ROWS; y++) {
        const line = source.frameLine(y);
        compositor.blitLine(line.cells, line.strings, line.styles, { x: 0, width: COLS }, 0, y);
      }
      const cursor = { ...source.cursor, isVisible: next(4) > 0, shape: next(3) === 0 ? next(7) : 0 };
      const bytes = compositor.flush(cursor);
      if (bytes !== null) outer.write(bytes);
      for (let y = 0; y < ROWS; y++) expect(outer.seen(y), `frame ${frame}, row ${y}`).toEqual(source.seen(y));
      expect(outer.cursor.isVisible).toBe(cursor.isVisible);
      if (cursor.isVisible) expect(outer.cursor).toEqual(cursor);
      expect(compositor.flush(cursor), 'a second flush has nothing to say').toBeNull();
    }
  });

  it.each<WidthModel>(['code points', 'unicode 6'])(
    'never let one character of disputed width move or change another, in a terminal that counts %s',
    (widths) => {
      const next = random(7);
      const source = new Emulator(COLS, ROWS);
      const outer = new Emulator(COLS, ROWS, widths);
      outer.write('\x1b[?7l');
      const compositor = new Compositor(COLS, ROWS, FULL);
      for (let frame = 0; frame < 200; frame++) {
        source.write(change(next));
        for (let y = 0; y < ROWS; y++) {
          const line = source.frameLine(y);
          compositor.blitLine(line.cells, line.strings, line.styles, { x: 0, width: COLS }, 0, y);
        }
        const bytes = compositor.flush(null);
        if (bytes !== null) outer.write(bytes);
        for (let y = 0; y < ROWS; y++) {
          const shown = outer.seen(y);
          for (const [x, cell] of source.seen(y).entries()) {
            const where = `frame ${frame}, ${x},${y}`;
            if (UNDISPUTED.test(cell.text)) expect(shown[x], where).toEqual(cell);
            // A terminal that thinks the character before it narrow has room here, for nothing of what stood there.
            else if (cell.width === 0) expect(shown[x]?.text, where).not.toMatch(/[!-~é─]/);
          }
        }
      }
    },
  );

  it('show two panes side by side, cut anywhere, as they are cut', () => {
    const next = random(11);
    const panes = [new Emulator(COLS, ROWS), new Emulator(COLS, ROWS)];
    const outer = new Emulator(COLS, ROWS);
    outer.write('\x1b[?7l');
    const compositor = new Compositor(COLS, ROWS, FULL);
    for (let frame = 0; frame < 200; frame++) {
      const crop = { x: next(5), width: 5 + next(COLS / 2) };
      const rest = { x: next(20), width: COLS - crop.width };
      // And a part of the first once more, as a popup over both.
      const over = { x: next(COLS / 2), width: 1 + next(COLS / 3) };
      const overAt = next(COLS / 2);
      for (const pane of panes) pane.write(change(next));
      for (let y = 0; y < ROWS; y++) {
        for (const [pane, part, at] of [
          [panes[0], crop, 0],
          [panes[1], rest, crop.width],
          [panes[0], over, overAt],
        ] as const) {
          const line = pane?.frameLine(y);
          if (line) compositor.blitLine(line.cells, line.strings, line.styles, part, at, y);
        }
      }
      outer.write(compositor.flush(null) ?? '');
      for (let y = 0; y < ROWS; y++) {
        const wanted = [cut(panes[0]?.seen(y) ?? [], crop), cut(panes[1]?.seen(y) ?? [], rest)].flat();
        const after = overAt + over.width;
        if (wanted[overAt - 1]?.width === 2) wanted[overAt - 1] = null;
        if (wanted[after]?.width === 0) wanted[after] = null;
        wanted.splice(overAt, over.width, ...cut(panes[0]?.seen(y) ?? [], over));
        const shown = outer.seen(y).map((cell, x) => (wanted[x] === null && cell.text === ' ' ? null : cell));
        expect(shown, `frame ${frame}, row ${y}`).toEqual(wanted);
      }
    }
  });
});

/** What of a row is seen in a crop, blanks beyond the row; null for half of a wide character, which is to be a blank. */
function cut(row: readonly Seen[], crop: { x: number; width: number }): (Seen | null)[] {
  const blank: Seen = { text: ' ', width: 1, fg: 0, bg: 0, underline: 0, underlineColor: 0, link: '' };
  return Array.from({ length: crop.width }, (_, x) => {
    const cell = row[crop.x + x] ?? blank;
    return (x === 0 && cell.width === 0) || (x === crop.width - 1 && cell.width === 2) ? null : cell;
  });
}
