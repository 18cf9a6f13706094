import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moveBorder } from '../../../src/tui/layout/border.ts';
import { layoutNamed, shippedCatalogue } from '../../../src/tui/layout/catalogue.ts';
import { farSide, neighbour } from '../../../src/tui/layout/neighbour.ts';
import type { Rect } from '../../../src/tui/layout/rect.ts';
import { type TileInput, type Tiling, tile } from '../../../src/tui/layout/tile.ts';

const catalogue = shippedCatalogue();
const layout = layoutNamed(catalogue, 'grid');

function input(columns: number, rows: number, count: number, extra: Partial<TileInput> = {}): TileInput {
  const panes = Array.from({ length: count }, (_, index) => index + 1);
  return {
    size: { columns, rows },
    panes,
    focused: 1,
    lastFocused: null,
    isZoomed: false,
    sidebar: 'auto',
    sidebars: new Map(),
    layout,
    sizes: new Map(),
    ...extra,
  };
}

function sidebarOf(tiling: Tiling): Rect | null {
  return tiling.sidebars[0]?.box ?? null;
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
    [400, 100, 2, ['171x98+0+1', '170x98+172+1']],
    [20, 2, 4, ['20x1+0+0']],
    [1, 1, 4, ['1x1+0+0']],
  ])('%i×%i with %i panes', (columns, rows, count, expected) => {
    expect(shape(columns, rows, count)).toEqual(expected);
  });

  test('the sidebar is there from 100 columns on, on demand before that, and never on a tiny terminal', () => {
    expect(sidebarOf(tile(input(99, 30, 2)))).toBeNull();
    expect(sidebarOf(tile(input(100, 30, 2)))).toMatchObject({ width: 35, height: 29 });
    expect(sidebarOf(tile(input(100, 30, 2, { sidebar: 'hidden' })))).toBeNull();
    expect(sidebarOf(tile(input(60, 30, 2, { sidebar: 'shown' })))).toMatchObject({ width: 29 });
    expect(sidebarOf(tile(input(20, 30, 2, { sidebar: 'shown' })))).toBeNull();
  });

  test('cells that have a ratio grow with a terminal that has more than enough, until a border is moved', () => {
    const width = (columns: number, sizes: ReadonlyMap<string, number> = new Map()): number | undefined =>
      sidebarOf(tile(input(columns, 60, 2, { sizes })))?.width;
    expect([120, 200, 300, 400].map((columns) => width(columns))).toEqual([35, 35, 42, 57]);
    expect(width(400, new Map([['0.1', 40]]))).toBe(40);
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
        fc.constantFrom(...catalogue.layouts.values()),
        fc.nat(20),
        (columns, rows, count, isZoomed, side, chosen, at) => {
          const focused = count > 0 ? (at % count) + 1 : null;
          const tiling = tile(input(columns, rows, count, { isZoomed, sidebar: side, layout: chosen, focused }));
          const rects: Rect[] = [...tiling.panes, ...tiling.sidebars].map((leaf) => leaf.box);
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
          expect(count === 0 || tiling.panes.some(({ pane }) => pane === focused)).toBe(true);
          expect(tiling.hiddenBefore + tiling.panes.length + tiling.hiddenAfter).toBe(count);
          // Alone it takes what there is; beside others nothing is below its minimum.
          const { minimumColumns, minimumRows } = chosen.panes;
          const cramped = tiling.panes.filter(
            ({ inner }) => inner.width < minimumColumns || inner.height < minimumRows,
          );
          expect(tiling.panes.length + tiling.sidebars.length === 1 ? [] : cramped).toEqual([]);
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

  test.each([
    [1, 'left', 2],
    [2, 'right', 1],
    [1, 'up', 3],
    [3, 'down', 1],
    [3, 'left', null],
  ] as const)('over the edge from %i %s is %j', (from, direction, to) => {
    expect(farSide(panes, from, direction)).toBe(to);
  });
});

describe('borders', () => {
  const sizes = fc.constantFrom([80, 24], [120, 40], [200, 60], [400, 100], [20, 5]);
  const layouts = fc.constantFrom(...catalogue.layouts.values());
  const moves = fc.array(fc.record({ border: fc.nat(20), by: fc.integer({ min: -60, max: 60 }) }), { maxLength: 8 });
  const boxesOf = (tiling: Tiling): Rect[] => [...tiling.panes, ...tiling.sidebars].map(({ box }) => box);
  const coverage = (boxes: readonly Rect[]): number =>
    boxes.reduce((sum, { width, height }) => sum + width * height, 0);

  test('wherever they are moved to, nothing overlaps, is lost or gets less than its minimum, and the same sizes give the same screen', () => {
    fc.assert(
      fc.property(
        sizes,
        layouts,
        fc.integer({ min: 1, max: 12 }),
        moves,
        ([columns = 80, rows = 24], chosen, count, all) => {
          let at = input(columns, rows, count, { layout: chosen });
          for (const { border, by } of all) {
            const tiling = tile(at);
            const places = tiling.splits.flatMap(({ path, parts }) =>
              parts.slice(1).map((_part, index) => ({ split: path, index })),
            );
            const place = places[border % Math.max(1, places.length)];
            const moved = place ? moveBorder(tiling, at.sizes, place, by) : null;
            if (moved) at = { ...at, sizes: moved };
          }
          const tiling = tile(at);
          expect(tile(at)).toEqual(tiling);
          // A place that became too small for all of its panes turns them over in pages.
          expect(tiling.panes.some(({ pane }) => pane === at.focused)).toBe(true);
          expect(tiling.hiddenBefore + tiling.panes.length + tiling.hiddenAfter).toBe(count);
          const boxes = boxesOf(tiling);
          const isApart = (a: Rect, b: Rect): boolean =>
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(boxes.flatMap((a, index) => boxes.slice(index + 1).filter((b) => !isApart(a, b)))).toEqual([]);
          // All but the lines between columns belongs to somebody.
          const lines = tiling.splits
            .filter(({ direction }) => direction === 'row')
            .reduce((sum, { rect, parts }) => sum + rect.height * (parts.length - 1), 0);
          expect(coverage(boxes) + lines).toBe(columns * tiling.height);
          const { minimumColumns, minimumRows } = chosen.panes;
          const cramped = tiling.panes.filter(
            ({ inner }) => inner.width < minimumColumns || inner.height < minimumRows,
          );
          expect(boxes.length === 1 ? [] : cramped).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
