import { describe, expect, test } from 'vitest';
import { toRecord } from '../../../src/domain/snapshot.ts';
import type { MouseEvent } from '../../../src/tui/input/input-event.ts';
import { buildKeyMap } from '../../../src/tui/keys/key-map.ts';
import type { Message } from '../../../src/tui/message.ts';
import { initialModel, type Model, paneNumbers } from '../../../src/tui/model.ts';
import { nextTick } from '../../../src/tui/ticking.ts';
import { update } from '../../../src/tui/update.ts';
import { busyHistory, History, key, modelOf, NOW, steps } from './model-fixture.ts';

/** Keys one after the other, written with blanks between them. */
function press(model: Model, keys: string) {
  return steps(model, ...keys.split(' ').map(key));
}

function type(model: Model, text: string) {
  return steps(model, ...[...text].map((character) => key(character === ' ' ? 'Space' : character)));
}

const input = (pane: number, name: string) => ({ type: 'input', pane, key: name, bytes: Buffer.from(name) });

describe('keys', () => {
  test('go to the focused pane, the prefix pressed twice among them', () => {
    const [model, effects] = press(modelOf(busyHistory()), 'a Enter C-g C-g C-c');
    expect(effects.filter((effect) => effect.type === 'input')).toEqual([
      input(1, 'a'),
      input(1, 'Enter'),
      input(1, 'C-g'),
      input(1, 'C-c'),
    ]);
    expect(model.mode).toEqual({ kind: 'normal' });
  });

  test.each([
    ['C-g Right', 2],
    ['C-g l C-g j', 4],
    ['C-g Down C-g Up', 1],
    ['C-g Left', 2],
    ['C-g 3', 3],
    ['C-g 3 C-g ;', 1],
    ['C-g 3 C-g ; C-g ;', 3],
    ['C-g o C-g o C-g o', 4],
    ['C-g 4 C-g o', 1],
    ['C-g n', 2],
    ['C-g 3 C-g n', 2],
    ['C-g 2 C-g n', 2],
    ['C-g Escape', 1],
  ])('%s focuses pane %i', (keys, focused) => {
    expect(press(modelOf(busyHistory()), keys)[0]).toMatchObject({ focused, mode: { kind: 'normal' } });
  });

  test('an unbound key after the prefix is said, and not typed', () => {
    const [model, effects] = press(modelOf(busyHistory()), 'C-g x');
    expect(model.note).toMatchObject({ kind: 'refusal', text: 'C-g x has no meaning', next: 'C-g ?' });
    expect(effects.map((effect) => effect.type)).toEqual(['wait-for-hints']);
  });

  test('hints come after the prefix has waited, unless it was another prefix', () => {
    const [waiting, [wait]] = press(modelOf(busyHistory()), 'C-g');
    expect(wait).toMatchObject({ type: 'wait-for-hints', token: 1 });
    expect(update(waiting, { type: 'prefix-waited', token: 1 })[0].mode).toMatchObject({ hasHints: true });
    const [again] = press(waiting, 'Escape C-g');
    expect(update(again, { type: 'prefix-waited', token: 1 })[0].mode).toMatchObject({ hasHints: false });
  });

  test('Shift+Enter is a newline for an agent and Enter for a shell, and for all that is written elsewhere', () => {
    const newline = { type: 'key', key: 'S-Enter', bytes: Buffer.from('\x1b\r') } as const;
    const typed = (model: Model) =>
      steps(model, newline)[1].flatMap((effect) => (effect.type === 'input' ? [`${effect.bytes}`] : []));
    expect(typed(modelOf(busyHistory()))).toEqual(['\x1b\r']);
    expect(typed({ ...modelOf(busyHistory()), focused: 101, panes: new Map([[101, true]]) })).toEqual(['\r']);
    const [model] = type(press(modelOf(busyHistory()), 'C-g c')[0], 'repair it');
    expect(steps(model, newline)[1]).toMatchObject([{ type: 'capture', title: 'repair it' }]);
  });

  test('a key of the root table never reaches a pane', () => {
    const keys = buildKeyMap({ prefix: 'C-g', bindings: { 'root M-z': 'zoom', 'prefix s': 'send-prefix' } });
    const [model, effects] = press({ ...modelOf(busyHistory()), keys }, 'M-z C-g s');
    expect(model.isZoomed).toBe(true);
    expect(effects.filter((effect) => effect.type === 'input')).toEqual([
      { type: 'input', pane: 1, key: 'C-g', bytes: Buffer.from([7]) },
    ]);
  });

  test.each([
    ['an idle worker', (model: Model) => ({ ...model, focused: 4 }), 'worker 4 is idle'],
    ['a looker-on', (model: Model) => ({ ...model, isReadOnly: true }), 'you look on only'],
    ['no worker', () => ({ ...modelOf(new History()), focused: null }), 'there is no worker yet'],
    ['a lost server', (model: Model) => update(model, lost())[0], 'the server is gone'],
  ])('with %s keys and pastes are refused in words', (_name, change, words) => {
    const model = change(modelOf(busyHistory()));
    for (const message of [key('a'), { type: 'paste', bytes: Buffer.from('a') } as const]) {
      const [next, effects] = update(model, message);
      expect(next.note).toMatchObject({ kind: 'refusal', text: expect.stringContaining(words) });
      expect(effects.filter((effect) => effect.type === 'input' || effect.type === 'paste')).toEqual([]);
    }
  });
});

