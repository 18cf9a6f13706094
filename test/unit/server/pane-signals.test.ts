// Signals of panes: each print, but not what a new size makes a program draw; bells at most once a second; and what of it is news to a client.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PaneNews } from '../../../src/server/pane-news.ts';
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
    get size() {
      return { cols: pane.cols, rows: 24 };
    },
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

test('a client is told of a pane once, and anew when it has been there', () => {
  const news = new PaneNews();
  news.turn(1);
  expect([1, 2, 2, 3].map((pane) => news.isNews(pane))).toEqual([false, true, false, true]);
  news.turn(2);
  expect([1, 2, 3].map((pane) => news.isNews(pane))).toEqual([true, false, false]);
  news.turn(2);
  expect([1, 2].map((pane) => news.isNews(pane))).toEqual([false, false]);
  news.turn(1);
  expect([1, 2, 3].map((pane) => news.isNews(pane))).toEqual([false, true, false]);
  news.turn(null);
  expect([1, 2, 3].map((pane) => news.isNews(pane))).toEqual([true, false, false]);
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

test('a pane that is forgotten is silent', () => {
  const { sent, signals, print, ring } = scene();
  print();
  signals.forget(7);
  vi.advanceTimersByTime(5000);
  print();
  ring();
  expect(sent).toEqual(['7 activity']);
});
