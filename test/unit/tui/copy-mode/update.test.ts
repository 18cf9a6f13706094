// Owns the test of copy mode within the workspace: a model before, keys and the mouse, the model and the effects after.
import { describe, expect, test } from 'vitest';
import type { CopyMode } from '../../../../src/tui/copy-mode/copy-mode.ts';
import { copyCursor, matchCount, paintCopyMode } from '../../../../src/tui/copy-mode/paint.ts';
import { BLANK_ROW } from '../../../../src/tui/copy-mode/row.ts';
import type { CopyOpening } from '../../../../src/tui/copy-mode/state.ts';
import type { Effect } from '../../../../src/tui/effect.ts';
import type { MouseEvent } from '../../../../src/tui/input/input-event.ts';
import type { Message } from '../../../../src/tui/message.ts';
import { type Model, tilingOf } from '../../../../src/tui/model.ts';
import { update } from '../../../../src/tui/update.ts';
import { busyHistory, key, modelOf, rowsOf, steps } from '../model-fixture.ts';
import { row } from './rows.ts';

const LINES = Array.from({ length: 60 }, (_, n) => `row ${n + 1}: the quick fox`);

/** Pane 1 runs and has been told of. */
function livePane(): Model {
  const model = modelOf(busyHistory());
  return {
    ...model,
    panes: new Map([
      [1, true],
      [2, true],
    ]),
  };
}

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));

function loadOf(effects: readonly Effect[]): Extract<Effect, { type: 'copy-load' }> {
  const load = effects.find((effect) => effect.type === 'copy-load');
  if (load?.type !== 'copy-load') throw new Error('no document was asked for');
  return load;
}

/** The answer to the last question for a document. */
function answer(effects: readonly Effect[], lines: readonly string[] = LINES, top = lines.length): Message {
  const { pane, token, source } = loadOf(effects);
  const rows = lines.map(row);
  const known = source === 'conversation' ? source : 'screen';
  return { type: 'copy-loaded', pane, token, source: known, rows, top, rowOf: (number) => number };
}

function copying(keys = 'C-g ['): [Model, CopyMode] {
  const [asked, effects] = press(livePane(), keys);
  const [model] = update(asked, answer(effects));
  return [model, modeIn(model)];
}

function modeIn(model: Model, pane = 1): CopyMode {
  const mode = model.copy.panes.get(pane);
  if (mode?.kind !== 'open') throw new Error(`pane ${pane} is not in copy mode`);
  return mode;
}

function mouse(kind: MouseEvent['kind'], x: number, y: number): Message {
  const { inner } = tilingOf(livePane()).panes.find(({ pane }) => pane === 1) ?? { inner: { x: 0, y: 0 } };
  const mods = { shift: false, meta: false, ctrl: false };
  const event = {
    type: 'mouse',
    kind,
    button: 0,
    x: inner.x + x,
    y: inner.y + y,
    mods,
    bytes: Buffer.alloc(0),
  } as const;
  return { type: 'mouse', event };
}

/** What the shell says when the program in the pane has not asked for the mouse. */
function unused(kind: MouseEvent['kind'], x: number, y: number): Message {
  return { type: 'mouse-unused', pane: 1, mouse: { kind, x, y } };
}

describe('entering and leaving', () => {
  test('the prefix and [ ask for the document; keys wait for it', () => {
    const [asked, effects] = press(livePane(), 'C-g [ g V y');
    expect(loadOf(effects)).toMatchObject({ pane: 1, source: 'auto', isWhole: false });
    expect((asked.copy.panes.get(1) as CopyOpening).queue).toHaveLength(3);
    const [model, after] = update(asked, answer(effects));
    expect(after).toContainEqual({ type: 'copy-text', text: 'row 1: the quick fox' });
    expect(model.copy.panes.size).toBe(0);
    expect(model.copy.buffer).toBe('row 1: the quick fox');
  });

  test('page up with the prefix is a page up at once', () => {
    const [, plain] = copying();
    const [, up] = copying('C-g PPage');
    expect(up.top).toBeLessThan(plain.top);
  });

  test('keys do not reach the program until it is left', () => {
    const [model] = copying();
    expect(press(model, 'k j w')[1].filter(({ type }) => type === 'input')).toEqual([]);
    const [left, effects] = press(model, 'q a');
    expect(left.copy.panes.size).toBe(0);
    expect(effects.filter(({ type }) => type === 'input')).toHaveLength(1);
  });

  test('it is left before its document has come, and the late one is dropped', () => {
    const [asked, effects] = press(livePane(), 'C-g [ q');
    expect(update(asked, answer(effects))[0].copy.panes.size).toBe(0);
  });

  test('each pane has its own', () => {
    const [model] = copying();
    const [other, effects] = press(model, 'C-g 2 x');
    expect(effects.filter(({ type }) => type === 'input')).toMatchObject([{ pane: 2, key: 'x' }]);
    expect(other.copy.panes.has(1)).toBe(true);
  });

  test('a refusal is said and leaves it', () => {
    const [asked, effects] = press(livePane(), 'C-g [');
    const { pane, token } = loadOf(effects);
    const [model] = update(asked, { type: 'copy-refused', pane, token, text: 'there is no pane 1', next: '' });
    expect(model.copy.panes.size).toBe(0);
    expect(model.note?.text).toBe('there is no pane 1');
  });

  test('without a pane that ever ran there is nothing to enter', () => {
    const [model, effects] = press({ ...livePane(), focused: 4 }, 'C-g [');
    expect(effects.filter(({ type }) => type === 'copy-load')).toEqual([]);
    expect(model.note?.kind).toBe('refusal');
  });
});

