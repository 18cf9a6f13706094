// Owns the tests of what the sidebars draw: golden screens at four sizes, and what must hold at every size.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SIDEBAR_NAMES } from '../../../src/tui/layout/leaf.ts';
import type { Model } from '../../../src/tui/model.ts';
import { lineWidth, plainText } from '../../../src/tui/view/line.ts';
import { SIDEBAR_CONTENT } from '../../../src/tui/view/sidebar-content.ts';
import { busyHistory, History, key, modelOf, NOW, rowsOf, steps } from './model-fixture.ts';
import { measuredHistory, measuredModel } from './sidebar-fixture.ts';

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
  { columns: 400, rows: 100 },
];

/** Local times as letters: the golden files hold in every time zone. */
function withoutClock(text: string): string {
  return text.replace(/\b\d\d:\d\d:\d\d\b/g, 'hh:mm:ss').replace(/\b\d\d:\d\d\b/g, 'hh:mm');
}

function draw(model: Model, name: (typeof SIDEBAR_NAMES)[number], width: number, height: number): string[] {
  return SIDEBAR_CONTENT[name].lines(model, width, height).map(plainText);
}

const press = (model: Model, keys: string): Model => steps(model, ...keys.split(' ').map(key))[0];

describe.each(SIZES)('on a terminal of $columns×$rows', (size) => {
  const { columns, rows } = size;

  test.each(SIDEBAR_NAMES)('%s, a quarter of it', async (name) => {
    const lines = draw(measuredModel(size), name, columns / 2, rows / 2);
    const text = lines.map((line) => `${line.trimEnd()}\n`).join('');
    await expect(withoutClock(text)).toMatchFileSnapshot(`../../golden/sidebars/${name}-${columns}x${rows}.txt`);
  });

  test('the queue with the keys, whole screen', async () => {
    const screen = rowsOf(press(measuredModel(size), 'C-g q Down Down Down'));
    const text = screen.map((line) => `${line.trimEnd()}\n`).join('');
    await expect(withoutClock(text)).toMatchFileSnapshot(`../../golden/sidebars/screen-${columns}x${rows}.txt`);
  });

  test('the form of task capture', async () => {
    const opened = press(measuredModel(size), 'C-g c f i x Tab l o g Enter Tab Tab r e p');
    const screen = rowsOf(opened).map((line) => line.trimEnd());
    const text = screen.filter((line) => /[╭│╰]/.test(line)).map((line) => `${line}\n`);
    await expect(withoutClock(text.join(''))).toMatchFileSnapshot(`../../golden/sidebars/form-${columns}x${rows}.txt`);
  });
});

test('at every size each sidebar gives as many rows as wanted, each as wide as wanted', () => {
  const model = measuredModel({ columns: 200, rows: 60 });
  const reading = press(model, 'C-g q');
  fc.assert(
    fc.property(
      fc.constantFrom(...SIDEBAR_NAMES),
      fc.integer({ min: 1, max: 220 }),
      fc.integer({ min: 1, max: 70 }),
      fc.boolean(),
      (name, width, height, isFocused) => {
        const lines = SIDEBAR_CONTENT[name].lines(isFocused ? reading : model, width, height);
        expect(lines).toHaveLength(height);
        for (const line of lines) expect(lineWidth(line)).toBe(width);
      },
    ),
    { numRuns: 300 },
  );
});

test('the queue has no heading without a row at any height, and no epic without a task', () => {
  const model = measuredModel({ columns: 200, rows: 60 });
  for (let height = 2; height <= 30; height++) {
    const lines = draw(model, 'queue', 38, height).map((line) => line.trim());
    const headings = lines.flatMap((line, at) =>
      /^(running|needs you|failed or blocked|queued) +\d+$/.test(line) ? [at] : [],
    );
    expect(headings.length).toBeGreaterThan(0);
    for (const at of headings) expect(lines[at + 1]).toMatch(/^(\d |! |[a-z0-9]{5} |Login$)/);
    // An epic stands above a task of it.
    for (const [at, line] of lines.entries()) if (line === 'Login') expect(lines[at + 1]).toMatch(/^h5j6k/);
  }
  const small = draw(model, 'queue', 38, 2).map((line) => line.trim());
  expect(small).toEqual([expect.stringMatching(/^running +3$/), expect.stringMatching(/^1 x7k2m/)]);
});

