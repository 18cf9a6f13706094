// Owns what an agent's title tells: its glyph is the only sign of an interrupt, for which no hook is called. Pure.
import type { AgentState } from '../domain/worker.ts';
import type { StateReport } from './agent.ts';

/** ms that the glyph must stand still before it counts as an interrupt: a Stop or a permission request is told within that time. */
const STILL_TIME = 1500;

export type Glyph = 'busy' | 'still';

/** The glyph in front of a title: `✳` is idle or waiting, braille dots and half circles are busy. Null for any other title. */
export function readGlyph(title: string): Glyph | null {
  const code = title.codePointAt(0) ?? 0;
  if (code === 0x2733) return 'still';
  const isBraille = code >= 0x2800 && code <= 0x28ff;
  const isHalfCircle = code >= 0x25d0 && code <= 0x25d3;
  return isBraille || isHalfCircle ? 'busy' : null;
}

export interface TitleState {
  readonly glyph: Glyph | null;
  /** ms; since when the glyph is what it is. */
  readonly since: number;
  /** The state that is known from elsewhere, and since when. */
  readonly known: AgentState;
  readonly knownAt: number;
  /** What this reducer has reported of the present glyph; it says each thing once. */
  readonly told: boolean;
}

/** Before the first title. */
export function initialTitleState(now: number): TitleState {
  return { glyph: null, since: now, known: 'starting', knownAt: now, told: false };
}

export type TitleInput =
  | { type: 'title'; title: string; at: number }
  /** A state that another source told. */
  | { type: 'state'; state: AgentState; at: number }
  | { type: 'tick'; at: number };

export interface TitleStep {
  readonly state: TitleState;
  readonly report: StateReport | null;
  /** ms on the same clock; when a tick is due, or null. */
  readonly wakeAt: number | null;
}

/** Folds one input. The caller sends a tick at `wakeAt` unless another input came first. */
export function stepTitle(before: TitleState, input: TitleInput): TitleStep {
  const state = take(before, input);
  const due = verdictOf(state);
  if (due === null || state.told) return { state, report: null, wakeAt: null };
  if (input.at < due.at) return { state, report: null, wakeAt: due.at };
  const report: StateReport = { state: due.state, source: 'title', detail: due.detail };
  return { state: { ...state, told: true }, report, wakeAt: null };
}

function take(before: TitleState, input: TitleInput): TitleState {
  if (input.type === 'tick') return before;
  if (input.type === 'state') {
    return { ...before, known: input.state, knownAt: input.at, told: input.state === before.known && before.told };
  }
  const glyph = readGlyph(input.title);
  if (glyph === null || glyph === before.glyph) return before;
  return { ...before, glyph, since: input.at, told: false };
}

/** What the glyph says against the known state, and from when on it counts. */
function verdictOf(state: TitleState): { state: AgentState; detail: string; at: number } | null {
  const at = Math.max(state.since, state.knownAt) + STILL_TIME;
  if (state.glyph === 'still' && state.known === 'working') {
    return { state: 'interrupted', detail: 'it stopped without ending its turn', at };
  }
  // A dialog that was answered, or a prompt that was typed, before the next hook says so (a long tool).
  if (state.glyph === 'busy' && (state.known === 'needs-input' || state.known === 'interrupted')) {
    return { state: 'working', detail: '', at };
  }
  return null;
}