describe('in it', () => {
  test('the title tells the place and the matches', () => {
    const [model] = copying();
    expect(rowsOf(model).join('\n')).toContain('[60/60]');
    const [found] = press(model, '? q u i c k Enter');
    expect(rowsOf(found).join('\n')).toContain(' 59/60 ');
    expect(matchCount(modeIn(found))).toBe('59/60');
  });

  test('rows that come later take their place, and matches in them count', () => {
    const [asked, effects] = press(livePane(), 'C-g [');
    const [model] = update(asked, answer(effects, ['', '', 'one fox']));
    const [found] = press(model, '/ f o x Enter');
    const { token } = modeIn(found);
    const [grown] = update(found, { type: 'copy-rows', pane: 1, token, from: 0, rows: [row('old fox'), row('x')] });
    expect(modeIn(grown).rows).toHaveLength(3);
    expect(matchCount(modeIn(grown))).toBe('2/2');
    expect(update(found, { type: 'copy-rows', pane: 1, token: token + 9, from: 0, rows: [row('no')] })[0]).toBe(found);
  });

  test('t asks for the transcript and keeps the screen until it is there', () => {
    const [model] = copying();
    const [asked, effects] = press(model, 't');
    expect(loadOf(effects)).toMatchObject({ source: 'conversation' });
    expect(modeIn(asked).rows).toHaveLength(60);
    const [read] = update(asked, answer(effects, ['❯ hello', '', '● hi']));
    expect(modeIn(read)).toMatchObject({ source: 'conversation', rows: { length: 3 } });
    expect(rowsOf(read).join('\n')).toContain('transcript [3/3]');
  });

  test('a paste goes into the search, never into the program', () => {
    const [model] = press(copying()[0], '/');
    const [pasted, effects] = update(model, { type: 'paste', bytes: Buffer.from('row 7:') });
    expect(effects.filter(({ type }) => type === 'paste')).toEqual([]);
    expect(modeIn(pasted).cursor.y).toBe(6);
  });

  test('the copied text can be pasted into a pane', () => {
    const [model] = press(copying()[0], 'Y');
    const [, effects] = press(model, 'C-g ]');
    expect(effects).toContainEqual({ type: 'paste', pane: 1, bytes: Buffer.from('row 60: the quick fox') });
    expect(press(livePane(), 'C-g ]')[0].note?.kind).toBe('refusal');
  });

  test('how the copy went is said', () => {
    const [ok] = update(livePane(), { type: 'copied', ok: true, text: 'copied 3 characters by OSC 52', next: '' });
    expect(ok.note).toMatchObject({ kind: 'info', text: 'copied 3 characters by OSC 52' });
    const [bad] = update(livePane(), { type: 'copied', ok: false, text: 'not copied', next: 'set copyCommand' });
    expect(bad.note).toMatchObject({ kind: 'refusal', next: 'set copyCommand' });
  });

  test('the painted cells are the rows, the selection inverted', () => {
    const [model] = press(copying()[0], 'g w v e');
    const painted: string[] = [];
    const inverted: number[] = [];
    const view = { width: 30, height: 2 };
    const runs = [0, 1].map((y) => ({ x: 0, y, width: 30, sourceX: 0, sourceY: y }));
    paintCopyMode(modeIn(model), runs, view.height, {
      blitLine: (cells) => {
        painted.push(String.fromCodePoint(...Array.from({ length: 30 }, (_, x) => (cells[x * 4] ?? 0) & 0x1fffff)));
        inverted.push(Array.from({ length: 30 }, (_, x) => (cells[x * 4 + 1] ?? 0) & 0x4000000).filter(Boolean).length);
      },
    });
    expect(painted.map((text) => text.trimEnd())).toEqual(['row 1: the quick fox', 'row 2: the quick fox']);
    expect(inverted).toEqual([2, 0]);
    expect(copyCursor(modeIn(model), view)).toEqual({ x: 5, y: 0 });
  });
});