test('nothing is drawn that was not measured', () => {
  const fresh = modelOf(new History());
  expect(draw(fresh, 'gauges', 40, 3)[0]).toContain('no worker yet');
  expect(draw(fresh, 'pool', 40, 3)[0]).toContain('no worktree yet');
  expect(draw(fresh, 'activity', 40, 3)[0]).toContain('nothing has happened yet');
  const charts = draw(modelOf(busyHistory()), 'charts', 60, 30).join('\n');
  expect(charts).not.toMatch(/[┤┼╭╰]/);
  expect(charts.match(/not enough yet/g)).toHaveLength(4);
});

describe('gauges', () => {
  test('a worker’s bar is its share of the session, as the design draws it', () => {
    const history = new History().session(2).task('x7k2m', 'fix login').run(1, 'x7k2m', 'working');
    const rows = draw(modelOf(history), 'gauges', 60, 4);
    expect(rows.map((row) => row.trim())).toEqual([
      'Worker 1   █████░░░░░░░░░  33% task-x7k2m (1m)',
      'Worker 2   ░░░░░░░░░░░░░░   0% idle (5m)',
      'all        ██░░░░░░░░░░░░ 17% busy in 5m',
      '',
    ]);
  });

  test('workers that do not fit are counted', () => {
    const rows = draw(modelOf(new History().session(20)), 'gauges', 40, 6).map((row) => row.trim());
    expect(rows).toHaveLength(6);
    expect(rows[4]).toBe('… 16 more');
    expect(rows[5]).toMatch(/^all /);
  });
});

test('the charts name their numbers, and their axis begins at zero', () => {
  const rows = draw(modelOf(measuredHistory()), 'charts', 60, 30);
  expect(rows.slice(0, 4).map((row) => row.trim())).toEqual([
    'took    p50 4m · p90 8m',
    'success 92% (12 of 13)',
    'retries 0',
    'queue   someone is waited for',
  ]);
  expect(rows.join('\n')).toContain('landed 12, per ');
  const axes = rows.filter((row) => /^ +0s? +[┤┼]/.test(row));
  expect(axes).toHaveLength(2);
});

test('no two labels of an axis are the same, where tasks take seconds too', () => {
  for (const times of [[2, 1, 2, 2, 1, 2], undefined]) {
    const rows = draw(modelOf(measuredHistory(times)), 'charts', 60, 30);
    const from = rows.findLastIndex((row) => row.includes('─ took'));
    const labels = rows.slice(from).flatMap((row) => /^ *(\S+) +[┤┼]/.exec(row)?.[1] ?? []);
    expect(labels.length).toBeGreaterThan(3);
    expect(new Set(labels).size).toBe(labels.length);
  }
});

test('the numbers of the charts stand in one row where all of it has room, else none of them is cut', () => {
  const model = modelOf(measuredHistory());
  for (let width = 40; width <= 120; width++) {
    const text = draw(model, 'charts', width, 30).join('\n');
    expect(text, `${width} columns`).toMatch(/queue +someone is waited for/);
  }
  expect(draw(model, 'charts', 120, 30)[0]).toMatch(/took p50 4m · p90 8m · success 92% .* · queue someone/);
});

test('the pool strip shows each worktree by a character that its legend explains', () => {
  const rows = draw(measuredModel({ columns: 120, rows: 40 }), 'pool', 60, 6).map((row) => row.trim());
  expect(rows[0]).toBe('●●●○○  ● 3 in use  ○ 2 warm');
  expect(rows[1]).toMatch(/^1 ● x7k2m \d+m fix login$/);
});

test('the feed tells events in words, without what a terminal would obey, and leaves noise out', () => {
  const rows = draw(measuredModel({ columns: 120, rows: 40 }), 'activity', 70, 12).map((row) => row.trim());
  const words = rows.filter(Boolean).map((row) => row.slice(9));
  expect(words).toEqual([
    '▶ session on, 4 workers',
    '· Ada is here',
    '+ h5j6k changed: priority',
    '! m8n9p failed: the tests still fail after 3 attempts',
    '? p4q8r needs you: May I delete the folder[2J build?',
    '· x7k2m Ada types into pane 1',
    '» dnl2k landing, testing',
    '✓ dnl2k landed: piece 12 of the groundwork',
    '▶ b9n3c worker 3 begins, attempt 2',
  ]);
});

test('a wide queue shows the age of what waits', () => {
  const model = modelOf(busyHistory());
  const old = { ...model, now: NOW + 7_200_000 };
  expect(draw(old, 'queue', 60, 40).join('\n')).toMatch(/h5j6k remember the last user +↑5 waits 1 2h/);
});
