// Owns the proof that the compositor's bytes show the wanted frame: random frames against a second emulator.
import { describe, expect, it } from 'vitest';
import { Compositor } from '../../../../src/tui/compositor/compositor.ts';
import type { Capabilities } from '../../../../src/tui/outer/capabilities.ts';
import { Emulator } from './emulator.ts';

const FULL: Capabilities = {
  color: 'rgb',
  sync: true,
  underlineStyles: true,
  links: true,
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
  '\x1b[7m',
  '\x1b[27m',
  '\x1b[9;53m',
  '\x1b[2m',
  '\x1b[5m',
  '\x1b[8m',
  '\x1b]8;;http://a.example/x\x07',
  '\x1b]8;;\x07',
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
    if (next(3) === 0) text += `\x1b[${next(ROWS) + 1};${next(COLS) + 1}H`;
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
      const cursor = { ...source.cursor, isVisible: next(4) > 0, shape: 0 };
      const bytes = compositor.flush(cursor);
      if (bytes !== null) outer.write(bytes);
      for (let y = 0; y < ROWS; y++) expect(outer.seen(y), `frame ${frame}, row ${y}`).toEqual(source.seen(y));
      expect(outer.cursor.isVisible).toBe(cursor.isVisible);
      if (cursor.isVisible) expect(outer.cursor).toMatchObject({ x: cursor.x, y: cursor.y });
      expect(compositor.flush(cursor), 'a second flush has nothing to say').toBeNull();
    }
  });

  it('never lets one character of disputed width move another, in a terminal that counts as Unicode 6 did', () => {
    const next = random(7);
    const source = new Emulator(COLS, ROWS);
    const outer = new Emulator(COLS, ROWS, 'unicode 6');
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
        const wanted = source.seen(y);
        const shown = outer.seen(y);
        for (const [x, cell] of wanted.entries()) {
          if (/^[\x21-\x7e你好é─]$/.test(cell.text))
            expect(shown[x]?.text, `frame ${frame}, ${x},${y}`).toBe(cell.text);
        }
      }
    }
  });
});
