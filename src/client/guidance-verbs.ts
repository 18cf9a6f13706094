// Owns the verbs by which a person tells an agent something: hint, hints, hints retract.
import { formatAge } from '../domain/duration.ts';
import type { GuidanceBoundary, GuidanceMessage, GuidanceState } from '../domain/guidance.ts';
import { shortName } from '../domain/operator-name.ts';
import { isActive, type Task } from '../domain/task.ts';
import { sanitise } from '../domain/text.ts';
import type { Result } from '../protocol/methods.ts';
import { formatTable } from './format.ts';
import type { CallVerb, RenderContext, Tone, Verb } from './verb.ts';
import { argument } from './verb-params.ts';

const TONES: Readonly<Record<GuidanceState, Tone>> = {
  queued: 'warn',
  shown: 'busy',
  acknowledged: 'good',
  retracted: 'dim',
};

const BOUNDARY_WORDS: Readonly<Record<GuidanceBoundary, string>> = {
  tool: 'behind a tool',
  'turn-end': 'at the end of a turn',
  idle: 'at its prompt',
  prompt: 'with its first words',
};

const hint: CallVerb<'guidance.send'> = {
  name: 'hint',
  group: 'Work',
  summary: "Tell a task's agent something, without interrupting it",
  details:
    "It hears it at its next boundary: behind a tool, at the end of its turn, at once at an idle prompt, or with its first words when the task isn't running yet. The text is only ever text, whatever it begins with. drover hints shows whether it has arrived.",
  args: '<task> <words...>',
  restAfter: 1,
  example: 'drover hint task-x7k2m "The auth token is stored in localStorage, not cookies"',
  completes: 'task',
  method: 'guidance.send',
  params: (input) => ({ task: argument(input), text: input.args.slice(1).join(' ') }),
  render: ({ message, task }, { paint }) =>
    `Queued ${paint('strong', sanitise(message.id))} for ${sanitise(task.id)}: ${whenHeard(task)}`,
};

function whenHeard(task: Task): string {
  if (!isActive(task.status)) return `it is ${task.status}, and its next agent hears it first`;
  return 'its agent hears it at the next boundary';
}

const hints: CallVerb<'guidance.list'> = {
  name: 'hints',
  group: 'Work',
  summary: "List a task's hints, and whether they have arrived",
  details:
    'queued waits for a boundary; shown was handed to the agent; acknowledged stands in its own transcript; retracted was taken back.',
  args: '<task>',
  example: 'drover hints task-x7k2m',
  completes: 'task',
  method: 'guidance.list',
  params: (input) => ({ task: argument(input) }),
  render: renderGuidance,
};

/** One line a message: id, state, age, author, text and what became of it. */
function renderGuidance({ task, messages }: Result<'guidance.list'>, { width, now, paint }: RenderContext): string {
  if (messages.length === 0) return `No hints for ${sanitise(task.id)}.`;
  return formatTable(
    messages.map((message) => [
      { text: sanitise(message.id), paint: (text: string) => paint('strong', text) },
      { text: message.state, paint: (text: string) => paint(TONES[message.state], text) },
      { text: formatAge(now - message.createdAt), paint: (text: string) => paint('dim', text) },
      sanitise(shortName(message.author)),
      sanitise(message.text) + fateOf(message),
    ]),
    width,
  );
}

function fateOf({ state, via, note }: GuidanceMessage): string {
  if (note !== '') return `  (${sanitise(note)})`;
  return via !== null && state !== 'queued' && state !== 'retracted' ? `  (${BOUNDARY_WORDS[via]})` : '';
}

const retract: CallVerb<'guidance.retract'> = {
  name: 'hints retract',
  group: 'Work',
  summary: 'Take back a hint that was not delivered yet',
  args: '<hint>',
  example: 'drover hints retract hint-x7k2m',
  method: 'guidance.retract',
  params: (input) => ({ hint: argument(input) }),
  render: ({ message }, { paint }) => `Retracted ${paint('strong', sanitise(message.id))}: ${sanitise(message.text)}`,
};

/** In the order in which the help lists them. */
export const GUIDANCE_VERBS: readonly Verb[] = [hint, hints, retract];
