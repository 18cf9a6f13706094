// Attention: marks of panes, calls, notifications as each terminal takes them, the window's title, reports of focus.
import { expect, test } from 'vitest';
import { apply } from '../../../../src/domain/apply.ts';
import type { DroverEvent } from '../../../../src/domain/event.ts';
import { Announcer } from '../../../../src/tui/attention/announcer.ts';
import { type Notifier, notificationBytes, notifierFor } from '../../../../src/tui/attention/notification.ts';
import { RateLimit } from '../../../../src/tui/attention/rate-limit.ts';
import { windowTitle } from '../../../../src/tui/attention/title.ts';
import type { Model } from '../../../../src/tui/model.ts';
import { capabilitiesFrom } from '../../../../src/tui/outer/capabilities.ts';
import { update } from '../../../../src/tui/update.ts';
import { busyHistory, History, key, modelOf, NOW, rowsOf, steps } from '../model-fixture.ts';

const signal = (pane: number, word: 'bell' | 'activity') => ({ type: 'pane-signal', pane, signal: word }) as const;

/** The model and the effects after one event of the server. */
function hear(model: Model, event: DroverEvent) {
  const envelope = { seq: model.state.seq + 1, at: NOW, by: 'drover', event };
  return update(model, { type: 'event', envelope });
}

const calls = (effects: readonly { type: string }[]) =>
  effects.flatMap((effect) => (effect.type === 'call' ? [(effect as unknown as { call: object }).call] : []));

test('a pane that prints is marked until it is focused; a bell outlasts output', () => {
  const [printed] = steps(modelOf(busyHistory()), signal(2, 'activity'), signal(3, 'bell'), signal(3, 'activity'));
  expect([...printed.marks]).toEqual([
    [2, 'activity'],
    [3, 'bell'],
  ]);
  expect(rowsOf(printed).join('\n')).toMatch(/ 2\* [\s\S]* 3! /);
  const [focused] = steps(printed, key('C-g'), key('3'));
  expect([...focused.marks]).toEqual([[2, 'activity']]);
  expect(rowsOf(focused).join('\n')).not.toContain(' 3!');
});

test('the focused pane gets no mark: its bell is rung', () => {
  const [model, effects] = steps(modelOf(busyHistory()), signal(1, 'activity'), signal(1, 'bell'));
  expect(model.marks.size).toBe(0);
  expect(effects).toEqual([{ type: 'ring' }]);
});

test('a task that begins to need someone calls, with its pane', () => {
  const model = modelOf(busyHistory());
  const [, effects] = hear(model, {
    type: 'run.state-changed',
    runId: 'run-b9n3c',
    state: 'needs-input',
    source: 'hook',
    detail: 'Which colour?',
  });
  expect(calls(effects)).toEqual([
    { pane: 3, text: 'write the monthly report needs you: Which colour?', isQuestion: true },
  ]);
  const [, working] = hear(model, {
    type: 'run.state-changed',
    runId: 'run-b9n3c',
    state: 'working',
    source: 'hook',
    detail: '',
  });
  expect(calls(working)).toEqual([]);
});

test('a failed task calls with the pane it was in', () => {
  const [, effects] = hear(modelOf(busyHistory()), { type: 'task.failed', taskId: 'task-p4q8r', error: 'no luck' });
  expect(calls(effects)).toEqual([
    { pane: 2, text: 'add a rate limit to every endpoint of the public interface failed: no luck', isQuestion: false },
  ]);
});

test('who looks at the pane is not called; who looks elsewhere is', () => {
  const event: DroverEvent = {
    type: 'run.state-changed',
    runId: 'run-x7k2m',
    state: 'needs-input',
    source: 'hook',
    detail: '',
  };
  expect(calls(hear(modelOf(busyHistory()), event)[1])).toEqual([]);
  const [away] = steps(modelOf(busyHistory()), { type: 'terminal-focus', isFocused: false });
  expect(calls(hear(away, event)[1])).toHaveLength(1);
});

test('the end of all work calls once, with what came of it', () => {
  const history = new History().task('aaaaa', 'one').session(1).run(1, 'aaaaa', 'working');
  const model = modelOf(history);
  const completed = { type: 'task.completed', taskId: 'task-aaaaa', commit: null, by: 'ada', checkout: '' } as const;
  const state = structuredClone(model.state);
  apply(state, { seq: state.seq + 1, at: NOW, by: 'drover', event: completed });
  expect(calls(hear(model, completed)[1])).toEqual([
    { pane: null, text: 'nothing is left to do, 1 done', isQuestion: false },
  ]);
});

test('events of the past call nobody', () => {
  const model = { ...modelOf(busyHistory()), hasState: false };
  const event: DroverEvent = { type: 'task.failed', taskId: 'task-p4q8r', error: 'no luck' };
  expect(calls(hear(model, event)[1])).toEqual([]);
});

const facts = { notify: 'auto', isTmux: false, isScreen: false, isPassedThrough: false } as const;

test.each([
  ['kitty(0.36.4)', 'osc99'],
  ['WezTerm 20240203', 'osc9'],
  ['ghostty 1.0.1', 'osc9'],
  ['iTerm2 3.5.0', 'osc9'],
  ['Windows Terminal', 'osc9'],
  ['foot(1.16.2)', 'osc777'],
  ['VTE(7600)', 'osc777'],
  ['rxvt-unicode-256color', 'osc777'],
  ['xterm-256color', 'bell'],
  ['', 'bell'],
])('%s is told by %s', (name, kind) => {
  expect(notifierFor({ ...facts, name })).toEqual({ kind, isWrapped: false });
});

