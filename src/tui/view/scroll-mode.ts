// Owns what keys do in help and in a popup: scrolling and closing.
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

/** One key; `scroll` counts lines from the top and never leaves the text. */
export function typeIntoScroll(model: Model, mode: ScrollMode, key: string): Model {
  if (CLOSING.has(key)) return { ...model, mode: { kind: 'normal' } };
  const step = STEPS[key];
  if (step === undefined) return model;
  const { lines, page } = popupMetrics(model, mode);
  const by = step === 'page' ? page : step === '-page' ? -page : step;
  const scroll = Math.max(0, Math.min(lines - page, mode.scroll + by));
  return { ...model, mode: { ...mode, scroll } };
}
