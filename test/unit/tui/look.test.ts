// Owns the tests of what is kept of the windows from one attachment to the next.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { PaneInfo } from '../../../src/protocol/methods.ts';
import { LookKeeper, lookPath } from '../../../src/tui/look/look-keeper.ts';
import { lookText, withLook } from '../../../src/tui/look/look-text.ts';
import type { Message } from '../../../src/tui/message.ts';
import { type Model, tilingOf } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { busyHistory, key, modelOf, rowsOf, steps } from './model-fixture.ts';

const CONFIGURED = { layout: 'grid', theme: 'dark' };
const SIZE = { columns: 160, rows: 50 };
const fresh = (): Model => modelOf(busyHistory(), SIZE);
const press = (model: Model, keys: string): Model => steps(model, ...keys.split(' ').filter(Boolean).map(key))[0];

const KEYS = [
  'C-g L',
  'C-g J',
  'C-g M-4',
  'C-g M-6',
  'C-g Space',
  'C-g z',
  'C-g !',
  'C-g @',
  'C-g )',
  'C-g }',
  'C-g G',
];

describe('the look of the windows', () => {
  test('comes back as it was left, whatever was done', () => {
    const keys = fc.array(fc.constantFrom(...KEYS, 'C-g 3', 'C-g Q', 'C-g b', 'C-g T', 'C-g E', 'C-g &'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(keys, (pressed) => {
        const left = press(fresh(), pressed.join(' '));
        const back = withLook(fresh(), lookText(left, CONFIGURED), CONFIGURED);
        expect(rowsOf(back)).toEqual(rowsOf({ ...left, note: null, repeatUntil: 0 }));
        expect(lookText(back, CONFIGURED)).toBe(lookText(left, CONFIGURED));
      }),
      { numRuns: 100 },
    );
  });

  test('a window with a shell pane waits until it is known which panes there are', () => {
    const before: Model = { ...fresh(), panes: new Map([[101, true]]), focused: 101 };
    const text = lookText(press(before, 'C-g !'), CONFIGURED);
    const restored = withLook({ ...fresh(), hasState: false, focused: null }, text, CONFIGURED);
    const [waiting] = update(restored, { type: 'ticked' });
    expect(waiting.windows.map(({ name }) => name)).toEqual(['main', 'pane-101']);
    const pane = { pane: 101, runId: null, taskId: null, cols: 80, rows: 24, title: '', isAlive: true };
    const subscribed = (panes: PaneInfo[]): Message => ({
      type: 'subscribed',
      reply: { seq: waiting.state.seq, state: null, isRunning: true, panes },
    });
    const [there] = update(waiting, subscribed([pane]));
    expect([there.shownWindow, there.focused]).toEqual([1, 101]);
    const [gone] = update(waiting, subscribed([]));
    expect(gone.windows.map(({ name }) => name)).toEqual(['main']);
    expect(gone.focused).toBe(1);
  });

  test('a layout or theme that the configuration has changed since is taken from there', () => {
    const left = press(fresh(), 'C-g L C-g T C-g !');
    const now = { layout: 'stack', theme: 'light' };
    const { catalogue } = fresh();
    const [layout, theme] = [catalogue.layouts.get('stack'), catalogue.themes.get('light')];
    if (!layout || !theme) throw new Error('the shipped looks are gone');
    const back = withLook({ ...fresh(), layout, theme }, lookText(left, CONFIGURED), now);
    expect([back.layout.name, back.theme.name, back.windows.length]).toEqual(['stack', 'light', 2]);
  });

  test('a text that is damaged anywhere changes nothing, or gives a screen', () => {
    const text = lookText(press(fresh(), 'C-g L C-g ! C-g G'), CONFIGURED);
    const model = fresh();
    for (const bad of ['', '{}', 'null', text.slice(0, -20), text.replace('"shownWindow":1', '"shownWindow":7')])
      expect(withLook(model, bad, CONFIGURED)).toBe(model);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', '9', '"', '-', ',', 'x', ''), (at, character) => {
        const damaged = text.slice(0, at) + character + text.slice(at + 1);
        const [back] = update(withLook(model, damaged, CONFIGURED), { type: 'ticked' });
        expect(tilingOf(back).panes.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('its file', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const home = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'drover-look-'));
    folders.push(folder);
    return folder;
  };

  test('is one for each operator, inside of the data home whatever their names are', () => {
    for (const name of ['../../x', 'Ann <ann@example.invalid>', '..', 'x'.repeat(400), '名前'])
      expect(dirname(lookPath('/home', name))).toBe('/home/windows');
    expect(lookPath('/home', 'a')).not.toBe(lookPath('/home', 'b'));
  });

  test('holds what the workspace that changed something last looks like', () => {
    const path = lookPath(home(), 'ann');
    const [first, second] = [new LookKeeper(path, CONFIGURED), new LookKeeper(path, CONFIGURED)];
    const [one, two] = [first.restore(fresh()), second.restore(fresh())];
    first.look(press(one, 'C-g M-4'));
    second.look(press(two, 'C-g M-2'));
    second.flush();
    first.flush();
    expect(new LookKeeper(path, CONFIGURED).restore(fresh()).layout.name).toBe('main-left');
    const idle = new LookKeeper(path, CONFIGURED);
    idle.look(idle.restore(fresh()));
    rmSync(path);
    idle.flush();
    expect(existsSync(path)).toBe(false);
  });

  test('that cannot be written or read stops nobody', () => {
    const file = join(home(), 'file');
    writeFileSync(file, '');
    const keeper = new LookKeeper(lookPath(file, 'ann'), CONFIGURED);
    const model = fresh();
    expect(keeper.restore(model)).toBe(model);
    keeper.look(press(model, 'C-g M-4'));
    keeper.flush();
  });
});
