// Owns what a changed catalogue of layouts and themes does to the windows that use them.
import { basename } from 'node:path';
import type { Catalogue } from './layout/catalogue.ts';
import type { Layout } from './layout/layout.ts';
import type { Model } from './model.ts';
import { note, refusal } from './note.ts';

/** The model with the layouts and themes as they are now. One whose file is gone stays until another is chosen; the first mistake is said. */
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
  const [mistake] = catalogue.mistakes;
  // A line has little room: the whole path, and what is wrong besides, tells the doctor.
  if (mistake !== undefined)
    return refusal(next, `${basename(mistake.path)}: ${mistake.problem}`, `${model.keys.prefix} : doctor`);
  return note(next, 'layouts and themes are read again');
}
