// One scenario for each default binding: a screen before, keys, and what has come onto the screen, left it, or was asked of the world.
import { describe, expect, test } from 'vitest';
import { DEFAULT_BINDINGS } from '../../../src/tui/keys/bindings.ts';
import type { Model } from '../../../src/tui/model.ts';
import { busyHistory, key, modelOf, rowsOf, steps } from './model-fixture.ts';

interface Scenario {
  /** Keys that make the screen before; empty for four panes and no sidebar. */
  readonly before?: string;
  /** Lines or parts of lines that are on the screen after and were not before. */
  readonly comes?: readonly string[];
  /** The same the other way round. */
  readonly goes?: readonly string[];
  /** Where the border between the columns stands before and after, and the one between the rows. */
  readonly upright?: readonly [number, number];
  readonly level?: readonly [number, number];
  /** What the world is asked to do. */
  readonly effect?: string;
  readonly size?: { readonly columns: number; readonly rows: number };
}

const large = { columns: 160, rows: 50 };
const SMALL = { columns: 80, rows: 24 };
/** The title of a pane that has the focus. */
const on = (pane: number): string => `▶ ${pane}`;
const moves = (to: number, before = ''): Scenario => ({ before, comes: [on(to)] });
const right = (cells: number): Scenario => ({ upright: [40, 40 + cells] });
const down = (cells: number): Scenario => ({ level: [12, 12 + cells] });

/** By the key after the prefix. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  Left: moves(1, 'C-g 2'),
  Right: moves(2),
  Up: moves(1, 'C-g 3'),
  Down: moves(3),
  h: moves(1, 'C-g 2'),
  l: moves(2),
  k: moves(1, 'C-g 3'),
  j: moves(3),
  o: moves(2),
  ';': moves(1, 'C-g 3'),
  n: moves(2, 'C-g 3'),
  '1': moves(1, 'C-g 2'),
  '2': moves(2),
  '3': moves(3),
  '4': moves(4),
  ...Object.fromEntries(['5', '6', '7', '8', '9'].map((pane) => [pane, { comes: [`there is no pane ${pane}`] }])),
  z: { comes: ['zoomed', 'pane 1 of 4'], goes: ['4 · idle'] },
  '{': { before: 'C-g 2', comes: ['┱── 1'], goes: ['┲━▶ 2'] },
  '}': { comes: ['── 2 p4q8r add a r…'], goes: ['── 2 p4q8r add a …'] },
  'C-Left': right(-1),
  'C-Right': right(1),
  'C-Up': down(-1),
  'C-Down': down(1),
  'M-Left': right(-5),
  'M-Right': right(5),
  'M-Up': down(-5),
  'M-Down': down(5),
  H: right(-5),
  L: right(5),
  K: down(-5),
  J: down(5),
  E: { before: 'C-g L', upright: [45, 40] },
  Space: { comes: ['layout main-left'] },
  'M-1': { before: 'C-g M-2', comes: ['layout grid'] },
  'M-2': { comes: ['layout stack'] },
  'M-3': { comes: ['layout main-top'] },
  'M-4': { comes: ['layout main-left'] },
  'M-5': { comes: ['layout focus'], goes: ['4 · idle'] },
  'M-6': { size: large, comes: ['layout dashboard', '─ workers ─', '─ worktrees ─'] },
  T: { comes: ['theme high-contrast'] },
  '!': { comes: ['1:main', '2:pane-1'], goes: ['4 · idle'] },
  '@': { before: 'C-g !', comes: ['4 · idle'], goes: ['2:pane-1'] },
  W: { comes: [':new-window'] },
  ',': { comes: [':rename-window'] },
  ')': { before: 'C-g !', comes: ['4 · idle'], goes: ['▶ 1'] },
  '(': { before: 'C-g !', comes: ['4 · idle'], goes: ['▶ 1'] },
  "'": { comes: [':window'] },
  '&': { before: 'C-g !', comes: ['4 · idle'], goes: ['2:pane-1'] },
  q: { size: large, comes: ['▸ x7k2m'] },
  s: { effect: 'open-shell' },
  m: { effect: 'lock' },
  '[': { comes: ['nothing has run in pane 1 yet'] },
  PPage: { comes: ['nothing has run in pane 1 yet'] },
  ']': { comes: ['nothing has been copied yet'] },
  e: { comes: ['there is no history here yet'] },
  '/': { comes: ['search all:'] },
  c: { comes: ['a title, then Enter'] },
  ':': { comes: ['\n:'] },
  b: { comes: ['─ queue ─'] },
  Q: { comes: ['─ queue ─'] },
  G: { comes: ['─ workers ─'] },
  C: { comes: ['─ charts ─'] },
  A: { comes: ['─ activity ─'] },
  P: { comes: ['─ worktrees ─'] },
  r: { effect: 'redraw' },
  '?': { comes: ['╭─ keys ─'] },
  'C-z': { effect: 'suspend' },
  d: { effect: 'end' },
};

/** The screen as one text, its places of borders, and what was asked of the world. */
function play(scenario: Scenario, keys: string) {
  const names = [scenario.before ?? '', keys].join(' ').split(' ').filter(Boolean);
  const start: Model = modelOf(busyHistory(), scenario.size ?? SMALL);
  const [model, effects] = steps(start, ...names.map(key));
  const rows = rowsOf(model);
  return {
    text: rows.join('\n'),
    upright: (rows[0] ?? '').search(/[┱┲┬]/),
    level: rows.findIndex((row) => /^──[ ]3 /.test(row)),
    effects: effects.map(({ type }) => type as string),
  };
}

describe('every default binding has its scenario', () => {
  test('and every scenario its binding', () => {
    const bound = DEFAULT_BINDINGS.filter(({ table }) => table === 'prefix').map((binding) => binding.key);
    expect(Object.keys(SCENARIOS).sort()).toEqual([...bound].sort());
    expect(DEFAULT_BINDINGS.filter(({ table }) => table === 'root')).toEqual([]);
  });

  test.each(Object.entries(SCENARIOS))('C-g %s', (name, scenario) => {
    const { comes = [], goes = [], upright, level, effect } = scenario;
    const before = play(scenario, '');
    const after = play(scenario, `C-g ${name}`);
    for (const text of comes)
      expect([before.text.includes(text), after.text.includes(text)], text).toEqual([false, true]);
    for (const text of goes)
      expect([before.text.includes(text), after.text.includes(text)], text).toEqual([true, false]);
    if (upright) expect([before.upright, after.upright]).toEqual(upright);
    if (level) expect([before.level, after.level]).toEqual(level);
    if (effect !== undefined)
      expect([before.effects.includes(effect), after.effects.includes(effect)]).toEqual([false, true]);
    expect(
      comes.length + goes.length + Number(effect !== undefined) + Number(!!upright) + Number(!!level),
    ).toBeGreaterThan(0);
  });
});
