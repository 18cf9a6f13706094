// Owns copy mode's line of input: a search, the number of a line, the character of a jump; and going on with what was typed. Pure.
import { editWithKey, lineOf } from '../command-bar/line-edit.ts';
import { textOfKey } from '../keys/key-name.ts';
import {
  type CopyMode,
  type CopyPrompt,
  type CopyStep,
  type CopyView,
  clampTop,
  goTo,
  type Jump,
  searchFor,
  searchOn,
  showPlace,
  stay,
} from './copy-mode.ts';
import { onLine } from './motion.ts';

/** Opens a line of input. */
export function ask(mode: CopyMode, kind: CopyPrompt['kind'], isBackward: boolean): CopyMode {
  const { cursor, top, search } = mode;
  return { ...mode, prompt: { kind, isBackward, edit: lineOf(''), from: { cursor, top, search } } };
}

/** One key for the line of input. */
export function typeIntoPrompt(mode: CopyMode, prompt: CopyPrompt, key: string, view: CopyView): CopyStep {
  if (key === 'Escape' || key === 'C-c' || key === 'C-g') return stay(giveUp(mode, prompt));
  if (key === 'BSpace' && prompt.edit.text === '') return stay(giveUp(mode, prompt));
  if (key === 'Enter' || key === 'C-m' || key === 'C-j') return submit(mode, prompt, view);
  // As emacs does it: the same key goes on to the next place while the text is still being typed.
  if (prompt.kind === 'search' && mode.keys === 'emacs' && (key === 'C-s' || key === 'C-r')) {
    if (prompt.edit.text === '') return submit(mode, prompt, view);
    const next = searchOn(mode, (key === 'C-r') !== prompt.isBackward, view);
    return stay(next ? { ...next, prompt } : mode);
  }
  const edit = editWithKey(prompt.edit, key, textOfKey(key));
  return stay(edit ? withEdit(mode, { ...prompt, edit }, view) : mode);
}

/** A text put into the line of input. */
export function pasteIntoPrompt(mode: CopyMode, text: string, view: CopyView): CopyMode {
  const { prompt } = mode;
  if (!prompt) return mode;
  const edit = editWithKey(prompt.edit, '', text);
  return edit ? withEdit(mode, { ...prompt, edit }, view) : mode;
}

/** The search runs along with the typing; a jump is done with its first character. */
function withEdit(mode: CopyMode, prompt: CopyPrompt, view: CopyView): CopyMode {
  const asked: CopyMode = { ...mode, prompt };
  if (prompt.kind === 'goto') return asked;
  if (prompt.kind === 'jump') {
    const jump: Jump = { to: prompt.edit.text, isBackward: prompt.isBackward };
    return jumpOn({ ...mode, prompt: null, jump }, false, view);
  }
  const { cursor, top } = prompt.from;
  const back: CopyMode = { ...asked, cursor, top: clampTop(mode.rows, top, view), search: null };
  if (prompt.edit.text === '') return back;
  return searchFor(back, prompt.edit.text, { from: cursor, isBackward: prompt.isBackward, view }) ?? back;
}

function giveUp(mode: CopyMode, { from }: CopyPrompt): CopyMode {
  return { ...mode, prompt: null, ...from };
}

function submit(mode: CopyMode, prompt: CopyPrompt, view: CopyView): CopyStep {
  const done: CopyMode = { ...mode, prompt: null };
  const text = prompt.edit.text;
  if (prompt.kind === 'goto') {
    return stay(/^\d{1,9}$/.test(text.trim()) ? goToLine(done, Math.max(1, Number(text)), view) : done);
  }
  if (prompt.kind === 'jump') return stay(giveUp(mode, prompt));
  // Nothing typed: what was searched for before.
  if (text === '') return again({ ...done, search: prompt.from.search }, false, view);
  if (done.search) return stay(done);
  return {
    mode: { ...giveUp(mode, prompt), search: null },
    wish: { kind: 'refuse', text: `"${text}" is not found` },
  };
}

/** On to the next place of what was searched for. */
export function again(mode: CopyMode, isReverse: boolean, view: CopyView): CopyStep {
  const next = searchOn(mode, isReverse, view);
  if (next) return stay(next);
  return { mode, wish: { kind: 'refuse', text: 'there is no search to go on with' } };
}

/** On to the next place of the character that was jumped to; the mode as it is where the line has none. */
export function jumpOn(mode: CopyMode, isReverse: boolean, view: CopyView): CopyMode {
  const { jump, rows, cursor } = mode;
  const found = jump && onLine(rows, cursor, jump.to, jump.isBackward === isReverse ? 1 : -1);
  return found ? goTo(mode, found, view) : mode;
}

/** To a line by its number, from 1 on. */
export function goToLine(mode: CopyMode, line: number, view: CopyView): CopyMode {
  return showPlace(mode, { x: 0, y: Math.min(mode.rows.length, line) - 1 }, view);
}
