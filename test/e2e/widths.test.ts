// Wide characters and emoji on terminals that count widths as Unicode 6 does and as graphemes: the same picture on both.
import { createRequire } from 'node:module';
import type { Terminal as Emulator } from '@xterm/headless';
import { afterEach, expect, test } from 'vitest';
import { useGraphemes } from '../../src/terminal/unicode.ts';
import { script } from './script.ts';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal } from './terminal.ts';

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as { Terminal: typeof Emulator };
const SIZE = { cols: 100, rows: 30 };
const PREFIX = '\x07';

let stage: Stage;
afterEach(async () => stage.strike());

/** Characters with the cells they take: wide everywhere, wide by presentation, joined, modified, flags, a variation selector, a mark. */
const SAMPLES: readonly (readonly [string, number])[] = [
  ['漢字', 4],
  ['😀', 2],
  ['👩‍🚀', 2],
  ['👍🏽', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['e\u0301', 1],
  ['ｗｉ', 4],
];

/** The bytes on another terminal: its rows as they are seen. */
async function seenBy(raw: string, withGraphemes: boolean): Promise<string[]> {
  const emulator = new Terminal({ ...SIZE, allowProposedApi: true, scrollback: 0 });
  if (withGraphemes) useGraphemes(emulator);
  await new Promise<void>((resolve) => emulator.write(raw, resolve));
  const { active } = emulator.buffer;
  return Array.from({ length: SIZE.rows }, (_, y) => {
    const line = active.getLine(active.viewportY + y);
    return Array.from({ length: SIZE.cols }, (_cell, x) => line?.getCell(x)?.getChars() || ' ');
  }).map((cells) => cells.join('\0'));
}

/** The columns of the bars in a row. */
const bars = (row: string): number[] => row.split('\0').flatMap((cell, x) => (cell === '|' ? [x] : []));

async function show(): Promise<PersonTerminal> {
  stage = await setStage();
  const lines = SAMPLES.map(([sample], index) => ({ say: `${index}|${sample}|end${index}|` }));
  const hold = { run: 'while ! git show-ref --quiet refs/heads/go; do sleep 0.05; done' };
  await stage.json(['add', 'Widths', '--description', script(...lines, hold)]);
  const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], SIZE);
  await terminal.see(`end${SAMPLES.length - 1}|`);
  return terminal;
}

test('no character shifts the rest of its line, whichever way the terminal counts', async () => {
  const terminal = await show();
  // Painted once more in full, over what stands there.
  terminal.type(`${PREFIX}r`);
  terminal.type(`${PREFIX}?`);
  await terminal.see('Esc closes');
  terminal.type('\x1b');
  await terminal.see((screen) => !screen.includes('Esc closes') && screen.includes('end0|'), 'the pane again');
  const { raw } = terminal;
  const rows = await Promise.all([seenBy(raw, false), seenBy(raw, true)]);
  for (const [index, [sample, width]] of SAMPLES.entries()) {
    const [six, graphemes] = rows.map((screen) => screen.find((row) => row.includes(`e\0n\0d\0${index}\0|`)) ?? '');
    const [before = -1, after = -1] = bars(graphemes ?? '').slice(-3);
    expect(after - before - 1, sample).toBe(width);
    expect(bars(six ?? ''), sample).toEqual(bars(graphemes ?? ''));
  }
  // The frame around the pane stands in one column all the way down.
  for (const screen of rows) {
    const edges = screen.slice(2, 20).map((row) => row.split('\0').lastIndexOf('│'));
    expect(new Set(edges).size).toBe(1);
  }
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});
