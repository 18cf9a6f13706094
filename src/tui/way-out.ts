// Owns the guard behind a view that was closed: Esc or C-c pressed once too often must not interrupt an agent.
import { isCopying } from './copy-mode/copy-update.ts';
import type { Model } from './model.ts';
import { note } from './note.ts';

/** The keys that leave a view, and that interrupt a program. */
const WAYS_OUT = ['Escape', 'C-c'];
/** ms; who presses a key twice to be sure is quicker, who has looked at the screen in between is not. */
const KEPT_FOR = 500;

/** The model after a key: one that has left the last view, prompt or sidebar is remembered, any other ends that. */
export function rememberWayOut(before: Model, after: Model, key: string): Model {
  if (WAYS_OUT.includes(key) && !havePanesKeys(before) && havePanesKeys(after))
    return { ...after, wayOut: { key, until: after.now + KEPT_FOR } };
  return after.wayOut === null || after.wayOut.key === key ? after : { ...after, wayOut: null };
}

/** The model that says why a key is kept from the pane; null when it is not. */
export function keepFromPane(model: Model, key: string): Model | null {
  if (model.wayOut?.key !== key || model.now >= model.wayOut.until) return null;
  return note(model, `${key === 'Escape' ? 'Esc' : key} has just closed a view: this one is not typed into the pane`);
}

function havePanesKeys(model: Model): boolean {
  return model.mode.kind === 'normal' && model.queue.on === null && !isCopying(model);
}
