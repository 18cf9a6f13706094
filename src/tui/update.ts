// Owns the one step of the workspace: a model and a message give the next model and what is to be done. No screen, no clock, no socket.
import { adoptSubscription, replicate } from '../client/replica.ts';
import type { Envelope } from '../domain/event.ts';
import { emptyState } from '../domain/state.ts';
import type { Result } from '../protocol/methods.ts';
import { callEffects, callOf } from './attention/calls.ts';
import { focusReports, terminalFocus } from './attention/focus.ts';
import { clearMark, markPane } from './attention/marks.ts';
import { showCompletions, typeIntoInput } from './command-bar/input-mode.ts';
import { insertText } from './command-bar/line-edit.ts';
import type { Effect } from './effect.ts';
import { lookUp } from './keys/key-map.ts';
import { normaliseKey } from './keys/key-name.ts';
import { focusPane, runCommand } from './keys/run-command.ts';
import type { Message, Outcome } from './message.ts';
import { isPaneLive, type Model, paneNumbers, tilingOf } from './model.ts';
import { note, refusal } from './note.ts';
import { mouseIntoPane } from './pane-mouse.ts';
import { lose, reconnectFailed } from './server-loss.ts';
import { typeIntoScroll } from './view/scroll-mode.ts';

export type Step = readonly [Model, readonly Effect[]];

/** Which-key hints wait for as long as somebody who knows the key would not. */
const HINT_DELAY = 600;

/** One step. Where what is looked at has changed, the server is told: no caller has to think of it. */
export function update(model: Model, message: Message): Step {
  // Before the step: an event changes the state in place.
  const before = viewOf(model);
  const [settled, done] = settleFocus(step(model, message));
  const next = clearMark(settled);
  const effects = [...done, ...focusReports(model, next)];
  const after = viewOf(next);
  if (!next.hasState || next.connection.kind !== 'open') return [next, effects];
  if (!mustSayAgain(model, message) && sameView(before, after)) return [next, effects];
  return [next, [...effects, after]];
}

/** A new subscription may be to a server that knows nothing of this client, and a pane that is new to it was passed over when it was told. */
function mustSayAgain(model: Model, message: Message): boolean {
  return message.type === 'subscribed' || (message.type === 'pane-changed' && !model.panes.has(message.pane.pane));
}

function step(model: Model, message: Message): Step {
  switch (message.type) {
    case 'key':
      return pressKey(model, normaliseKey(message.key), message.bytes);
    case 'paste':
      return paste(model, message.bytes);
    case 'mouse':
      return useMouse(model, message);
    case 'terminal-focus':
      return terminalFocus(model, message.isFocused);
    case 'outer-known':
      return [{ ...model, outerFacts: message.facts }, []];
    case 'resized':
      return [{ ...model, size: message.size }, []];
    case 'ticked':
      return [model.note && model.note.until <= model.now ? { ...model, note: null } : model, []];
    case 'prefix-waited':
      return model.mode.kind === 'prefix' && model.mode.token === message.token
        ? [{ ...model, mode: { ...model.mode, hasHints: true } }, []]
        : [model, []];
    case 'completions':
      return [showCompletions(model, message), []];
    case 'ran':
      return [finishRun(model, message.line, message.outcome), []];
    case 'captured':
      return [finishCapture(model, message.outcome), []];
    case 'failed':
      return [refusal(model, message.text, message.next), []];
    default:
      return hearServer(model, message);
  }
}

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
      | 'pane-signal'
      | 'must-resync'
      | 'server-lost'
      | 'reconnect-failed';
  }
>;

function hearServer(model: Model, message: ServerMessage): Step {
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
      if (model.panes.get(pane.pane) === pane.isAlive) return [{ ...model, infos }, []];
      return [{ ...model, infos, panes: new Map(model.panes).set(pane.pane, pane.isAlive) }, []];
    }
    case 'panes-listed': {
      const infos = new Map(message.panes.map((pane) => [pane.pane, pane]));
      return [{ ...model, infos, panes: new Map(message.panes.map(({ pane, isAlive }) => [pane, isAlive])) }, []];
    }
    case 'shell-opened': {
      const { pane } = message;
      const infos = new Map(model.infos).set(pane.pane, pane);
      const known: Model = { ...model, infos, panes: new Map(model.panes).set(pane.pane, pane.isAlive) };
      return [focusPane(known, pane.pane), []];
    }
    case 'people':
      return [{ ...model, people: message.people }, []];
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
    // The person's own checkout is what keeps it: only they can let it in.
    if (event.type === 'task.completed' && event.isBeside) return [note(model, event.checkout), calls];
    return [{ ...model }, calls];
  }
  return [{ ...model, early: [...model.early, envelope] }, [{ type: 'subscribe' }]];
}

function adopt(model: Model, reply: Result<'events.subscribe'>): Step {
  const state = adoptSubscription(model.state, reply);
  // The server's history is shorter than ours: it is another one, and ours is void.
  if (state === null) return [{ ...model, state: emptyState(), hasState: false, early: [] }, [{ type: 'subscribe' }]];
  for (const envelope of model.early) replicate(state, envelope);
  return [{ ...model, state, hasState: true, early: [] }, []];
}

