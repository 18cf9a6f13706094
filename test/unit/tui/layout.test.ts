import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadLayout, parseLayout } from '../../../src/tui/layout/layout.ts';
import type { Rect } from '../../../src/tui/layout/rect.ts';
import { neighbour, type TileInput, tile } from '../../../src/tui/layout/tile.ts';
import { loadTheme, parseTheme } from '../../../src/tui/theme/theme.ts';

const layout = loadLayout('grid');

function input(columns: number, rows: number, count: number, extra: Partial<TileInput> = {}): TileInput {
  const panes = Array.from({ length: count }, (_, index) => index + 1);
  return { size: { columns, rows }, panes, focused: 1, isZoomed: false, sidebar: 'auto', layout, ...extra };
}

function shape(columns: number, rows: number, count: number): string[] {
  return tile(input(columns, rows, count)).panes.map(
    ({ inner: { x, y, width, height } }) => `${width}x${height}+${x}+${y}`,
  );
}

describe('tiling', () => {
  test.each([
    [80, 24, 4, ['40x11+0+1', '39x11+41+1', '40x10+0+13', '39x10+41+13']],
    [80, 24, 3, ['40x11+0+1', '39x11+41+1', '80x10+0+13']],
    [80, 24, 1, ['80x22+0+1']],
    [200, 60, 4, ['82x29+0+1', '81x29+83+1', '82x28+0+31', '81x28+83+31']],
    [400, 100, 2, ['182x98+0+1', '181x98+183+1']],
    [20, 2, 4, ['20x1+0+0']],
    [1, 1, 4, ['1x1+0+0']],
  ])('%i×%i with %i panes', (columns, rows, count, expected) => {
    expect(shape(columns, rows, count)).toEqual(expected);
  });

  test('the sidebar is there from 100 columns on, on demand before that, and never on a tiny terminal', () => {
    expect(tile(input(99, 30, 2)).sidebar).toBeNull();
    expect(tile(input(100, 30, 2)).sidebar).toMatchObject({ width: 35, height: 29 });
    expect(tile(input(100, 30, 2, { sidebar: 'hidden' })).sidebar).toBeNull();
    expect(tile(input(60, 30, 2, { sidebar: 'shown' })).sidebar).toMatchObject({ width: 29 });
    expect(tile(input(20, 30, 2, { sidebar: 'shown' })).sidebar).toBeNull();
  });

  test('panes that do not fit are turned over in pages, with the focus in sight', () => {
    const tiling = tile(input(80, 10, 16, { focused: 16 }));
    expect(tiling.panes.some(({ pane }) => pane === 16)).toBe(true);
    expect(tiling.hiddenBefore + tiling.panes.length + tiling.hiddenAfter).toBe(16);
    expect(tiling.panes.every(({ inner }) => inner.width >= 20 && inner.height >= 3)).toBe(true);
  });

  test('zoom shows the focused pane alone', () => {
    const { panes } = tile(input(80, 24, 4, { isZoomed: true, focused: 3 }));
    expect(panes).toEqual([expect.objectContaining({ pane: 3, inner: { x: 0, y: 1, width: 80, height: 22 } })]);
  });

  test('at any size everything lies inside the terminal and nothing lies over anything', () => {
    const sidebar = fc.constantFrom('auto', 'shown', 'hidden') as fc.Arbitrary<TileInput['sidebar']>;
    fc.assert(
      fc.property(
        fc.nat(420),
        fc.nat(120),
        fc.nat(20),
        fc.boolean(),
        sidebar,
        (columns, rows, count, isZoomed, side) => {
          const tiling = tile(input(columns, rows, count, { isZoomed, sidebar: side }));
          const rects: Rect[] = tiling.panes.map((pane) => pane.box);
          if (tiling.sidebar) rects.push(tiling.sidebar);
          if (tiling.status) rects.push(tiling.status);
          const isInside = (rect: Rect): boolean =>
            rect.width > 0 &&
            rect.height > 0 &&
            rect.x >= 0 &&
            rect.y >= 0 &&
            rect.x + rect.width <= Math.max(1, columns) &&
            rect.y + rect.height <= Math.max(1, rows);
          const isApart = (a: Rect, b: Rect): boolean =>
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(rects.filter((rect) => !isInside(rect))).toEqual([]);
          expect(rects.flatMap((a, index) => rects.slice(index + 1).filter((b) => !isApart(a, b)))).toEqual([]);
          expect(tiling.panes.length > 0).toBe(count > 0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the pane in a direction', () => {
  const { panes } = tile(input(80, 24, 3));

  test.each([
    [1, 'right', 2],
    [2, 'left', 1],
    [1, 'down', 3],
    [2, 'down', 3],
    [3, 'up', 1],
    [1, 'left', null],
    [3, 'right', null],
  ] as const)('from %i %s is %j', (from, direction, to) => {
    expect(neighbour(panes, from, direction)).toBe(to);
  });
});

describe('layouts and themes as files', () => {
  const text = JSON.stringify(layout);

  test('a mistake names file and key', () => {
    const parse = (change: (value: Record<string, Record<string, unknown>>) => void) => () => {
      const value = JSON.parse(text) as Record<string, Record<string, unknown>>;
      change(value);
      return parseLayout(JSON.stringify(value), 'mine.json');
    };
    expect(parse(() => undefined)()).toEqual(layout);
    expect(parse((value) => Object.assign(value['sidebar'] ?? {}, { width: 7 }))).toThrow(
      'mine.json: sidebar.width must be a whole number from 16 to 120, but it is 7',
    );
    expect(parse((value) => Object.assign(value['sidebar'] ?? {}, { wdith: 30 }))).toThrow(
      'mine.json: there is no key "sidebar.wdith"; the nearest is "sidebar.width"',
    );
    expect(parse((value) => Object.assign(value['sidebar'] ?? {}, { side: 'top' }))).toThrow(
      'must be one of left, right',
    );
    expect(parse((value) => delete value['panes'])).toThrow('mine.json: panes must be an object, but it is missing');
    expect(() => parseLayout('{', 'mine.json')).toThrow('mine.json is not JSON');
  });

  test('a theme has every style, and its colours are numbers or names', () => {
    const theme = loadTheme('dark');
    expect(theme.styles.text).toEqual({ fg: -1, bg: -1, bold: false, inverse: false });
    const styles = Object.fromEntries(Object.keys(theme.styles).map((name) => [name, {}]));
    const parse = (extra: object) => () =>
      parseTheme(JSON.stringify({ name: 'x', styles: { ...styles, ...extra } }), 'x.json');
    expect(parse({ dim: { fg: 'brightBlack', bold: true } })().styles.dim).toEqual({
      fg: 8,
      bg: -1,
      bold: true,
      inverse: false,
    });
    expect(parse({ dim: { fg: 256 } })).toThrow('x.json: styles.dim.fg must be a number of the palette (0-255)');
    expect(parse({ dim: { fg: '__proto__' } })).toThrow('styles.dim.fg');
    expect(parse({ dimm: {} })).toThrow('x.json: there is no key "styles.dimm"; the nearest is "styles.dim"');
    expect(parse({ dim: undefined })).toThrow('x.json: styles.dim must be an object, but it is missing');
  });
});
