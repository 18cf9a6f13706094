// Owns the one step of the workspace: a model and a message give the next model and what is to be done. No screen, no clock, no socket.
import { renderLock } from '../client/pane-text.ts';
import { adoptSubscription, replicate } from '../client/replica.ts';
import type { Envelope } from '../domain/event.ts';
import { MAX_CELLS, MIN_CELLS, type PaneInfo, type Result } from '../protocol/methods.ts';
import { callEffects, callOf } from './attention/calls.ts';
import { focusReports, terminalFocus } from './attention/focus.ts';
import { clearMark, markPane } from './attention/marks.ts';
import { pasteIntoForm, typeIntoForm } from './command-bar/capture-form.ts';
import { showCompletions, typeIntoInput } from './command-bar/input-mode.ts';
import { insertText } from './command-bar/line-edit.ts';
import { hearCopy, isCopying, pasteIntoCopy, typeIntoCopy, useMouseForCopy } from './copy-mode/copy-update.ts';
import { pasteIntoSearch, showFound, typeIntoSearch } from './copy-mode/search-mode.ts';
import { dragBorder } from './drag-border.ts';
import type { Effect } from './effect.ts';
import { type Command, isRepeatable } from './keys/command.ts';
import { focusPane } from './keys/focus-commands.ts';
import { lookUp } from './keys/key-map.ts';
import { normaliseKey } from './keys/key-name.ts';
import { runCommand } from './keys/run-command.ts';
import { focusAnywhere, settleWindows } from './keys/window-commands.ts';
import type { Message, Outcome } from './message.ts';
import { isPaneLive, isPaneStranded, type Mode, type Model, tilingOf } from './model.ts';
import { dropNote, note, refusal } from './note.ts';
import { mouseIntoPane } from './pane-mouse.ts';
import { typeIntoPanel } from './panel/panel-keys.ts';
import { hearPanel, pasteIntoPanel, settlePanel, watchedTask } from './panel/panel-update.ts';
import { addEarlier, addEvent, NO_ACTIVITY } from './queue/queue-focus.ts';
import { typeIntoQueue } from './queue/queue-keys.ts';
import { settleQueue } from './queue/queue-turn.ts';
import { lose, reconnectFailed } from './server-loss.ts';
import { takeCatalogue } from './take-catalogue.ts';
import { editFilter } from './view/scroll-mode.ts';
import { keepFromPane, rememberWayOut } from './way-out.ts';

export type Step = readonly [Model, readonly Effect[]];

/** Which-key hints wait for as long as somebody who knows the key would not. */
const HINT_DELAY = 600;

