// Owns the answer to `drover why`: sentences for a person that say why a task is not running, or what it is doing.
import { formatAge, formatWait } from './duration.ts';
import type { Pause } from './pause.ts';
import { quote } from './quote.ts';
import { claimable, dependencies, idleWorkers, isInSession, isRunOpen, isStranded, isStuck } from './schedule.ts';
import type { State } from './state.ts';
import { isActive, type Task } from './task.ts';
import type { AgentState, Run } from './worker.ts';

/** Sentences on the task at `now` (ms since epoch), the weightiest first: never none, but for a completed task. Foreign text in them is quoted and has no control characters. */
export function explainWhy(state: State, task: Task, now: number): string[] {
  switch (task.status) {
    case 'ready':
      return explainReady(state, task, now);
    case 'claimed':
    case 'in_progress':
      return explainActive(state, task, now);
    case 'paused':
      return explainPaused(task, now);
    case 'blocked':
      return [...explainBlocked(task), ...ending(state, task)];
    case 'decomposed':
      return ['It was divided into subtasks and is completed when they are.'];
    case 'completed':
      return [];
    case 'failed':
      return [
        `It failed after ${count(task.attempts, 'attempt')}${lastError(task)}.`,
        `To try again: drover retry ${task.id}; to give it up: drover cancel ${task.id}`,
        ...ending(state, task),
      ];
    case 'cancelled':
      return ['It was cancelled.', `To take it up again: drover retry ${task.id}`, ...ending(state, task)];
  }
}

function explainReady(state: State, task: Task, now: number): string[] {
  const { waiting, dead } = dependencies(state, task);
  const sentences = [
    ...dead.flatMap((dependency) => explainDead(task, dependency)),
    ...waiting.map((dependency) => explainWaiting(state, dependency)),
  ];
  if (task.retryAt !== null && task.retryAt > now) {
    const next = `the next begins in ${formatWait(task.retryAt - now)}`;
    sentences.push(`Attempt ${task.attempts} of ${task.maxAttempts} failed${lastError(task)}; ${next}.`);
  }
  sentences.push(...ending(state, task), ...explainSession(state, task));
  if (sentences.length === 0) sentences.push(explainTurn(state, task, now));
  return [...explainPause(task, now), ...sentences];
}

function explainDead(task: Task, dependency: Task): string[] {
  const kept = task.blockedBy.filter((id) => id !== dependency.id).join(',') || 'none';
  return [
    `It waits for ${name(dependency)}, which is ${dependency.status} and will not be completed by itself.`,
    `Either try that again: drover retry ${dependency.id}; or stop waiting for it: drover edit ${task.id} --blocked-by ${kept}`,
  ];
}

function explainWaiting(state: State, dependency: Task): string {
  const waits = `It waits for ${name(dependency)}`;
  if (isActive(dependency.status)) {
    const run = currentRun(state, dependency);
    return `${waits}, which ${run ? `worker ${run.worker} works on (${run.state})` : `is ${dependency.status}`}.`;
  }
  if (dependency.status === 'blocked') {
    const reason = dependency.blockedReason ? ` (${quote(dependency.blockedReason.message, 200)})` : '';
    return `${waits}, which is blocked${reason}. See: drover why ${dependency.id}`;
  }
  if (dependency.status === 'ready' && isStuck(state, dependency)) {
    return `${waits}, which cannot start because of what it waits for itself. See: drover why ${dependency.id}`;
  }
  return `${waits}, which is ${dependency.status}.`;
}

/** Who paused it and since when, what is kept, and how it goes on. */
function explainPaused({ id, pause }: Task, now: number): string[] {
  if (pause === null) return [`It is paused. To go on: drover resume ${id}`];
  const { work } = pause;
  const kept = work?.kept ? ` under ${work.kept.ref}` : '';
  return [
    `It was paused ${formatAge(now - pause.at)} ago by ${quote(pause.by, 100)}${whyPaused(pause)}.`,
    ...(work === null ? [] : [`Its work is in its worktree and kept${kept}; its conversation goes on with it.`]),
    `To go on: drover resume ${id}; to give it up: drover cancel ${id}`,
  ];
}

function whyPaused({ reason }: Pause): string {
  return reason === undefined ? '' : `, because ${reason}`;
}

/** A pause that is asked for, and one that is over. */
function explainPause({ id, pause }: Task, now: number): string[] {
  if (pause === null) return [];
  const since = `${formatAge(now - pause.at)} ago by ${quote(pause.by, 100)}${whyPaused(pause)}`;
  if (pause.phase === 'resumed') return [`It was resumed ${since} and waits for a worker to go on.`];
  const how = pause.isNow
    ? 'its agent is being interrupted. To'
    : `its agent stops at its next safe point. Not to wait: drover pause ${id} --now; to`;
  return [`A pause was asked for ${since}: ${how} call it off: drover resume ${id}`];
}

