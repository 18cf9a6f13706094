// Owns what can be done with the selected task: a command, a word, why it may not be, and what it does. Each is a line of the command bar, and so a method of the protocol.
import { canPause, canResume } from '../../domain/pause.ts';
import { isActive, isFinished, type Task } from '../../domain/task.ts';
import { lineOf } from '../command-bar/line-edit.ts';
import type { Step } from '../effect.ts';
import type { QueueCommand } from '../keys/command.ts';
import { focusPane } from '../keys/focus-commands.ts';
import { keyOf } from '../keys/key-map.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';

type TaskCommand = Exclude<QueueCommand, { name: 'queue-select' | 'queue-filter' }>;

interface QueueAction {
  readonly name: TaskCommand['name'];
  /** What the action bar says, by command string. */
  readonly words: readonly (readonly [command: string, word: string])[];
  /** Left out for a client that looks on only. */
  readonly isChange: boolean;
  /** Why it means nothing for the task, in words that follow its id; null when it does. */
  readonly whyNot: (task: Task, model: Model) => string | null;
  readonly act: (model: Model, task: Task, command: TaskCommand) => Step;
}

/** The bounds of a priority, as the protocol has them. */
const HIGHEST = 100;

const change = (
  name: TaskCommand['name'],
  word: string,
  whyNot: QueueAction['whyNot'],
  act: QueueAction['act'],
): QueueAction => ({ name, words: [[name, word]], isChange: true, whyNot, act });
const look = (...parts: Parameters<typeof change>): QueueAction => ({ ...change(...parts), isChange: false });

const QUEUE_ACTIONS: readonly QueueAction[] = [
  change('queue-start', 'next', ({ status }) => (status === 'ready' ? null : `is ${status}, not queued`), startNext),
  {
    name: 'queue-priority',
    words: [
      ['queue-priority +1', 'up'],
      ['queue-priority -1', 'down'],
    ],
    isChange: true,
    whyNot: whyNotChanged,
    act: (model, task, command) =>
      command.name === 'queue-priority' ? changePriority(model, task, task.priority + command.by) : [model, []],
  },
  change('queue-edit', 'edit', whyNotChanged, (model, task) => openLine(model, `edit ${task.id} `)),
  change(
    'queue-hint',
    'hint',
    ({ status }) => (isFinished(status) ? `is ${status} already: nobody is left to hear it` : null),
    (model, task) => openLine(model, `hint ${task.id} `),
  ),
  change('queue-cancel', 'cancel', whyNotChanged, (model, task) => [
    { ...model, queue: { ...model.queue, confirming: task.id } },
    [],
  ]),
  change('queue-pause', 'pause', whyNotPaused, (model, task) => run(model, `pause ${task.id}`)),
  change(
    'queue-resume',
    'resume',
    (task) => (canResume(task) ? null : 'is not paused'),
    (model, task) => run(model, `resume ${task.id}`),
  ),
  change(
    'queue-retry',
    'retry',
    ({ status }) => (status === 'failed' || status === 'blocked' || status === 'cancelled' ? null : `is ${status}`),
    (model, task) => run(model, `retry ${task.id}`),
  ),
  look(
    'queue-why',
    'why',
    ({ status }) => (status === 'completed' ? 'is done' : null),
    (model, task) => run(model, `why ${task.id}`),
  ),
  look(
    'queue-diff',
    'diff',
    ({ branch, landedCommit }) => (branch === null && landedCommit === null ? 'was never begun' : null),
    (model, task) => run(model, `diff ${task.id}`),
  ),
  look(
    'queue-pane',
    'pane',
    (task, model) => (workerOf(model, task) === null ? 'has no pane: nobody works on it' : null),
    goToPane,
  ),
  look(
    'queue-show',
    'show',
    () => null,
    (model, task) => run(model, `show ${task.id}`),
  ),
];

/** What can be done with the task, as the action bar says it: the keys that a table binds to it, each with its word. */
export function actionWords(
  model: Model,
  task: Task,
  table: 'queue' | 'panel' = 'queue',
): [key: string, word: string][] {
  return QUEUE_ACTIONS.filter((action) => !(action.isChange && model.isReadOnly) && action.whyNot(task, model) === null)
    .flatMap(({ words }) => words)
    .flatMap(([command, word]): [string, string][] => {
      const key = keyOf(model.keys, table, command);
      return key === null ? [] : [[key, word]];
    });
}

/** Does what a command says with the task, or says why not. */
export function actOn(model: Model, task: Task, command: TaskCommand): Step {
  const action = QUEUE_ACTIONS.find(({ name }) => name === command.name);
  if (!action) return [model, []];
  if (action.isChange && model.isReadOnly)
    return [refusal(model, 'you look on only: the queue is not changed from here', ''), []];
  const reason = action.whyNot(task, model);
  if (reason !== null) return [refusal(model, `${task.id} ${reason}`, ''), []];
  return action.act(model, task, command);
}

/** The line of the command bar that cancels the task, once it was confirmed. */
export function cancelTask(model: Model, task: Task): Step {
  return run({ ...model, queue: { ...model.queue, confirming: null } }, `cancel ${task.id}`);
}

/** Ids are made of letters and digits: they need no quotes. */
function run(model: Model, line: string): Step {
  return [model, [{ type: 'run', line }]];
}

function whyNotChanged({ status }: Task): string | null {
  return status === 'completed' || status === 'cancelled' ? `is ${status} already` : null;
}

function whyNotPaused(task: Task, { keys, mode }: Model): string | null {
  if (canPause(task)) return null;
  if (task.pause === null) return `is ${task.status}`;
  const key = keyOf(keys, mode.kind === 'panel' ? 'panel' : 'queue', 'queue-resume');
  return `is paused${key === null ? '' : `: ${key} resumes it`}`;
}

function startNext(model: Model, task: Task): Step {
  const others = [...model.state.tasks.values()].filter(({ id, status }) => status === 'ready' && id !== task.id);
  const highest = others.reduce((most, { priority }) => Math.max(most, priority), Number.NEGATIVE_INFINITY);
  if (task.priority > highest) return [refusal(model, `${task.id} is the next one already`, ''), []];
  if (highest >= HIGHEST)
    return [refusal(model, `another task has priority ${HIGHEST}, the highest there is`, 'list --status ready'), []];
  return run(model, `edit ${task.id} --priority ${highest + 1}`);
}

function changePriority(model: Model, task: Task, priority: number): Step {
  if (Math.abs(priority) > HIGHEST) return [refusal(model, `priorities go from -${HIGHEST} to ${HIGHEST}`, ''), []];
  return run(model, `edit ${task.id} --priority ${priority}`);
}

/** The command bar with the beginning of a line. */
function openLine(model: Model, line: string): Step {
  const edit = lineOf(line);
  const mode = { kind: 'command', edit, completion: null, refusal: null, isRunning: false, historyAt: 0 } as const;
  return [{ ...model, note: null, mode }, []];
}

function workerOf(model: Model, task: Task): number | null {
  if (!isActive(task.status) || task.runId === null) return null;
  const worker = model.state.runs.get(task.runId)?.worker ?? null;
  return worker !== null && model.state.workers.get(worker)?.runId === task.runId ? worker : null;
}

function goToPane(model: Model, task: Task): Step {
  const worker = workerOf(model, task);
  if (worker === null) return [model, []];
  return [focusPane({ ...model, mode: { kind: 'normal' }, queue: { ...model.queue, on: null } }, worker), []];
}