test('inside tmux a notification is wrapped where tmux lets it through, and is a bell where not; inside GNU screen always', () => {
  const name = 'kitty(0.36.4)';
  expect(notifierFor({ ...facts, name, isTmux: true })).toEqual({ kind: 'bell', isWrapped: false });
  const through = notifierFor({ ...facts, name, isTmux: true, isPassedThrough: true });
  expect(through).toEqual({ kind: 'osc99', isWrapped: true });
  expect(notifierFor({ ...facts, name, isScreen: true, isPassedThrough: true }).kind).toBe('bell');
  expect(notificationBytes({ kind: 'osc9', isWrapped: true }, 'hello')).toBe(
    '\x1bPtmux;\x1b\x1b]9;drover: hello\x1b\x1b\\\x1b\\',
  );
});

test('the operator decides', () => {
  expect(notifierFor({ ...facts, notify: 'osc777', name: 'kitty' }).kind).toBe('osc777');
  expect(notifierFor({ ...facts, notify: 'off', name: 'kitty' }).kind).toBe('off');
});

test('no text gets out of its sequence, and none is longer than 120 characters', () => {
  const hostile = `a\x1b]2;evil\x07b\x9c\x1b\\;c\n${'x'.repeat(500)}`;
  for (const kind of ['osc9', 'osc99', 'osc777'] as const) {
    const bytes = notificationBytes({ kind, isWrapped: false } satisfies Notifier, hostile);
    const bodies = bytes.split('\x1b\\');
    expect(bodies.pop()).toBe('');
    for (const body of bodies) expect(body).toMatch(/^\x1b\][^\x00-\x1f\x7f-\x9f]*$/);
    expect(bytes).toContain('…');
    expect(bytes.length).toBeLessThan(190);
  }
  expect(notificationBytes({ kind: 'bell', isWrapped: false }, hostile)).toBe('\x07');
});

test('one notification of a pane in 30 s, five a minute in all', () => {
  const limit = new RateLimit();
  expect(limit.passes(1, 0)).toBe(true);
  expect(limit.passes(1, 29_999)).toBe(false);
  expect(limit.passes(1, 30_000)).toBe(true);
  expect([2, 3, 4].map((pane) => limit.passes(pane, 31_000))).toEqual([true, true, true]);
  expect(limit.passes(null, 32_000)).toBe(false);
  expect(limit.passes(null, 60_000)).toBe(true);
});

test('what was too much for one time is notified later, unless it was answered or seen by then', () => {
  let now = 0;
  let written = '';
  const announcer = new Announcer({
    config: { notify: 'osc9', title: false },
    env: {},
    capabilities: capabilitiesFrom({}),
    write: (bytes) => {
      written += bytes.toString();
    },
    now: () => now,
  });
  const waiting = modelOf(busyHistory());
  const notified = (model: Model, at: number) => {
    now = at;
    written = '';
    announcer.show(model);
    return written;
  };
  const question = (text: string) => announcer.call({ pane: 2, text, isQuestion: true });
  question('first');
  question('second');
  question('third');
  expect(written).toBe('\x1b]9;drover: first\x1b\\');
  expect(notified(waiting, 29_999)).toBe('');
  expect(notified(waiting, 30_000)).toBe('\x1b]9;drover: third\x1b\\');
  question('fourth');
  expect(notified({ ...waiting, focused: 2 }, 60_000)).toBe('');
  expect(notified(waiting, 60_000)).toBe('');
  question('fifth');
  question('sixth');
  const [working] = hear(waiting, {
    type: 'run.state-changed',
    runId: 'run-p4q8r',
    state: 'working',
    source: 'hook',
    detail: '',
  });
  expect(notified(working, 120_000)).toBe('');
  expect(notified(waiting, 120_000)).toBe('');
});

test('the window’s title tells who runs and who needs somebody, and nothing of a terminal’s language', () => {
  expect(windowTitle(modelOf(busyHistory()))).toBe('drover shop: 3 running, 1 needs you');
  const [lost] = steps(modelOf(busyHistory()), { type: 'server-lost', reason: 'gone', isOrderly: false });
  expect(windowTitle(lost)).toBe('drover shop: the server is gone');
  expect(windowTitle({ ...modelOf(new History()), repository: 'a\x1b]0;x\x07b' })).toBe('drover a]0;xb: 0 running');
});

test('programs are told when they get or lose the keyboard', () => {
  const [away, lost] = steps(modelOf(busyHistory()), { type: 'terminal-focus', isFocused: false });
  expect(lost).toEqual([{ type: 'focus-report', pane: 1, isFocused: false }]);
  const [, elsewhere] = steps(away, key('C-g'), key('2'));
  expect(elsewhere.filter((effect) => effect.type === 'focus-report')).toEqual([]);
  const [, moved] = steps(modelOf(busyHistory()), key('C-g'), key('2'));
  expect(moved.filter((effect) => effect.type === 'focus-report')).toEqual([
    { type: 'focus-report', pane: 1, isFocused: false },
    { type: 'focus-report', pane: 2, isFocused: true },
  ]);
});
