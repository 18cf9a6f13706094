// Owns what an agent asks a person: a permission, a question or a plan, and which answer a person's words are. Pure.
import { quote } from './quote.ts';
import { refuse } from './refusal.ts';
import type { Run } from './worker.ts';

/** One thing that is asked, with what can be chosen. */
export interface QuestionPart {
  readonly text: string;
  readonly options: readonly { readonly label: string; readonly description: string }[];
  /** Several options may be chosen. */
  readonly isMulti: boolean;
}

/** What an agent waits for. All texts are one line, sanitised and cut. */
export interface Question {
  /** `ask-x7k2m` */
  readonly id: string;
  /** `permission`: may it make a call of a tool; `plan`: may it carry its plan out; `question`: one to four parts with options. */
  readonly kind: 'permission' | 'question' | 'plan';
  readonly tool: string;
  /** What it wants to do, or asks, with the options. */
  readonly about: string;
  /** Empty but for a question. */
  readonly parts: readonly QuestionPart[];
  /** What is allowed besides when it is allowed for the task, in words; null when that cannot be said. */
  readonly scope: string | null;
  /** ms since epoch */
  readonly askedAt: number;
}

export type Answer =
  | { readonly kind: 'allow'; readonly isForTask: boolean }
  | { readonly kind: 'deny'; readonly reason: string }
  /** A text for each part, an option's label or one's own words. */
  | { readonly kind: 'choose'; readonly choices: readonly string[] };

/** What became of a question. `answer` is null when it was answered in its pane, or is not asked any more. */
export interface Answered {
  readonly questionId: string;
  readonly by: string;
  /** ms since epoch */
  readonly at: number;
  readonly answer: Answer | null;
}

/** What a run has that was recorded before questions were. */
export const NOT_ASKED = { questions: [], answered: null, allowed: [] } satisfies Partial<Run>;

/** Characters of a reason or of one's own words. */
const MOST_WORDS = 2000;

/** The answers that can be given besides options: word, and what it does. */
export function verdictsOf(question: Question): readonly { readonly word: string; readonly meaning: string }[] {
  const deny = { word: 'deny', meaning: 'deny, with a reason' };
  if (question.kind === 'question') return [{ word: 'deny', meaning: 'do not answer, with a reason' }];
  if (question.kind === 'plan' || question.scope === null) return [{ word: 'allow', meaning: 'allow' }, deny];
  return [
    { word: 'allow', meaning: 'allow once' },
    { word: 'allow-task', meaning: `allow for this task: ${question.scope}` },
    deny,
  ];
}

/** The question that a run asks: the one of that id, else the oldest. Refuses when there is none, and says who answered it. */
export function requireQuestion(run: Run, id: string | null): Question {
  const found = id === null ? run.questions[0] : run.questions.find((question) => question.id === id);
  if (found) return found;
  const { answered } = run;
  if (answered !== null && (id === null || answered.questionId === id)) {
    const how =
      answered.answer === null
        ? 'it was answered in its pane'
        : `${answered.by} answered it: ${answerWords(answered.answer)}`;
    refuse('nothing-to-do', `${run.taskId} asks nothing any more: ${how}`, 'drover needs');
  }
  if (id !== null) refuse('nothing-to-do', `${run.taskId} does not ask ${quote(id)} any more`, 'drover needs');
  if (run.state === 'needs-input' && run.stateSource === 'drover')
    refuse(
      'nothing-to-do',
      `${run.taskId} waits for words, not for an answer`,
      `drover hint ${run.taskId} "<your words>"`,
    );
  if (run.state === 'needs-input')
    refuse('nothing-to-do', `${run.taskId} asks in its pane alone, where it must be answered`, 'drover attach');
  return refuse('nothing-to-do', `${run.taskId} asks nothing: its agent is ${run.state}`, 'drover needs');
}