/** One step. Where what is looked at has changed, the server is told: no caller has to think of it. */
export function update(model: Model, message: Message): Step {
  // Before the step: an event changes the state in place.
  const before = viewOf(model);
  const watched = watchedTask(model);
  const [stepped, done] = step(model, message);
  const settled = dropNote(model, settlePanel(clearMark(settleQueue(model, settleWindows(stepped)))));
  const next = message.type === 'key' ? rememberWayOut(model, settled, normaliseKey(message.key)) : settled;
  const effects = [...done, ...focusReports(model, next)];
  const after = viewOf(next);
  if (!next.hasState || next.connection.kind !== 'open') return [next, effects];
  const taskId = watchedTask(next);
  if (taskId !== watched || (message.type === 'subscribed' && taskId !== null))
    effects.push({ type: 'watch-files', taskId });
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
    case 'catalogue-loaded':
      return [takeCatalogue(model, message.catalogue), []];
    case 'chosen':
      return runCommand(model, { name: message.what, to: message.name });
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
    case 'copy-loaded':
    case 'copy-rows':
    case 'copy-refused':
    case 'copied':
    case 'mouse-unused':
      return hearCopy(model, message);
    case 'files-told':
    case 'diff-loaded':
    case 'answered':
    case 'hint-sent':
      return hearPanel(model, message);
    case 'found':
      return [showFound(model, message), []];
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
      | 'events-recalled'
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

function pressKey(model: Model, key: string, bytes: Buffer): Step {
  switch (model.mode.kind) {
    case 'prefix':
      return pressAfterPrefix({ ...model, mode: { kind: 'normal' } }, key, bytes);
    case 'command':
    case 'quick':
    case 'form':
    case 'search':
      // Where the prefix gives the input up, it is still the prefix: a digit behind it must not answer a question in the pane.
      if (key === 'C-g' && key === model.keys.prefix) return startPrefix(model);
      return typeIntoPrompt(model, model.mode, key);
    case 'help':
    case 'popup':
      // The status line goes on naming the prefix: it works from here too, and closes what is open.
      if (key === model.keys.prefix) return startPrefix(model);
      return typeIntoView(model, model.mode, key);
    case 'panel':
      return key === model.keys.prefix ? startPrefix(model) : typeIntoPanel(model, model.mode, key);
    case 'normal': {
      if (key === model.keys.prefix) return startPrefix(model);
      const again = model.now < model.repeatUntil ? lookUp(model.keys, 'prefix', key) : null;
      if (again && isRepeatable(again)) return repeatable(model, again);
      const command = lookUp(model.keys, 'root', key);
      if (command) return runCommand(model, command);
      return typeOn(model, key, bytes);
    }
  }
}

/** A key that is no command goes to who has the keys. */
function typeOn(model: Model, key: string, bytes: Buffer): Step {
  if (model.queue.on !== null) return typeIntoQueue(model, model.queue.on, key);
  return isCopying(model) ? typeIntoCopy(model, key) : typeIntoPane(model, key, bytes);
}

/** In help a key that types text filters. */
function typeIntoView(model: Model, mode: Extract<Mode, { kind: 'help' | 'popup' }>, key: string): Step {
  const filter = mode.kind === 'help' ? editFilter(mode.filter, key) : null;
  if (mode.kind === 'help' && filter !== null) return [{ ...model, mode: { ...mode, filter, scroll: 0 } }, []];
  const command = lookUp(model.keys, 'view', key);
  return command ? runCommand(model, command) : [model, []];
}

type Prompt = Extract<Mode, { kind: 'command' | 'quick' | 'form' | 'search' }>;

function typeIntoPrompt(model: Model, mode: Prompt, key: string): Step {
  if (mode.kind === 'form') return typeIntoForm(model, mode, key);
  return mode.kind === 'search' ? typeIntoSearch(model, mode, key) : typeIntoInput(model, mode, key);
}

function startPrefix(model: Model): Step {
  const token = model.nextToken;
  const mode = { kind: 'prefix', token, hasHints: false } as const;
  return [{ ...model, mode, nextToken: token + 1 }, [{ type: 'wait-for-hints', token, ms: HINT_DELAY }]];
}

function pressAfterPrefix(model: Model, key: string, bytes: Buffer): Step {
  if (key === model.keys.prefix) return typeOn(model, key, bytes);
  if (key === 'Escape') return [model, []];
  const command = lookUp(model.keys, 'prefix', key);
  if (command) return isRepeatable(command) ? repeatable(model, command) : runCommand(model, command);
  return [refusal(model, `${model.keys.prefix} ${key} has no meaning`, `${model.keys.prefix} ?`), []];
}

/** ms in which a repeatable key works again without the prefix, as tmux' repeat-time. */
const REPEAT_TIME = 500;

function repeatable(model: Model, command: Command): Step {
  return runCommand({ ...model, repeatUntil: model.now + REPEAT_TIME }, command);
}

/** Says why the focused pane takes no keys; null when it does. */
function whyNotTyping(model: Model): { text: string; next: string } | null {
  if (model.connection.kind === 'lost') return { text: 'the server is gone: no pane takes keys now', next: '' };
  if (model.isReadOnly) return { text: 'you look on only: keys are not sent to the panes', next: '' };
  if (model.focused === null) return { text: 'there is no worker yet', next: `${model.keys.prefix} : run` };
  if (isPaneStranded(model, model.focused))
    return { text: `the agent of worker ${model.focused} ended with its server`, next: `${model.keys.prefix} : run` };
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
  const kept = keepFromPane(model, key);
  if (kept) return [kept, []];
  if (model.focused === null) return [model, []];
  // A key that is typed ends the repetition: the next arrow is the program's again.
  const typed = model.repeatUntil === 0 ? model : { ...model, repeatUntil: 0 };
  return [typed, [{ type: 'input', pane: model.focused, key, bytes }]];
}

function paste(model: Model, bytes: Buffer): Step {
  const { mode } = model;
  if (mode.kind === 'command' || mode.kind === 'quick') {
    const edit = insertText(mode.edit, bytes.toString('utf8').trim());
    return [{ ...model, mode: { ...mode, edit, completion: null, refusal: null } }, []];
  }
  if (mode.kind === 'form') return [{ ...model, mode: pasteIntoForm(mode, bytes.toString('utf8').trim()) }, []];
  if (mode.kind === 'search') return [{ ...model, mode: pasteIntoSearch(mode, bytes.toString('utf8').trim()) }, []];
  if (mode.kind === 'panel') return [pasteIntoPanel(model, mode, bytes.toString('utf8').trim()), []];
  // Keys go to the queue: a paste meant for it must not land in an agent.
  if (mode.kind !== 'normal' || model.queue.on !== null) return [model, []];
  if (isCopying(model)) return [pasteIntoCopy(model, bytes.toString('utf8').trim()), []];
  const reason = whyNotTyping(model);
  if (reason) return [refusal(model, reason.text, reason.next), []];
  return model.focused === null ? [model, []] : [model, [{ type: 'paste', pane: model.focused, bytes }]];
}

function useMouse(model: Model, { event }: Extract<Message, { type: 'mouse' }>): Step {
  if (model.mode.kind !== 'normal' && model.mode.kind !== 'prefix') return [model, []];
  const dragged = dragBorder(model, event);
  if (dragged) return [dragged, []];
  const copied = useMouseForCopy(model, event);
  if (copied) return copied;
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
  const [first = '', second = ''] = lines;
  // A sentence and its remark, which is set in, are short.
  if (lines.length === 2 && /^ +\S/.test(second)) return note(after, `${first} · ${second.trim()}`);
  // Several lines open a popup, unless the person is doing something else by now.
  if (lines.length > 1 && after.mode.kind === 'normal')
    return { ...after, mode: { kind: 'popup', title: line, lines, scroll: 0, isDiff: /^diff\s/.test(line) } };
  return note(after, first || 'done');
}

function finishCapture(model: Model, outcome: Outcome): Model {
  const { mode } = model;
  const isWaiting = (mode.kind === 'quick' || mode.kind === 'form') && mode.isRunning;
  if (outcome.ok) return note(isWaiting ? { ...model, mode: { kind: 'normal' } } : model, outcome.text);
  if (!isWaiting) return refusal(model, outcome.text, outcome.next);
  return {
    ...model,
    mode: { ...mode, isRunning: false, refusal: outcome.next ? `${outcome.text} · ${outcome.next}` : outcome.text },
  };
}

type View = Extract<Effect, { type: 'view' }>;

/** The panes whose insides are on the screen, and how large. One without room for a single wide character is not looked at and keeps its size. */
function viewOf(model: Model): View {
  const panes = tilingOf(model).panes.filter(({ inner }) => inner.width >= MIN_CELLS && inner.height >= MIN_CELLS);
  return {
    type: 'view',
    panes: panes.map(({ pane, inner }) => ({
      pane,
      cols: Math.min(MAX_CELLS, inner.width),
      rows: Math.min(MAX_CELLS, inner.height),
    })),
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
