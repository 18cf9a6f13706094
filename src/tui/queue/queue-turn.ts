// Owns whose turn it is to have the keys: the panes, the queue or the feed.
import type { Model } from '../model.ts';
import { note } from '../note.ts';
import type { QueueFocus } from './queue-focus.ts';

/** Gives the keys to the queue or the feed, or back to the panes when it has them; the status line says who has them now. */
export function toggleQueueFocus(model: Model, on: 'queue' | 'activity'): Model {
  if (model.queue.on !== on)
    return changeQueue({ ...model, note: null, activity: { ...model.activity, scroll: 0 } }, { on, confirming: null });
  const { focused } = model;
  return note(leaveQueue(model), focused === null ? 'the panes have the keys' : `pane ${focused} has the keys`);
}

/** The panes have the keys again; the filter is gone, the selection stays. */
function leaveQueue(model: Model): Model {
  const rest: Model = { ...model, activity: { ...model.activity, scroll: 0 } };
  return changeQueue(rest, { on: null, filter: '', filterEdit: null, confirming: null });
}

/** A pane that has become the focused one has the keys. */
export function settleQueue(before: Model, after: Model): Model {
  return after.queue.on !== null && after.focused !== before.focused && before.focused !== null
    ? leaveQueue(after)
    : after;
}

/** The model with something changed in what it remembers of the queue. */
export function changeQueue(model: Model, changes: Partial<QueueFocus>): Model {
  return { ...model, queue: { ...model.queue, ...changes } };
}