/** Which answer the words are: `allow`, `allow-task`, `deny` with a reason, or for each part an option's number, its label, the beginning of it, or one's own words. Refuses what is none, and names the answers. */
export function readAnswer(question: Question, words: readonly string[]): Answer {
  const text = words.join(' ').trim();
  const [first = '', ...rest] = text.split(/\s+/);
  if (text === '') refuse('bad-params', `an answer is missing; there are ${choicesOf(question)}`);
  if (text.length > MOST_WORDS) refuse('too-large', `an answer has at most ${MOST_WORDS} characters`);
  if (question.kind === 'question' && !(first === 'deny' && !isOption(question, first))) {
    return { kind: 'choose', choices: chooseAll(question, words) };
  }
  const isKnown = verdictsOf(question).some(({ word }) => word === first);
  if (!isKnown || (first !== 'deny' && rest.length > 0))
    refuse('bad-params', `${quote(text)} is no answer to this; there are ${choicesOf(question)}`);
  if (first === 'deny') return { kind: 'deny', reason: rest.join(' ').trim() };
  return { kind: 'allow', isForTask: first === 'allow-task' };
}

function isOption({ parts }: Question, word: string): boolean {
  return parts.some(({ options }) => options.some(({ label }) => label.toLowerCase() === word.toLowerCase()));
}

function chooseAll(question: Question, words: readonly string[]): string[] {
  const [only] = question.parts;
  if (question.parts.length === 1 && only) return [chooseOne(only, words.join(' '))];
  // `1 2` of the command bar, where all that follows the task is one text.
  const each = words.length === 1 ? (words[0] ?? '').trim().split(/\s+/) : words;
  if (each.length !== question.parts.length)
    refuse(
      'bad-params',
      `it asks ${question.parts.length} things, and each takes one answer: ${question.parts.map(({ text }) => text).join(' · ')}`,
    );
  return question.parts.map((part, index) => chooseOne(part, each[index] ?? ''));
}

/** Several numbers or labels with commas between them where several may be chosen. */
function chooseOne(part: QuestionPart, words: string): string {
  const text = words.trim();
  const items = part.isMulti ? text.split(',').map((item) => item.trim()) : [text];
  const found = items.map((item) => optionOf(part, item));
  if (found.every((label) => label !== null)) return found.join(', ');
  // Nobody means a number as words of their own.
  const number = items.find((item) => /^\d+$/.test(item) && optionOf(part, item) === null);
  if (number !== undefined || text === '')
    refuse('bad-params', `there is no option ${number ?? 'without a name'}; there are ${namedOptions(part)}`);
  return text;
}

function optionOf({ options }: QuestionPart, item: string): string | null {
  if (/^\d+$/.test(item)) return options[Number(item) - 1]?.label ?? null;
  const wanted = item.toLowerCase();
  const exact = options.find(({ label }) => label.toLowerCase() === wanted);
  if (exact) return exact.label;
  const beginning = wanted === '' ? [] : options.filter(({ label }) => label.toLowerCase().startsWith(wanted));
  return beginning.length === 1 ? (beginning[0]?.label ?? null) : null;
}

function namedOptions({ options }: QuestionPart): string {
  return options.map(({ label }, index) => `${index + 1} ${label}`).join(', ');
}

/** The answers there are, in one line: `1 red, 2 green, deny`. */
function choicesOf(question: Question): string {
  const options = question.parts.map(namedOptions).join(' · ');
  const verdicts = verdictsOf(question).map(({ word }) => word);
  return [...(options === '' ? [] : [options]), ...verdicts].join(', ');
}

/** The question with its answers, in one line. */
export function questionWords(question: Question): string {
  const options = question.parts.map((part) => `${part.text} (${namedOptions(part)})`);
  return options.length > 0 ? options.join(' · ') : `${question.about} (${choicesOf(question)})`;
}

/** `allow`, `allow for this task`, `deny: not there`, or what was chosen. */
export function answerWords(answer: Answer): string {
  switch (answer.kind) {
    case 'allow':
      return answer.isForTask ? 'allow for this task' : 'allow';
    case 'deny':
      return answer.reason === '' ? 'deny' : `deny: ${answer.reason}`;
    case 'choose':
      return answer.choices.join(' · ');
  }
}
