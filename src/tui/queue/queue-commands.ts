// Owns what the commands of the queue do: choosing a task, writing the filter, acting on the chosen one.
import { lineOf } from '../command-bar/line-edit.ts';
import type { Step } from '../effect.ts';
import type { QueueCommand } from '../keys/command.ts';
import { stepTo } from '../keys/step.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';
import { actOn } from './queue-actions.ts';
import { listedTasks, queueRows, selectedTask } from './queue-rows.ts';
import { changeQueue as change } from './queue-turn.ts';

/** Tasks that a page has. */
const PAGE = 10;

/** Does a command of the queue, or with the panel's task; refused while neither has the keys, because the task is not seen then. */
export function runQueueCommand(model: Model, command: QueueCommand): Step {
  const shown = model.mode.kind === 'panel' ? model.state.tasks.get(model.mode.taskId) : undefined;
  if (shown && command.name !== 'queue-select' && command.name !== 'queue-filter') return actOn(model, shown, command);
  if (model.queue.on !== 'queue')
    return [refusal(model, `${command.name} acts in the queue, which has not the keys`, `${model.keys.prefix} q`), []];
  if (command.name === 'queue-filter') return [change(model, { filterEdit: lineOf(model.queue.filter) }), []];
  const tasks = listedTasks(queueRows(model));
  const selected = selectedTask(model, queueRows(model));
  if (command.name === 'queue-select') {
    const at = tasks.findIndex(({ id }) => id === selected?.id);
    const to = tasks[stepTo(at, command.to, tasks.length, PAGE)];
    return [to ? change(model, { selected: to.id }) : model, []];
  }
  if (selected === null) return [refusal(model, 'no task is listed', ''), []];
  // What acts on a task selects it, so that the list may change order under it.
  return actOn(change(model, { selected: selected.id }), selected, command);
}
