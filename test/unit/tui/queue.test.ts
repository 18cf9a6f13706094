// Owns the tests of the queue and the feed under the keys: a model, keys, and what comes of them.
import { describe, expect, test } from 'vitest';
import { toRecord } from '../../../src/domain/snapshot.ts';
import { textWidth } from '../../../src/domain/text-width.ts';
import { buildKeyMap } from '../../../src/tui/keys/key-map.ts';
import type { Model } from '../../../src/tui/model.ts';
import { addEarlier, addEvent, NO_ACTIVITY } from '../../../src/tui/queue/queue-focus.ts';
import { listedTasks, queueRows, selectedTask } from '../../../src/tui/queue/queue-rows.ts';
import { update } from '../../../src/tui/update.ts';
import { keyRows } from '../../../src/tui/view/key-row.ts';
import { plainText } from '../../../src/tui/view/line.ts';
import { queuePanelLines } from '../../../src/tui/view/queue-panel.ts';
import { busyHistory, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';
import { measuredModel } from './sidebar-fixture.ts';

const press = (model: Model, keys: string) => steps(model, ...keys.split(' ').map(key));
const open = (model = modelOf(busyHistory())): Model => press(model, 'C-g q')[0];
const selected = (model: Model): string | undefined => selectedTask(model, queueRows(model))?.id;
/** With the task of these five characters selected. */
const on = (short: string, model = open()): Model => ({
  ...model,
  queue: { ...model.queue, selected: `task-${short}` },
});
const lines = (effects: readonly { type: string; line?: string }[]): (string | undefined)[] =>
  effects.filter(({ type }) => type === 'run').map(({ line }) => line);

describe('the queue', () => {
  test('has the keys after the prefix and q, and gives them back with Escape', () => {
    const model = open();
    expect(model.queue.on).toBe('queue');
    const [back, effects] = press(model, 'Down Escape a');
    expect(back.queue.on).toBeNull();
    expect(effects).toMatchObject([{ type: 'input', key: 'a' }]);
    expect(press(model, 'C-g q')[0].queue.on).toBeNull();
  });

  test('the status line says where the keys go, in the queue and when it is left', () => {
    const line = (model: Model): string => rowsOf(model).at(-1) ?? '';
    const wide = { columns: 120, rows: 30 };
    const model = open(modelOf(busyHistory(), wide));
    expect(line(model)).toContain('keys go to the queue, Esc: to the panes');
    expect(line(press(model, 'Tab')[0])).toContain('keys go to the activity, Esc: to the panes');
    for (const keys of ['C-g q', 'q', 'Tab Escape', 'C-g C-g'])
      expect(line(press(model, keys)[0]), keys).toContain('pane 1 has the keys');
  });

  test('what was said of a pane is gone with its focus', () => {
    const [left] = press(open(), 'Escape');
    expect(left.note?.text).toBe('pane 1 has the keys');
    expect(press(left, 'C-g 2')[0].note).toBeNull();
    expect(press(left, 'C-g z')[0].note?.text).toBe('pane 1 has the keys');
  });

  test('the prefix twice is the key itself in the queue too: nothing is typed into the pane', () => {
    const [left, effects] = press(open(), 'C-g C-g');
    expect(left.queue.on).toBeNull();
    expect(effects.map(({ type }) => type)).toEqual(['wait-for-hints']);
  });

  test('keys are what the operator bound them to, and the panel shows those', () => {
    const keys = buildKeyMap({
      prefix: 'C-g',
      bindings: { 'queue a': 'queue-priority +10', 'queue x': 'unbind', 'queue X': 'queue-cancel', 'queue q': 'zoom' },
    });
    const model = on('h5j6k', open({ ...modelOf(busyHistory(), { columns: 160, rows: 40 }), keys }));
    expect(lines(press(model, 'a')[1])).toEqual(['edit task-h5j6k --priority 15']);
    expect(press(model, 'x')[0].note?.text).toBe('x has no meaning in the queue');
    expect(press(model, 'X')[0].queue.confirming).toBe('task-h5j6k');
    expect(press(model, 'q')[0]).toMatchObject({ isZoomed: true, queue: { on: 'queue' } });
    expect(rowsOf(model).join('\n')).toMatch(/ X {2}cancel/);
  });

  test('its commands mean nothing while the panes have the keys', () => {
    const keys = buildKeyMap({ prefix: 'C-g', bindings: { 'prefix X': 'queue-cancel' } });
    const [model, effects] = press({ ...modelOf(busyHistory()), keys }, 'C-g X');
    expect(effects.map(({ type }) => type)).toEqual(['wait-for-hints']);
    expect(model).toMatchObject({ queue: { confirming: null }, note: { next: 'C-g q' } });
  });

  test('lists by status, and the queued ones by epic', () => {
    const rows = queueRows(open()).map((row) =>
      row.kind === 'task' ? row.task.id.slice(5) : row.kind === 'epic' ? `epic ${row.title}` : row.text,
    );
    expect(rows).toEqual([
      'running',
      'x7k2m',
      'p4q8r',
      'b9n3c',
      'failed or blocked',
      'm8n9p',
      'queued',
      'epic Login',
      'h5j6k',
      'epic Reports',
      'd2f3g',
    ]);
  });

  test('sub-tasks stand under their parent where that is in the same section, and are marked elsewhere', () => {
    const history = busyHistory()
      .task('ch1ld', 'the first part', { parentId: 'task-h5j6k', epicId: 'epic-aaaaa', createdAt: NOW + 1 })
      .task('ch2ld', 'a part of it', { parentId: 'task-ch1ld', epicId: 'epic-aaaaa', createdAt: NOW + 2 })
      .task('ch3ld', 'the last part', { parentId: 'task-h5j6k', epicId: 'epic-aaaaa', createdAt: NOW + 3 })
      .task('st4ay', 'a part of what runs', { parentId: 'task-x7k2m', createdAt: NOW + 4 });
    const model = modelOf(history, { columns: 160, rows: 50 });
    const order =
      /st4ay ↳ a part of what runs[\s\S]*h5j6k remember[\s\S]*ch1ld ├ the first part[\s\S]*ch2ld │ └ a part of it[\s\S]*ch3ld └ the last part/;
    expect(rowsOf(model).join('\n')).toMatch(order);
    expect(rowsOf(open(model)).join('\n')).toMatch(order);
    expect(rowsOf(press(open(model), '/ p a r t Enter')[0]).join('\n')).toMatch(
      /ch1ld ↳ the first part[\s\S]*ch2ld └ a part of it/,
    );
  });

  test('a paused task says so, whatever else it waits for', () => {
    const history = busyHistory().add({ type: 'task.paused', taskId: 'task-d2f3g', by: 'ada', work: null });
    const rows = rowsOf(open(modelOf(history, { columns: 160, rows: 40 })));
    expect(rows.find((row) => row.includes('d2f3g totals'))).toMatch(/ paused /);
  });

  test('a task that can never start stands where the status line counts it, and says why', () => {
    const history = busyHistory()
      .task('q2w3e', 'show the time', { blockedBy: ['task-m8n9p'] })
      .task('r4t5y', 'show the date', { blockedBy: ['task-q2w3e'] });
    const model = modelOf(history, { columns: 160, rows: 40 });
    const text = rowsOf(model).join('\n');
    expect(text).toMatch(/failed or blocked +3\b/);
    expect(text).toMatch(/queued +2\b/);
    expect(text).toMatch(/q2w3e show the time +blocked/);
    expect(text).toMatch(/waits for m8n9p \(failed\)/);
    expect(text).toMatch(/waits for q2w3e \(blocked\)/);
    expect(text).toContain('2 queued · 0 done · 2 blocked · 1 failed');
    const headings = queueRows(open(model)).flatMap((row) => (row.kind === 'heading' ? [[row.text, row.count]] : []));
    expect(headings).toEqual([
      ['running', 3],
      ['failed or blocked', 3],
      ['queued', 2],
    ]);
  });

  test.each([
    ['Down', 'task-p4q8r'],
    ['j j', 'task-b9n3c'],
    ['j k', 'task-x7k2m'],
    ['Up', 'task-x7k2m'],
    ['End', 'task-d2f3g'],
    ['G Up', 'task-h5j6k'],
    ['End Home', 'task-x7k2m'],
    ['NPage', 'task-d2f3g'],
    ['End Down', 'task-d2f3g'],
  ])('%s selects %s', (keys, id) => {
    expect(selected(press(open(), keys)[0])).toBe(id);
  });

  test('no key reaches a pane, bound to something or not, and pastes neither', () => {
    const [model, effects] = steps(
      open(),
      ...['y', 'C-c', 'Enter'].slice(0, 1).map(key),
      { type: 'paste', bytes: Buffer.from('rm -rf') },
      key('Z'),
    );
    expect(effects).toEqual([]);
    expect(model.note).toMatchObject({ kind: 'refusal', text: 'Z has no meaning in the queue' });
  });

  test('is filtered by words of title, epic and status; Enter keeps the filter, Escape drops it', () => {
    const [writing] = press(open(), '/ l o g i n');
    expect(listedTasks(queueRows(writing)).map(({ id }) => id)).toEqual(['task-x7k2m', 'task-p4q8r', 'task-h5j6k']);
    const [kept] = press(writing, 'Space u s e r Enter');
    expect(kept.queue).toMatchObject({ filter: 'login user', filterEdit: null });
    expect(selected(kept)).toBe('task-h5j6k');
    expect(rowsOf(kept).join('\n')).toMatch(/ \/ {2}login user 1 of 6/);
    expect(press(kept, '/ Escape')[0].queue).toMatchObject({ on: 'queue', filter: '', filterEdit: null });
    const found = (keys: string) => listedTasks(queueRows(press(open(), keys)[0])).map(({ id }) => id);
    expect(found('/ t a s k')).toEqual([]);
    expect(found('/ t a s k - h 5')).toEqual(['task-h5j6k']);
    expect(found('/ h 5 j')).toEqual(['task-h5j6k']);
    expect(press(writing, 'z z z')[0]).toSatisfy((model: Model) =>
      rowsOf(model).join('').includes('no task has these'),
    );
  });

  test.each(Array.from({ length: 30 }, (_, index) => 12 + index))('its keys in %i cells are never cut', (width) => {
    const pairs = [
      ['w', 'why'],
      ['Enter', 'show'],
      ['/', 'filter'],
      ['Tab', 'feed'],
    ] as const;
    const rows = keyRows(pairs, width).map(plainText);
    for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(width);
    expect(rows.join(' ').split(/ +/).filter(Boolean)).toEqual(pairs.flat());
  });

  test('keeps its selection when the list changes under it', () => {
    const history = busyHistory();
    const [model] = press(open(modelOf(history)), 'End');
    const [next] = update(model, {
      type: 'event',
      envelope: {
        seq: history.state.seq + 1,
        at: NOW,
        by: 'ada',
        event: { type: 'task.edited', taskId: 'task-d2f3g', changes: { priority: 50 } },
      },
    });
    expect(selected(next)).toBe('task-d2f3g');
    expect(selected(press(next, 'Down')[0])).toBe('task-h5j6k');
  });

  test('is left when a pane is focused', () => {
    expect(press(open(), 'C-g 3')[0]).toMatchObject({ focused: 3, queue: { on: null } });
  });
});

describe('the selected task', () => {
  test.each([
    ['x7k2m', 'Enter', 'show task-x7k2m'],
    ['x7k2m', 'w', 'why task-x7k2m'],
    ['x7k2m', 'd', 'diff task-x7k2m'],
    ['m8n9p', 'r', 'retry task-m8n9p'],
    ['h5j6k', '+', 'edit task-h5j6k --priority 6'],
    ['h5j6k', '=', 'edit task-h5j6k --priority 6'],
    ['h5j6k', '-', 'edit task-h5j6k --priority 4'],
    ['d2f3g', 's', 'edit task-d2f3g --priority 6'],
  ])('%s, %s: %s', (short, name, line) => {
    const [model, effects] = press(on(short), name);
    expect(lines(effects)).toEqual([line]);
    expect(model.queue.on).toBe('queue');
  });

  test.each([
    ['x7k2m', 's', 'task-x7k2m is in_progress, not queued'],
    ['h5j6k', 's', 'task-h5j6k is the next one already'],
    ['h5j6k', 'r', 'task-h5j6k is ready'],
    ['h5j6k', 'd', 'task-h5j6k was never begun'],
    ['h5j6k', 'f', 'task-h5j6k has no pane: nobody works on it'],
  ])('%s, %s is refused: %s', (short, name, text) => {
    const [model, effects] = press(on(short), name);
    expect(effects).toEqual([]);
    expect(model.note).toMatchObject({ kind: 'refusal', text });
  });

  test('a priority stays within its bounds', () => {
    const history = busyHistory()
      .task('top22', 'the highest', { priority: 100 })
      .task('low22', 'the lowest', { priority: -100 });
    const model = open(modelOf(history));
    expect(press(on('top22', model), '+')[0].note).toMatchObject({ text: 'priorities go from -100 to 100' });
    expect(press(on('low22', model), '-')[1]).toEqual([]);
    expect(press(on('h5j6k', model), 's')[0].note?.text).toContain('priority 100, the highest');
  });

  test('is cancelled after a yes, and after nothing else', () => {
    const [asking, none] = press(on('x7k2m'), 'x');
    expect(press(on('m8n9p'), 'x')[0].queue.confirming, 'one that failed is given up').toBe('task-m8n9p');
    expect(none).toEqual([]);
    expect(rowsOf(asking).join('\n')).toContain('Cancel x7k2m? Its agent is');
    expect(lines(press(asking, 'n')[1])).toEqual([]);
    expect(lines(press(asking, 'Escape')[1])).toEqual([]);
    expect(press(asking, 'Enter')[0].queue).toMatchObject({ on: 'queue', confirming: null });
    expect(lines(press(asking, 'y')[1])).toEqual(['cancel task-x7k2m']);
    expect(lines(press(asking, 'n y')[1])).toEqual([]);
  });

  test('is edited in the command bar, and its pane is focused', () => {
    expect(press(on('h5j6k'), 'e')[0].mode).toMatchObject({ kind: 'command', edit: { text: 'edit task-h5j6k ' } });
    expect(press(on('b9n3c'), 'f')[0]).toMatchObject({ focused: 3, queue: { on: null } });
    expect(press(on('x7k2m'), 'f')[0]).toMatchObject({ focused: 1, queue: { on: null } });
  });

  test('is not changed by one who looks on only', () => {
    const model = { ...on('h5j6k'), isReadOnly: true };
    for (const name of ['s', '+', '-', 'e', 'x', 'r']) {
      const [next, effects] = press(model, name);
      expect(effects).toEqual([]);
      expect(next.mode.kind).toBe('normal');
      expect(next.note?.text).toContain('look on only');
    }
    expect(rowsOf(model).join('\n')).not.toContain(' cancel');
    expect(lines(press(model, 'w')[1])).toEqual(['why task-h5j6k']);
  });

  test('answers open over the queue, which has the keys again when they are closed', () => {
    const [asked] = press(on('x7k2m'), 'd');
    const text = 'task-x7k2m a..b fix\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n';
    const [shown] = update(asked, { type: 'ran', line: 'diff task-x7k2m', outcome: { ok: true, text } });
    expect(shown.mode).toMatchObject({ kind: 'popup', isDiff: true });
    expect(press(shown, 'Escape')[0]).toMatchObject({ mode: { kind: 'normal' }, queue: { on: 'queue' } });
  });
});

test('a task whose agent could not go on says why in its own words', () => {
  const history = busyHistory().task('n7s4t', 'choose a database');
  const summary = 'which database should it be, the old one or the new one, and who may decide that?';
  const message = 'The agent cannot go on without a person.';
  const reason = { code: 'agent-blocked', message, detail: summary } as const;
  history.run(4, 'n7s4t', 'working');
  history.add({ type: 'task.submitted', taskId: 'task-n7s4t', verdict: 'blocked', summary });
  history.add({ type: 'task.blocked', taskId: 'task-n7s4t', reason });
  const model = modelOf(history, { columns: 120, rows: 40 });
  expect(rowsOf(model).join('\n')).toMatch(/ {2}which database should it be/);
  const details = rowsOf(on('n7s4t', open(model))).map((row) => row.slice(86).trim());
  const from = details.findIndex((row) => row.startsWith('which database'));
  expect(details.slice(from, from + 3).join(' ')).toBe(summary);
  expect(details.join('\n')).not.toContain(message);
});

test('the list has no heading without a task at any height, and says how many tasks have no room below', () => {
  let model = open();
  for (let step = 0; step < 6; step++) {
    for (let height = 7; height <= 30; height++) {
      const lines = queuePanelLines(model, 35, height).map((line) => plainText(line).trim());
      lines.forEach((line, at) => {
        if (/^(running|failed or blocked|queued|Login|Reports) +\d/.test(line))
          expect(lines[at + 1], `${height} rows, ${step} down`).toMatch(/^((▸ )?[a-z0-9]{5} |(Login|Reports) )/);
      });
    }
    model = press(model, 'Down')[0];
  }
  const rows = queuePanelLines(open(), 35, 10).map((line) => plainText(line).trim());
  expect(rows.slice(3, 6)).toEqual([expect.stringMatching(/^b9n3c /), '… 3 more', expect.stringContaining('up')]);
});

describe('where the layout has no place for the queue', () => {
  test.each([
    [20, 6],
    [80, 24],
    [5, 2],
    [1, 1],
  ])('at %i×%i it lies over the panes while it has the keys', (columns, rows) => {
    const model = open(modelOf(busyHistory(), { columns, rows }));
    const screen = rowsOf(model);
    expect(screen).toHaveLength(rows);
    if (columns >= 20) expect(screen.join('\n')).toContain('┏━ queue ');
    expect(rowsOf(press(model, 'Escape')[0]).join('\n')).not.toContain('┏━ queue ');
  });
});

describe('the feed', () => {
  test('is read with Tab: up goes back in time, Escape returns to the panes and to now', () => {
    const model = press(measuredModel({ columns: 80, rows: 24 }), 'C-g q Tab Up Up')[0];
    expect(model).toMatchObject({ queue: { on: 'activity' }, activity: { scroll: 2 } });
    expect(press(model, 'Down')[0].activity.scroll).toBe(1);
    expect(press(model, 'Home')[0].activity.scroll).toBe(8);
    expect(press(model, 'Tab')[0]).toMatchObject({ queue: { on: 'queue' }, activity: { scroll: 0 } });
    expect(press(model, 'Escape')[0]).toMatchObject({ queue: { on: null }, activity: { scroll: 0 } });
  });

  test('is asked for with the first state, and grows with each event; nothing is told twice', () => {
    const history = busyHistory();
    const reply = {
      seq: history.state.seq,
      state: structuredClone(toRecord(history.state)),
      isRunning: true,
      panes: [],
    };
    const [, effects] = update({ ...modelOf(busyHistory()), hasState: false }, { type: 'subscribed', reply });
    expect(effects.map(({ type }) => type)).toContain('recall-events');
    const stopped = (seq: number) =>
      ({ seq, at: NOW, by: 'ada', event: { type: 'session.stopped', reason: '' } }) as const;
    const live = addEvent(addEvent(NO_ACTIVITY, stopped(7)), stopped(8));
    expect(addEvent(live, stopped(8))).toBe(live);
    expect(addEarlier(live, [5, 6, 7, 8].map(stopped)).events.map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
    expect(addEarlier(NO_ACTIVITY, [1, 2].map(stopped)).events).toHaveLength(2);
  });
});
