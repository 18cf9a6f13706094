// Owns what the model remembers of the queue and the feed while they are read: who has the keys, what is selected, the filter, how far back.
import type { Envelope } from '../../domain/event.ts';
import type { TaskId } from '../../domain/task.ts';
import type { LineEdit } from '../command-bar/line-edit.ts';

export interface QueueFocus {
  /** Which sidebar takes the keys; null while the panes do. */
  readonly on: 'queue' | 'activity' | null;
  readonly selected: TaskId | null;
  /** Words that a task must have to be listed; empty lists all. */
  readonly filter: string;
  /** The filter while it is being written; null otherwise. */
  readonly filterEdit: LineEdit | null;
  /** The task that is asked about before it is cancelled. */
  readonly confirming: TaskId | null;
}

export interface Activity {
  /** The last events, oldest first. */
  readonly events: readonly Envelope[];
  /** How many lines of the feed are newer than the last one shown. */
  readonly scroll: number;
}

export const NO_QUEUE_FOCUS: QueueFocus = {
  on: null,
  selected: null,
  filter: '',
  filterEdit: null,
  confirming: null,
};

export const NO_ACTIVITY: Activity = { events: [], scroll: 0 };

/** Events kept for the feed: more than any screen shows, few enough to draw at once. */
const MOST_EVENTS = 400;

/** The feed with one more event; one that it has already changes nothing. */
export function addEvent(activity: Activity, envelope: Envelope): Activity {
  const last = activity.events.at(-1);
  if (last && envelope.seq <= last.seq) return activity;
  return { ...activity, events: [...activity.events, envelope].slice(-MOST_EVENTS) };
}

/** The feed with what was before it began, as the server tells it; what came meanwhile stays behind it. */
export function addEarlier(activity: Activity, earlier: readonly Envelope[]): Activity {
  const first = activity.events[0]?.seq ?? Number.POSITIVE_INFINITY;
  const known = new Set(activity.events.map(({ seq }) => seq));
  const missed = earlier.filter(({ seq }) => seq > first && !known.has(seq));
  const events = [...earlier.filter(({ seq }) => seq < first), ...activity.events, ...missed];
  return { ...activity, events: events.sort((a, b) => a.seq - b.seq).slice(-MOST_EVENTS) };
}