describe('what is looked at', () => {
  test('the server is told of sizes when the terminal, the zoom or the sidebar changes, and of nothing else', () => {
    const model = modelOf(busyHistory(), { columns: 80, rows: 24 });
    expect(press(model, 'C-g z')[1].at(-1)).toEqual({
      type: 'view',
      panes: [{ pane: 1, cols: 80, rows: 22 }],
      focused: 1,
    });
    expect(press(model, 'C-g 2')[1].at(-1)).toMatchObject({ type: 'view', focused: 2, panes: { length: 4 } });
    const [, resized] = update(model, { type: 'resized', size: { columns: 40, rows: 6 } });
    expect(resized).toEqual([{ type: 'view', panes: [{ pane: 1, cols: 40, rows: 4 }], focused: 1 }]);
    expect(press(model, 'C-g ? q')[1].map((effect) => effect.type)).toEqual(['wait-for-hints']);
    expect(update(model, { type: 'ticked' })[1]).toEqual([]);
  });

  test('a pane without room for a wide character is not looked at', () => {
    const model = modelOf(busyHistory(), { columns: 80, rows: 24 });
    for (const size of [
      { columns: 1, rows: 1 },
      { columns: 20, rows: 3 },
      { columns: 9, rows: 5 },
    ])
      for (const effect of update(model, { type: 'resized', size })[1])
        if (effect.type === 'view')
          for (const { cols, rows } of effect.panes) expect(Math.min(cols, rows)).toBeGreaterThanOrEqual(2);
  });

  test('more workers mean more panes', () => {
    const history = busyHistory();
    const model = modelOf(history);
    const envelope = {
      seq: history.state.seq + 1,
      at: NOW,
      by: 'ada',
      event: { type: 'session.started', workers: 6, agent: 'rehearsal', epicId: null },
    } as const;
    const [next, effects] = update(model, { type: 'event', envelope });
    expect(paneNumbers(next)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(effects).toMatchObject([{ type: 'view', panes: { length: 6 } }]);
  });

  test('a pane that the server did not have when it was told is named to it again, once', () => {
    const info = { pane: 4, runId: null, taskId: null, cols: 9, rows: 9, title: '', isAlive: true };
    const [model, effects] = update(modelOf(busyHistory()), { type: 'pane-changed', pane: info });
    expect(effects).toMatchObject([{ type: 'view', panes: { length: 4 } }]);
    expect(update(model, { type: 'pane-changed', pane: { ...info, title: 'new' } })[1]).toEqual([]);
    expect(update(model, { type: 'panes-listed', panes: [info] })[1]).toEqual([]);
  });

  test('the focus is on the first pane, whichever is heard of first', () => {
    const known = modelOf(busyHistory());
    const before: Model = { ...modelOf(new History()), hasState: false, focused: null };
    const info = { pane: 2, runId: null, taskId: null, cols: 9, rows: 9, title: '', isAlive: true };
    const [early] = update(before, { type: 'pane-changed', pane: info });
    expect(early.focused).toBeNull();
    expect(update({ ...early, state: known.state, hasState: true }, { type: 'ticked' })[0].focused).toBe(1);
  });

  test('the focus leaves a pane that is no more', () => {
    const model = { ...modelOf(busyHistory()), focused: 9, lastFocused: 3 };
    expect(update(model, { type: 'ticked' })[0].focused).toBe(3);
  });
});

describe('the state', () => {
  test('events that overtake the first state are kept until it is there', () => {
    const history = busyHistory();
    const reply = {
      seq: history.state.seq,
      state: structuredClone(toRecord(history.state)),
      isRunning: true,
      panes: [],
    };
    const early = history.state.seq + 1;
    const empty = { ...modelOf(new History()), hasState: false };
    const [model, effects] = steps(
      empty,
      { type: 'event', envelope: { seq: early, at: NOW, by: 'ada', event: { type: 'session.stopped', reason: '' } } },
      { type: 'subscribed', reply },
    );
    expect(model.state.seq).toBe(early);
    expect(model.state.session.isRunning).toBe(false);
    expect(effects.map((effect) => effect.type)).toEqual(['recall-events', 'view']);
  });

  test('the first view has the panes of other programs too: none is made larger for a moment', () => {
    const { state } = modelOf(busyHistory());
    const shell = { pane: 101, runId: null, taskId: null, cols: 80, rows: 24, title: '', isAlive: true };
    const reply = { seq: state.seq, state: structuredClone(toRecord(state)), isRunning: true, panes: [shell] };
    const [, effects] = update({ ...modelOf(new History()), hasState: false }, { type: 'subscribed', reply });
    const views = effects.flatMap((effect) => (effect.type === 'view' ? [effect.panes.map(({ pane }) => pane)] : []));
    expect(views).toEqual([[1, 2, 3, 4, 101]]);
  });

  test('missed events that overtake the reply to their subscription leave it as it is', () => {
    const before = modelOf(busyHistory());
    const since = before.state.seq;
    const envelope = { seq: since + 1, at: NOW, by: 'ada', event: { type: 'session.stopped', reason: '' } } as const;
    const [model, effects] = steps(
      before,
      { type: 'event', envelope },
      { type: 'subscribed', reply: { seq: since, state: null, isRunning: true, panes: [] } },
    );
    expect(model).toMatchObject({ hasState: true, state: { seq: since + 1, session: { isRunning: false } } });
    expect(effects.map((effect) => effect.type)).not.toContain('subscribe');
  });

  test('a gap, a resync and another history ask for it anew', () => {
    const model = modelOf(busyHistory());
    const envelope = { seq: 999, at: NOW, by: 'ada', event: { type: 'session.stopped', reason: '' } } as const;
    expect(update(model, { type: 'event', envelope })[1]).toEqual([{ type: 'subscribe' }]);
    expect(update(model, { type: 'must-resync' })[1]).toEqual([{ type: 'subscribe' }]);
    const reply = { seq: 0, state: structuredClone(toRecord(new History().state)), isRunning: false, panes: [] };
    const [other, effects] = update(model, { type: 'subscribed', reply });
    expect(other).toMatchObject({ hasState: true, state: { seq: 0 } });
    expect(effects.map((effect) => effect.type)).toEqual(['recall-events', 'subscribe', 'view']);
  });
});

function lost(isOrderly = false): Message {
  return { type: 'server-lost', reason: 'the socket was closed', isOrderly };
}

describe('a lost server', () => {
  const failed: Message = { type: 'reconnect-failed', reason: 'no server runs' };

  test('is tried again ever more slowly, and taken up again with a new subscription', () => {
    const [model, effects] = steps(modelOf(busyHistory()), lost(), ...Array<Message>(6).fill(failed));
    expect(effects.map((effect) => effect.type === 'reconnect' && effect.ms)).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000,
    ]);
    expect(model.connection).toMatchObject({ kind: 'lost', attempts: 6, reason: 'no server runs' });
    const [back, after] = update(model, { type: 'connected' });
    expect(back).toMatchObject({ connection: { kind: 'open' }, note: { text: 'connected again' } });
    expect(after).toEqual([{ type: 'subscribe' }]);
    const reply = { seq: back.state.seq, state: null, isRunning: true, panes: [] };
    expect(update(back, { type: 'subscribed', reply })[1]).toMatchObject([{ type: 'view', panes: { length: 4 } }]);
  });

  test('that said good-bye is waited for as long as a restart takes', () => {
    const [model] = steps(modelOf(busyHistory()), lost(true), failed);
    const [, effects] = update({ ...model, now: NOW + 10_000 }, failed);
    expect(effects).toEqual([
      {
        type: 'end',
        reason: 'server-closed',
        message: 'the server has closed: the socket was closed; to go on: drover run',
      },
    ]);
  });

  test('can be left at once', () => {
    const [, effects] = press(update(modelOf(busyHistory()), lost())[0], 'C-g d');
    expect(effects.at(-1)).toMatchObject({
      type: 'end',
      reason: 'detached',
      message: expect.stringContaining('its server is gone'),
    });
  });
});

