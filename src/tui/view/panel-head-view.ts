// Owns the head of the intervention panel: how the task stands, why, and what can be done with it.
import { formatAge } from '../../domain/duration.ts';
import { isAtWork, isInterrupted } from '../../domain/status.ts';
import { isActive, type Task } from '../../domain/task.ts';
import { printable } from '../../domain/text.ts';
import { wrap } from '../../domain/text-width.ts';
import { isNothing, usageOfTree, usageWords } from '../../domain/usage.ts';
import { explainWhy } from '../../domain/why.ts';
import { needsSomeone, stateWord } from '../../domain/worker.ts';
import { keyOf } from '../keys/key-map.ts';
import type { Model } from '../model.ts';
import type { PanelMode } from '../panel/panel-mode.ts';
import { runOfPanel } from '../panel/panel-question.ts';
import { whyNoHint } from '../panel/panel-update.ts';
import { actionWords } from '../queue/queue-actions.ts';
import { keyRow, keyRows } from './key-row.ts';
import { cutLine, type Line, type Span, span } from './line.ts';
import { stateStyle } from './pane-title.ts';
import { statusWord } from './queue-marks.ts';

/** Rows of the sentence that says why it stands so. */
const MOST_WHY = 3;

/** Rows of at most `width` cells. */
export function headRows(model: Model, mode: PanelMode, width: number): Line[] {
  const task = model.state.tasks.get(mode.taskId);
  if (!task) return [];
  return [
    cutLine(standing(model, mode, task), width),
    ...whyRows(model, mode, task, width),
    ...actionRows(model, mode, task, width),
  ];
}

/** `in progress 12m · needs-input 40s · worker 2 · Login · attempt 2 of 3 · 12.3k tokens` */
function standing(model: Model, mode: PanelMode, task: Task): Line {
  const { state, now } = model;
  const run = runOfPanel(model, mode);
  const parts: Span[][] = [[span('strong', `${statusWord(model, task)} ${formatAge(now - sinceOf(model, task))}`)]];
  if (task.pause?.phase === 'asked') parts.push([span('quiet', 'pausing')]);
  else if (run) {
    const word = needsSomeone(run) ? ` ${run.state} ` : stateWord(run);
    parts.push([span(stateStyle(run.state), word), span('dim', ` ${formatAge(now - run.stateSince)}`)]);
  }
  if (run) parts.push([span('text', `worker ${run.worker}`)]);
  const epic = task.epicId === null ? undefined : (state.epics.get(task.epicId)?.title ?? task.epicId);
  if (epic !== undefined) parts.push([span('text', printable(epic))]);
  if (task.priority !== 0) parts.push([span('text', `priority ${task.priority}`)]);
  if (task.attempts > 1) parts.push([span('text', `attempt ${task.attempts} of ${task.maxAttempts}`)]);
  if (task.parentId !== null) parts.push([span('dim', `part of ${task.parentId}`)]);
  const used = usageOfTree(state, task.id);
  if (!isNothing(used)) parts.push([span('dim', usageWords(used))]);
  return parts.flatMap((part, index) => (index > 0 ? [span('dim', ' · '), ...part] : part));
}

function sinceOf({ state }: Model, task: Task): number {
  const ended = isInterrupted(state, task) && task.runId !== null ? state.runs.get(task.runId)?.endedAt : null;
  return ended ?? (isActive(task.status) ? task.startedAt : null) ?? task.updatedAt;
}

/** What its agent waits for that no answer is offered to (a hint is one), why it is not worked on, or what came of it. */
function whyRows(model: Model, mode: PanelMode, task: Task, width: number): Line[] {
  const { state, now } = model;
  const run = runOfPanel(model, mode);
  if (run !== null && needsSomeone(run) && run.questions.length === 0)
    return wrap(printable(run.stateDetail), width)
      .slice(0, MOST_WHY)
      .flatMap((row): Line[] => (row === '' ? [] : [[span('strong', row)]]));
  if (isAtWork(state, task)) return [];
  const [why = task.summary ?? ''] = explainWhy(state, task, now);
  const style = task.status === 'failed' || task.status === 'blocked' ? 'trouble' : 'dim';
  const rows = wrap(printable(why), width).slice(0, MOST_WHY);
  return rows.filter((row) => row !== '').map((row): Line => [span(style, row)]);
}

function actionRows(model: Model, mode: PanelMode, task: Task, width: number): Line[] {
  if (model.queue.confirming === task.id) {
    const cost = isAtWork(model.state, task) ? ' Its agent is ended, its work is kept.' : '';
    const keys = keyRow([
      ['y', 'yes'],
      ['n', 'no'],
    ]);
    return [[span('attention', ` Cancel it?${cost} `), span('text', '  '), ...keys]];
  }
  const goes = [
    ...(mode.asked === null ? [] : [['panel-go question', 'answer'] as const]),
    ...(whyNoHint(model, mode) === null ? [['panel-go hint', 'hint'] as const] : []),
    ['panel-go files', 'files'] as const,
  ].flatMap(([command, word]): [string, string][] => {
    const key = keyOf(model.keys, 'panel', command);
    return key === null ? [] : [[key, word]];
  });
  const only = model.isReadOnly ? [[span('quiet', 'you look on only: nothing is changed from here')]] : [];
  // As the table has them: what undoes nothing comes first.
  const order = [...model.keys.keys.values()].flatMap(({ binding }) =>
    binding.table === 'panel' ? [binding.key] : [],
  );
  const actions = actionWords(model, task, 'panel').sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return [...keyRows([...goes, ...actions], width), ...only];
}
