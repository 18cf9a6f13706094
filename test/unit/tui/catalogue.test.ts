import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadCatalogue, shippedCatalogue } from '../../../src/tui/layout/catalogue.ts';
import { parseLayout } from '../../../src/tui/layout/layout.ts';
import { watchHomes } from '../../../src/tui/layout/watch.ts';
import { parseTheme, withoutColors } from '../../../src/tui/theme/theme.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function home(files: Readonly<Record<string, unknown>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-home-'));
  folders.push(folder);
  for (const [name, value] of Object.entries(files)) put(folder, name, value);
  return folder;
}

function put(folder: string, name: string, value: unknown): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
}

const panes = { wantedColumns: 80, wantedRows: 24, minimumColumns: 20, minimumRows: 3 };

describe('the file of a layout', () => {
  const parse = (tree: unknown, more: object = {}) => parseLayout('mine', JSON.stringify({ panes, tree, ...more }));

  test('a tree of splits, panes and sidebars, with what was left out filled in', () => {
    const tree = { split: 'row', parts: [{ panes: 'tiled' }, { sidebar: 'queue', cells: 30 }] };
    expect(parse(tree).tree).toMatchObject({
      kind: 'split',
      direction: 'row',
      parts: [
        { kind: 'panes', arrangement: 'tiled', drop: 100, size: { kind: 'ratio', ratio: 1 } },
        { kind: 'sidebar', name: 'queue', drop: 1, minimumColumns: 12, size: { kind: 'cells', cells: 30 } },
      ],
    });
  });

  test.each([
    [{ split: 'row' }, 'tree.parts is missing; it must be a list of 1 to 12 items'],
    [{ split: 'rows', parts: [{ panes: 'tiled' }] }, 'tree.split is "rows"; it must be one of row, column'],
    [{ split: 'row', parts: [{ panes: 'tild' }] }, 'tree.parts.0.panes is "tild"; it must be one of tiled'],
    [{ split: 'row', parts: [{ sidebar: 'queue' }] }, 'tree must have a leaf with "panes"'],
    [{ panes: 'tiled', parts: [] }, 'tree.parts means nothing beside "panes"'],
    [{ panes: 'tiled', ratio: 2, cells: 0 }, 'tree.cells is 0; it must be a whole number from 1 to 1000'],
    [{ panes: 'tiled', ratoi: 2 }, 'there is no key "tree.ratoi"; the nearest is "tree.ratio"'],
    [{ panes: 'tiled', sidebar: 'queue' }, 'tree must have exactly one of the keys split, panes and sidebar'],
    [{ split: 'row', parts: [{ panes: 'tiled' }, { panes: 'stacked' }] }, 'more than one leaf with tiled or stacked'],
    [{ split: 'row', parts: [{ panes: 'one' }, { sidebar: 'pool' }, { sidebar: 'pool' }] }, '"pool" more than once'],
    [{ panes: 'tiled', ratio: 0 }, 'tree.ratio is 0; it must be a whole number from 1 to 1000'],
  ])('%j is refused with its key', (tree, message) => {
    expect(() => parse(tree)).toThrow(message);
  });

  test('a tree without an end, another key, and what is no JSON are refused', () => {
    let tree: unknown = { panes: 'tiled' };
    for (let depth = 0; depth < 8; depth++) tree = { split: 'row', parts: [tree] };
    expect(() => parse(tree)).toThrow('is more than 6 splits deep');
    expect(() => parse({ panes: 'tiled' }, { name: 'x' })).toThrow('there is no key "name"');
    expect(() => parseLayout('mine', '{\n  "panes": {}\n  "tree": {}\n}')).toThrow(
      "line 3 is not JSON: Expected ',' or '}'",
    );
    expect(() => parseLayout('mine', '{')).toThrow(/not JSON: /);
  });
});

describe('the file of a theme', () => {
  test('the colours of its screen: its own, else those of the theme below it', () => {
    const colors = { foreground: '#101010', background: '#FAFAFA', ansi: Array.from({ length: 16 }, () => '#00ff00') };
    const parse = (value: object) => parseTheme('x', JSON.stringify(value), dark).colors;
    expect(parse({ colors })).toEqual(colors);
    expect(parse({})).toEqual(dark?.colors);
    expect(dark?.colors).toBeTruthy();
    expect(() => parse({ colors: { foreground: '#101010' } })).toThrow(
      'colors.background is missing; it must be a colour such as "#ffffff"',
    );
    expect(() => parse({ colors: { ...colors, cursor: 'red' } })).toThrow(
      'colors.cursor is "red"; it must be a colour',
    );
    expect(() => parse({ colors: { ...colors, ansi: ['#000000'] } })).toThrow(
      'colors.ansi is a list of 1; it must be a list of 16 items',
    );
  });

  const dark = shippedCatalogue().themes.get('dark') ?? null;
  const parse = (styles: object) => parseTheme('x', JSON.stringify({ styles }), dark);

  test('what it leaves out is as in the theme below it; colours are numbers or names', () => {
    const theme = parse({ dim: { fg: 'brightBlack', bold: true } });
    expect(theme.styles.dim).toEqual({ fg: 8, bg: -1, bold: true, inverse: false });
    expect(theme.styles.bar).toEqual(dark?.styles.bar);
  });

  test.each([
    [{ dim: { fg: 256 } }, 'styles.dim.fg is 256; it must be a number of the palette (0-255)'],
    [{ dim: { fg: '__proto__' } }, 'styles.dim.fg is "__proto__"; it must be'],
    [{ dimm: {} }, 'there is no key "styles.dimm"; the nearest is "styles.dim"'],
    [{ dim: { bold: 'yes' } }, 'styles.dim.bold is "yes"; it must be true or false'],
    [{ dim: 7 }, 'styles.dim is 7; it must be an object'],
  ])('%j is refused with its key', (styles, message) => {
    expect(() => parse(styles)).toThrow(message);
  });

  test('without colours, what stands out is inverted', () => {
    expect(dark && withoutColors(dark).styles.candidateSelected).toEqual({ fg: -1, bg: -1, bold: true, inverse: true });
    expect(dark && withoutColors(dark).styles.text).toEqual({ fg: -1, bg: -1, bold: false, inverse: false });
  });
});

