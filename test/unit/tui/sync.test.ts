// Tells how a gated agent and its sync look in the workspace: whom it waits for is not a person.
import { describe, expect, it } from 'vitest';
import type { DroverEvent } from '../../../src/domain/event.ts';
import { needsSomeone } from '../../../src/domain/worker.ts';
import { callOf } from '../../../src/tui/attention/calls.ts';
import { wordsOf } from '../../../src/tui/view/event-words.ts';
import { plainText } from '../../../src/tui/view/line.ts';
import { paneTitle } from '../../../src/tui/view/pane-title.ts';
import { sidebarLines } from '../../../src/tui/view/sidebar.ts';
import { History, modelOf, NOW } from './model-fixture.ts';

const history = new History().task('x7k2m', 'fix login').run(1, 'x7k2m', 'gated', 5, 'sync');

describe('a gated agent', () => {
  it('is gated: sync in its title and in the sidebar, and calls nobody', () => {
    const model = modelOf(history);
    expect(plainText(paneTitle(model, 1, 60))).toContain('· gated: sync 5s');
    expect(sidebarLines(model, 40, 10).map(plainText).join('\n')).toMatch(/fix login +gated: sync/);
    const run = history.state.runs.get('run-x7k2m') ?? null;
    expect(needsSomeone(run)).toBe(false);
    const event: DroverEvent = {
      type: 'run.state-changed',
      runId: 'run-x7k2m',
      state: 'gated',
      source: 'hook',
      detail: 'sync',
    };
    expect(callOf(history.state, { seq: 1, at: NOW, by: 'drover', event })).toBeNull();
  });

  it('that waits for sub-tasks says for which, and leaves room for its own name', () => {
    const waiting = new History().task('x7k2m', 'fix login').run(1, 'x7k2m', 'gated', 5, 'waits for task-p4q8r');
    const model = modelOf(waiting);
    expect(plainText(paneTitle(model, 1, 42))).toContain('x7k2m fix login · waits for p4q8r 5s');
    expect(sidebarLines(model, 35, 10).map(plainText).join('\n')).toMatch(/x7k2m fix login +waits for p4q8r/);
  });

  const synced = { type: 'run.synced', runId: 'run-x7k2m', from: 'a', to: 'b', isAhead: false, ms: 5 } as const;
  it.each<[DroverEvent, string | null]>([
    [{ ...synced, how: 'moved', files: 1, note: '' }, 'synced, 1 file moved'],
    [{ ...synced, how: 'stayed', files: 0, note: 'work has begun in it' }, 'work has begun in it'],
    [{ ...synced, how: 'current', files: 0, note: '' }, null],
    [{ type: 'run.sync-failed', runId: 'run-x7k2m', reason: 'no route' }, 'it may not write: no route'],
  ])('what came of its sync is told', (event, text) => {
    expect(wordsOf({ seq: 1, at: NOW, by: 'drover', event }, history.state)?.text ?? null).toBe(text);
  });
});
