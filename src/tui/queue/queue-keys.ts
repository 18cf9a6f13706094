// Owns what keys do while the queue or the feed has them: its table of bindings, the filter that is being written, the yes before a task is cancelled.
import { editWithKey } from '../command-bar/line-edit.ts';
import type { Step } from '../effect.ts';
import { keyOf, lookUp } from '../keys/key-map.ts';
import { textOfKey } from '../keys/key-name.ts';
import { runCommand } from '../keys/run-command.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';
import { cancelTask } from './queue-actions.ts';
import { queueRows, selectedTask } from './queue-rows.ts';
import { changeQueue as change } from './queue-turn.ts';

/** One key into the sidebar that has them. None reaches a pane. */
export function typeIntoQueue(model: Model, on: 'queue' | 'activity', key: string): Step {
  const { filterEdit, confirming } = model.queue;
  if (on === 'queue' && filterEdit !== null) return [typeIntoFilter(model, filterEdit, key), []];
  if (on === 'queue' && confirming !== null) {
    const selected = selectedTask(model, queueRows(model));
    const isMeant = selected !== null && selected.id === confirming && (key === 'y' || key === 'Y');
    return isMeant ? cancelTask(model, selected) : [change(model, { confirming: null }), []];
  }
  const command = lookUp(model.keys, on, key);
  if (command) return runCommand(model, command);
  const leave = keyOf(model.keys, on, on);
  const next = leave === null ? '' : `${leave}: the panes`;
  return [refusal(model, `${key} has no meaning in the ${on}`, next), []];
}

function typeIntoFilter(model: Model, edit: { text: string; cursor: number }, key: string): Model {
  if (key === 'Escape' || key === 'C-c' || key === 'C-g') return change(model, { filter: '', filterEdit: null });
  if (key === 'Enter' || key === 'C-m' || key === 'Down' || key === 'Tab' || key === 'C-i')
    return change(model, { filter: edit.text.trim(), filterEdit: null });
  if (key === 'BSpace' && edit.text === '') return change(model, { filter: '', filterEdit: null });
  const next = editWithKey(edit, key, textOfKey(key));
  return next ? change(model, { filterEdit: next }) : model;
}
