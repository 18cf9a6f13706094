// Owns the activity feed: the last events in words, the newest at the bottom, scrolled back when somebody reads it.
import { formatClock } from '../../client/format.ts';
import type { Model } from '../model.ts';
import { wordsOf } from './event-words.ts';
import { cutLine, fitLine, type Line, span } from './line.ts';

/** `height` rows of `width` cells: clock, mark, task, words. `activity.scroll` of the model counts lines back from the newest. */
export function activityLines(model: Model, width: number, height: number): Line[] {
  const told = activityRows(model, Math.max(1, width - 2));
  const rows = told.length === 0 && model.hasState ? [[span('dim', 'nothing has happened yet')]] : told;
  const scroll = Math.min(model.activity.scroll, Math.max(0, rows.length - height));
  const end = rows.length - scroll;
  const shown = rows.slice(Math.max(0, end - height), end);
  // What is newer and below is said in place of the last row.
  if (scroll > 0 && height > 1) shown[shown.length - 1] = [span('candidateSelected', ` ↓ ${scroll} newer `)];
  const lines = shown.map((row) => fitLine([span('text', ' '), ...row], width, 'text'));
  while (lines.length < height) lines.push(fitLine([], width, 'text'));
  return lines;
}

/** How many lines the feed has: how far back it can be scrolled. */
export function activityLength(model: Model): number {
  return model.activity.events.filter((envelope) => wordsOf(envelope, model.state) !== null).length;
}

function activityRows(model: Model, width: number): Line[] {
  return model.activity.events.flatMap((envelope): Line[] => {
    const words = wordsOf(envelope, model.state);
    if (words === null) return [];
    // Seconds only where they leave room for words.
    const clock = formatClock(envelope.at).slice(0, width < 48 ? 5 : 8);
    const about = words.about === '' ? [] : [span('dim', `${words.about} `)];
    const line = [span('dim', `${clock} `), span(words.style, `${words.mark} `), ...about, span('text', words.text)];
    return [cutLine(line, width)];
  });
}
