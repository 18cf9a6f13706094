import { describe, expect, test } from 'vitest';
import { ownCandidates } from '../../../src/tui/command-bar/own-candidates.ts';
import { parseLayout } from '../../../src/tui/layout/layout.ts';
import { type Model, tilingOf, windowPanes } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { busyHistory, History, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';

/** Presses keys; text between « and » is typed letter by letter. */
function press(model: Model, keys: string): Model {
  const names = keys
    .split(/ (?=[^«»]*(?:«|$))/)
    .flatMap((word) => (word.startsWith('«') ? [...word.slice(1, -1)] : [word]));
  return steps(model, ...names.map(key))[0];
}

const small = { columns: 80, rows: 24 };
const status = (model: Model): string => rowsOf(model).at(-1) ?? '';
const refusalIn = ({ mode }: Model): string | null => (mode.kind === 'command' ? mode.refusal : null);
const panesOf = (model: Model): number[] => tilingOf(model).panes.map(({ pane }) => pane);
const boxOf = (model: Model, pane: number) => tilingOf(model).panes.find((tile) => tile.pane === pane)?.box;

describe('windows', () => {
  test('a pane is broken out to a window of its own, and joined again', () => {
    const broken = press(modelOf(busyHistory(), small), 'C-g 2 C-g !');
    expect(panesOf(broken)).toEqual([2]);
    expect(status(broken)).toMatch(
      /^ shop {2} 1:main {2}2:pane-2 {2}│ {2}1 needs you {2}3 running · 2 queued · 1 failed/,
    );
    const home = press(broken, 'C-g (');
    expect(panesOf(home)).toEqual([1, 3, 4]);
    expect(windowPanes(home)).toEqual([1, 3, 4]);
    const joined = press(broken, 'C-g @');
    expect(panesOf(joined)).toEqual([1, 2, 3, 4]);
    expect(joined).toMatchObject({ focused: 2, windows: [{ name: 'main' }] });
  });

  test('a pane is joined to any other window, by its name or number', () => {
    const two = press(modelOf(busyHistory(), small), 'C-g 2 C-g ! C-g ( C-g 3 C-g : «join-pane pane-2» Enter');
    expect(two).toMatchObject({ focused: 3, shownWindow: 1, lastFocused: 2 });
    expect(panesOf(two)).toEqual([2, 3]);
    expect(panesOf(press(two, 'C-g ('))).toEqual([1, 4]);
    const apart = press(two, 'C-g ! C-g : «join-pane 1» Enter');
    expect(panesOf(apart)).toEqual([1, 3, 4]);
    expect(apart).toMatchObject({ focused: 3, windows: [{ name: 'main' }, { name: 'pane-2', panes: [2] }] });
    expect(press(two, 'C-g : «join-pane pane-2» Enter').note?.text).toBe('pane 3 is in this window already');
    expect(refusalIn(press(two, 'C-g : «join-pane nope» Enter'))).toMatch(/^there is no window "nope"/);
    expect(refusalIn(press(apart, 'C-g : «join-pane main» Enter'))).toMatch(/^this pane is not broken out/);
  });

  test('the pane before this one is known after a pane was broken out and joined', () => {
    const model = modelOf(busyHistory(), small);
    for (const between of ['', ' C-g ( C-g )']) {
      const joined = press(model, `C-g 3 C-g 2 C-g !${between} C-g @`);
      expect(joined).toMatchObject({ focused: 2, lastFocused: 3 });
      expect(press(joined, 'C-g ;').focused).toBe(3);
    }
    const first = press(modelOf(busyHistory(), small), 'C-g ;');
    expect(first).toMatchObject({ focused: 1, note: { text: 'no other pane of this window was focused before' } });
  });

  test('what cannot be broken out or joined is said', () => {
    const alone = press(modelOf(busyHistory(), small), 'C-g ! C-g !');
    expect(alone.note?.text).toBe('pane 1 is alone in this window already');
    expect(press(modelOf(busyHistory()), 'C-g @').note?.text).toBe('this pane is not broken out');
    expect(press(modelOf(new History()), 'C-g !').note?.text).toBe('there is no worker yet');
  });

  test('each window has its own layout, focus, zoom and sizes', () => {
    const model = press(modelOf(busyHistory(), small), 'C-g W «wide» Enter C-g M-2 C-g 3 C-g z');
    expect(model).toMatchObject({ focused: 3, isZoomed: true, layout: { name: 'stack' }, shownWindow: 1 });
    const back = press(model, 'C-g )');
    expect(back).toMatchObject({ focused: 1, isZoomed: false, layout: { name: 'grid' }, shownWindow: 0 });
    expect(press(back, "C-g ' «wide» Enter")).toMatchObject({ focused: 3, isZoomed: true, layout: { name: 'stack' } });
    expect(press(back, "C-g ' «2» Enter").shownWindow).toBe(1);
    expect(refusalIn(press(back, "C-g ' «9» Enter"))).toContain('there is no window "9"');
  });

  test('a window is renamed and closed; its panes go back', () => {
    const named = press(modelOf(busyHistory(), small), 'C-g 2 C-g ! C-g , «look at me» Enter');
    expect(named.windows[1]?.name).toBe('look at me');
    const closed = press(named, 'C-g &');
    expect(panesOf(closed)).toEqual([1, 2, 3, 4]);
    expect(press(closed, 'C-g &').note?.text).toBe('the last window with all panes stays open');
    expect(press(closed, 'C-g )').note?.text).toBe('there is only one window');
  });

  test('the focus goes to a pane in whatever window it is', () => {
    const model = press(modelOf(busyHistory(), small), 'C-g 2 C-g ! C-g (');
    expect(press(model, 'C-g 2')).toMatchObject({ focused: 2, shownWindow: 1 });
    expect(press(model, 'C-g n')).toMatchObject({ focused: 2, shownWindow: 1 });
    expect(press(press(model, 'C-g 2'), 'C-g 4')).toMatchObject({ focused: 4, shownWindow: 0 });
  });

  test('a window whose pane is gone is closed', () => {
    const history = busyHistory();
    const model = press(modelOf(history, small), 'C-g 4 C-g !');
    expect(model.windows).toHaveLength(2);
    history.session(3);
    const [after] = update(model, { type: 'ticked' });
    expect(after).toMatchObject({ shownWindow: 0, windows: [{ name: 'main' }] });
    expect(panesOf(after)).toEqual([1, 2, 3]);
  });

  test('names of strangers are data, and a long list shows the window one is in', () => {
    let model = press(modelOf(busyHistory(), small), 'C-g , «a\u001b[31mb» Enter');
    for (let count = 0; count < 8; count++) model = press(model, 'C-g W Enter');
    expect(status(model)).toMatch(/^ shop {2} 9:window-9 {2}of 9 │/);
    for (let count = 0; count < 12; count++) model = press(model, 'C-g W Enter');
    expect(refusalIn(model)).toMatch(/^20 windows are open; no more fit/);
  });
});

describe('swapping and sizing', () => {
  test('swaps the focused pane with its neighbours, and the focus goes with it', () => {
    const model = press(modelOf(busyHistory(), small), 'C-g }');
    expect(panesOf(model)).toEqual([2, 1, 3, 4]);
    expect(model.focused).toBe(1);
    expect(panesOf(press(model, 'C-g {'))).toEqual([1, 2, 3, 4]);
    expect(panesOf(press(modelOf(busyHistory(), small), 'C-g : «swap down» Enter'))).toEqual([3, 2, 1, 4]);
    expect(panesOf(press(modelOf(busyHistory(), small), 'C-g : «swap 4» Enter'))).toEqual([4, 2, 3, 1]);
    expect(press(modelOf(busyHistory(), small), 'C-g : «swap up» Enter').note?.text).toBe(
      'there is no pane on that side',
    );
  });

  test('borders are moved by keys as far as the other side keeps its minimum, and put back', () => {
    const before = modelOf(busyHistory(), small);
    const model = press(before, 'C-g C-Right C-g L C-g J');
    expect(boxOf(model, 1)).toMatchObject({ width: 46, height: 17 });
    expect(boxOf(model, 2)).toMatchObject({ x: 47, width: 33 });
    // The other row has columns of its own.
    expect(boxOf(model, 4)).toMatchObject({ x: 41, y: 17, height: 6 });
    const far = press(before, 'C-g : «resize right 99» Enter');
    expect(boxOf(far, 2)?.width).toBe(20);
    expect(press(far, 'C-g C-Right').note?.text).toBe('the border is as far as it goes');
    expect(boxOf(press(far, 'C-g E'), 1)).toEqual(boxOf(before, 1));
  });

  test('at the last part the near border moves, as in tmux; a zoomed pane has none', () => {
    const model = modelOf(busyHistory(), small);
    expect(boxOf(press(model, 'C-g 2 C-g C-Left'), 2)).toMatchObject({ x: 40, width: 40 });
    expect(boxOf(press(model, 'C-g 3 C-g C-Up'), 3)).toMatchObject({ y: 11, height: 12 });
    expect(press(model, 'C-g z C-g C-Up').note?.text).toBe('the pane is zoomed: there is no border to move');
    expect(press(modelOf(busyHistory(), small), 'C-g 2 C-g ! C-g C-Up').note?.text).toBe(
      'there is no border to move that way',
    );
  });

  test('a resizing key works again without the prefix for half a second, and then reaches the pane', () => {
    const once = press(modelOf(busyHistory(), small), 'C-g C-Right');
    expect(boxOf(press({ ...once, now: NOW + 400 }, 'C-Right C-Right'), 1)?.width).toBe(43);
    const [late, effects] = update({ ...once, now: NOW + 501 }, key('C-Right'));
    expect(boxOf(late, 1)?.width).toBe(41);
    expect(effects).toMatchObject([{ type: 'input', key: 'C-Right' }]);
    const [typed] = update({ ...once, now: NOW + 100 }, key('x'));
    expect(update(typed, key('C-Right'))[1]).toMatchObject([{ type: 'input', key: 'C-Right' }]);
  });

  test('sizes keep their shares when the terminal changes its own', () => {
    const model = press(modelOf(busyHistory(), small), 'C-g : «resize right 19» Enter');
    const [wide] = update(model, { type: 'resized', size: { columns: 160, rows: 48 } });
    const [hidden] = steps(wide, key('C-g'), key('b'));
    expect(boxOf(hidden, 1)?.width).toBe(119);
    const [narrow] = update(hidden, { type: 'resized', size: { columns: 50, rows: 24 } });
    expect(boxOf(narrow, 2)?.width).toBeGreaterThanOrEqual(20);
  });
});

describe('borders under the mouse', () => {
  const mouse = (kind: 'press' | 'drag' | 'release', x: number, y: number) => ({
    type: 'mouse' as const,
    event: {
      type: 'mouse' as const,
      kind,
      button: 0,
      x,
      y,
      mods: { shift: false, meta: false, ctrl: false },
      bytes: Buffer.from(''),
    },
  });

  test('are dragged where they are, between columns and between rows', () => {
    const model = modelOf(busyHistory(), small);
    const [wider, effects] = steps(
      model,
      mouse('press', 40, 5),
      mouse('drag', 50, 6),
      mouse('drag', 55, 5),
      mouse('release', 55, 5),
    );
    expect(boxOf(wider, 1)?.width).toBe(55);
    expect(effects.filter(({ type }) => type === 'mouse')).toEqual([]);
    expect(wider.drag).toBeNull();
    const [higher] = steps(model, mouse('press', 60, 12), mouse('drag', 60, 15));
    expect(boxOf(higher, 2)?.height).toBe(15);
    expect(higher.focused).toBe(4);
  });

  test('a press inside a pane drags nothing', () => {
    const [model] = steps(modelOf(busyHistory(), small), mouse('press', 50, 5), mouse('drag', 20, 5));
    expect(model).toMatchObject({ focused: 2, drag: null });
    expect(model.sizes.size).toBe(0);
  });

  test('a border that is gone while it is held is let go', () => {
    const [held] = steps(modelOf(busyHistory(), small), mouse('press', 40, 5));
    const [zoomed] = steps(held, key('C-g'), key('z'), mouse('drag', 50, 5));
    expect(zoomed.drag).toBeNull();
  });
});

describe('layouts and themes', () => {
  test('are chosen by key and by name, and a wrong name is answered with those there are, and the nearest', () => {
    const model = modelOf(busyHistory(), { columns: 160, rows: 40 });
    expect(press(model, 'C-g Space')).toMatchObject({
      layout: { name: 'main-left' },
      note: { text: 'layout main-left' },
    });
    expect(press(model, 'C-g : «layout stack» Enter').layout.name).toBe('stack');
    expect(press(model, 'C-g T').theme.name).toBe('high-contrast');
    expect(press(model, 'C-g : «theme light» Enter').theme.name).toBe('light');
    expect(refusalIn(press(model, 'C-g : «layout stak» Enter'))).toBe(
      'there is no layout "stak"; there are stack, dashboard, focus, grid, main-left, main-top · layout stack',
    );
    expect(refusalIn(press(model, 'C-g : «theme ligth» Enter'))).toMatch(/· theme light$/);
    expect(refusalIn(press(model, 'C-g : «theme nope» Enter'))).toMatch(/terminal$/);
  });

  test('the line of a command that is refused stays to be mended, and is remembered; no key of it reaches a pane', () => {
    const refused = press(modelOf(busyHistory(), small), "C-g ' «nope» Enter");
    expect(refused.mode).toMatchObject({ edit: { text: 'window nope' }, refusal: expect.stringContaining('"nope"') });
    expect(refused).toMatchObject({ note: null, history: ['window nope'] });
    expect(press(refused, 'BSpace').mode).toMatchObject({ edit: { text: 'window nop' }, refusal: null });
  });

  test('a sidebar without room is said, and does not come by surprise later', () => {
    const model = modelOf(busyHistory(), { columns: 80, rows: 8 });
    const asked = press(model, 'C-g C');
    expect(asked.note?.text).toBe('there is no room for charts on a terminal of this size');
    expect(asked.sidebars.size).toBe(0);
    expect(press(modelOf(busyHistory(), { columns: 20, rows: 8 }), 'C-g b').note?.text).toBe(
      'there is no room for a sidebar on a terminal of this size',
    );
  });

  test('a file that was saved is used at once in all windows; a mistake is said and changes nothing', () => {
    const model = press(modelOf(busyHistory(), { columns: 160, rows: 40 }), 'C-g W Enter');
    const grid = { ...model.layout, panes: { ...model.layout.panes, minimumRows: 9 } };
    const layouts = new Map(model.catalogue.layouts).set('grid', grid);
    const [next] = update(model, { type: 'catalogue-loaded', catalogue: { ...model.catalogue, layouts } });
    expect(next.layout).toBe(grid);
    expect(press(next, 'C-g )').layout).toBe(grid);
    const [wrong] = update(model, {
      type: 'catalogue-loaded',
      catalogue: {
        ...model.catalogue,
        mistakes: [{ path: '/a/b/x.json', problem: 'tree is 7; it must be an object' }],
      },
    });
    expect(wrong).toMatchObject({
      layout: { name: 'grid' },
      note: { kind: 'refusal', text: 'x.json: tree is 7; it must be an object', next: 'C-g ~' },
    });
    // The one that was just made comes first.
    const mistakes = [...wrong.catalogue.mistakes, { path: '/a/b/y.json', problem: 'styles is 8' }];
    const [again] = update(wrong, { type: 'catalogue-loaded', catalogue: { ...wrong.catalogue, mistakes } });
    expect(again.note?.text).toBe('y.json: styles is 8');
    expect(again.said.map((line) => line.slice(10))).toEqual([
      '/a/b/y.json: styles is 8',
      '/a/b/x.json: tree is 7; it must be an object',
    ]);
  });

  test('main-left keeps the first pane large; on a narrow terminal the focus alone is left', () => {
    const model = press(modelOf(busyHistory(), { columns: 120, rows: 40 }), 'C-g M-4');
    expect(boxOf(model, 1)).toEqual({ x: 0, y: 0, width: 71, height: 39 });
    expect(panesOf(model)).toEqual([1, 2, 3, 4]);
    const [narrow] = update({ ...model, focused: 3 }, { type: 'resized', size: { columns: 30, rows: 10 } });
    expect(panesOf(narrow)).toEqual([3]);
  });

  const sidebarsOf = (of: Model) => tilingOf(of).sidebars.map(({ name }) => name);

  test.each(['grid', 'stack', 'main-top', 'main-left', 'focus', 'dashboard'])(
    'each sidebar is shown and hidden by a key of its own: %s',
    (layout) => {
      const start = press(modelOf(busyHistory(), { columns: 200, rows: 60 }), `C-g : «layout ${layout}» Enter`);
      for (const [name, letter] of [
        ['queue', 'Q'],
        ['gauges', 'G'],
        ['charts', 'C'],
        ['activity', 'A'],
        ['pool', 'P'],
      ] as const) {
        const isShown = sidebarsOf(start).includes(name);
        const once = press(start, `C-g ${letter}`);
        expect(sidebarsOf(once).includes(name)).toBe(!isShown);
        expect(sidebarsOf(once).filter((other) => other !== name)).toEqual(
          sidebarsOf(start).filter((other) => other !== name),
        );
        expect(sidebarsOf(press(once, `C-g ${letter}`))).toEqual(sidebarsOf(start));
      }
      expect(sidebarsOf(press(start, 'C-g b'))).toEqual([]);
      expect(sidebarsOf(press(start, 'C-g b C-g b'))).toEqual(sidebarsOf(start));
    },
  );

  test('on 80 columns a sidebar is there when it is asked for', () => {
    const model = modelOf(busyHistory(), { columns: 80, rows: 24 });
    expect(sidebarsOf(model)).toEqual([]);
    expect(sidebarsOf(press(model, 'C-g G C-g P'))).toEqual(['gauges', 'pool']);
    expect(sidebarsOf(press(model, 'C-g b'))).toEqual(['queue']);
  });

  test('a sidebar that an own layout has no place for is refused', () => {
    const model = modelOf(busyHistory(), { columns: 160, rows: 50 });
    const tree = { split: 'row', parts: [{ panes: 'tiled' }, { sidebar: 'queue', cells: 30 }] };
    const panes = { wantedColumns: 80, wantedRows: 24, minimumColumns: 20, minimumRows: 3 };
    const layout = parseLayout('mine', JSON.stringify({ panes, tree }));
    expect(press({ ...model, layout }, 'C-g P').note?.text).toBe('the layout mine has no place for pool');
  });
});

describe('a mistake in the words of a command', () => {
  test.each([
    ['focus lft', 'there is no target of focus "lft"; the nearest is "left"'],
    ['resize rigt 3', 'there is no direction "rigt"; the nearest is "right"'],
    ['resize left many', 'resize takes one of left, right, up, down and a number of cells'],
    ['swap', "swap takes one of left, right, up, down, next, previous or a pane's number"],
    ['swap lft', 'there is no target of swap "lft"; the nearest is "left"'],
    ['sidebar que', 'there is no sidebar "que"; the nearest is "queue"'],
    ['layout', 'layout takes the name of a layout, next or previous'],
    ['window', "window takes a window's number or name, next, previous or last"],
    ['rename-window', 'rename-window takes the new name'],
  ])('%s is told above the line, which stays', (line, message) => {
    expect(press(modelOf(busyHistory(), small), `C-g : «${line}» Enter`).mode).toMatchObject({
      kind: 'command',
      edit: { text: line },
      refusal: message,
    });
  });
});

describe('completion of the own commands', () => {
  const names = modelOf(busyHistory());
  test.each([
    ['', 'lay', ['layout']],
    ['layout ', 'ma', ['main-left', 'main-top']],
    ['theme ', 'h', ['high-contrast']],
    ['window ', '', ['main', 'next', 'previous', 'last']],
    ['join-pane ', 'm', ['main']],
    ['focus ', 'l', ['left', 'last']],
    ['layout grid ', '', []],
    ['add ', '', []],
  ])('%j and %j', (before, word, candidates) => {
    expect(ownCandidates(before, word, names)).toEqual(candidates);
  });
});

describe('help', () => {
  test('is filtered by what is typed', () => {
    const open = press(modelOf(busyHistory()), 'C-g ?');
    const filtered = press(open, '«swap»');
    expect(rowsOf(filtered).join('\n')).toMatch(/keys with “swap”[\s\S]*C-g \{ +swap with the pane before/);
    expect(rowsOf(filtered).join('\n')).not.toMatch(/detach; all/);
    expect(rowsOf(press(filtered, 'x')).join('\n')).toContain('no key does that');
    expect(press(filtered, 'BSpace BSpace BSpace BSpace').mode).toMatchObject({ kind: 'help', filter: '' });
    expect(press(filtered, 'Escape').mode).toEqual({ kind: 'normal' });
  });
});

describe('hints', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('at %i×%i every binding of the prefix is in them', (columns, rows) => {
    const [model] = steps(modelOf(busyHistory(), { columns, rows }), key('C-g'));
    if (model.mode.kind !== 'prefix') throw new Error('the prefix was not taken');
    const [shown] = update(model, { type: 'prefix-waited', token: model.mode.token });
    const text = rowsOf(shown).join('\n');
    for (const { binding } of model.keys.keys.values()) {
      if (binding.table === 'prefix' && !binding.isAlternative) expect(text).toContain(binding.help);
    }
  });
});
