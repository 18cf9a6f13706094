// Owns what scrolls: help, a popup, the panel and the activity feed; how help and popups close, and how the filter of help is written.

import type { StepWord } from '../keys/command.ts';
import { textOfKey } from '../keys/key-name.ts';
import { stepTo } from '../keys/step.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';
import { closePanel, scrollPanel } from '../panel/panel-commands.ts';
import { activityLength } from './activity.ts';
import { diffPage } from './panel-view.ts';
import { popupMetrics } from './popup.ts';

/** Lines of the feed that a page has. */
const FEED_PAGE = 10;

/** Scrolls what is read; it never leaves the text. */
export function scrollView(model: Model, to: StepWord): Model {
  const { mode, activity, queue } = model;
  if (mode.kind === 'help' || mode.kind === 'popup') {
    const { lines, page } = popupMetrics(model, mode);
    const scroll = stepTo(mode.scroll, to, lines - page + 1, page);
    return { ...model, mode: { ...mode, scroll } };
  }
  if (mode.kind === 'panel') return scrollPanel(model, mode, to, diffPage(model));
  if (queue.on !== 'activity') return refusal(model, 'nothing is open that scrolls', `${model.keys.prefix} [`);
  // It is counted from the newest line, which is the last one.
  const last = activityLength(model) - 1;
  const scroll = Math.max(0, last - stepTo(last - activity.scroll, to, last + 1, FEED_PAGE));
  return { ...model, activity: { ...activity, scroll } };
}

/** Closes help, the popup or the panel. */
export function closeView(model: Model): Model {
  if (model.mode.kind === 'panel') return closePanel(model, model.mode);
  const { kind } = model.mode;
  return kind === 'help' || kind === 'popup' ? { ...model, mode: { kind: 'normal' } } : model;
}

/** The filter of help after a key; null for a key that neither types nor deletes. */
export function editFilter(filter: string, key: string): string | null {
  if (key === 'BSpace' || key === 'C-h') return [...filter].slice(0, -1).join('');
  if (key === 'C-u') return '';
  const text = textOfKey(key);
  return text === '' ? null : (filter + text).slice(0, 40);
}
