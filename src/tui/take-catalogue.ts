// Owns what a changed catalogue of layouts and themes does to the windows that use them.
import { basename } from 'node:path';
import { keyOf } from './keys/key-map.ts';
import type { Catalogue, Mistake } from './layout/catalogue.ts';
import type { Layout } from './layout/layout.ts';
import type { Model } from './model.ts';
import { note, refusal } from './note.ts';

/** The model with the layouts and themes as they are now. One whose file is gone stays until another is chosen. A mistake is said, one that is new before others. */
export function takeCatalogue(model: Model, catalogue: Catalogue): Model {
  const renew = (layout: Layout): Layout => catalogue.layouts.get(layout.name) ?? layout;
  const windows = model.windows.map((window) => ({
    ...window,
    view: { ...window.view, layout: renew(window.view.layout) },
  }));
  const next: Model = {
    ...model,
    catalogue,
    windows,
    layout: renew(model.layout),
    theme: catalogue.themes.get(model.theme.name) ?? model.theme,
  };
  const known = new Set(model.catalogue.mistakes.map(lineOf));
  const fresh = catalogue.mistakes.filter((each) => !known.has(lineOf(each)));
  const [mistake] = [...fresh, ...catalogue.mistakes];
  if (mistake !== undefined) {
    // A line has little room: the whole path, and what is wrong besides, stands among the messages.
    const key = keyOf(model.keys, 'prefix', 'messages');
    const whole = (fresh.length > 0 ? fresh : catalogue.mistakes).map(lineOf);
    const way = key === null ? ': messages' : key;
    return refusal(next, `${basename(mistake.path)}: ${mistake.problem}`, `${model.keys.prefix} ${way}`, whole);
  }
  return note(next, 'layouts and themes are read again');
}

function lineOf({ path, problem }: Mistake): string {
  return `${path}: ${problem}`;
}
