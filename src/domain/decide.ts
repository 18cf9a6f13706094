// Owns the one door to a change: an intent becomes events, or is refused. Nothing is changed here.
import { blockTask, claimTask, failAttempt, releaseTask, submitTask } from './decide/attempt.ts';
import { createEpic } from './decide/epic.ts';
import {
  acknowledgeGuidance,
  requeueGuidance,
  retractGuidance,
  sendGuidance,
  showGuidance,
} from './decide/guidance.ts';
import { advanceLanding, completeTask, refuseLanding } from './decide/landing.ts';
import { holdQueue, pauseAll, pauseTask, resumeAll, resumeTask, settlePause, unholdQueue } from './decide/pause.ts';
import { recordFindings } from './decide/research.ts';
import {
  answerQuestion,
  askQuestion,
  endRun,
  failSync,
  reportState,
  resumeRun,
  startRun,
  syncRun,
} from './decide/run.ts';
import { startSession, stopSession } from './decide/session.ts';
import { awaitSubtasks, decomposeTask, delegateTask, endAwait, followUps } from './decide/subtask.ts';
import { cancelTask, createTask, editTask, retryTask } from './decide/task.ts';
import { useTokens } from './decide/usage.ts';
import {
  addWorktree,
  coolWorktree,
  releaseWorktree,
  removeWorktree,
  staleWorktree,
  warmWorktree,
} from './decide/worktree.ts';
import type { DroverEvent } from './event.ts';
import type { Context, Intent } from './intent.ts';
import type { State } from './state.ts';

/** The events that an intent causes, in order; none when nothing changes. Throws a RefusalError and nothing else. Changes nothing. */
export function decide(state: State, intent: Intent, context: Context): DroverEvent[] {
  const events = decideAlone(state, intent, context);
  return [...events, ...followUps(state, events, context)];
}

/** A fact that nobody can refuse, and what follows from it for others: a part that had landed before it was cancelled completes what it is a part of. */
export function decideFact(state: State, fact: DroverEvent, context: Context): DroverEvent[] {
  return [fact, ...followUps(state, [fact], context)];
}

function decideAlone(state: State, intent: Intent, context: Context): DroverEvent[] {
  switch (intent.type) {
    case 'epic.create':
      return createEpic(state, intent, context);
    case 'task.create':
      return createTask(state, intent, context);
    case 'task.edit':
      return editTask(state, intent);
    case 'task.cancel':
      return cancelTask(state, intent);
    case 'task.retry':
      return retryTask(state, intent);
    case 'task.pause':
      return pauseTask(state, intent, context);
    case 'task.settle-pause':
      return settlePause(state, intent);
    case 'task.resume':
      return resumeTask(state, intent, context);
    case 'session.hold':
      return holdQueue(state);
    case 'session.unhold':
      return unholdQueue(state);
    case 'session.pause':
      return pauseAll(state, intent);
    case 'session.resume':
      return resumeAll(state);
    case 'run.start':
      return startRun(state, intent);
    case 'run.report-state':
      return reportState(state, intent);
    case 'run.sync':
      return syncRun(state, intent);
    case 'run.fail-sync':
      return failSync(state, intent);
    case 'run.ask':
      return askQuestion(state, intent);
    case 'run.answer':
      return answerQuestion(state, intent);
    case 'run.use':
      return useTokens(state, intent, context);
    case 'run.end':
      return endRun(state, intent);
    case 'run.resume':
      return resumeRun(state, intent);
    case 'landing.advance':
      return advanceLanding(state, intent);
    case 'landing.refuse':
      return refuseLanding(state, intent);
    case 'task.complete':
      return completeTask(state, intent);
    case 'task.delegate':
      return delegateTask(state, intent, context);
    case 'task.decompose':
      return decomposeTask(state, intent, context);
    case 'task.await':
      return awaitSubtasks(state, intent);
    case 'task.end-await':
      return endAwait(state, intent);
    case 'task.record-findings':
      return recordFindings(state, intent, context);
    case 'guidance.send':
      return sendGuidance(state, intent, context);
    case 'guidance.show':
      return showGuidance(state, intent);
    case 'guidance.acknowledge':
      return acknowledgeGuidance(state, intent);
    case 'guidance.requeue':
      return requeueGuidance(state, intent);
    case 'guidance.retract':
      return retractGuidance(state, intent);
    case 'worktree.add':
      return addWorktree(state, intent);
    case 'worktree.warm':
      return warmWorktree(state, intent);
    case 'worktree.stale':
      return staleWorktree(state, intent);
    case 'worktree.cool':
      return coolWorktree(state, intent);
    case 'worktree.release':
      return releaseWorktree(state, intent);
    case 'worktree.remove':
      return removeWorktree(state, intent);
    case 'session.start':
      return startSession(state, intent);
    case 'session.stop':
      return stopSession(state, intent);
    case 'task.claim':
      return claimTask(state, intent, context);
    case 'task.release':
      return releaseTask(state, intent);
    case 'task.fail-attempt':
      return failAttempt(state, intent, context);
    case 'task.block':
      return blockTask(state, intent);
    case 'task.submit':
      return submitTask(state, intent, context);
  }
}
