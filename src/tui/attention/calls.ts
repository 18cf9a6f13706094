// Owns which events call a person: a task begins to need someone, or nothing is left to do. Pure.
import type { Envelope } from '../../domain/event.ts';
import type { State } from '../../domain/state.ts';
import { countStatus } from '../../domain/status.ts';
import { needsSomeone } from '../../domain/worker.ts';
import type { Effect } from '../effect.ts';
import { type Model, runOfWorker } from '../model.ts';

export interface Call {
  /** The pane it is about; null for the whole session. */
  readonly pane: number | null;
  /** Text of agents and people: to be sanitised before it is shown. */
  readonly text: string;
  /** An agent waits: nobody has to be called any more when it goes on. */
  readonly isQuestion: boolean;
}

/** What an event calls for; `state` holds it already. null for an event that concerns nobody. */
export function callOf(state: State, { event }: Envelope): Call | null {
  switch (event.type) {
    case 'run.state-changed': {
      if (event.state !== 'needs-input') return null;
      const run = state.runs.get(event.runId);
      if (!run) return null;
      const question = event.detail === '' ? '' : `: ${event.detail}`;
      return { pane: run.worker, text: `${titleOf(state, run.taskId)} needs you${question}`, isQuestion: true };
    }
    case 'task.blocked':
      return taskCall(state, event.taskId, `is blocked: ${event.reason.message}`);
    case 'task.failed':
      return taskCall(state, event.taskId, `failed: ${event.error}`);
    case 'task.completed':
    case 'task.cancelled':
      return ending(state);
    default:
      return null;
  }
}

/** Calls, unless the person looks at the very pane. */
export function callEffects(model: Model, call: Call | null): readonly Effect[] {
  return call === null || isSeen(model, call) ? [] : [{ type: 'call', call }];
}

/** True for a call that was put off and is worth as much now: it was neither answered nor looked at meanwhile. */
export function isStillDue(model: Model, call: Call): boolean {
  if (isSeen(model, call)) return false;
  return !call.isQuestion || call.pane === null || needsSomeone(runOfWorker(model, call.pane));
}

function isSeen({ focused, hasTerminalFocus }: Model, { pane }: Call): boolean {
  return pane !== null && pane === focused && hasTerminalFocus;
}

/** The last task's own trouble says more than that nothing is left. */
function taskCall(state: State, taskId: string, what: string): Call {
  const worker = workerOf(state, taskId);
  return { pane: worker, text: `${titleOf(state, taskId)} ${what}`, isQuestion: false };
}

/** The task has left its run by now: the last one that was for it. */
function workerOf(state: State, taskId: string): number | null {
  return [...state.runs.values()].findLast((run) => run.taskId === taskId)?.worker ?? null;
}

function titleOf(state: State, taskId: string): string {
  return state.tasks.get(taskId)?.title ?? taskId;
}

function ending(state: State): Call | null {
  const { running, queued, done, blocked, failed } = countStatus(state);
  if (running + queued > 0) return null;
  const rest = [blocked > 0 ? `${blocked} blocked` : '', failed > 0 ? `${failed} failed` : ''].filter(Boolean);
  return { pane: null, text: ['nothing is left to do', `${done} done`, ...rest].join(', '), isQuestion: false };
}
