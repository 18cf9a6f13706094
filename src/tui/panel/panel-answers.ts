// Owns the answers that the panel offers to a question: a numbered row for each, and the words that each one sends. The words are those of `drover answer`.
import { type Question, type QuestionPart, verdictsOf } from '../../domain/question.ts';
import type { Asked } from './panel-mode.ts';

export interface AnswerRow {
  readonly text: string;
  /** More about it; empty for none. */
  readonly detail: string;
  /** Whether it is chosen, where several may be; null elsewhere. */
  readonly isMarked: boolean | null;
  readonly does:
    | { readonly kind: 'send'; readonly words: string }
    /** Marks an option, or takes the mark away. */
    | { readonly kind: 'mark'; readonly option: number }
    | { readonly kind: 'write'; readonly what: 'reason' | 'words' };
}

/** A question that was just put on the screen. */
export function showQuestion(question: Question): Asked {
  const empty = { fate: null, answers: [], marked: [], row: 0, writing: null, isRunning: false, refusal: null };
  return { question, ...empty };
}

/** The part that is shown; null for a question without parts, such as a permission. */
export function shownPart({ question, answers }: Asked): QuestionPart | null {
  return question.parts[answers.length] ?? null;
}

/** The answers to what is shown, in the order of their numbers. */
export function answerRows(asked: Asked): AnswerRow[] {
  const part = shownPart(asked);
  const verdicts = verdictsOf(asked.question).map(
    ({ word, meaning }): AnswerRow => ({
      text: meaning,
      detail: '',
      isMarked: null,
      does: word === 'deny' ? { kind: 'write', what: 'reason' } : { kind: 'send', words: word },
    }),
  );
  if (part === null) return verdicts;
  // Where an option is called so, the word means the option.
  const isOption = asked.question.parts.some(({ options }) => options.some(({ label }) => /^deny$/i.test(label)));
  const options = part.options.map(
    ({ label, description }, option): AnswerRow => ({
      text: label,
      detail: description,
      isMarked: part.isMulti ? asked.marked.includes(option) : null,
      does: part.isMulti ? { kind: 'mark', option } : { kind: 'send', words: String(option + 1) },
    }),
  );
  const own: AnswerRow = {
    text: 'answer in your own words',
    detail: '',
    isMarked: null,
    does: { kind: 'write', what: 'words' },
  };
  return [...options, ...(part.isMulti ? [markedRow(asked)] : []), own, ...(isOption ? [] : verdicts)];
}

/** Answers with the options that are marked. */
function markedRow({ marked }: Asked): AnswerRow {
  const numbers = [...marked].sort((a, b) => a - b).map((option) => String(option + 1));
  const text = numbers.length === 0 ? 'answer with the marked ones' : `answer with ${numbers.join(', ')}`;
  return { text, detail: '', isMarked: null, does: { kind: 'send', words: numbers.join(',') } };
}

/** Why words of one's own cannot be the answer; null when they can. */
export function whyNotWords(asked: Asked, text: string): string | null {
  if (text === '') return 'an answer in your own words needs a word';
  // The verb takes it for a denial: `drover answer <task> deny …`.
  if (asked.answers.length === 0 && /^deny\b/.test(text))
    return 'words that begin with "deny" deny it: begin otherwise';
  return null;
}
