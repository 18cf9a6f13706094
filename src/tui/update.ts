// Owns the one step of the workspace: a model and a message give the next model and what is to be done. No screen, no clock, no socket.
import { MAX_CELLS, MIN_CELLS } from '../protocol/methods.ts';
import { focusReports, terminalFocus } from './attention/focus.ts';
import { clearMark } from './attention/marks.ts';
import { showCompletions } from './command-bar/input-mode.ts';
import { hearCopy, settleCopy, useMouseForCopy } from './copy-mode/copy-update.ts';
import { showFound } from './copy-mode/search-mode.ts';
import { dragBorder } from './drag-border.ts';
import type { Effect, Step } from './effect.ts';
import { normaliseKey } from './keys/key-name.ts';
import { runCommand } from './keys/run-command.ts';
import { settleWindows } from './keys/window-commands.ts';
import type { Message, Outcome } from './message.ts';
import { type Model, tilingOf } from './model.ts';
import { dropNote, note, refusal, refusalWords } from './note.ts';
import { mouseIntoPane } from './pane-mouse.ts';
import { hearPanel, settlePanel, watchedTask } from './panel/panel-update.ts';
import { settleQueue } from './queue/queue-turn.ts';
import { hearServer } from './server-update.ts';
import { takeCatalogue } from './take-catalogue.ts';
import { paste, pressKey } from './typing.ts';
import { rememberWayOut } from './way-out.ts';

/** One step. Where what is looked at has changed, the server is told: no caller has to think of it. */
export function update(model: Model, message: Message): Step {
  // An event changes the state in place, so it is looked at before the step; a key does not.
  const seen = message.type === 'key' ? null : viewOf(model);
  const watched = watchedTask(model);
  const [stepped, done] = step(model, message);
  // A key that went into a pane has changed nothing here, and its echo is waited for.
  if (stepped === model && message.type === 'key' && model.wayOut === null) return [model, done];
  const [copied, reloads] = settleCopy(settleWindows(stepped));
  const settled = dropNote(model, settlePanel(clearMark(settleQueue(model, copied))));
  const next = message.type === 'key' ? rememberWayOut(model, settled, normaliseKey(message.key)) : settled;
  const effects = [...done, ...reloads, ...focusReports(model, next)];
  const after = viewOf(next);
  if (!next.hasState || next.connection.kind !== 'open') return [next, effects];
  const taskId = watchedTask(next);
  if (taskId !== watched || (message.type === 'subscribed' && taskId !== null))
    effects.push({ type: 'watch-files', taskId });
  if (!mustSayAgain(model, message) && sameView(seen ?? viewOf(model), after)) return [next, effects];
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
    if (isWaiting) return { ...model, mode: { ...mode, isRunning: false, refusal: refusalWords(outcome) } };
    return refusal(model, outcome.text, outcome.next);
  }
  const after: Model = isWaiting ? { ...model, mode: { kind: 'normal' } } : model;
  const lines = outcome.text.replace(/\n+$/, '').split('\n');
  // Several lines open a popup, unless the person is doing something else by now.
  if (lines.length > 1 && after.mode.kind === 'normal')
    return { ...after, mode: { kind: 'popup', title: line, lines, scroll: 0, isDiff: /^diff\s/.test(line) } };
  return note(after, lines[0] || 'done');
}

function finishCapture(model: Model, outcome: Outcome): Model {
  const { mode } = model;
  const isWaiting = (mode.kind === 'quick' || mode.kind === 'form') && mode.isRunning;
  if (outcome.ok) return note(isWaiting ? { ...model, mode: { kind: 'normal' } } : model, outcome.text);
  if (!isWaiting) return refusal(model, outcome.text, outcome.next);
  return { ...model, mode: { ...mode, isRunning: false, refusal: refusalWords(outcome) } };
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
