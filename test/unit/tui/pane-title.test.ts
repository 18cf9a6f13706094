// Owns the tests of a pane's title: what is left of it in the room there is, and what goes first.
import { expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model.ts';
import { lineWidth, plainText } from '../../../src/tui/view/line.ts';
import { paneTitle } from '../../../src/tui/view/pane-title.ts';
import { busyHistory, key, modelOf, rowsOf, steps } from './model-fixture.ts';

function titles(model: Model, pane: number, widths: readonly number[]): string[] {
  return widths.map((width) => plainText(paneTitle(model, pane, width)).trimEnd());
}

const hinted = (): Model => {
  const history = busyHistory();
  for (const short of ['x7k2m', 'p4q8r'])
    history.add({
      type: 'guidance.queued',
      guidanceId: `hint-${short}`,
      taskId: `task-${short}`,
      text: 'look at the logs',
    });
  return { ...modelOf(history), isZoomed: true };
};

test('a title gives up zoom, age, hints and the id before its task, and the end of the state before the last of it', () => {
  expect(titles(hinted(), 1, [60, 47, 42, 37, 34, 30, 27, 24, 21, 16, 12])).toEqual([
    '▶ 1 task-x7k2m fix login · working 12s ✎1 · zoomed',
    '▶ 1 x7k2m fix login · working 12s ✎1 · zoomed',
    '▶ 1 task-x7k2m fix login · working 12s ✎1',
    '▶ 1 x7k2m fix login · working 12s ✎1',
    '▶ 1 x7k2m fix login · working ✎1',
    '▶ 1 x7k2m fix login · working',
    '▶ 1 fix login · working',
    '▶ 1 fix login · working',
    '▶ 1 fix log… working',
    '▶ 1 fix … work…',
    '▶ 1 fix lo…',
  ]);
});

test('who waits for a person is marked at every width, by a sign where the word has no room', () => {
  const model = hinted();
  expect(titles(model, 2, [130, 59, 42, 37, 30, 26, 21, 14])).toEqual([
    '─ 2 p4q8r add a rate limit to every endpoint of the public interfa… ·  needs-input 1m May I delete the folder build?  ✎1 · zoomed',
    '─ 2 p4q8r add a rate limit… ·  needs-input 1m  ✎1 · zoomed',
    '─ 2 p4q8r add a ra… ·  needs-input 1m  ✎1',
    '─ 2 p4q8r add a rat… ·  needs-input',
    '─ 2 add a ra… ·  needs-input',
    '─ 2 add a …  needs-input',
    '─ 2 add a rate …  ?',
    '─ 2 add …  ?',
  ]);
  for (let width = 10; width < 150; width++) {
    const line = paneTitle(model, 2, width);
    expect(lineWidth(line)).toBeLessThanOrEqual(width);
    expect(plainText(line)).toMatch(/ needs-input | \? /);
    // The task is named in every pane of a usual size.
    if (width >= 20) expect(plainText(line)).toMatch(/add /);
  }
});

test('beside a sidebar on a terminal of 80 columns the task is named and its state is whole', () => {
  const rows = rowsOf(steps(modelOf(busyHistory(), { columns: 80, rows: 24 }), key('C-g'), key('Q'))[0]);
  expect([rows[0], rows[12]].map((row) => row?.slice(0, 45))).toEqual([
    '━▶ 1 fix lo… working ━┱── 2 add a rat…  ?  ─┬',
    '── 3 write… starting ─╀── 4 · idle 5m ──────┤',
  ]);
});

test('what an agent asked is not said of work that lands', () => {
  const history = busyHistory();
  const runId = 'run-x7k2m';
  history.add({ type: 'task.submitted', taskId: 'task-x7k2m', verdict: 'pass', summary: '' }, 9);
  history.add({ type: 'landing.changed', taskId: 'task-x7k2m', phase: 'testing' }, 8);
  history.add({ type: 'run.state-changed', runId, state: 'interrupted', source: 'hook', detail: 'it stopped' }, 7);
  expect(titles(modelOf(history), 1, [90])).toEqual(['▶ 1 task-x7k2m fix login · landing, testing 7s']);
});