describe('the mouse', () => {
  test('the wheel over a program without a mouse enters it, and leaves it at the end', () => {
    const [asked, effects] = steps(livePane(), unused('wheel-up', 3, 3));
    const [model] = update(asked, answer(effects));
    const top = modeIn(model).top;
    expect(top).toBe(60 - (tilingOf(model).panes.find(({ pane }) => pane === 1)?.inner.height ?? 0) - 5);
    const [left] = steps(model, mouse('wheel-down', 3, 3));
    expect(left.copy.panes.size).toBe(0);
  });

  test('a drag selects from where it was pressed, its release copies and leaves', () => {
    const [asked, effects] = steps(livePane(), unused('press', 0, 0), unused('drag', 2, 0));
    expect(loadOf(effects)).toMatchObject({ source: 'screen' });
    const [model] = update(asked, answer(effects, LINES, 0));
    const [left, after] = steps(model, mouse('drag', 4, 0), mouse('release', 4, 0));
    expect(after).toContainEqual({ type: 'copy-text', text: 'row 1' });
    expect(left.copy.panes.size).toBe(0);
  });

  test('two presses in a moment take the word', () => {
    const [asked, effects] = steps(livePane(), unused('press', 8, 0), unused('press', 8, 0));
    const [model] = update(asked, answer(effects, LINES, 0));
    expect(steps(model, mouse('release', 8, 0))[1]).toContainEqual({ type: 'copy-text', text: 'the' });
    const slow = update(steps(livePane(), unused('press', 8, 0))[0], unused('press', 9, 0));
    expect(slow[1].filter(({ type }) => type === 'copy-load')).toEqual([]);
  });

  test('who only looks on can read back', () => {
    const [, effects] = steps({ ...livePane(), isReadOnly: true }, mouse('wheel-up', 2, 2));
    expect(loadOf(effects)).toMatchObject({ pane: 1 });
  });
});

describe('the search over all', () => {
  const places = [
    { source: 'screen', pane: 2, task: 'task-p4q8r', line: 12, text: 'row 13' },
    { source: 'conversation', pane: null, task: 'task-m8n9p', line: 4, text: 'the clock' },
  ] as const;

  function found(): Model {
    const [asked, effects] = press(livePane(), 'C-g / r o w Enter');
    expect(effects).toContainEqual({ type: 'search', query: 'row' });
    return update(asked, { type: 'found', query: 'row', places, isCut: false })[0];
  }

  test('lists the places, and Enter goes to the chosen one', () => {
    const model = found();
    expect(rowsOf(model).join('\n')).toMatch(/2 places[\s\S]*2 p4q8r screen {2}row 13/);
    const [asked, effects] = press(model, 'Enter');
    expect(loadOf(effects)).toMatchObject({ pane: 2, source: 'screen', task: null, isWhole: true });
    const [there] = update(asked, answer(effects));
    expect(there).toMatchObject({ focused: 2, mode: { kind: 'normal' } });
    expect(modeIn(there, 2).cursor).toEqual({ x: 0, y: 12 });
  });

  test('a conversation whose pane is gone is read in the focused pane', () => {
    const [, effects] = press(found(), 'Down Enter');
    expect(loadOf(effects)).toMatchObject({ pane: 1, source: 'conversation', task: 'task-m8n9p' });
  });

  test('words that have changed are searched anew; Escape closes', () => {
    const [, effects] = press(found(), 's Enter');
    expect(effects).toContainEqual({ type: 'search', query: 'rows' });
    expect(press(found(), 'Escape')[0].mode).toEqual({ kind: 'normal' });
  });

  test('an answer to other words is dropped', () => {
    const [model] = press(livePane(), 'C-g / x');
    expect(update(model, { type: 'found', query: 'row', places, isCut: false })[0]).toBe(model);
  });
});

describe('a pane of another size', () => {
  const LONG = ['first', `begin ${'x'.repeat(200)} end`, 'last'];
  const cursorText = ({ rows, cursor }: CopyMode) => rows[cursor.y]?.cells[cursor.x];

  test('shows the same text broken for it, with cursor, selection and search where they were', () => {
    const [asked, effects] = press(livePane(), 'C-g [');
    const [model] = steps(asked, answer(effects, LONG), ...'?end'.split('').map(key), key('Enter'), key('v'));
    expect(cursorText(modeIn(model))).toBe('e');
    const [small] = steps(model, { type: 'resized', size: { columns: 60, rows: 20 } });
    const mode = modeIn(small);
    expect(mode.view.width).toBeLessThan(40);
    expect(Math.max(...mode.rows.map(({ cells }) => cells.length))).toBe(mode.view.width);
    expect(cursorText(mode)).toBe('e');
    expect(mode.selection?.anchor).toEqual(mode.cursor);
    expect(matchCount(mode)).toBe('1/1');
    expect(mode.cursor.y - mode.top).toBeLessThan(mode.view.height);
    const [back] = steps(small, { type: 'resized', size: model.size });
    expect(modeIn(back).rows.map(({ cells }) => cells)).toEqual(
      modeIn(steps(model, key('C-g'), key('z'), key('C-g'), key('z'))[0]).rows.map(({ cells }) => cells),
    );
  });

  test('is loaded anew where a part has not come yet', () => {
    const [asked, effects] = press(livePane(), 'C-g [');
    const loaded = answer(effects, LONG);
    if (loaded.type !== 'copy-loaded') throw new Error('no document');
    const [model] = steps(asked, { ...loaded, rows: [BLANK_ROW, ...loaded.rows] });
    const [resized, more] = steps(model, { type: 'resized', size: { columns: 60, rows: 20 } });
    expect(loadOf(more)).toMatchObject({ pane: 1, source: 'screen' });
    expect(steps(resized, { type: 'ticked' })[1]).toEqual([]);
  });
});
