// Owns what can be done with the selected task: a key, a word, why it may not be, and what it does. Each is a line of the command bar, and so a method of the protocol.
import { canPause, canResume } from '../../domain/pause.ts';
import { isActive, isFinished, type Task } from '../../domain/task.ts';
import { lineOf } from '../command-bar/line-edit.ts';
import type { Effect } from '../effect.ts';
import { focusPane } from '../keys/run-command.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';

type Step = readonly [Model, readonly Effect[]];

export interface QueueAction {
  readonly key: string;
  /** What the action bar says. */
  readonly word: string;
  /** Left out for a client that looks on only. */
  readonly isChange: boolean;
  /** Why it means nothing for the task, in words that follow its id; null when it does. */
  readonly whyNot: (task: Task, model: Model) => string | null;
  readonly act: (model: Model, task: Task) => Step;
}

/** The bounds of a priority, as the protocol has them. */
const HIGHEST = 100;

const QUEUE_ACTIONS: readonly QueueAction[] = [
  {
    key: 's',
    word: 'next',
    isChange: true,
    whyNot: ({ status }) => (status === 'ready' ? null : `is ${status}, not queued`),
    act: startNext,
  },
  {
    key: '+',
    word: 'up',
    isChange: true,
    whyNot: whyNotChanged,
    act: (model, task) => changePriority(model, task, task.priority + 1),
  },
  {
    key: '-',
    word: 'down',
    isChange: true,
    whyNot: whyNotChanged,
    act: (model, task) => changePriority(model, task, task.priority - 1),
  },
  {
    key: 'e',
    word: 'edit',
    isChange: true,
    whyNot: whyNotChanged,
    act: (model, task) => openLine(model, `edit ${task.id} `),
  },
  {
    key: 'i',
    word: 'hint',
    isChange: true,
    whyNot: ({ status }) => (isFinished(status) ? `is ${status} already: nobody is left to hear it` : null),
    act: (model, task) => openLine(model, `hint ${task.id} `),
  },
  {
    key: 'x',
    word: 'cancel',
    isChange: true,
    whyNot: ({ status }) =>
      status === 'completed' || status === 'failed' || status === 'cancelled' ? `is ${status} already` : null,
    act: (model, task) => [{ ...model, queue: { ...model.queue, confirming: task.id } }, []],
  },
  {
    key: 'p',
    word: 'pause',
    isChange: true,
    whyNot: (task) => (canPause(task) ? null : task.pause === null ? `is ${task.status}` : 'is paused: u resumes it'),
    act: (model, task) => run(model, `pause ${task.id}`),
  },
  {
    key: 'u',
    word: 'resume',
    isChange: true,
    whyNot: (task) => (canResume(task) ? null : 'is not paused'),
    act: (model, task) => run(model, `resume ${task.id}`),
  },
  {
    key: 'r',
    word: 'retry',
    isChange: true,
    whyNot: ({ status }) =>
      status === 'failed' || status === 'blocked' || status === 'cancelled' ? null : `is ${status}`,
    act: (model, task) => run(model, `retry ${task.id}`),
  },
  {
    key: 'w',
    word: 'why',
    isChange: false,
    whyNot: ({ status }) => (status === 'completed' ? 'is done' : null),
    act: (model, task) => run(model, `why ${task.id}`),
  },
  {
    key: 'd',
    word: 'diff',
    isChange: false,
    whyNot: ({ branch, landedCommit }) => (branch === null && landedCommit === null ? 'was never begun' : null),
    act: (model, task) => run(model, `diff ${task.id}`),
  },
  {
    key: 'f',
    word: 'pane',
    isChange: false,
    whyNot: (task, model) => (workerOf(model, task) === null ? 'has no pane: nobody works on it' : null),
    act: goToPane,
  },
];

/** The actions that mean something for the task. */
export function actionsFor(model: Model, task: Task): QueueAction[] {
  return QUEUE_ACTIONS.filter(
    (action) => !(action.isChange && model.isReadOnly) && action.whyNot(task, model) === null,
  );
}

/** Does the action of a key; null when no action has that key. */
export function actOn(model: Model, task: Task, key: string): Step | null {
  // The same key without Shift, on most keyboards.
  const action = QUEUE_ACTIONS.find((candidate) => candidate.key === (key === '=' ? '+' : key));
  if (!action) return null;
  if (action.isChange && model.isReadOnly)
    return [refusal(model, 'you look on only: the queue is not changed from here', ''), []];
  const reason = action.whyNot(task, model);
  if (reason !== null) return [refusal(model, `${task.id} ${reason}`, ''), []];
  return action.act(model, task);
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
  return [focusPane({ ...model, queue: { ...model.queue, on: null } }, worker), []];
}
