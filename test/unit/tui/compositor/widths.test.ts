// Owns the proof that no text shifts what stands beside it, whichever way the terminal counts: whole tables of Unicode, painted over one another.
import { describe, expect, it } from 'vitest';
import { FrameTables } from '../../../../src/terminal/cells.ts';
import { Screen } from '../../../../src/terminal/screen.ts';
import { Compositor } from '../../../../src/tui/compositor/compositor.ts';
import { TWO_COLUMNS } from '../../../helpers/unicode-samples.ts';
import { Emulator, type WidthModel } from './emulator.ts';

const COLS = 24;
const ROWS = 40;
const CAPABILITIES = {
  color: 'rgb',
  sync: true,
  underlineStyles: true,
  links: true,
  keys: 'plain',
  isTmux: false,
  isScreen: false,
  name: 'test',
} as const;
/** Columns where a sample stands: between letters, before blanks, at the right edge. */
const PLACES = [1, 10, COLS - 2];

/** A row with a text of two columns in each place, and letters, blanks and a wide character around them. */
const rowWith = (text: string): string => `a${text}b漢-- \x1b[7m \x1b[m${text}        \x1b[41mx\x1b[m|${text}`;

/** A pane, and the terminal that the compositor paints it on. */
class Painted {
  readonly outer: Emulator;
  readonly #ignore = { onAnswer: () => {}, onTitle: () => {}, onBell: () => {} };
  readonly #screen = new Screen({ cols: COLS, rows: ROWS, scrollback: 0, name: 'x', now: () => 0, ...this.#ignore });
  readonly #compositor = new Compositor(COLS, ROWS, CAPABILITIES);

  constructor(widths: WidthModel) {
    this.outer = new Emulator(COLS, ROWS, widths);
    this.outer.write('\x1b[?7l');
  }

  show(rows: readonly string[]): void {
    this.#screen.push(Buffer.from(rows.map((row, y) => `\x1b[${y + 1}H${row}`).join('')));
    this.#screen.parse(Number.POSITIVE_INFINITY);
    const tables = new FrameTables();
    for (const { y, cells } of this.#screen.changesSince(0, tables)?.lines ?? [])
      this.#compositor.blitLine(cells, tables.strings(), tables.styles(), { x: 0, width: COLS }, 0, y);
    this.outer.write(this.#compositor.flush(null) ?? '');
  }

  /** What the terminal shows in a row outside of the places: `text/background`, a column each. */
  around(y: number): string[] {
    return this.outer
      .seen(y)
      .map(({ text, width, fg, bg }, x) =>
        PLACES.some((place) => x === place || x === place + 1) ? '?' : `${text}/${width}/${fg}/${bg}`,
      );
  }
}

describe.each<WidthModel>(['graphemes', 'code points', 'unicode 6'])('on a terminal that counts %s', (widths) => {
  it.each(Object.entries(TWO_COLUMNS))('nothing is shifted by texts %s', (kind, texts) => {
    // Some of these are wide since later than the table of that terminal.
    const isOwnWidth = !/themselves|FE0E/.test(kind);
    const painted = new Painted(widths);
    painted.show(Array.from({ length: ROWS }, () => rowWith('zz')));
    const wanted = painted.around(0);
    const wrong = new Set<string>();
    const check = (some: readonly string[]): void => {
      for (const [y, text] of some.entries()) {
        if (painted.around(y).join() !== wanted.join()) wrong.add(text);
        const cell = painted.outer.seen(y)[PLACES[0] as number];
        if (widths === 'graphemes' && (cell?.text !== text || (isOwnWidth && cell.width !== 2)))
          wrong.add(`${text} itself`);
      }
    };
    for (let at = 0; at < texts.length; at += ROWS) {
      const some = texts.slice(at, at + ROWS);
      painted.show(some.map(rowWith));
      check(some);
      // Over what the terminal may have put beside it: another text, and then plain letters.
      const others = some.toReversed();
      painted.show(others.map(rowWith));
      check(others);
      if (at % (4 * ROWS) === 0) {
        painted.show(some.map(() => rowWith('zz')));
        for (const [y, text] of others.entries())
          if (painted.around(y).join() !== wanted.join()) wrong.add(`${text} gone`);
      }
    }
    expect([...wrong].slice(0, 20)).toEqual([]);
  });
});
