// Owns the proof that no name can break the status line: whatever people, tasks, files and windows are called, it is one line of its width.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model.ts';
import { note, refusal } from '../../../src/tui/note.ts';
import { update } from '../../../src/tui/update.ts';
import { lineWidth, plainText } from '../../../src/tui/view/line.ts';
import { statusLine } from '../../../src/tui/view/status-line.ts';
import { busyHistory, History, modelOf, NOW } from './model-fixture.ts';

const nasty = fc.constantFrom(
  '\u001b[2J',
  '\u009b31m',
  'a\nb\r\nc\td',
  '\u202e\u2066rtl',
  'שלום',
  '地域別の合計',
  '👩🏽‍💻',
  '🇩🇪🇩',
  '❤️\u200d🔥',
  '\u0301\u0301x',
  `z${'\u0316'.repeat(40)}`,
  '각',
  '\u{e0041}\ufeff\u200b',
  '\ud83d',
  '',
);
const name = fc.oneof(
  nasty,
  fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

/** What a terminal would obey, or what hides or reorders text. */
const OBEYED = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\u200b\ufeff]/u;

test('names of any kind leave the status line one line of its width', () => {
  fc.assert(
    fc.property(
      fc.record({
        repository: name,
        people: fc.array(name, { maxLength: 4 }),
        task: name,
        window: name,
        said: name,
        next: name,
      }),
      fc.constantFrom<'quiet' | 'note' | 'refusal' | 'catalogue' | 'lost'>(
        'quiet',
        'note',
        'refusal',
        'catalogue',
        'lost',
      ),
      fc.integer({ min: 1, max: 200 }),
      (words, kind, width) => {
        const line = statusLine(modelWith(words, kind), width);
        expect(lineWidth(line)).toBe(width);
        expect(plainText(line)).not.toMatch(OBEYED);
      },
    ),
    { numRuns: 1500 },
  );
});

interface Words {
  repository: string;
  people: string[];
  task: string;
  window: string;
  said: string;
  next: string;
}

function modelWith({ repository, people, task, window, said, next }: Words, kind: string): Model {
  const history = busyHistory(new History()).epic('epic-ccccc', task);
  history.add({ type: 'session.started', workers: 4, agent: 'rehearsal', epicId: 'epic-ccccc' });
  history.add({ type: 'run.state-changed', runId: 'run-p4q8r', state: 'needs-input', source: 'hook', detail: said });
  const base = modelOf(history, { columns: 200, rows: 50 });
  const [main] = base.windows;
  const windows = main === undefined ? [] : [main, { ...main, name: window, panes: [] }];
  const clients = people.map((operator, at) => ({
    operator,
    kind: 'tui' as const,
    since: at,
    isReadOnly: at === 1,
    focused: 1,
    cols: 80,
    rows: 24,
  }));
  const model: Model = { ...base, repository, windows, people: clients };
  switch (kind) {
    case 'note':
      return note(model, said);
    case 'refusal':
      return refusal(model, said, next);
    case 'catalogue': {
      const mistakes = [{ path: `/x/${window}.json`, problem: said }];
      return update(model, { type: 'catalogue-loaded', catalogue: { ...model.catalogue, mistakes } })[0];
    }
    case 'lost':
      return { ...model, connection: { kind: 'lost', reason: said, attempts: 2, since: 0, isOrderly: false } };
    default:
      return model;
  }
}

test('an exhausted pool is told for ten seconds, at 80 columns too', () => {
  const history = busyHistory().task('w8t7s', 'begins last').add({ type: 'pool.exhausted', taskId: 'task-w8t7s' }, 4);
  history.run(4, 'w8t7s', 'working', 5);
  const model = modelOf(history, { columns: 80, rows: 24 });
  const line = (after: number): string => plainText(statusLine({ ...model, now: NOW + after }, 80));
  expect(line(0)).toMatch(/ pool exhausted · 4 running /);
  expect(line(5_000)).toContain(' pool exhausted · ');
  expect(line(6_000)).not.toContain('exhausted');
});

test('where the counts have no room for all, those that need a look stay', () => {
  const base = modelOf(busyHistory(), { columns: 80, rows: 24 });
  const line = (repository: string): string => plainText(statusLine({ ...base, repository }, 80)).trimEnd();
  expect(line('shop')).toMatch(/ 3 running · 2 queued · 0 done · 1 failed$/);
  expect(line('a-shop-with-a-rather-long-name')).toMatch(/ 3 running · 2 queued · 1 failed$/);
  const off = busyHistory().add({ type: 'session.stopped', reason: '' });
  const stopped = { ...modelOf(off, { columns: 80, rows: 24 }), repository: 'a-shop-with-a-name' };
  expect(plainText(statusLine(stopped, 80))).toMatch(/ session off │ .* · 1 failed/);
  expect(line('a-shop-with-a-name-that-is-longer-than-most')).toMatch(/ 3 running · 1 failed$/);
});

test('that others are here is seen at 80 columns', () => {
  const base = modelOf(busyHistory(), { columns: 80, rows: 24 });
  const person = { kind: 'tui' as const, since: 1, focused: 1, cols: 80, rows: 24 };
  const people = ['Ada <ada@example.org>', 'Bob'].map((operator) => ({ ...person, operator, isReadOnly: false }));
  expect(plainText(statusLine({ ...base, people }, 80))).toMatch(/ 1 failed .*(2 people|Ada Bob) /);
});
