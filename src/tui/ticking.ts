// Owns the question whether the clock matters to what is on the screen: when it does not, nothing wakes the client.
import { nextWake } from '../domain/schedule.ts';
import { type Model, paneNumbers } from './model.ts';

/** ms between two looks at the clock while they change something: a person who asked for less motion sees ages change every ten seconds. */
const TICK = { full: 1000, reduced: 10_000 } as const;
/** An age in minutes may be shown so many ms late. */
const LONGEST = 5_000;

/**
 * ms until the clock is to be looked at again, after `still` looks in a row that have changed nothing; null when nothing shown has an age, or goes
 * away by itself.
 */
export function nextTick(model: Model, motion: keyof typeof TICK, still: number): number | null {
  if (model.note !== null || model.connection.kind === 'lost') return TICK[motion];
  if (!model.hasState) return null;
  if (paneNumbers(model).length === 0 && nextWake(model.state, model.now) === null) return null;
  return Math.max(TICK[motion], Math.min(TICK.full * (still + 1), LONGEST));
}

/** The time that ages on the screen are counted to: whatever else is painted in between, a person who asked for less motion sees them change together. */
export function shownTime(now: number, motion: keyof typeof TICK): number {
  return motion === 'full' ? now : now - (now % TICK.reduced);
}
