// Owns what the linear stream says of each event: one plain sentence, without signs that a screen reader would spell. Pure.

import type { DroverEvent, Envelope } from '../../domain/event.ts';
import { shortName } from '../../domain/operator-name.ts';
import { answerWords, type Question, verdictsOf } from '../../domain/question.ts';
import type { State } from '../../domain/state.ts';
import { sanitise } from '../../domain/text.ts';
import type { AgentState, Run } from '../../domain/worker.ts';
import type { Transition } from '../verbs/follow.ts';

const AGENT_WORDS: Readonly<Record<AgentState, string>> = {
  starting: 'the agent starts',
  working: 'the agent works',
  gated: 'the agent waits at a gate before it may write',
  'needs-input': 'the agent needs you',
  'turn-ended': 'the agent has ended its turn',
  'api-error': "the agent's service has failed",
  interrupted: 'the agent was interrupted and waits',
  paused: 'the agent is paused',
  exited: 'the agent has ended',
};

/** `task-x7k2m, fix login: claimed, was ready, by worker 2.` */
export function tellTransition({ taskId, title, from, to, worker, note }: Transition): string {
  const who = worker === null ? '' : `, by worker ${worker}`;
  return sentence(`${named(taskId, title)}: ${plain(to)}, was ${plain(from)}${who}`, note);
}

/** What an event says that no transition says; null for one that concerns nobody who listens. `state` is after it. */
export function tellEvent(state: State, { event, by }: Envelope): string | null {
  switch (event.type) {
    case 'task.created':
      return sentence(`New: ${named(event.task.id, event.task.title)}, from ${nameOf(by)}`);
    case 'task.edited':
      return sentence(`${taskOf(state, event.taskId)}: changed by ${nameOf(by)}`);
    case 'task.submitted':
      return sentence(`${taskOf(state, event.taskId)}: handed in as ${event.verdict}`, event.summary);
    case 'task.pause-asked':
      return sentence(
        `${taskOf(state, event.taskId)}: to be paused${event.isNow ? ' at once' : ''}, asked by ${nameOf(by)}`,
      );
    case 'task.resumed':
      return sentence(`${taskOf(state, event.taskId)}: goes on, asked by ${nameOf(by)}`);
    case 'session.held':
      return sentence(`The queue is held by ${nameOf(by)}`);
    case 'session.unheld':
      return sentence(`The queue is let go on by ${nameOf(by)}`);
    case 'guidance.queued':
    case 'guidance.acknowledged':
    case 'guidance.requeued':
    case 'guidance.retracted':
      return tellHint(state, event, by);
    case 'run.state-changed':
      return tellAgent(state, event);
    case 'run.synced':
      return event.note === '' ? null : sentence(`${taskOfRun(state, event.runId)}: ${event.note}`);
    case 'run.sync-failed':
      return sentence(`${taskOfRun(state, event.runId)}: the agent may not write`, event.reason);
    case 'run.answered':
      return tellAnswer(state, event, by);
    case 'run.ended':
      return tellEnd(state, event);
    case 'session.started':
      return sentence(`The session runs with ${event.workers} ${event.workers === 1 ? 'worker' : 'workers'}`);
    case 'session.stopped':
      return sentence('The session has stopped', event.reason);
    case 'client.attached':
      return sentence(`${nameOf(event.operator)} is here${event.isReadOnly ? ', looking on' : ''}`);
    case 'client.detached':
      return sentence(`${nameOf(event.operator)} has gone`);
    case 'pane.typed':
      return sentence(`${nameOf(event.operator)} types into pane ${event.pane}`);
    default:
      return null;
  }
}

/** A pane with what works in it. */
export function tellRun(state: State, run: Run): string {
  return sentence(`Pane ${run.worker}: ${taskOf(state, run.taskId)}: ${AGENT_WORDS[run.state]}`, run.stateDetail);
}

/** The options of a question, a line each, and how it is answered. */
export function tellOptions(taskId: string, options: readonly string[]): string[] {
  const lines = options.map((option, index) => `  ${index + 1}: ${sanitise(option)}`);
  return [...lines, `  Type: answer ${shortId(taskId)} and a number from 1 to ${options.length}.`];
}

/** What is asked, a line for each answer, and how it is given. */
export function tellQuestion(taskId: string, question: Question): string[] {
  const verdicts = verdictsOf(question).map(({ word, meaning }) => `  ${word}: ${sanitise(meaning)}`);
  const parts = question.parts.flatMap(({ text, options }) => [
    ...(question.parts.length > 1 ? [`  ${sanitise(text)}`] : []),
    ...options.map(({ label }, index) => `  ${index + 1}: ${sanitise(label)}`),
  ]);
  return [...parts, ...verdicts, `  Type: answer ${shortId(taskId)} and one of these.`];
}

/** How an agent is spoken to that waits for words. */
export function tellHowToSay(taskId: string): string {
  return `  Type: say ${shortId(taskId)} and your words.`;
}

function tellAgent(state: State, event: Extract<DroverEvent, { type: 'run.state-changed' }>): string | null {
  const run = state.runs.get(event.runId);
  if (!run) return null;
  return sentence(`${taskOf(state, run.taskId)}: ${AGENT_WORDS[event.state]}`, event.detail);
}

type HintEvent = Extract<
  DroverEvent,
  { type: 'guidance.queued' | 'guidance.acknowledged' | 'guidance.requeued' | 'guidance.retracted' }
>;

/** A hint's steps that somebody who listens can do something about; its words stand in it as long as they are new. */
function tellHint(state: State, event: HintEvent, by: string): string {
  const hint = `${taskOf(state, event.taskId)}: hint`;
  switch (event.type) {
    case 'guidance.queued':
      return sentence(`${hint} from ${nameOf(by)}`, event.text);
    case 'guidance.acknowledged':
      return sentence(`${hint} heard by the agent`, state.guidance.get(event.guidanceId)?.text);
    case 'guidance.requeued':
      return sentence(`${hint} waits again`, event.reason);
    case 'guidance.retracted':
      return sentence(`${hint} taken back`, event.reason);
  }
}

function tellAnswer(state: State, event: Extract<DroverEvent, { type: 'run.answered' }>, by: string): string | null {
  const run = state.runs.get(event.runId);
  if (!run || event.answer === null) return null;
  return sentence(`${taskOf(state, run.taskId)}: answered by ${nameOf(by)}`, answerWords(event.answer));
}

function tellEnd(state: State, event: Extract<DroverEvent, { type: 'run.ended' }>): string | null {
  const run = state.runs.get(event.runId);
  if (!run) return null;
  const how = event.signal === null ? `exit code ${event.exitCode ?? 'unknown'}` : `signal ${event.signal}`;
  return sentence(`${taskOf(state, run.taskId)}: ${AGENT_WORDS.exited}, ${how}`, event.reason);
}

function taskOfRun(state: State, runId: string): string {
  return taskOf(state, state.runs.get(runId)?.taskId ?? '');
}

function taskOf(state: State, id: string): string {
  return named(id, state.tasks.get(id)?.title ?? '');
}

const named = (id: string, title: string): string =>
  title === '' ? sanitise(id) : `${sanitise(id)}, ${sanitise(title)}`;
const nameOf = (operator: string): string => sanitise(shortName(operator));
const plain = (status: string): string => sanitise(status).replaceAll('_', ' ');
const shortId = (id: string): string => sanitise(id).replace(/^task-/, '');

/** With its end: a full stop, unless the note brings one. */
function sentence(text: string, note = ''): string {
  const clean = sanitise(note);
  const whole = clean === '' ? text : `${text}: ${clean}`;
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
