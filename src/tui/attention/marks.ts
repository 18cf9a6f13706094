// Owns the marks of panes that nobody looks at: output since they were focused last, or a bell. Pure.
import type { Model } from '../model.ts';

/** A bell is more than output: it is not replaced by it. */
export type Mark = 'activity' | 'bell';

/** The model after a pane has printed or rung. The focused pane gets no mark. */
export function markPane(model: Model, pane: number, signal: Mark): Model {
  const old = model.marks.get(pane);
  if (pane === model.focused || old === 'bell' || old === signal) return model;
  return { ...model, marks: new Map(model.marks).set(pane, signal) };
}

/** The model without the mark of the focused pane. */
export function clearMark(model: Model): Model {
  if (model.focused === null || !model.marks.has(model.focused)) return model;
  const marks = new Map(model.marks);
  marks.delete(model.focused);
  return { ...model, marks };
}

/** What stands behind the number of a pane in its title: `!` for a bell, `*` for output, else nothing. */
export function markSign(model: Model, pane: number): string {
  const mark = model.marks.get(pane);
  return mark === 'bell' ? '!' : mark === 'activity' ? '*' : '';
}
