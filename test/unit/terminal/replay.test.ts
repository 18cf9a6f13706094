// Owns the replay of recorded sessions of Claude Code: the screen ends up as it was seen when they were recorded.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FrameTables } from '../../../src/terminal/cells.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { createOracle, feed, oracleRows, tablesOf, wireRow } from '../../helpers/screen-oracle.ts';

interface Recording {
  sizes: { t: number; cols: number; rows: number }[];
  /** Time in ms and number of bytes. */
  chunks: [number, number][];
  finalScreen: string;
}

interface Step {
  resize?: { cols: number; rows: number };
  bytes: Uint8Array;
}

function load(name: string): { first: { cols: number; rows: number }; steps: Step[]; finalScreen: string } {
  const folder = new URL('../../fixtures/claude/', import.meta.url);
  const raw = readFileSync(new URL(`${name}.raw`, folder));
  const recording = JSON.parse(readFileSync(new URL(`${name}.timing.json`, folder), 'utf8')) as Recording;
  const [first = { t: 0, cols: 80, rows: 24 }, ...later] = recording.sizes;
  let at = 0;
  const steps = recording.chunks.map(([time, length]): Step => {
    const bytes = raw.subarray(at, at + length);
    at += length;
    const resize = later[0] !== undefined && later[0].t <= time ? later.shift() : undefined;
    return resize === undefined ? { bytes } : { resize, bytes };
  });
  expect(at).toBe(raw.length);
  return { first, steps, finalScreen: trimmed(recording.finalScreen.split('\n')) };
}

function trimmed(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

describe.each(['claude-session', 'claude-session-resize', 'claude-session-fullscreen'])('%s', (name) => {
  it('ends on the recorded screen, step by step the same as a plain emulator, with what changed and nothing else', () => {
    const { first, steps, finalScreen } = load(name);
    const answers: string[] = [];
    const titles: string[] = [];
    const listeners = {
      onAnswer: (text: string) => answers.push(text),
      onTitle: (title: string) => titles.push(title),
      onBell: () => {},
    };
    // The clock jumps, so that no picture is held back at a step's end: the oracle knows no holding back.
    let now = 0;
    const screen = new Screen({ ...first, scrollback: 50, name: 'Drover', now: () => (now += 1000), ...listeners });
    const oracle = createOracle(first.cols, first.rows);
    let rows: string[] = [];
    let version = 0;
    let reached = 0;
    for (const { resize, bytes } of steps) {
      if (resize !== undefined) {
        screen.resize(resize.cols, resize.rows);
        oracle.resize(resize.cols, resize.rows);
      }
      screen.push(bytes);
      screen.parse(Number.POSITIVE_INFINITY);
      feed(oracle, bytes);
      const tables = new FrameTables();
      const change = screen.changesSince(version, tables);
      if (resize !== undefined) rows = [];
      for (const { y, cells } of change?.lines ?? []) rows[y] = wireRow(cells, tablesOf(tables)).join();
      version = change?.version ?? version;
      expect(rows).toEqual(oracleRows(oracle).map((row) => row.join()));
      if (trimmed(screen.text()) === finalScreen) reached += 1;
    }
    // It was seen before the session was ended with /exit, which changes the screen again.
    expect(reached).toBeGreaterThan(0);
    expect(answers.join('')).toBe('\x1bP>|Drover\x1b\\\x1b[?1;2c');
    expect(titles.slice(0, 2)).toEqual(['✳ Claude Code', '⠂ Claude Code']);
    expect(titles.at(-1)).toBe('');
    screen.dispose();
    oracle.dispose();
  });
});
