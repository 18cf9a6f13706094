// Tells which reports of a run's state are believed.
import { describe, expect, it } from 'vitest';
import type { StateReport } from '../../../src/agent/agent.ts';
import { foldReport, type KnownState, startingState } from '../../../src/agent/run-state.ts';

const of = (state: StateReport['state'], source: StateReport['source'], detail = ''): StateReport => ({
  state,
  source,
  detail,
});

/** The state after all reports, each a second after the other. */
function fold(...reports: StateReport[]) {
  return reports.reduce<KnownState>(
    (known, report, index) => foldReport(known, report, (index + 1) * 1000),
    startingState(0),
  );
}

describe('foldReport', () => {
  it('starts, follows the hooks, and keeps the time of the last change', () => {
    expect(fold()).toEqual({ state: 'starting', source: 'drover', detail: '', since: 0 });
    expect(
      fold(of('working', 'hook'), of('needs-input', 'hook', 'Bash: x'), of('needs-input', 'hook', 'Bash: y')),
    ).toEqual({
      state: 'needs-input',
      source: 'hook',
      detail: 'Bash: y',
      since: 2000,
    });
  });

  it('gives the same object when nothing changed', () => {
    const known = fold(of('working', 'hook'));
    expect(foldReport(known, of('working', 'hook'), 9000)).toBe(known);
    expect(foldReport(known, of('working', 'title'), 9000)).toBe(known);
  });

  it.each([
    ['title', 'interrupted', 'working', true],
    ['title', 'interrupted', 'turn-ended', false],
    ['title', 'interrupted', 'needs-input', false],
    ['title', 'working', 'needs-input', true],
    ['title', 'working', 'turn-ended', false],
    ['title', 'needs-input', 'working', false],
    ['transcript', 'interrupted', 'needs-input', true],
    ['transcript', 'interrupted', 'turn-ended', false],
    ['transcript', 'working', 'needs-input', false],
  ] as const)('%s says %s after %s: %s', (source, state, before, isBelieved) => {
    expect(fold(of(before, 'hook'), of(state, source)).state).toBe(isBelieved ? state : before);
  });

  it('lets nothing follow an exit, and no end of turn hide a pause', () => {
    expect(fold(of('exited', 'exit'), of('working', 'hook')).state).toBe('exited');
    expect(fold(of('paused', 'drover'), of('turn-ended', 'hook')).state).toBe('paused');
    expect(fold(of('paused', 'drover'), of('working', 'hook')).state).toBe('working');
  });
});
