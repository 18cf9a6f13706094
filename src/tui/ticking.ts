// Owns the question whether the clock matters to what is on the screen: when it does not, nothing wakes the client.
import { nextWake } from '../domain/schedule.ts';
import { type Model, paneNumbers } from './model.ts';

/** ms between two looks at the clock: a person who asked for less motion sees ages change every ten seconds. */
export const TICK = { full: 1000, reduced: 10_000 } as const;

/** True while something shown has an age, or goes away by itself. */
export function needsTick(model: Model): boolean {
  if (model.note !== null || model.connection.kind === 'lost') return true;
  if (!model.hasState) return false;
  return paneNumbers(model).length > 0 || nextWake(model.state, model.now) !== null;
}