describe('the command bar', () => {
  const open = (): Model => press(modelOf(busyHistory()), 'C-g :')[0];
  const text = (model: Model): string => (model.mode.kind === 'command' ? model.mode.edit.text : '');

  test('runs a line; one line of answer goes to the status line, several open a popup', () => {
    const [running, effects] = press(type(open(), 'show x7')[0], 'Enter');
    expect(effects).toEqual([
      { type: 'remember', line: 'show x7' },
      { type: 'run', line: 'show x7' },
    ]);
    const ran = (answer: string): Message => ({ type: 'ran', line: 'show x7', outcome: { ok: true, text: answer } });
    expect(update(running, ran('one\n'))[0]).toMatchObject({ mode: { kind: 'normal' }, note: { text: 'one' } });
    expect(update(running, ran('one\ntwo'))[0].mode).toMatchObject({
      kind: 'popup',
      title: 'show x7',
      lines: ['one', 'two'],
    });
  });

  test('a refusal keeps the line and goes away with the next key', () => {
    const [running] = press(type(open(), 'show')[0], 'Enter');
    const outcome = { ok: false, text: 'no such task', next: 'help' } as const;
    const [refused] = update(running, { type: 'ran', line: 'show', outcome });
    expect(refused.mode).toMatchObject({ kind: 'command', refusal: 'no such task · help', isRunning: false });
    expect(text(refused)).toBe('show');
    expect(type(refused, 'x')[0].mode).toMatchObject({ refusal: null });
  });

  test('a word that is neither a verb nor a command is answered with the nearest of both, and nothing is run', () => {
    for (const [word, meant] of [
      ['zomm', 'zoom'],
      ['lisst', 'list'],
    ] as const) {
      const [model, effects] = press(type(open(), word)[0], 'Enter');
      expect(model.mode).toMatchObject({
        kind: 'command',
        refusal: `there is no command "${word}"; the nearest is "${meant}"`,
      });
      expect(effects.filter((effect) => effect.type === 'run')).toEqual([]);
    }
    for (const line of ['epic add Login', 'st', 'server status', '--help'])
      expect(press(type(open(), line)[0], 'Enter')[1]).toContainEqual({ type: 'run', line });
  });

  test('knows the workspace’s own commands', () => {
    expect(press(type(open(), 'zoom')[0], 'Enter')[0]).toMatchObject({ isZoomed: true, mode: { kind: 'normal' } });
    expect(press(type(open(), 'detach')[0], 'Enter')[1].at(-1)).toMatchObject({ type: 'end', reason: 'detached' });
    expect(press(type(open(), 'quick fix it')[0], 'Enter')[1].at(-1)).toEqual({ type: 'run', line: 'quick fix it' });
  });

  test('remembers lines', () => {
    let [model] = press(type(open(), 'list')[0], 'Enter Escape C-g :');
    [model] = press(type(model, 'status')[0], 'Enter Escape C-g :');
    const seen = ['Up', 'Up', 'Up', 'Down', 'Down'].map((name) => {
      [model] = press(model, name);
      return text(model);
    });
    expect(seen).toEqual(['status', 'list', 'list', 'status', '']);
  });

  test.each([
    ['a b', 'Home C-k', '', 0],
    ['one two', 'C-w', 'one ', 4],
    ['one two', 'C-a Right Right DC', 'on two', 2],
    ['one two', 'M-b C-u', 'two', 0],
    ['a👩‍👩‍👧b', 'Left BSpace', 'ab', 1],
    ['héé', 'BSpace', 'hé', 2],
  ])('%j, then %s', (written, keys, left, cursor) => {
    const [model] = press(update(open(), { type: 'paste', bytes: Buffer.from(written) })[0], keys);
    expect(model.mode).toMatchObject({ edit: { text: left, cursor } });
  });

  test('a paste stays one line', () => {
    const [model] = update(open(), { type: 'paste', bytes: Buffer.from('one\r\ntwo\x1b[31m\n') });
    expect(text(model)).toBe('one two [31m');
  });

  test('completes: the common beginning, then one after the other', () => {
    const [asked, effects] = press(type(open(), 'a')[0], 'Tab');
    expect(effects).toEqual([{ type: 'complete', line: 'a', cursor: 1 }]);
    const [some] = update(asked, { type: 'completions', line: 'a', candidates: ['attach', 'attend'], from: 0 });
    expect(text(some)).toBe('att');
    const seen = ['Tab', 'Tab', 'Tab', 'BTab'].map((_, index, keys) =>
      text(press(some, keys.slice(0, index + 1).join(' '))[0]),
    );
    expect(seen).toEqual(['attach', 'attend', 'attach', 'attend']);
    expect(text(update(asked, { type: 'completions', line: 'a', candidates: ['add'], from: 0 })[0])).toBe('add ');
    expect(text(update(asked, { type: 'completions', line: 'old', candidates: ['add'], from: 0 })[0])).toBe('a');
  });
});

