// Owns what the status line says for a while.
import type { Model } from './model.ts';

/** ms; long enough to read one sentence. */
const INFO_STAYS = 5000;
/** A refusal names a command to type, which takes longer to read. */
const REFUSAL_STAYS = 10_000;

/** Says one line. */
export function note(model: Model, text: string): Model {
  return { ...model, note: { kind: 'info', text, next: '', until: model.now + INFO_STAYS } };
}

/** Says why something was not done, and what to type next. */
export function refusal(model: Model, text: string, next: string): Model {
  return { ...model, note: { kind: 'refusal', text, next, until: model.now + REFUSAL_STAYS } };
}
