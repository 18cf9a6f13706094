// Owns the verbs of pausing: a task or all of them, and the queue.

import type { Task } from '../domain/task.ts';
import { sanitise } from '../domain/text.ts';
import type { CallVerb, RenderContext, Verb, VerbInput } from './verb.ts';
import { textOption } from './verb-params.ts';
import { renderTaskLine } from './verb-text.ts';

/** The task that was named, or all of them; the server refuses both and neither. */
function whichOf({ args, options }: VerbInput): { task?: string; isAll?: true } {
  const [task] = args;
  return { ...(task === undefined ? {} : { task }), ...(options['all'] === true ? { isAll: true } : {}) };
}

const pause: CallVerb<'task.pause'> = {
  name: 'pause',
  group: 'Work',
  summary: 'Pause a task: its agent stops at a safe point, its work and conversation stay',
  details:
    'The safe point is the end of a step of its tools, or of its turn; an agent that comes to none within pauseGrace (60s) is interrupted. What is uncommitted stays in the worktree, which stays with the task, and is kept under refs/drover/keep/ too. The worker takes other work.',
  args: '[task]',
  options: [
    { flags: '--now', help: 'interrupt the agent instead of waiting for a safe point' },
    { flags: '--all', help: 'all that agents work on; nothing more is taken from the queue' },
  ],
  example: 'drover pause task-x7k2m',
  completes: 'task',
  method: 'task.pause',
  params: (input) => ({ ...whichOf(input), ...(input.options['now'] === true ? { isNow: true } : {}) }),
  render: ({ tasks, others }, context) => {
    const isAll = context.input.options['all'] === true;
    return [
      ...tasks.map((task) => renderPause(task, context)),
      ...others.map(({ task, reason }) => `${renderTaskLine('Goes on', task, context)}\n  ${sanitise(reason)}`),
      ...(isAll ? ['The queue is held; to let it and all tasks go on: drover resume --all'] : []),
    ].join('\n');
  },
};

function renderPause(task: Task, context: RenderContext): string {
  const resume = `to go on: drover resume ${sanitise(task.id)}`;
  if (task.status === 'paused') return `${renderTaskLine('Paused', task, context)}; ${resume}`;
  const how = task.pause?.isNow ? 'its agent is interrupted' : 'its agent stops at its next safe point';
  return `${renderTaskLine('Pausing', task, context)}; ${how}; ${resume}`;
}

const resume: CallVerb<'task.resume'> = {
  name: 'resume',
  group: 'Work',
  summary: 'Let a paused task go on, in the same worktree and conversation',
  details:
    'It goes back into the queue and on with the next free worker. When its worktree or its conversation is gone it is blocked with the reason, and retry begins again from the work that was kept.',
  args: '[task]',
  options: [
    { flags: '--hint <text>', help: 'what its agent is told as it goes on; drover hints shows whether it has arrived' },
    { flags: '--all', help: 'all that is paused, and the queue' },
  ],
  example: 'drover resume task-x7k2m --hint "Use the existing auth middleware"',
  completes: 'task',
  method: 'task.resume',
  params: (input) => {
    const hint = textOption(input, 'hint');
    return { ...whichOf(input), ...(hint === undefined ? {} : { hint }) };
  },
  render: ({ tasks }, context) => {
    const lines = tasks.map((task) => renderTaskLine(task.status === 'ready' ? 'Resumed' : 'Goes on', task, context));
    if (textOption(context.input, 'hint') !== undefined) lines.push('  its agent hears the hint first');
    if (context.input.options['all'] === true) lines.push('Tasks are taken from the queue.');
    return lines.join('\n');
  },
};

const hold: CallVerb<'session.hold'> = {
  name: 'hold',
  group: 'Work',
  summary: 'Hold the queue: no task is begun, agents at work go on to their end',
  example: 'drover hold',
  method: 'session.hold',
  params: () => ({}),
  render: ({ wasHeld }) =>
    `${wasHeld ? 'The queue is held already' : 'The queue is held; agents at work go on'}. To let it go on: drover unhold`,
};

const unhold: CallVerb<'session.unhold'> = {
  name: 'unhold',
  group: 'Work',
  summary: 'Let a held queue go on',
  example: 'drover unhold',
  method: 'session.unhold',
  params: () => ({}),
  render: ({ wasHeld }) => (wasHeld ? 'Tasks are taken from the queue again.' : 'The queue was not held.'),
};

/** In the order in which the help lists them. */
export const PAUSE_VERBS: readonly Verb[] = [pause, resume, hold, unhold];