describe('quick capture', () => {
  test('creates a task from a title and says its id', () => {
    const [model, effects] = press(type(press(modelOf(busyHistory()), 'C-g c')[0], 'fix it')[0], 'Enter');
    expect(effects).toEqual([{ type: 'capture', title: 'fix it' }]);
    const [done] = update(model, {
      type: 'captured',
      title: 'fix it',
      outcome: { ok: true, text: 'task-zzzzz added' },
    });
    expect(done).toMatchObject({ mode: { kind: 'normal' }, note: { kind: 'info', text: 'task-zzzzz added' } });
    const outcome = { ok: false, text: 'too long', next: '' } as const;
    const [refused] = update(model, { type: 'captured', title: 'fix it', outcome });
    expect(refused.mode).toMatchObject({ kind: 'quick', refusal: 'too long', edit: { text: 'fix it' } });
  });

  test('Escape gives it up, as a backspace on nothing does', () => {
    for (const keys of ['C-g c x Escape', 'C-g c BSpace']) {
      expect(press(modelOf(busyHistory()), keys)).toMatchObject([{ mode: { kind: 'normal' } }, { length: 1 }]);
    }
  });
});

describe('help and popups', () => {
  test('scroll within their text and close', () => {
    const lines = Array.from({ length: 50 }, (_, index) => String(index));
    const model: Model = {
      ...modelOf(busyHistory(), { columns: 80, rows: 13 }),
      mode: { kind: 'popup', title: 't', lines, scroll: 0 },
    };
    const scroll = (keys: string) => (press(model, keys)[0].mode as { scroll?: number }).scroll;
    expect([scroll('Down'), scroll('Up'), scroll('NPage'), scroll('G'), scroll('G k'), scroll('G g')]).toEqual([
      1, 0, 10, 40, 39, 0,
    ]);
    expect(press(model, 'q')[0].mode).toEqual({ kind: 'normal' });
  });

  test.each(['C-g', 'C-b'])(
    'the prefix %s works from a popup and from help, and types nothing into the pane',
    (prefix) => {
      const popup: Model = {
        ...modelOf(busyHistory()),
        keys: buildKeyMap({ prefix, bindings: {} }),
        mode: { kind: 'popup', title: 't', lines: ['one'], scroll: 0 },
      };
      for (const model of [popup, press(popup, `q ${prefix} ?`)[0]]) {
        const [after, effects] = press(model, `${prefix} d`);
        expect(after.mode).toEqual({ kind: 'normal' });
        expect(effects.map((effect) => effect.type)).toEqual(['wait-for-hints', 'end']);
      }
    },
  );

  test.each([':', 'c', '/', 'c x Tab'])(
    'the prefix gives up what C-g %s opened, and types nothing into the pane',
    (opening) => {
      const [open] = press(modelOf(busyHistory()), `C-g ${opening}`);
      expect(open.mode.kind).not.toBe('normal');
      const [after, effects] = press(open, 'C-g 2');
      expect(after).toMatchObject({ mode: { kind: 'normal' }, focused: 2 });
      expect(effects.map((effect) => effect.type)).not.toContain('input');
    },
  );

  test('mistakes in the bindings are shown at the start', () => {
    const keys = buildKeyMap({ prefix: 'C-g', bindings: { 'prefix x': 'zom' } });
    const { catalogue, size } = modelOf(busyHistory());
    expect(
      initialModel({ isReadOnly: false, keys, catalogue, layout: 'grid', theme: 'dark', size, now: NOW }).mode,
    ).toMatchObject({
      kind: 'popup',
      lines: { length: 1 },
    });
  });
});