function pressKey(model: Model, key: string, bytes: Buffer): Step {
  switch (model.mode.kind) {
    case 'prefix':
      return pressAfterPrefix({ ...model, mode: { kind: 'normal' } }, key, bytes);
    case 'command':
    case 'quick':
      return typeIntoInput(model, model.mode, key);
    case 'help':
    case 'popup':
      return [typeIntoScroll(model, model.mode, key), []];
    case 'normal': {
      if (key === model.keys.prefix) return startPrefix(model);
      const command = lookUp(model.keys, 'root', key);
      return command ? runCommand(model, command) : typeIntoPane(model, key, bytes);
    }
  }
}

function startPrefix(model: Model): Step {
  const token = model.nextToken;
  const mode = { kind: 'prefix', token, hasHints: false } as const;
  return [{ ...model, mode, nextToken: token + 1 }, [{ type: 'wait-for-hints', token, ms: HINT_DELAY }]];
}

function pressAfterPrefix(model: Model, key: string, bytes: Buffer): Step {
  if (key === model.keys.prefix) return typeIntoPane(model, key, bytes);
  if (key === 'Escape') return [model, []];
  const command = lookUp(model.keys, 'prefix', key);
  if (command) return runCommand(model, command);
  return [refusal(model, `${model.keys.prefix} ${key} has no meaning`, `${model.keys.prefix} ?`), []];
}

/** Says why the focused pane takes no keys; null when it does. */
function whyNotTyping(model: Model): { text: string; next: string } | null {
  if (model.connection.kind === 'lost') return { text: 'the server is gone: no pane takes keys now', next: '' };
  if (model.isReadOnly) return { text: 'you look on only: keys are not sent to the panes', next: '' };
  if (model.focused === null) return { text: 'there is no worker yet', next: `${model.keys.prefix} : run` };
  if (!isPaneLive(model, model.focused)) {
    return {
      text: `worker ${model.focused} is idle: nothing runs there that takes keys`,
      next: `${model.keys.prefix} ?`,
    };
  }
  return null;
}

function typeIntoPane(model: Model, key: string, bytes: Buffer): Step {
  const reason = whyNotTyping(model);
  if (reason) return [refusal(model, reason.text, reason.next), []];
  if (model.focused === null) return [model, []];
  return [model, [{ type: 'input', pane: model.focused, key, bytes }]];
}

function paste(model: Model, bytes: Buffer): Step {
  const { mode } = model;
  if (mode.kind === 'command' || mode.kind === 'quick') {
    const edit = insertText(mode.edit, bytes.toString('utf8').trim());
    return [{ ...model, mode: { ...mode, edit, completion: null, refusal: null } }, []];
  }
  if (mode.kind !== 'normal') return [model, []];
  const reason = whyNotTyping(model);
  if (reason) return [refusal(model, reason.text, reason.next), []];
  return model.focused === null ? [model, []] : [model, [{ type: 'paste', pane: model.focused, bytes }]];
}

function useMouse(model: Model, { event }: Extract<Message, { type: 'mouse' }>): Step {
  if (model.mode.kind !== 'normal' && model.mode.kind !== 'prefix') return [model, []];
  return mouseIntoPane(model, event);
}

function finishRun(model: Model, line: string, outcome: Outcome): Model {
  const { mode } = model;
  const isWaiting = mode.kind === 'command' && mode.isRunning && mode.edit.text === line;
  if (!outcome.ok) {
    const text = outcome.next ? `${outcome.text} · ${outcome.next}` : outcome.text;
    if (isWaiting) return { ...model, mode: { ...mode, isRunning: false, refusal: text } };
    return refusal(model, outcome.text, outcome.next);
  }
  const after: Model = isWaiting ? { ...model, mode: { kind: 'normal' } } : model;
  const lines = outcome.text.replace(/\n+$/, '').split('\n');
  // Several lines open a popup, unless the person is doing something else by now.
  if (lines.length > 1 && after.mode.kind === 'normal')
    return { ...after, mode: { kind: 'popup', title: line, lines, scroll: 0 } };
  return note(after, lines[0] || 'done');
}

function finishCapture(model: Model, outcome: Outcome): Model {
  const { mode } = model;
  const isWaiting = mode.kind === 'quick' && mode.isRunning;
  if (outcome.ok) return note(isWaiting ? { ...model, mode: { kind: 'normal' } } : model, outcome.text);
  if (!isWaiting) return refusal(model, outcome.text, outcome.next);
  return {
    ...model,
    mode: { ...mode, isRunning: false, refusal: outcome.next ? `${outcome.text} · ${outcome.next}` : outcome.text },
  };
}

/** The focus stands on a pane that exists, whatever has come and gone. */
function settleFocus([model, effects]: Step): Step {
  const numbers = paneNumbers(model);
  const isThere = (pane: number | null): boolean => pane !== null && numbers.includes(pane);
  if (isThere(model.focused)) return [model, effects];
  const focused = isThere(model.lastFocused) ? model.lastFocused : (numbers[0] ?? null);
  return model.focused === focused ? [model, effects] : [{ ...model, focused }, effects];
}

type View = Extract<Effect, { type: 'view' }>;

/** The panes whose insides are on the screen, and how large. */
function viewOf(model: Model): View {
  const { panes } = tilingOf(model);
  return {
    type: 'view',
    panes: panes.map(({ pane, inner }) => ({ pane, cols: inner.width, rows: inner.height })),
    focused: model.focused,
  };
}

function sameView(a: View, b: View): boolean {
  if (a.focused !== b.focused || a.panes.length !== b.panes.length) return false;
  return a.panes.every((pane, index) => {
    const other = b.panes[index];
    return pane.pane === other?.pane && pane.cols === other.cols && pane.rows === other.rows;
  });
}
