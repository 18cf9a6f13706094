// Owns what the workspace makes of what the server tells: the connection, the state, the panes, the people.
import { renderLock } from '../client/pane-text.ts';
import { adoptSubscription, replicate } from '../client/replica.ts';
import type { Envelope } from '../domain/event.ts';
import type { PaneInfo, Result } from '../protocol/methods.ts';
import { callEffects, callOf } from './attention/calls.ts';
import { markPane } from './attention/marks.ts';
import type { Effect, Step } from './effect.ts';
import { focusPane } from './keys/focus-commands.ts';
import { focusAnywhere } from './keys/window-commands.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';
import { note } from './note.ts';
import { addEarlier, addEvent, NO_ACTIVITY } from './queue/queue-focus.ts';
import { lose, reconnectFailed } from './server-loss.ts';

type ServerMessage = Extract<
  Message,
  {
    type:
      | 'connected'
      | 'server-known'
      | 'subscribed'
      | 'event'
      | 'pane-changed'
      | 'panes-listed'
      | 'people'
      | 'shell-opened'
      | 'events-recalled'
      | 'pane-signal'
      | 'must-resync'
      | 'server-lost'
      | 'reconnect-failed';
  }
>;

/** One message of the server's, or of the connection to it. */
export function hearServer(model: Model, message: ServerMessage): Step {
  switch (message.type) {
    case 'connected': {
      const open: Model = { ...model, connection: { kind: 'open' } };
      return [model.connection.kind === 'lost' ? note(open, 'connected again') : open, [{ type: 'subscribe' }]];
    }
    case 'server-known':
      return [{ ...model, repository: message.repository }, []];
    case 'subscribed':
      return adopt(model, message.reply);
    case 'event':
      return hearEvent(model, message.envelope);
    case 'pane-changed': {
      const { pane } = message;
      const infos = new Map(model.infos).set(pane.pane, pane);
      const panes =
        model.panes.get(pane.pane) === pane.isAlive ? model.panes : new Map(model.panes).set(pane.pane, pane.isAlive);
      const known: Model = { ...model, infos, panes };
      const before = model.infos.get(pane.pane)?.lockedBy;
      // What was said of the holder before is not true any more. Who locks or unlocks is seen in the title.
      const hasChangedHands = before !== undefined && pane.lockedBy !== undefined && before !== pane.lockedBy;
      return [hasChangedHands ? note(known, renderLock({ pane })) : known, []];
    }
    case 'panes-listed':
      return [takePanes(model, message.panes), []];
    case 'shell-opened': {
      const { pane } = message;
      const infos = new Map(model.infos).set(pane.pane, pane);
      const known: Model = { ...model, infos, panes: new Map(model.panes).set(pane.pane, pane.isAlive) };
      return [focusAnywhere(known, pane.pane, focusPane), []];
    }
    case 'people':
      return [{ ...model, people: message.people }, []];
    case 'events-recalled':
      return [{ ...model, activity: addEarlier(model.activity, message.events) }, []];
    case 'pane-signal':
      if (message.pane === model.focused) return [model, message.signal === 'bell' ? [{ type: 'ring' }] : []];
      return [markPane(model, message.pane, message.signal), []];
    case 'must-resync':
      return [model, [{ type: 'subscribe' }]];
    case 'server-lost':
      return lose(model, message);
    case 'reconnect-failed':
      return reconnectFailed(model, message.reason);
  }
}

/** An event may overtake the reply that carries the state before it: it is kept until then. */
function hearEvent(model: Model, envelope: Envelope): Step {
  if (!model.hasState) return [{ ...model, early: [...model.early, envelope] }, []];
  if (replicate(model.state, envelope) !== 'gap') {
    const { event } = envelope;
    const calls = callEffects(model, callOf(model.state, envelope));
    const heard: Model = { ...model, activity: addEvent(model.activity, envelope) };
    // The person's own checkout is what keeps it: only they can let it in.
    if (event.type === 'task.completed' && event.isBeside) return [note(heard, event.checkout), calls];
    return [heard, calls];
  }
  return [{ ...model, early: [...model.early, envelope] }, [{ type: 'subscribe' }]];
}

function takePanes(model: Model, list: readonly PaneInfo[]): Model {
  const infos = new Map(list.map((pane) => [pane.pane, pane]));
  return { ...model, infos, panes: new Map(list.map(({ pane, isAlive }) => [pane, isAlive])) };
}

function adopt(model: Model, reply: Result<'events.subscribe'>): Step {
  const state = adoptSubscription(model.state, reply);
  // A killed server could keep less than we have seen: that never happened, nor its marks in the activity. Events that
  // overtook this reply were taken for known ones, so they are asked for again.
  const isOther = state.seq < model.state.seq;
  for (const envelope of model.early) replicate(state, envelope);
  // What a whole state does not tell: how it came about.
  const effects: Effect[] = reply.state === null ? [] : [{ type: 'recall-events' }];
  if (isOther) effects.push({ type: 'subscribe' });
  const activity = isOther ? NO_ACTIVITY : model.activity;
  return [{ ...takePanes(model, reply.panes), state, hasState: true, early: [], activity }, effects];
}
