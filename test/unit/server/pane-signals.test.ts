// Signals of panes: at once, then at most once a second, and not for what a new size makes a program draw.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PaneSignals } from '../../../src/server/pane-signals.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function scene() {
  const sent: string[] = [];
  const listeners = { bell: () => {}, screen: () => {} };
  const pane = {
    pane: 7,
    generation: 1,
    cols: 80,
    info: () => ({ pane: 7, runId: null, taskId: null, cols: pane.cols, rows: 24, title: '', isAlive: true }),
    onBell: (listener: () => void) => {
      listeners.bell = listener;
      return () => {
        listeners.bell = () => {};
      };
    },
    onScreen: (listener: () => void) => {
      listeners.screen = listener;
      return () => {
        listeners.screen = () => {};
      };
    },
  };
  const signals = new PaneSignals({
    now: () => Date.now(),
    onSignal: (number, word) => sent.push(`${number} ${word}`),
  });
  signals.watch(pane);
  return { sent, pane, signals, ring: () => listeners.bell(), print: () => listeners.screen() };
}

test('the first output is told at once, more of it a second later, and then there is silence', () => {
  const { sent, print } = scene();
  print();
  expect(sent).toEqual(['7 activity']);
  for (let index = 0; index < 100; index++) print();
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  expect(sent).toHaveLength(2);
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(2);
});

test('a thousand bells in a second are one', () => {
  const { sent, ring } = scene();
  for (let index = 0; index < 1000; index++) ring();
  expect(sent).toEqual(['7 bell']);
  vi.advanceTimersByTime(1000);
  ring();
  expect(sent).toEqual(['7 bell', '7 bell']);
});

test('what a new size or a new program draws is no news', () => {
  const { sent, pane, print } = scene();
  pane.cols = 100;
  print();
  vi.advanceTimersByTime(500);
  print();
  pane.generation = 2;
  print();
  vi.advanceTimersByTime(999);
  print();
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  print();
  expect(sent).toEqual(['7 activity']);
});

test('a pane that is forgotten is silent, also with output that waited', () => {
  const { sent, signals, print, ring } = scene();
  print();
  print();
  signals.forget(7);
  vi.advanceTimersByTime(5000);
  print();
  ring();
  expect(sent).toEqual(['7 activity']);
});