describe('the mouse', () => {
  const at = (kind: MouseEvent['kind'], x: number, y: number): Message => ({
    type: 'mouse',
    event: {
      type: 'mouse',
      kind,
      button: 0,
      x,
      y,
      mods: { shift: false, meta: false, ctrl: false },
      bytes: Buffer.alloc(0),
    },
  });

  test('a click focuses, the wheel goes to the pane under it, on borders and elsewhere nothing happens', () => {
    const model = modelOf(busyHistory(), { columns: 80, rows: 24 });
    expect(update(model, at('press', 50, 5))[0].focused).toBe(2);
    expect(update(model, at('wheel-up', 43, 3))[1]).toMatchObject([{ type: 'mouse', pane: 2, x: 2, y: 2 }]);
    expect(update(model, at('wheel-up', 43, 0))[1]).toEqual([]);
    expect(update(model, at('wheel-up', 43, 20))[1]).toEqual([]);
    expect(update(model, at('press', 40, 23))).toEqual([model, []]);
  });
});

describe('the clock', () => {
  test('takes notes away, and ticks only while it matters', () => {
    const [noted] = press(modelOf(busyHistory()), 'C-g x');
    expect(update({ ...noted, now: NOW + 9000 }, { type: 'ticked' })[0].note).not.toBeNull();
    expect(update({ ...noted, now: NOW + 10_000 }, { type: 'ticked' })[0].note).toBeNull();
    expect(nextTick(modelOf(busyHistory()), 'full', 0)).toBe(1000);
    expect(nextTick(modelOf(new History()), 'full', 0)).toBeNull();
    expect(nextTick(press(modelOf(new History()), 'a')[0], 'full', 0)).toBe(1000);
  });

  test('is looked at less often while it changes nothing, unless a note waits, and every ten seconds with reduced motion', () => {
    const model = modelOf(busyHistory());
    expect([0, 1, 2, 3, 4, 5, 60].map((still) => nextTick(model, 'full', still))).toEqual([
      1000, 2000, 3000, 4000, 5000, 5000, 5000,
    ]);
    const [noted] = press(model, 'C-g x');
    expect(nextTick(noted, 'full', 60)).toBe(1000);
    expect([0, 60].map((still) => nextTick(model, 'reduced', still))).toEqual([10_000, 10_000]);
  });
});