describe('the catalogue', () => {
  test('what comes with the program is right and whole', () => {
    const { layouts, themes, mistakes } = shippedCatalogue();
    expect(mistakes).toEqual([]);
    expect([...layouts.keys()].sort()).toEqual(['dashboard', 'focus', 'grid', 'main-left', 'main-top', 'stack']);
    expect([...themes.keys()].sort()).toEqual(['dark', 'high-contrast', 'light', 'terminal']);
    const terminal = Object.values(themes.get('terminal')?.styles ?? {});
    expect(terminal.filter(({ fg, bg }) => fg > 15 || bg > 15)).toEqual([]);
  });

  test("the repository's own beat what is shipped, the operator's beat both", () => {
    const shared = home({
      'layouts/wide.json': { panes, tree: { panes: 'stacked' } },
      'themes/dark.json': { styles: { dim: { fg: 1 } } },
    });
    const mine = home({
      'layouts/wide.json': { panes, tree: { panes: 'one' } },
      'themes/dark.json': { styles: { done: { fg: 2 } } },
    });
    const { layouts, themes } = loadCatalogue([shared, mine, '/nowhere'], null);
    expect(layouts.get('wide')?.tree).toMatchObject({ arrangement: 'one' });
    expect(themes.get('dark')?.styles).toMatchObject({ dim: { fg: 1 }, done: { fg: 2 } });
    expect(layouts.has('grid')).toBe(true);
  });

  test('a mistake is told of, and what was there before it stays', () => {
    const folder = home({ 'layouts/wide.json': { panes, tree: { panes: 'stacked' } } });
    const before = loadCatalogue([folder], null);
    put(folder, 'layouts/wide.json', '{"panes": 1');
    put(folder, 'themes/my theme.json', {});
    const after = loadCatalogue([folder], before);
    expect(after.layouts.get('wide')).toBe(before.layouts.get('wide'));
    expect(after.mistakes).toEqual([
      { path: join(folder, 'layouts/wide.json'), problem: expect.stringContaining('not JSON') },
      { path: join(folder, 'themes/my theme.json'), problem: expect.stringContaining('a name is one word of letters') },
    ]);
    expect(loadCatalogue([folder], null).layouts.has('wide')).toBe(false);
  });

  test('a file that is saved, and a folder that is made later, are heard of', async () => {
    const folder = home({ 'other/x.json': {} });
    let heard: () => void = () => {};
    const next = () =>
      new Promise<void>((resolve) => {
        heard = resolve;
      });
    const end = watchHomes([folder], () => heard());
    try {
      // The watcher is ready some time after it was made: the file is saved again until it is heard.
      const first = next();
      const saving = setInterval(() => put(folder, 'layouts/wide.json', { panes, tree: { panes: 'stacked' } }), 50);
      await first;
      clearInterval(saving);
      expect(loadCatalogue([folder], null).layouts.has('wide')).toBe(true);
    } finally {
      end();
    }
  });

  test('homes that are not there yet are heard of when they come, go and come again', async () => {
    const folder = home({ 'other/x.json': {} });
    const mine = join(folder, 'config', 'drover');
    let heard: () => void = () => {};
    const next = () =>
      new Promise<void>((resolve) => {
        heard = resolve;
      });
    const end = watchHomes([join(folder, '.drover'), mine], () => heard());
    try {
      let came = next();
      put(mine, 'themes/calm.json', {});
      await came;
      came = next();
      rmSync(join(folder, 'config'), { recursive: true });
      await came;
      came = next();
      put(mine, 'themes/calm.json', {});
      await came;
      came = next();
      put(join(folder, '.drover'), 'layouts/wide.json', { panes, tree: { panes: 'stacked' } });
      await came;
      came = next();
      put(join(folder, '.drover'), 'layouts/wide.json', { panes, tree: { panes: 'one' } });
      await came;
    } finally {
      end();
    }
  });
});
