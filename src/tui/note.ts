// Owns what the status line says for a while, and the list of what it has said.
import { formatClock } from '../client/format.ts';
import type { Model } from './model.ts';

/** ms; long enough to read one sentence. */
const INFO_STAYS = 5000;
/** A refusal names a command to type, which takes longer to read. */
const REFUSAL_STAYS = 10_000;
/** Lines that are kept to be read again, as tmux' message-limit has them in small. */
const MOST_SAID = 100;

/** Says one line. */
export function note(model: Model, text: string): Model {
  const until = model.now + INFO_STAYS;
  return { ...remember(model, [text]), note: { kind: 'info', text, next: '', until } };
}

/** The model after a step, without what was said before of another pane. */
export function dropNote(before: Model, after: Model): Model {
  const isOld = after.note !== null && after.note === before.note && after.note.kind === 'info';
  return isOld && after.focused !== before.focused ? { ...after, note: null } : after;
}

/** Says why something was not done, and what to type next. `whole` is what is kept where the line has room for a part only. */
export function refusal(model: Model, text: string, next: string, whole?: readonly string[]): Model {
  const said = whole ?? [refusalWords({ text, next })];
  return { ...remember(model, said), note: { kind: 'refusal', text, next, until: model.now + REFUSAL_STAYS } };
}

/** A refusal in one sentence, with what to type next. */
export function refusalWords({ text, next }: { readonly text: string; readonly next: string }): string {
  return next === '' ? text : `${text} · ${next}`;
}

function remember(model: Model, lines: readonly string[]): Model {
  const said = lines.map((text) => `${formatClock(model.now)}  ${text}`);
  return { ...model, said: [...said, ...model.said].slice(0, MOST_SAID) };
}

/** All that was said, the newest first. */
export function showSaid(model: Model): Model {
  const lines = model.said.length === 0 ? ['nothing was said yet'] : model.said;
  return { ...model, note: null, mode: { kind: 'popup', title: 'messages', lines, scroll: 0 } };
}
