// Owns what keys do while the queue or the feed has them: moving, filtering, acting on the selected task, leaving.
import { editWithKey, lineOf } from '../command-bar/line-edit.ts';
import type { Effect } from '../effect.ts';
import { textOfKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';
import { activityLength } from '../view/activity.ts';
import { actOn, cancelTask } from './queue-actions.ts';
import { listedTasks, queueRows, selectedTask } from './queue-rows.ts';
import { changeQueue as change, leaveQueue } from './queue-turn.ts';

type Step = readonly [Model, readonly Effect[]];

/** Rows that a page key moves by. */
const PAGE = 10;

const STEPS: Readonly<Record<string, number>> = {
  Up: -1,
  k: -1,
  'C-p': -1,
  Down: 1,
  j: 1,
  'C-n': 1,
  PPage: -PAGE,
  'C-b': -PAGE,
  NPage: PAGE,
  'C-f': PAGE,
  Home: Number.NEGATIVE_INFINITY,
  g: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
  G: Number.POSITIVE_INFINITY,
};

/** One key into the sidebar that has them. None reaches a pane. */
export function typeIntoQueue(model: Model, key: string): Step {
  if (model.queue.on === 'activity') return [typeIntoFeed(model, key), []];
  if (model.queue.filterEdit !== null) return [typeIntoFilter(model, model.queue.filterEdit, key), []];
  const rows = queueRows(model);
  const selected = selectedTask(model, rows);
  if (model.queue.confirming !== null) {
    const isMeant = selected !== null && selected.id === model.queue.confirming && (key === 'y' || key === 'Y');
    return isMeant ? cancelTask(model, selected) : [change(model, { confirming: null }), []];
  }
  if (isLeaving(key)) return [leaveQueue(model), []];
  if (key === 'Tab' || key === 'C-i' || key === 'BTab') return [change(model, { on: 'activity' }), []];
  if (key === '/') return [change(model, { filterEdit: lineOf(model.queue.filter) }), []];
  const by = STEPS[key];
  if (by !== undefined) {
    const tasks = listedTasks(rows);
    const at = tasks.findIndex(({ id }) => id === selected?.id);
    const to = tasks[Math.max(0, Math.min(tasks.length - 1, at + by))];
    return [to ? change(model, { selected: to.id }) : model, []];
  }
  if (selected === null) return [model, []];
  // What acts on a task selects it, so that the list may change order under it.
  const chosen = change(model, { selected: selected.id });
  if (key === 'Enter' || key === 'C-m') return [chosen, [{ type: 'run', line: `show ${selected.id}` }]];
  return actOn(chosen, selected, key) ?? [refusal(model, `${key} has no meaning in the queue`, 'Esc: the panes'), []];
}

function isLeaving(key: string): boolean {
  return key === 'Escape' || key === 'q' || key === 'C-c' || key === 'C-g';
}

function typeIntoFilter(model: Model, edit: { text: string; cursor: number }, key: string): Model {
  if (key === 'Escape' || key === 'C-c' || key === 'C-g') return change(model, { filter: '', filterEdit: null });
  if (key === 'Enter' || key === 'C-m' || key === 'Down' || key === 'Tab' || key === 'C-i')
    return change(model, { filter: edit.text.trim(), filterEdit: null });
  if (key === 'BSpace' && edit.text === '') return change(model, { filter: '', filterEdit: null });
  const next = editWithKey(edit, key, textOfKey(key));
  return next ? change(model, { filterEdit: next }) : model;
}

function typeIntoFeed(model: Model, key: string): Model {
  if (isLeaving(key)) return leaveQueue(model);
  if (key === 'Tab' || key === 'C-i' || key === 'BTab')
    return change({ ...model, activity: { ...model.activity, scroll: 0 } }, { on: 'queue' });
  const by = STEPS[key];
  if (by === undefined) return model;
  // Up goes back in time, and away from the newest line.
  const scroll = Math.max(0, Math.min(activityLength(model) - 1, model.activity.scroll - by));
  return { ...model, activity: { ...model.activity, scroll } };
}
