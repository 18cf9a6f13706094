// Owns the tests of task capture's form, of fuzzy search, and of the history of the command bar.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FormMode } from '../../../src/tui/command-bar/capture-form.ts';
import { fuzzyFilter, fuzzyScore } from '../../../src/tui/command-bar/fuzzy.ts';
import { historyPath, MOST_HISTORY, openHistory, withLine } from '../../../src/tui/command-bar/history-file.ts';
import { titleCandidates, titleLabels } from '../../../src/tui/command-bar/title-candidates.ts';
import type { Model } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { sceneOf } from '../../../src/tui/view/scene.ts';
import { busyHistory, key, modelOf, rowsOf, steps } from './model-fixture.ts';

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));
const type = (model: Model, text: string): Model =>
  steps(model, ...[...text].map((character) => key(character === ' ' ? 'Space' : character)))[0];
const form = (title = 'fix it', model = modelOf(busyHistory())): Model =>
  press(type(press(model, 'C-g c')[0], title), 'Tab')[0];

function formOf({ mode }: Model): FormMode {
  if (mode.kind !== 'form') throw new Error(`the form is not open: ${mode.kind}`);
  return mode;
}

describe('the form', () => {
  test('opens with Tab from the line, the title in it and the cursor on what comes next', () => {
    expect(formOf(form())).toMatchObject({ title: { text: 'fix it' }, field: 'epic', type: 'implementation' });
    expect(press(form(), 'Escape')[0].mode).toEqual({ kind: 'normal' });
  });

  test('begins with the title where none was written', () => {
    const empty = form('');
    expect(formOf(empty)).toMatchObject({ title: { text: '' }, field: 'title' });
    expect(formOf(type(empty, 'fix it')).title.text).toBe('fix it');
  });

  test('goes through its fields with Tab and back', () => {
    const fields = ['Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'BTab', 'BTab'];
    let model = form();
    const seen = fields.map((name) => {
      [model] = press(model, name);
      return formOf(model).field;
    });
    expect(seen).toEqual(['priority', 'blockers', 'type', 'title', 'epic', 'title', 'type']);
  });

  test('saves what was chosen in every field with one call', () => {
    let model = type(form(), 'rep');
    [model] = press(model, 'Tab Up Up Up Tab');
    [model] = press(type(model, 'month'), 'Enter');
    [model] = press(type(model, 'last user'), 'Tab Right Right');
    const [saving, effects] = press(model, 'Enter');
    expect(effects).toEqual([
      {
        type: 'capture',
        title: 'fix it',
        more: { epic: 'epic-bbbbb', priority: 3, blockedBy: ['task-b9n3c', 'task-h5j6k'], type: 'fix' },
      },
    ]);
    expect(formOf(saving).isRunning).toBe(true);
    expect(press(saving, 'x Enter')[1]).toEqual([]);
    const done = { type: 'captured', title: 'fix it', outcome: { ok: true, text: 'task-n2n2n added' } } as const;
    expect(update(saving, done)[0]).toMatchObject({ mode: { kind: 'normal' }, note: { text: 'task-n2n2n added' } });
  });

  test('says nothing of fields that were left alone', () => {
    expect(press(form(), 'Enter')[1]).toEqual([{ type: 'capture', title: 'fix it', more: {} }]);
  });

  test('offers what fits best first; Up and Down choose, Backspace takes back', () => {
    const searching = type(press(form(), 'Tab Tab')[0], 'report');
    expect(rowsOf(searching).join('\n')).toContain(' b9n3c write the monthly report ');
    const [taken] = press(searching, 'Enter');
    expect(formOf(taken)).toMatchObject({ chosenBlockers: ['task-b9n3c'], blockers: { text: '' } });
    expect(rowsOf(type(taken, 'report')).join('\n')).toContain('nothing fits');
    expect(formOf(press(taken, 'BSpace')[0]).chosenBlockers).toEqual([]);
    const several = type(press(form(), 'Tab Tab')[0], 'a');
    const [first] = press(several, 'Enter');
    const [second] = press(several, 'Down Enter');
    expect(formOf(first).chosenBlockers).not.toEqual(formOf(second).chosenBlockers);
    expect(formOf(press(several, 'Down Up Enter')[0])).toEqual(formOf(first));
    // A failed task is not waited for: what it blocks would never start.
    expect(formOf(press(type(press(form(), 'Tab Tab')[0], 'repair the clock'), 'Enter')[0]).refusal).toContain(
      'no open',
    );
  });

  test.each([
    ['no epic fits', (model: Model) => press(type(model, 'zzz'), 'Tab')[0], 'epic', 'no epic fits "zzz"'],
    [
      'a priority is no number',
      (model: Model) => press(type(press(model, 'Tab')[0], 'high'), 'Enter')[0],
      'priority',
      'a priority is a whole number from -100 to 100',
    ],
    [
      'a priority is too high',
      (model: Model) => press(type(press(model, 'Tab')[0], '101'), 'Enter')[0],
      'priority',
      'a priority is a whole number from -100 to 100',
    ],
    ['there is no title', () => press(form(''), 'Enter')[0], 'title', 'a task needs a title'],
  ])('refuses inline when %s, and goes to the field', (_name, act, field, words) => {
    const model = act(form());
    expect(formOf(model)).toMatchObject({ field, refusal: words, isRunning: false });
    expect(rowsOf(model).join('\n')).toContain(words);
    expect(formOf(type(press(model, 'C-u')[0], '1')).refusal).toBeNull();
  });

  test('shows the server’s refusal and keeps everything', () => {
    const [saving] = press(form(), 'Enter');
    const outcome = { ok: false, text: 'the title is taken', next: 'drover list' } as const;
    const [refused] = update(saving, { type: 'captured', title: 'fix it', outcome });
    expect(formOf(refused)).toMatchObject({ isRunning: false, title: { text: 'fix it' } });
    expect(rowsOf(refused).join('\n')).toContain('the title is taken · drover list');
  });

  test('takes pastes into its field, and the cursor stands in it at every size', () => {
    const [pasted] = steps(form(), { type: 'paste', bytes: Buffer.from('Lo\ngin') });
    expect(formOf(pasted).epic.text).toBe('Lo gin');
    for (const size of [
      { columns: 1, rows: 1 },
      { columns: 30, rows: 5 },
      { columns: 80, rows: 24 },
      { columns: 400, rows: 100 },
    ]) {
      const scene = sceneOf(type(form('x'.repeat(300), modelOf(busyHistory(), size)), 'log'));
      expect(scene.cursor?.x).toBeLessThan(size.columns);
      expect(scene.cursor?.y).toBeLessThan(size.rows);
      for (const { rect } of scene.front) expect(rect.x + rect.width).toBeLessThanOrEqual(size.columns);
    }
  });
});

describe('fuzzy search', () => {
  test('finds letters in their order, and words best', () => {
    expect(fuzzyScore('lgn', 'fix login')).not.toBeNull();
    expect(fuzzyScore('nl', 'login')).toBeNull();
    expect(fuzzyScore('', 'anything')).toBe(0);
    const titles = ['big blog integration', 'slow gains', 'fix login', 'login'];
    expect(fuzzyFilter(titles, 'login', (title) => title)).toEqual([
      'login',
      'fix login',
      'big blog integration',
      'slow gains',
    ]);
    expect(fuzzyFilter(['add a rate limit to every endpoint'], 'report', (title) => title)).toEqual([]);
    expect(fuzzyFilter(['foo bar', 'first bee'], 'fb', (title) => title)).toHaveLength(2);
  });
});

describe('completion by title', () => {
  const { state } = busyHistory().task('c6c6c', 'login by letter');
  const complete = (line: string) => titleCandidates(line, line.length, state);

  test.each([
    ['cancel fix log', ['task-x7k2m'], 7],
    ['cancel  lgn', ['task-x7k2m', 'task-c6c6c'], 8],
    ['why rate limit', ['task-p4q8r'], 4],
    // A failed task comes behind the open ones.
    ['show re', ['task-h5j6k', 'task-d2f3g', 'task-b9n3c', 'task-p4q8r', 'task-m8n9p'], 5],
  ])('%s', (line, ids, from) => {
    const found = complete(line);
    expect(found?.from).toBe(from);
    expect(new Set(found?.candidates.slice(0, ids.length))).toEqual(new Set(ids));
    if (line.startsWith('show')) expect(found?.candidates.at(-1)).toBe('task-m8n9p');
  });

  test.each(['cancel', 'cancel l', 'cancel zzz', 'list log', 'nonsense log', 'edit x7k2m --priority log', "why 'log"])(
    '%s offers nothing',
    (line) => expect(complete(line)).toBeNull(),
  );

  test('shows the titles beside the ids, and writes the id alone', () => {
    let model = type(press(modelOf(busyHistory()), 'C-g :')[0], 'cancel lgn');
    const candidates = ['task-x7k2m', 'task-h5j6k'];
    const labels = titleLabels([...candidates, 'list'], state);
    [model] = update(model, { type: 'completions', line: 'cancel lgn', candidates, from: 7, labels });
    expect(rowsOf(model).at(-2)).toContain(' task-x7k2m fix login  task-h5j6k remember the last user ');
    expect(rowsOf(press(model, 'Tab')[0]).at(-1)?.trimEnd()).toBe(':cancel task-x7k2m');
    expect(rowsOf(press(model, 'Tab Tab')[0]).at(-1)?.trimEnd()).toBe(':cancel task-h5j6k');
  });

  test('an epic whose title is no candidate has it beside its id', () => {
    const epics = [...state.epics.values()];
    const [first] = epics;
    const labels = titleLabels([...epics.map(({ id }) => id), first?.title ?? ''], state);
    expect(labels.get(first?.id ?? '')).toBeUndefined();
    expect([...labels.values()]).toEqual(epics.slice(1).map(({ title }) => title));
  });

  test('before the first letter nothing is written: words of a title may follow', () => {
    let model = type(press(modelOf(busyHistory()), 'C-g :')[0], 'cancel ');
    const candidates = ['task-x7k2m', 'task-h5j6k'];
    [model] = update(model, { type: 'completions', line: 'cancel ', candidates, from: 7 });
    expect(rowsOf(model).at(-1)?.trimEnd()).toBe(':cancel');
    expect(rowsOf(press(model, 'Tab')[0]).at(-1)?.trimEnd()).toBe(':cancel task-x7k2m');
  });
});

describe('the history file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drover-history-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('lies in the state folder of the operator', () => {
    expect(historyPath({ XDG_STATE_HOME: '/s', HOME: '/h' })).toBe('/s/drover/history');
    expect(historyPath({ HOME: '/h' })).toBe('/h/.local/state/drover/history');
    expect(historyPath({})).toBeNull();
    expect(openHistory(null).lines).toEqual([]);
  });

  test('is shared by workspaces, for its owner alone', () => {
    const path = join(folder, 'drover', 'history');
    const one = openHistory(path);
    const other = openHistory(path);
    one.add('list');
    other.add('status');
    one.add('why x7k2m');
    expect(openHistory(path).lines).toEqual(['list', 'status', 'why x7k2m']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'drover')).mode & 0o777).toBe(0o700);
  });

  test('keeps 500 lines, none twice in a row, and no control characters', () => {
    const path = join(folder, 'history');
    const many = Array.from({ length: 700 }, (_, index) => `line ${index}`);
    writeFileSync(path, `${many.join('\n')}\nline 699\n\n  \na\u001b[2Jb\n`);
    const { lines } = openHistory(path);
    expect(lines).toHaveLength(MOST_HISTORY);
    expect(lines.slice(-2)).toEqual(['line 699', 'a [2Jb']);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(MOST_HISTORY);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(withLine(['a', 'b'], 'b')).toEqual(['a', 'b']);
    expect(withLine(['a', 'b'], 'a')).toEqual(['a', 'b', 'a']);
  });

  test('that cannot be written or read is no reason to stop', () => {
    writeFileSync(join(folder, 'file'), '');
    const history = openHistory(join(folder, 'file', 'history'));
    expect(history.lines).toEqual([]);
    expect(() => history.add('list')).not.toThrow();
  });
});
