// Owns what keys do in help and in a popup: scrolling and closing.
import { textOfKey } from '../keys/key-name.ts';
import type { Mode, Model } from '../model.ts';
import { popupMetrics } from './popup.ts';

type ScrollMode = Extract<Mode, { kind: 'help' | 'popup' }>;

const CLOSING = new Set(['Escape', 'q', 'Enter', 'C-c', 'C-g']);

const STEPS: Readonly<Record<string, number | 'page' | '-page'>> = {
  Up: -1,
  k: -1,
  'C-p': -1,
  Down: 1,
  j: 1,
  'C-n': 1,
  PPage: '-page',
  b: '-page',
  'C-b': '-page',
  NPage: 'page',
  Space: 'page',
  'C-f': 'page',
  Home: Number.NEGATIVE_INFINITY,
  g: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
  G: Number.POSITIVE_INFINITY,
};

/** Keys that scroll although help takes letters for its filter. */
const HELP_STEPS = new Set(['Up', 'Down', 'PPage', 'NPage', 'Home', 'End', 'C-p', 'C-n', 'C-b', 'C-f']);
const HELP_CLOSING = new Set(['Escape', 'Enter', 'C-c', 'C-g']);

/** One key in help: text filters, the rest scrolls or closes. */
function typeIntoHelp(model: Model, mode: Extract<Mode, { kind: 'help' }>, key: string): Model {
  if (HELP_CLOSING.has(key)) return { ...model, mode: { kind: 'normal' } };
  if (HELP_STEPS.has(key)) return scrollBy(model, mode, key);
  const filter = editFilter(mode.filter, key);
  return filter === mode.filter ? model : { ...model, mode: { ...mode, filter, scroll: 0 } };
}

function editFilter(filter: string, key: string): string {
  if (key === 'BSpace' || key === 'C-h') return [...filter].slice(0, -1).join('');
  if (key === 'C-u') return '';
  return (filter + textOfKey(key)).slice(0, 40);
}

/** One key; `scroll` counts lines from the top and never leaves the text. */
export function typeIntoScroll(model: Model, mode: ScrollMode, key: string): Model {
  if (mode.kind === 'help') return typeIntoHelp(model, mode, key);
  if (CLOSING.has(key)) return { ...model, mode: { kind: 'normal' } };
  return scrollBy(model, mode, key);
}

function scrollBy(model: Model, mode: ScrollMode, key: string): Model {
  const step = STEPS[key];
  if (step === undefined) return model;
  const { lines, page } = popupMetrics(model, mode);
  const by = step === 'page' ? page : step === '-page' ? -page : step;
  const scroll = Math.max(0, Math.min(lines - page, mode.scroll + by));
  return { ...model, mode: { ...mode, scroll } };
}
