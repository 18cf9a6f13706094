// Owns the search over all panes and conversations as a mode of the workspace: its words, what was found, what is chosen. Pure.
import { editWithKey, insertText, type LineEdit, lineOf } from '../command-bar/line-edit.ts';
import { textOfKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import { goToFound } from './copy-update.ts';
import type { CopyEffect, CopyMessage, FoundPlace } from './state.ts';

export interface SearchMode {
  readonly kind: 'search';
  readonly edit: LineEdit;
  /** What `places` are the answer to; null before the first search. */
  readonly searched: string | null;
  readonly isRunning: boolean;
  readonly places: readonly FoundPlace[];
  /** There is more than that. */
  readonly isCut: boolean;
  readonly selected: number;
}

type Step = readonly [Model, readonly CopyEffect[]];

/** The command `search`. */
export function openSearch(model: Model): Model {
  const mode: SearchMode = {
    kind: 'search',
    edit: lineOf(''),
    searched: null,
    isRunning: false,
    places: [],
    isCut: false,
    selected: 0,
  };
  return { ...model, note: null, mode };
}

const STEPS: Readonly<Record<string, number>> = {
  Up: -1,
  'C-p': -1,
  Down: 1,
  'C-n': 1,
  PPage: -10,
  NPage: 10,
};

/** One key: Enter searches for new words, and goes to the chosen place when they have been searched for. */
export function typeIntoSearch(model: Model, mode: SearchMode, key: string): Step {
  if (key === 'Escape' || key === 'C-c' || key === 'C-g') return [{ ...model, mode: { kind: 'normal' } }, []];
  const by = STEPS[key];
  if (by !== undefined) {
    const selected = Math.max(0, Math.min(mode.places.length - 1, mode.selected + by));
    return [{ ...model, mode: { ...mode, selected } }, []];
  }
  if (key === 'Enter' || key === 'C-m' || key === 'C-j') return submit(model, mode);
  const edit = editWithKey(mode.edit, key, textOfKey(key));
  return [edit ? { ...model, mode: { ...mode, edit } } : model, []];
}

/** Pasted words. */
export function pasteIntoSearch(mode: SearchMode, text: string): SearchMode {
  return { ...mode, edit: insertText(mode.edit, text) };
}

function submit(model: Model, mode: SearchMode): Step {
  const query = mode.edit.text.trim();
  if (query === '') return [{ ...model, mode: { kind: 'normal' } }, []];
  if (query !== mode.searched) return [{ ...model, mode: { ...mode, isRunning: true } }, [{ type: 'search', query }]];
  const place = mode.places[mode.selected];
  return place ? goToFound({ ...model, mode: { kind: 'normal' } }, place, query) : [model, []];
}

/** What was found; a late answer to other words is dropped. */
export function showFound(model: Model, found: Extract<CopyMessage, { type: 'found' }>): Model {
  const { mode } = model;
  if (mode.kind !== 'search' || mode.edit.text.trim() !== found.query) return model;
  const { query, places, isCut } = found;
  return { ...model, mode: { ...mode, searched: query, isRunning: false, places, isCut, selected: 0 } };
}