function explainSession(state: State, task: Task): string[] {
  const { session } = state;
  if (!session.isRunning) return ['No session is running. Start one: drover run'];
  if (session.isHeld) return ['The queue is held: nothing is taken from it. To let it go on: drover unhold'];
  if (isInSession(state, task)) return [];
  const epic = session.epicId === null ? undefined : state.epics.get(session.epicId);
  const only = epic ? `${epic.id} ${quote(epic.title)}` : String(session.epicId);
  const own = task.epicId === null ? 'has no epic' : `belongs to ${task.epicId}`;
  return [`The session takes only tasks of ${only}, and this one ${own}. To take all: drover run`];
}

function explainTurn(state: State, task: Task, now: number): string {
  const before = Math.max(
    0,
    claimable(state, now).findIndex((other) => other.id === task.id),
  );
  const [idle] = idleWorkers(state);
  const queue = before === 0 ? 'it is the next' : `${count(before, 'task')} ${before === 1 ? 'is' : 'are'} before it`;
  if (idle) return `Nothing holds it back: worker ${idle.number} is idle, and ${queue}.`;
  const workers = state.workers.size;
  return `${workers === 1 ? 'The only worker is' : `All ${workers} workers are`} busy, and ${queue}.`;
}

function explainActive(state: State, task: Task, now: number): string[] {
  const run = currentRun(state, task);
  if (!run) return [`It is ${task.status}.`];
  if (isStranded(state, task)) {
    const ended = `Its agent ended ${formatAge(now - (run.endedAt ?? now))} ago (${quote(run.stateDetail, 200)})`;
    return [
      `${ended}, and no session is running. Its work and its conversation are kept; to go on with it: drover run`,
    ];
  }
  const attempt = `attempt ${task.attempts} of ${task.maxAttempts}`;
  const who = `Worker ${run.worker} has it since ${formatAge(now - run.startedAt)} (${run.agent}, ${attempt}).`;
  return [...explainPause(task, now), ...explainLanding(task), who, explainAgent(run, now), ...explainSync(run)];
}

const LANDING_WORDS = {
  queued: 'Its work is handed in and waits for its turn to land.',
  merging: 'Its work is being merged into the base branch.',
  testing: 'Its work is being tested on the merged result.',
} as const;

function explainLanding(task: Task): string[] {
  if (task.landing === null) return [];
  if (task.landing !== 'returned') return [LANDING_WORDS[task.landing]];
  return [`Its work was given back to the agent once${lastError(task)}.`];
}

const AGENT_WORDS: Readonly<Record<AgentState, string>> = {
  starting: 'The agent is starting',
  working: 'The agent is working',
  gated: 'The agent waits until it may write',
  'needs-input': 'The agent waits for an answer from a person',
  'turn-ended': 'The agent has ended its turn without handing the work in',
  'api-error': 'The agent met an error of its service, and will go on',
  interrupted: 'The agent was interrupted',
  paused: 'The agent is paused',
  exited: 'The agent has ended',
};

function explainAgent(run: Run, now: number): string {
  const detail = run.stateDetail === '' ? '' : `: ${quote(run.stateDetail, 300)}`;
  const next = run.state === 'needs-input' ? ' To answer it: drover needs' : '';
  return `${AGENT_WORDS[run.state]} (${run.stateSource}, since ${formatAge(now - run.stateSince)})${detail}.${next}`;
}

function explainSync({ syncError }: Run): string[] {
  if (syncError === null) return [];
  return [
    `Its worktree could not be brought up to date (${quote(syncError, 300)}), so its agent may not write. It is tried again when the agent writes; to begin without the upstream, set sync.fetch to off and run: drover server restart`,
  ];
}

function explainBlocked(task: Task): string[] {
  const reason = task.blockedReason;
  const sentences = [reason ? `It is blocked (${reason.code}): ${quote(reason.message, 300)}.` : 'It is blocked.'];
  if (reason && reason.detail !== '') sentences.push(`In detail: ${quote(reason.detail, 300)}.`);
  if (task.branch !== null) sentences.push(`Its work so far is kept on the branch ${task.branch}.`);
  return [...sentences, `To try again: drover retry ${task.id}; to give it up: drover cancel ${task.id}`];
}

/** A task that is not being worked on any more may still have an agent that is on its way out. */
function ending(state: State, task: Task): string[] {
  return isRunOpen(state, task) ? ['Its last agent has not ended yet.'] : [];
}

function currentRun(state: State, task: Task): Run | undefined {
  return task.runId === null ? undefined : state.runs.get(task.runId);
}

function name(task: Task): string {
  return `${task.id} ${quote(task.title)}`;
}

function lastError(task: Task): string {
  return task.lastError === null ? '' : ` (${quote(task.lastError, 200)})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
