// Owns the proof of widths: every emoji sequence that Unicode recommends is one cluster in two columns, every wide character takes two.
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../src/domain/text-width.ts';
import { CELL_WIDTH_SHIFT, CELL_WORDS } from '../../../src/protocol/cells.ts';
import { FrameTables } from '../../../src/terminal/cells.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { tablesOf, wireRow } from '../../helpers/screen-oracle.ts';
import { TWO_COLUMNS } from '../../helpers/unicode-samples.ts';

function createScreen(rows: number): Screen {
  const ignore = { onAnswer: () => {}, onTitle: () => {}, onBell: () => {} };
  return new Screen({ cols: 20, rows, scrollback: 0, name: 'Drover', now: () => 0, ...ignore });
}

/** Prints each text alone in a row and says which are not one cell of two columns with the x behind it. */
function wrongOnes(texts: readonly string[]): string[] {
  const rows = 200;
  const screen = createScreen(rows);
  const wrong: string[] = [];
  for (let at = 0; at < texts.length; at += rows) {
    const some = texts.slice(at, at + rows);
    screen.push(Buffer.from(`\x1b[2J${some.map((text, y) => `\x1b[${y + 1};1H${text}x`).join('')}`));
    screen.parse(Number.POSITIVE_INFINITY);
    const tables = new FrameTables();
    const lines = screen.changesSince(0, tables)?.lines ?? [];
    for (const [y, text] of some.entries()) {
      const cells = lines[y]?.cells ?? new Uint32Array();
      const row = wireRow(cells, tablesOf(tables));
      const widths = [0, 1, 2].map((x) => (cells[x * CELL_WORDS] ?? 0) >>> CELL_WIDTH_SHIFT);
      const isRight = row[0]?.split('|')[0] === text && widths.join() === '2,0,1' && row[2]?.startsWith('x|');
      if (isRight !== true) wrong.push(`${text} ${[...text].map((c) => c.codePointAt(0)?.toString(16)).join(' ')}`);
    }
  }
  screen.dispose();
  return wrong;
}

/** The tables that were counted: fewer means that something is left out. */
const AT_LEAST: Readonly<Record<string, number>> = {
  'joined with U+200D': 1614,
  'made an emoji by U+FE0F': 213,
  'made text by U+FE0E': 1100,
  'with a skin tone': 600,
  flags: 258,
  keycaps: 12,
  'wide by themselves': 2500,
};

describe.each(Object.entries(TWO_COLUMNS))('%s', (kind, texts) => {
  it('takes two columns and one cell in a pane', () => {
    expect(texts.length).toBeGreaterThanOrEqual(AT_LEAST[kind] ?? Number.NaN);
    expect(wrongOnes(texts)).toEqual([]);
  });

  it('takes two columns in the chrome', () => {
    expect(texts.filter((text) => textWidth(text) !== 2)).toEqual([]);
  });
});

it('gives no column to what is invisible', () => {
  const screen = createScreen(1);
  screen.push(Buffer.from('a\u200bb\u2060c\ufeffd\u202ee漢\u200b字f'));
  screen.parse(Number.POSITIVE_INFINITY);
  const tables = new FrameTables();
  const row = wireRow(screen.changesSince(0, tables)?.lines[0]?.cells ?? new Uint32Array(), tablesOf(tables));
  const shown = row.map((cell) => cell.split('|')[0]?.replace(/\p{Cf}/gu, '')).join('|');
  expect(shown).toMatch(/^a\|b\|c\|d\|e\|漢\|\|字\|\|f\|/);
  screen.dispose();
});
