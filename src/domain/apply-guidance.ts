// Owns what the events of guidance change in the state.
import type { Envelope } from './event.ts';
import { type GuidanceId, type GuidanceMessage, isOpenGuidance } from './guidance.ts';
import type { State } from './state.ts';

/** Messages that are over and kept for whoever asks; older ones are in the store's history. */
const MOST_OLD = 1000;

/** Folds one `guidance.` event. Throws an Error on an unknown message. */
export function applyToGuidance(state: State, { at, by, event }: Envelope): void {
  switch (event.type) {
    case 'guidance.queued': {
      const { guidanceId: id, taskId, text } = event;
      state.guidance.set(id, { ...NEW, id, taskId, text, author: by, createdAt: at });
      forgetOld(state);
      break;
    }
    case 'guidance.shown':
      patch(state, event.guidanceId, { state: 'shown', via: event.via, runId: event.runId, shownAt: at, note: '' });
      break;
    case 'guidance.acknowledged':
      patch(state, event.guidanceId, { state: 'acknowledged', acknowledgedAt: at, note: '' });
      break;
    case 'guidance.requeued':
      patch(state, event.guidanceId, { state: 'queued', note: event.reason });
      break;
    case 'guidance.retracted':
      patch(state, event.guidanceId, { state: 'retracted', note: event.reason });
      break;
    default:
      break;
  }
}

const NEW = {
  state: 'queued',
  via: null,
  runId: null,
  shownAt: null,
  acknowledgedAt: null,
  note: '',
} satisfies Partial<GuidanceMessage>;

/** A replaced record keeps its place in the map, and so in the queue. */
function patch(state: State, id: GuidanceId, changes: Partial<GuidanceMessage>): void {
  const message = state.guidance.get(id);
  if (!message) throw new Error(`event refers to the unknown hint ${id}`);
  state.guidance.set(id, { ...message, ...changes });
}

function forgetOld(state: State): void {
  let surplus = state.guidance.size - MOST_OLD;
  for (const message of state.guidance.values()) {
    if (surplus <= 0) return;
    if (isOpenGuidance(message)) continue;
    state.guidance.delete(message.id);
    surplus -= 1;
  }
}
