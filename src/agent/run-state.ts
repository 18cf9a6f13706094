// Owns which of several reports of an agent's state is believed: hook, then transcript, then title, then exit. Pure.
import type { AgentState, StateSource } from '../domain/worker.ts';
import type { StateReport } from './agent.ts';

export interface KnownState extends StateReport {
  /** ms since epoch; since when the state is what it is. */
  readonly since: number;
}

/** A run before its first report. */
export function startingState(now: number): KnownState {
  return { state: 'starting', source: 'drover', detail: '', since: now };
}

/**
 * What a source of less trust may say of a state that a hook told: only what no hook can tell. A title is never believed
 * that a dialog is open or a turn has ended.
 */
const MAY_FOLLOW: Readonly<Partial<Record<StateSource, Partial<Record<AgentState, readonly AgentState[]>>>>> = {
  transcript: {
    interrupted: ['starting', 'working', 'gated', 'needs-input'],
    working: ['starting', 'interrupted'],
    'api-error': ['starting', 'working', 'interrupted'],
    'turn-ended': ['starting', 'interrupted'],
  },
  title: {
    interrupted: ['working'],
    working: ['interrupted', 'needs-input'],
  },
};

function isBelieved(known: KnownState, report: StateReport): boolean {
  // An exit is final, whatever is still on its way.
  if (known.state === 'exited') return false;
  if (report.source === 'hook' || report.source === 'exit' || report.source === 'drover') {
    // A pause is ours: the end of the turn that it caused must not hide it.
    return !(known.state === 'paused' && report.source === 'hook' && report.state === 'turn-ended');
  }
  return MAY_FOLLOW[report.source]?.[report.state]?.includes(known.state) ?? false;
}

/** Folds a report that came at `at` (ms since epoch). Gives the same object back when nothing has changed. */
export function foldReport(known: KnownState, report: StateReport, at: number): KnownState {
  if (!isBelieved(known, report)) return known;
  const isSame = known.state === report.state && known.detail === report.detail && known.source === report.source;
  if (isSame) return known;
  return { ...report, since: known.state === report.state ? known.since : at };
}
