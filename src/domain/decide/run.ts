// Owns the decisions about runs: one run is one agent process on one attempt of a task.
import type { DroverEvent } from '../event.ts';
import { resolveTask } from '../ids.ts';
import type { Intent } from '../intent.ts';
import { isResumed } from '../pause.ts';
import { requireQuestion } from '../question.ts';
import { quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { Run } from '../worker.ts';
import { requireActive, requireTransition } from './transition.ts';

type Of<T extends Intent['type']> = Extract<Intent, { type: T }>;

/** The agent's process is there. Refuses not-running when the run is over: its task was cancelled or released meanwhile, and the process must be ended. */
export function startRun(state: State, intent: Of<'run.start'>): DroverEvent[] {
  const run = requireRun(state, intent.runId);
  if (run.endedAt !== null) refuse('not-running', `The run ${run.id} of ${run.taskId} is over.`);
  if (run.pid === intent.pid) return [];
  if (run.pid !== null) refuse('not-allowed', `The run ${run.id} has the process ${run.pid} already.`);
  const task = resolveTask(state, run.taskId);
  if (task.status === 'claimed') requireTransition(task, 'in_progress');
  return [{ type: 'run.started', runId: run.id, pid: intent.pid }];
}

/** What the agent is doing. No event when nothing is new, or when the run is over and the report comes late. */
export function reportState(state: State, intent: Of<'run.report-state'>): DroverEvent[] {
  const run = requireRun(state, intent.runId);
  const isSame = run.state === intent.state && run.stateSource === intent.source && run.stateDetail === intent.detail;
  if (run.endedAt !== null || isSame) return [];
  const { state: agentState, source, detail } = intent;
  return [{ type: 'run.state-changed', runId: run.id, state: agentState, source, detail }];
}

/** Its worktree is up to date, or stays where it is for good. Also of a run that is over: a move that was cut off is finished for the one that goes on. */
export function syncRun(state: State, intent: Of<'run.sync'>): DroverEvent[] {
  const run = requireRun(state, intent.runId);
  return [{ ...intent, type: 'run.synced', runId: run.id }];
}

/** Its worktree could not be brought up to date. No event when the run is over, or when the same was said of it before. */
export function failSync(state: State, intent: Of<'run.fail-sync'>): DroverEvent[] {
  const run = requireRun(state, intent.runId);
  if (run.endedAt !== null || run.syncError === intent.reason) return [];
  return [{ type: 'run.sync-failed', runId: run.id, reason: intent.reason }];
}

/** Its agent waits for an answer. No event when the run is over. */
export function askQuestion(state: State, { runId, question }: Of<'run.ask'>): DroverEvent[] {
  const run = requireRun(state, runId);
  if (run.endedAt !== null || run.questions.some(({ id }) => id === question.id)) return [];
  return [{ type: 'run.asked', runId, question }];
}

/** The question was answered. Refuses nothing-to-do when it is not asked any more; that it was answered in its pane too late is no event. */
export function answerQuestion(state: State, intent: Of<'run.answer'>): DroverEvent[] {
  const { runId, questionId, answer, allows } = intent;
  const run = requireRun(state, runId);
  const isOpen = run.questions.some(({ id }) => id === questionId);
  if (answer === null && !isOpen) return [];
  requireQuestion(run, questionId);
  return [{ type: 'run.answered', runId, questionId, answer, ...(allows === undefined ? {} : { allows }) }];
}

/** The agent's process is gone. No event when the run is over already. */
export function endRun(state: State, intent: Of<'run.end'>): DroverEvent[] {
  const run = requireRun(state, intent.runId);
  if (run.endedAt !== null) return [];
  const { exitCode, signal, reason } = intent;
  return [{ type: 'run.ended', runId: run.id, exitCode, signal, reason }];
}

/** The same conversation goes on in a new process, which ends the previous run. Refuses a task that no worker holds and nobody has resumed, and a worker that is busy with another. */
export function resumeRun(state: State, intent: Of<'run.resume'>): DroverEvent[] {
  const task = resolveTask(state, intent.taskId);
  if (!isResumed(task)) requireActive(task, 'going on');
  const previous = requireRun(state, task.runId ?? '');
  if (state.runs.has(intent.runId)) refuse('not-allowed', `The run ${intent.runId} exists already.`);
  const worker = state.workers.get(intent.worker);
  if (!worker) refuse('not-allowed', `There is no worker ${intent.worker}.`);
  if (worker.runId !== null && worker.runId !== previous.id) {
    refuse('not-allowed', `Worker ${worker.number} is busy with ${worker.runId}.`);
  }
  const { runId, reason } = intent;
  return [{ type: 'run.resumed', taskId: task.id, previousRunId: previous.id, runId, worker: worker.number, reason }];
}

function requireRun(state: State, runId: string): Run {
  return state.runs.get(runId) ?? refuse('unknown-run', `There is no run ${quote(runId)}.`, 'drover list');
}
