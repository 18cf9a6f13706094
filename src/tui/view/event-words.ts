// Owns how an event is told in the activity feed: a mark, who or what it is about, and words; events that only other events explain are left out.

import type { DroverEvent, Envelope } from '../../domain/event.ts';
import { shortName } from '../../domain/operator-name.ts';
import { answerWords } from '../../domain/question.ts';
import type { State } from '../../domain/state.ts';
import { printable } from '../../domain/text.ts';
import type { StyleName } from '../theme/theme.ts';
import { shortId } from './pane-title.ts';

export interface EventWords {
  /** One character that says what kind of thing it is, where colours do not show. */
  readonly mark: string;
  readonly style: StyleName;
  /** Sanitised. The short id of the task, or empty. */
  readonly about: string;
  /** Sanitised. */
  readonly text: string;
}

/** The event in words; null for one that is not worth a line. `state` gives the titles. */
export function wordsOf({ event }: Envelope, state: State): EventWords | null {
  const words = taskWords(event, state) ?? guidanceWords(event, state) ?? runWords(event) ?? otherWords(event);
  if (words === null) return null;
  const id = taskIdOf(event, state);
  return {
    mark: words[0],
    style: words[1],
    about: id === null ? '' : printable(shortId(id)),
    text: printable(words[2]),
  };
}

type Words = readonly [mark: string, style: StyleName, text: string];

function taskIdOf(event: DroverEvent, state: State): string | null {
  if (event.type === 'task.created') return event.task.id;
  if ('taskId' in event) return event.taskId;
  return 'runId' in event && event.runId !== null ? (state.runs.get(event.runId)?.taskId ?? null) : null;
}

function taskWords(event: DroverEvent, state: State): Words | null {
  const title = (id: string): string => state.tasks.get(id)?.title ?? '';
  switch (event.type) {
    case 'task.created':
      return ['+', 'text', `added: ${event.task.title}`];
    case 'task.edited':
      return ['+', 'dim', `changed: ${Object.keys(event.changes).map(fieldWord).join(', ')}`];
    case 'task.cancelled':
      return ['✗', 'quiet', because('cancelled', event.reason)];
    case 'task.retried':
      return ['↻', 'text', `queued again: ${title(event.taskId)}`];
    case 'task.claimed':
      return ['▶', 'working', `worker ${event.worker} begins${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`];
    case 'task.released':
      return ['↻', 'quiet', because('given back', event.reason)];
    case 'task.attempt-failed':
      return ['!', 'trouble', `attempt failed: ${event.error}`];
    case 'task.failed':
      return ['!', 'trouble', `failed: ${event.error}`];
    case 'task.blocked':
      return ['!', 'trouble', `blocked: ${event.reason.message}`];
    case 'task.submitted':
      return ['»', 'done', because(`handed in, ${event.verdict}`, event.summary)];
    case 'landing.changed':
      return event.phase === 'merging' || event.phase === 'testing' ? ['»', 'dim', `landing, ${event.phase}`] : null;
    case 'landing.returned':
      return ['↻', 'trouble', `given back to its agent: ${event.reason.message}`];
    case 'task.completed':
      return ['✓', 'done', `${event.commit === null ? 'done' : 'landed'}: ${title(event.taskId)}`];
    case 'pool.exhausted':
      return ['~', 'attention', 'waits for a worktree: none was ready'];
    default:
      return pauseWords(event);
  }
}

function pauseWords(event: DroverEvent): Words | null {
  switch (event.type) {
    case 'task.pause-asked':
      return ['‖', 'quiet', because(event.isNow ? 'to be paused now' : 'to be paused', event.reason ?? '')];
    case 'task.paused':
      return ['‖', 'quiet', because(`paused by ${shortName(event.by)}`, event.reason ?? '')];
    case 'task.resumed':
      return ['▶', 'quiet', 'resumed'];
    default:
      return null;
  }
}

function fieldWord(field: string): string {
  return field === 'epicId' ? 'epic' : field === 'blockedBy' ? 'blockers' : field;
}

function because(words: string, reason: string): string {
  return reason === '' ? words : `${words}: ${reason}`;
}

function guidanceWords(event: DroverEvent, state: State): Words | null {
  switch (event.type) {
    case 'guidance.queued':
      return ['✎', 'text', `hint: ${event.text}`];
    case 'guidance.shown':
      return ['✎', 'dim', 'hint handed to its agent'];
    case 'guidance.acknowledged':
      return ['✎', 'done', `hint has arrived: ${state.guidance.get(event.guidanceId)?.text ?? ''}`];
    case 'guidance.requeued':
      return ['✎', 'attention', because('hint waits again', event.reason)];
    case 'guidance.retracted':
      return ['✎', 'quiet', because('hint taken back', event.reason)];
    default:
      return null;
  }
}

function runWords(event: DroverEvent): Words | null {
  if (event.type === 'run.resumed') return ['↻', 'quiet', because('goes on', event.reason)];
  if (event.type === 'run.ended' && event.exitCode !== 0 && event.exitCode !== null)
    return ['·', 'quiet', `its agent ended with ${event.exitCode}`];
  if (event.type === 'run.answered' && event.answer !== null) return ['?', 'done', answerWords(event.answer)];
  if (event.type === 'run.synced') return syncWords(event);
  if (event.type === 'run.sync-failed') return ['!', 'trouble', `it may not write: ${event.reason}`];
  if (event.type !== 'run.state-changed') return null;
  switch (event.state) {
    case 'needs-input':
      return ['?', 'attention', because('needs you', event.detail)];
    case 'gated':
      return ['‖', 'quiet', because('gated', event.detail)];
    case 'interrupted':
      return ['?', 'attention', because('interrupted', event.detail)];
    case 'api-error':
      return ['!', 'trouble', because('API error', event.detail)];
    default:
      return null;
  }
}

function syncWords({ how, files, note }: Extract<DroverEvent, { type: 'run.synced' }>): Words | null {
  if (how === 'moved') return ['↓', 'quiet', because(`synced, ${files} ${files === 1 ? 'file' : 'files'} moved`, note)];
  return note === '' ? null : ['↓', 'attention', note];
}

function otherWords(event: DroverEvent): Words | null {
  switch (event.type) {
    case 'epic.created':
      return ['+', 'text', `epic added: ${event.epic.title}`];
    case 'session.started':
      return ['▶', 'strong', `session on, ${event.workers} ${event.workers === 1 ? 'worker' : 'workers'}`];
    case 'session.stopped':
      return ['■', 'strong', because('session off', event.reason)];
    case 'session.held':
      return ['‖', 'strong', 'queue held'];
    case 'session.unheld':
      return ['▶', 'strong', 'queue goes on'];
    case 'server.started':
      return ['·', 'quiet', 'server started'];
    case 'client.attached':
      return ['·', 'dim', `${shortName(event.operator)} is here${event.isReadOnly ? ', looking on' : ''}`];
    case 'client.detached':
      return ['·', 'dim', `${shortName(event.operator)} has left`];
    case 'pane.typed':
      return ['·', 'dim', `${shortName(event.operator)} types into pane ${event.pane}`];
    default:
      return null;
  }
}
