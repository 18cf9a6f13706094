// Owns what a guidance message is: words of a person for the agent of a task, on their way from the queue to its conversation. A hint is the verb, guidance is what is stored.
import { quote } from './quote.ts';
import { refuse } from './refusal.ts';
import type { State } from './state.ts';
import type { RunId, Task, TaskId } from './task.ts';

/** `hint-` and five characters of an alphabet without look-alikes. */
export type GuidanceId = string;

/** `shown`: handed to the agent. `acknowledged`: the agent's own transcript holds it. */
export const GUIDANCE_STATES = ['queued', 'shown', 'acknowledged', 'retracted'] as const;
export type GuidanceState = (typeof GUIDANCE_STATES)[number];

/** Where in an agent's work it was handed over: behind a tool, at the end of a turn, typed at an idle prompt, or with the first words of a process. */
export const GUIDANCE_BOUNDARIES = ['tool', 'turn-end', 'idle', 'prompt'] as const;
export type GuidanceBoundary = (typeof GUIDANCE_BOUNDARIES)[number];

export interface GuidanceMessage {
  readonly id: GuidanceId;
  readonly taskId: TaskId;
  /** One line or more; nothing in it does anything in a terminal. */
  readonly text: string;
  readonly author: string;
  readonly createdAt: number;
  readonly state: GuidanceState;
  /** The boundary and the run of the last delivery, and when that was; null before the first. They stay when it is queued again. */
  readonly via: GuidanceBoundary | null;
  readonly runId: RunId | null;
  readonly shownAt: number | null;
  readonly acknowledgedAt: number | null;
  /** Why it was queued again or retracted; empty otherwise. */
  readonly note: string;
}

/** Code units. Claude Code puts hook texts of more than 10,000 into a file and gives the agent its beginning only; this leaves room for a heading. */
export const LONGEST_GUIDANCE = 8_000;
/** Messages of one task that wait; more is a mistake of a script. */
export const MOST_QUEUED = 50;

/** The id for five characters. */
export function guidanceId(short: string): GuidanceId {
  return `hint-${short}`;
}

/** Line feed and tab do no harm; every other C0 control and DEL is shown as its picture (U+2400), so that an escape sequence arrives as text. */
const PICTURED = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** C1, bidi controls, line separators, and what cannot be seen: gone. Half a surrogate pair is no text at all. */
const REMOVED = /[\u0080-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const LONE_SURROGATES = /\p{Cs}/gu;

/** The text as it is kept and delivered. Refuses bad-params when nothing is left of it, too-large over 8,000 characters. */
export function checkGuidance(raw: string): string {
  const text = raw
    .replace(/\r\n?/g, '\n')
    .replace(PICTURED, (control) => String.fromCharCode(control === '\x7f' ? 0x2421 : 0x2400 + control.charCodeAt(0)))
    .replace(REMOVED, '')
    .replace(LONE_SURROGATES, '\ufffd')
    .trim();
  if (text === '') refuse('bad-params', 'The hint is empty.', 'drover hint <task> "<what the agent should know>"');
  if (text.length > LONGEST_GUIDANCE) {
    refuse(
      'too-large',
      `The hint has ${text.length} characters; ${LONGEST_GUIDANCE} is the limit. Put the long part into a file of the repository and name it.`,
      'drover hint <task> "<which file to read>"',
    );
  }
  return text;
}

/** The message that `ref` names: its id with or without `hint-`, or an unambiguous beginning of it. Refuses unknown-hint. */
export function resolveGuidance(state: State, ref: string): GuidanceMessage {
  const short = ref
    .trim()
    .toLowerCase()
    .replace(/^hint-/, '');
  const whole = state.guidance.get(guidanceId(short));
  if (whole) return whole;
  const found = [...state.guidance.values()].filter(({ id }) => short !== '' && id.startsWith(guidanceId(short)));
  const [first] = found;
  if (first && found.length === 1) return first;
  if (first)
    refuse(
      'unknown-hint',
      `${quote(ref)} may be ${found
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}.`,
    );
  return refuse('unknown-hint', `There is no hint ${quote(ref)}.`, 'drover hints <task>');
}

/** The messages of a task, the oldest first. */
export function guidanceOf(state: State, taskId: TaskId): GuidanceMessage[] {
  return [...state.guidance.values()].filter((message) => message.taskId === taskId);
}

/** Those that wait for a boundary, in the order in which they are delivered. */
export function queuedGuidance(state: State, taskId: TaskId): GuidanceMessage[] {
  return guidanceOf(state, taskId).filter(({ state: now }) => now === 'queued');
}

/** Those without a receipt yet: queued, or shown. */
export function openGuidance(state: State, taskId: TaskId): GuidanceMessage[] {
  return guidanceOf(state, taskId).filter(isOpenGuidance);
}

/** True until it is acknowledged or retracted. */
export function isOpenGuidance({ state }: Pick<GuidanceMessage, 'state'>): boolean {
  return state === 'queued' || state === 'shown';
}

/** False while nobody reads: the work is handed in and on its way to the base branch. */
export function canHear({ landing }: Pick<Task, 'landing'>): boolean {
  return landing === null || landing === 'returned';
}
