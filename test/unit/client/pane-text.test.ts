// Owns the tests of how panes and people are listed.
import { describe, expect, test } from 'vitest';
import { renderLock, renderPanes, renderPeople, typistsOf } from '../../../src/client/pane-text.ts';
import type { Envelope } from '../../../src/domain/event.ts';
import type { PaneInfo } from '../../../src/protocol/methods.ts';

const context = {
  width: 100,
  now: 60_000,
  paint: (_tone: string, text: string) => text,
  input: { args: [], options: {} },
};
const info: PaneInfo = { pane: 1, runId: null, taskId: null, cols: 80, rows: 24, title: '', isAlive: false };

describe('panes', () => {
  test('say what runs in them, who holds them and who opened them', () => {
    const shell = { argv: ['vim', 'a\u001b[2J'], openedBy: 'bob@x' };
    const panes: PaneInfo[] = [
      info,
      { ...info, pane: 2, taskId: 'task-x7k2m', isAlive: true, title: 'claude', lockedBy: 'Ann <ann@x>' },
      { ...info, pane: 101, isAlive: true, shell, taskId: 'task-x7k2m' },
    ];
    const rows = renderPanes({ panes }, context).split('\n');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['1', '80x24', 'idle'],
      ['2', '80x24', 'locked by Ann', 'task-x7k2m', 'claude'],
      ['101', '80x24', 'by bob', 'vim a[2J in task-x7k2m'],
    ]);
    expect(renderPanes({ panes: [] }, context)).toContain('drover run');
  });

  test('a lock says who holds it', () => {
    expect(renderLock({ pane: { ...info, lockedBy: 'Ann <ann@x>' } })).toBe('Pane 1 is locked by Ann.');
    expect(renderLock({ pane: info })).toBe('Pane 1 takes input of everybody.');
  });
});

test('people say since when they are there and what they look at', () => {
  const ann = {
    operator: 'Ann <ann@x>',
    kind: 'tui',
    since: 0,
    isReadOnly: false,
    focused: 2,
    cols: 80,
    rows: 22,
  } as const;
  const text = renderPeople(
    [ann, { ...ann, operator: 'bob', kind: 'linear', isReadOnly: true, focused: null, cols: null, rows: null }],
    context,
  );
  expect(text.split('\n').map((row) => row.trim().split(/ {2,}/))).toEqual([
    ['Ann <ann@x>', 'for 1m', 'pane 2 at 80x22'],
    ['bob', 'for 1m', 'read-only', 'linear stream'],
  ]);
});

test('who typed is told once for each pane, the newest first', () => {
  const typed = (seq: number, operator: string): Envelope => ({
    seq,
    at: seq * 60_000,
    by: operator,
    event: { type: 'pane.typed', operator, pane: 1, runId: 'run-1', taskId: 'task-x7k2m' },
  });
  expect(typistsOf([])).toBeNull();
  const words = typistsOf([typed(1, 'ann@x'), typed(2, 'bob@x'), typed(3, 'ann@x')]) ?? '';
  expect(words).toMatch(/^ann into pane 1 at .*:03, bob into pane 1 at .*:02$/);
});
