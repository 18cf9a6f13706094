// Owns the verbs by which a person answers what agents ask: needs, answer.
import { formatAge } from '../domain/duration.ts';
import { type Question, verdictsOf } from '../domain/question.ts';
import type { Task } from '../domain/task.ts';
import { sanitise } from '../domain/text.ts';
import { wrap } from '../domain/text-width.ts';
import { needsSomeone, type Run } from '../domain/worker.ts';
import type { Result } from '../protocol/methods.ts';
import type { CallVerb, RenderContext, Verb } from './verb.ts';
import { argument, textOption } from './verb-params.ts';

const needs: CallVerb<'status.get'> = {
  name: 'needs',
  group: 'Work',
  summary: 'List what agents ask, with the answers there are',
  example: 'drover needs',
  method: 'status.get',
  params: () => ({}),
  render: renderNeeds,
};

/** Every agent that waits for a person, the longest first, with its question and what to type. */
function renderNeeds({ running }: Result<'status.get'>, context: RenderContext): string {
  const waiting = running
    .flatMap(({ task, run }) => (run !== null && needsSomeone(run) ? [{ task, run }] : []))
    .sort((a, b) => a.run.stateSince - b.run.stateSince);
  if (waiting.length === 0) return 'Nobody needs you.';
  return waiting.map(({ task, run }) => renderWaiting(task, run, context)).join('\n\n');
}

function renderWaiting(task: Task, run: Run, context: RenderContext): string {
  const { paint, now, width } = context;
  const age = paint('dim', `worker ${run.worker}, ${formatAge(now - run.stateSince)}`);
  const head = `${paint('strong', sanitise(task.id))} ${age}  ${sanitise(task.title)}`;
  const questions = run.questions ?? [];
  if (questions.length > 0)
    return [head, ...questions.flatMap((question) => renderQuestion(task, question, context))].join('\n');
  const next =
    run.stateSource === 'drover' || run.state === 'interrupted'
      ? `drover hint ${sanitise(task.id)} "<your words>"`
      : 'in its pane: drover attach';
  return [head, ...indented(run.stateDetail, width), paint('dim', `  ${next}`)].join('\n');
}

function renderQuestion(task: Task, question: Question, { paint, width }: RenderContext): string[] {
  const answer = `drover answer ${sanitise(task.id)}`;
  const rows = question.parts.flatMap(({ text, options, isMulti }) => [
    ...indented(isMulti ? `${text} (several, with commas)` : text, width).map((row) => paint('warn', row)),
    ...options.flatMap(({ label, description }, index) =>
      indented(`  ${index + 1}  ${label}${description === '' ? '' : `: ${description}`}`, width),
    ),
  ]);
  const asks = rows.length > 0 ? rows : indented(question.about, width).map((row) => paint('warn', row));
  const verdicts = verdictsOf(question).map(({ word, meaning }) => ({
    words: `${answer} ${word === 'deny' ? 'deny [reason]' : word}`,
    meaning,
  }));
  const numbers = question.parts.map(() => '<number or words>').join(' ');
  const all = [...(numbers === '' ? [] : [{ words: `${answer} ${numbers}`, meaning: 'answer it' }]), ...verdicts];
  const widest = Math.max(...all.map(({ words }) => words.length));
  return [
    ...asks,
    ...all.map(({ words, meaning }) => `  ${words.padEnd(widest)}  ${paint('dim', sanitise(meaning))}`),
    paint('dim', `  ${question.id}`),
  ];
}

function indented(text: string, width: number): string[] {
  const margin = `  ${/^ */.exec(text)?.[0] ?? ''}`;
  return wrap(sanitise(text), Math.max(20, width - margin.length)).map((row) => margin + row);
}

const answer: CallVerb<'run.answer'> = {
  name: 'answer',
  group: 'Work',
  summary: "Answer what a task's agent asks, without its pane",
  details:
    "allow, once; allow-task, for such calls of this task too: the same tool with the same program and places, or in the same folder; deny, with a reason that the agent hears. A question takes an option's number, its label or one's own words, one answer for each of its parts. The first answer counts, whether it comes from here or from the pane.",
  args: '<task> <words...>',
  restAfter: 1,
  options: [{ flags: '--question <id>', help: 'only if it still asks this one; drover needs shows the ids' }],
  example: 'drover answer task-x7k2m deny "use the copy in the repository"',
  completes: 'task',
  method: 'run.answer',
  params: (input) => {
    const question = textOption(input, 'question');
    return { task: argument(input), words: input.args.slice(1), ...(question === undefined ? {} : { question }) };
  },
  render: ({ task, question, answer: words }, { paint }) =>
    `Answered ${paint('strong', sanitise(task.id))}: ${sanitise(question.about)}: ${sanitise(words)}`,
};

/** In the order in which the help lists them. */
export const ANSWER_VERBS: readonly Verb[] = [needs, answer];
