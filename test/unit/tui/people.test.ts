// Owns the tests of several people in one workspace: who is there, locks, shells.
import { describe, expect, test } from 'vitest';
import type { ClientInfo, PaneInfo } from '../../../src/protocol/methods.ts';
import type { Model } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { plainText } from '../../../src/tui/view/line.ts';
import { paneTitle } from '../../../src/tui/view/pane-title.ts';
import { statusLine } from '../../../src/tui/view/status-line.ts';
import { busyHistory, key, modelOf, steps } from './model-fixture.ts';

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));
const info: PaneInfo = { pane: 1, runId: null, taskId: null, cols: 80, rows: 24, title: '', isAlive: true };
const shell: PaneInfo = { ...info, pane: 101, shell: { argv: ['/bin/bash'], openedBy: 'ann' } };
const ann: ClientInfo = {
  operator: 'Ann <ann@x>',
  kind: 'tui',
  since: 0,
  isReadOnly: false,
  focused: 1,
  cols: 80,
  rows: 24,
};
const heard = (model: Model, ...people: ClientInfo[]): Model => update(model, { type: 'people', people })[0];

describe('the status line', () => {
  const line = (model: Model, width: number) => plainText(statusLine(model, width));

  test('names everybody once there are several, and marks who looks on', () => {
    const model = modelOf(busyHistory());
    expect(line(heard(model, ann), 160)).not.toContain('Ann');
    const many = heard(model, ann, ann, { ...ann, operator: 'bob@x', isReadOnly: true });
    expect(line(many, 160)).toContain('Ann bob(ro)  C-g ? keys');
  });

  test('says into which pane each of them typed last', () => {
    const many = heard(modelOf(busyHistory()), { ...ann, typesInto: 2 }, { ...ann, operator: 'bob@x' });
    expect(line(many, 160)).toContain('Ann▸2 bob  C-g ? keys');
  });

  test('tells how many they are where their names have no room, rather than that the session runs', () => {
    const one = modelOf(busyHistory());
    const many = heard(one, ann, { ...ann, operator: 'bob@x' }, { ...ann, operator: 'carol@x' });
    const counts = line(one, 160).slice(line(one, 160).indexOf('1 needs'), line(one, 160).indexOf(' failed'));
    const width = ' shop  session on │  '.length + counts.length + ' failed  '.length + 'C-g ? '.length;
    expect(line(one, width)).toMatch(/^ shop {2}session on │ .*C-g \? $/);
    expect(line(many, width)).toContain(` shop   ${counts}`);
    expect(line(many, width)).toMatch(/3 people {2}C-g \? (keys )?$/);
    // What is not as usual stays.
    expect(line({ ...many, isReadOnly: true }, width)).toContain(' shop  looking on │ ');
  });

  test('keeps its counts where there is no room for names', () => {
    const many = heard(modelOf(busyHistory()), ann, { ...ann, operator: 'bob@x' });
    const least = ' shop   1 needs you  3 running · 2 queued · 1 failed';
    expect(line(many, least.length + 8).trimEnd()).toBe(`${least}  C-g ?`);
    expect(line(many, least.length + 20)).toMatch(/ 1 failed +Ann bob {2}C-g \?/);
  });

  test('says what the server refuses, and who to ask', () => {
    const [model] = update(modelOf(busyHistory()), {
      type: 'failed',
      text: 'pane 1 is locked by bob',
      next: 'ask bob for: drover give 1 Ann',
    });
    expect(line(model, 120)).toContain('pane 1 is locked by bob  ask bob for: drover give 1 Ann');
  });
});

describe('the lock of a pane', () => {
  test('is asked for with a key, taken back with the same, and its holder stands in the title', () => {
    const model = modelOf(busyHistory());
    const lock = (effects: readonly { type: string }[]) => effects.filter(({ type }) => type === 'lock');
    expect(lock(press(model, 'C-g m')[1])).toEqual([{ type: 'lock', pane: 1, isLocked: false }]);
    const [locked] = update(model, { type: 'pane-changed', pane: { ...info, lockedBy: 'Bob <bob@x>' } });
    expect(plainText(paneTitle(locked, 1, 60))).toContain('▶ 1 [Bob] ');
    expect(lock(press(locked, 'C-g m')[1])).toEqual([{ type: 'lock', pane: 1, isLocked: true }]);
  });

  test('is told as it changes hands: nothing that was said of the old holder stays', () => {
    const changed = (model: Model, lockedBy?: string): Model =>
      update(model, { type: 'pane-changed', pane: lockedBy === undefined ? info : { ...info, lockedBy } })[0];
    const locked = changed(modelOf(busyHistory()), 'Bob <bob@x>');
    expect(locked.note).toBeNull();
    const [refused] = update(locked, { type: 'failed', text: 'pane 1 is locked by Bob', next: 'ask Bob' });
    expect(changed(refused, 'Bob <bob@x>').note).toBe(refused.note);
    expect(changed(refused, 'Ann <ann@x>').note?.text).toBe('Pane 1 is locked by Ann.');
    expect(changed(refused).note).toBe(refused.note);
  });

  test('is nothing for who looks on', () => {
    const [model, effects] = press({ ...modelOf(busyHistory()), isReadOnly: true }, 'C-g m');
    expect(effects.filter(({ type }) => type === 'lock')).toEqual([]);
    expect(model.note).toMatchObject({ kind: 'refusal', text: expect.stringContaining('you look on only') });
  });

  test('is told so before the title of a task is written', () => {
    const [model] = steps({ ...modelOf(busyHistory()), isReadOnly: true }, key('C-g'), key('c'));
    expect(model).toMatchObject({ mode: { kind: 'normal' }, note: { text: expect.stringContaining('look on only') } });
  });
});

describe('a shell', () => {
  const opens = (model: Model) => press(model, 'C-g s')[1].filter(({ type }) => type === 'open-shell');

  test('is opened where the focused task is worked on, else in the root', () => {
    const model = modelOf(busyHistory());
    expect(opens(model)).toEqual([{ type: 'open-shell', task: 'task-x7k2m' }]);
    expect(opens({ ...model, focused: 4 })).toEqual([{ type: 'open-shell', task: null }]);
    expect(opens({ ...model, isReadOnly: true })).toEqual([]);
  });

  test('gets the focus and a pane beside the others, named by its program, and goes with it', () => {
    const [model] = update(modelOf(busyHistory()), { type: 'shell-opened', pane: shell });
    expect(model.focused).toBe(101);
    expect(plainText(paneTitle(model, 101, 40))).toBe('▶ 101 /bin/bash ');
    expect(
      plainText(paneTitle(update(model, { type: 'pane-changed', pane: { ...shell, title: 'vim' } })[0], 101, 40)),
    ).toBe('▶ 101 vim ');
    const [after] = update(model, { type: 'pane-changed', pane: { ...shell, isAlive: false } });
    expect(after.focused).toBe(1);
  });
});
