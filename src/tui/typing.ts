// Owns where a key or a paste goes: to the prefix, a prompt, a popup, a sidebar, copy mode, or the focused pane.
import { pasteIntoForm, typeIntoForm } from './command-bar/capture-form.ts';
import { typeIntoInput } from './command-bar/input-mode.ts';
import { insertText } from './command-bar/line-edit.ts';
import { isCopying, pasteIntoCopy, typeIntoCopy } from './copy-mode/copy-update.ts';
import { pasteIntoSearch, typeIntoSearch } from './copy-mode/search-mode.ts';
import type { Step } from './effect.ts';
import { type Command, isRepeatable } from './keys/command.ts';
import { lookUp } from './keys/key-map.ts';
import { runCommand } from './keys/run-command.ts';
import { isPaneLive, isPaneStranded, type Mode, type Model, runOfWorker } from './model.ts';
import { refusal } from './note.ts';
import { typeIntoPanel } from './panel/panel-keys.ts';
import { pasteIntoPanel } from './panel/panel-update.ts';
import { typeIntoQueue } from './queue/queue-keys.ts';
import { editFilter } from './view/scroll-mode.ts';
import { keepFromPane } from './way-out.ts';

/** Which-key hints wait for as long as somebody who knows the key would not. */
const HINT_DELAY = 600;

/** One key, with the bytes that it came as. */
export function pressKey(model: Model, typed: string, bytes: Buffer): Step {
  const key = goesToPane(model) ? typed : typed.replace(/^(?:[CS]-)+Enter$/, 'Enter');
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

/** Nobody but a program in a pane and a binding of one's own tells Enter with Control or Shift from Enter. */
function goesToPane(model: Model): boolean {
  return model.mode.kind === 'normal' && model.queue.on === null && !isCopying(model);
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
  // A newline for an agent; a shell would take Meta+Enter for nothing.
  const sent = /^(?:C-)?S-Enter$/.test(key) && runOfWorker(model, model.focused) === null ? Buffer.from('\r') : bytes;
  return [typed, [{ type: 'input', pane: model.focused, key, bytes: sent }]];
}

/** A text that the terminal has pasted; as bytes, since a pane's program gets it as it is. */
export function paste(model: Model, bytes: Buffer): Step {
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
