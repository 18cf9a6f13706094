// Owns the words of a line: splitting with quotes as a shell does (nothing is expanded), and what Tab may complete. Pure.
import type { Epic } from '../domain/epic.ts';
import type { State } from '../domain/state.ts';
import { isFinished, type Task } from '../domain/task.ts';
import { SHELLS } from './setup-verbs.ts';
import type { Completes, Verb, VerbOption } from './verb.ts';
import { findVerb, VERBS } from './verbs.ts';

/** What the command bar of the workspace does with its line. */
export interface CommandRunner {
  /** What may stand at the cursor, and where the word begins that it replaces. */
  complete(line: string, cursor: number, state: State): { candidates: string[]; from: number };
  /** Runs the line; the text is sanitised, and its lines take at most `width` columns (any number when nothing is said). */
  run(line: string, width?: number): Promise<{ ok: boolean; text: string }>;
}

export interface Word {
  readonly text: string;
  /** Where it begins in the line, its quote included. */
  readonly from: number;
  readonly isOpen: boolean;
}

/** The words of a line. 'single' quotes keep all, "double" ones take a backslash before " and \\, a backslash alone keeps the next character. The last word may be open. */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at++;
      continue;
    }
    const from = at;
    let text = '';
    let quote = '';
    for (; at < line.length; at++) {
      const character = line.charAt(at);
      if (quote === '' && /\s/.test(character)) break;
      if (character === quote) quote = '';
      else if (quote === '' && (character === "'" || character === '"')) quote = character;
      else if (character === '\\' && takesBackslash(quote, line.charAt(at + 1))) text += line.charAt(++at);
      else text += character;
    }
    words.push({ text, from, isOpen: quote !== '' });
  }
  return words;
}

/** The words of a line of the command bar. The rest of a verb that takes one stays as it is written, unless it stands in quotes as a whole. */
export function wordsOfLine(line: string): { words: string[]; isOpen: boolean } {
  const split = splitWords(line);
  // Who types a whole command of the shell means the same.
  if (split[0]?.text === 'drover') split.shift();
  const found = findVerb(split.slice(0, 2).map(({ text }) => text));
  const before = (found?.verb.restAfter ?? Number.POSITIVE_INFINITY) + (found?.taken ?? 0);
  const first = split[before];
  const words = split.map(({ text }) => text);
  const isQuoted = split.length === before + 1 && first?.isOpen === false;
  if (first === undefined || isQuoted) return { words, isOpen: split.at(-1)?.isOpen ?? false };
  return { words: [...words.slice(0, before), '--', line.slice(first.from).trim()], isOpen: false };
}

function takesBackslash(quote: string, next: string): boolean {
  return next !== '' && (quote === '' || (quote === '"' && (next === '"' || next === '\\')));
}

/** What completion knows of a session. */
export interface Known {
  readonly tasks: Iterable<Pick<Task, 'id' | 'status' | 'updatedAt' | 'title'>>;
  readonly epics: Iterable<Pick<Epic, 'id' | 'title'>>;
  /** What `layout` and `theme` take; absent in the workspace, which offers them itself. */
  readonly looks?: { readonly layout: readonly string[]; readonly theme: readonly string[] };
}

/** What may stand at the cursor, and where the word begins that it replaces. */
export function completeLine(line: string, cursor: number, known: Known): { candidates: string[]; from: number } {
  const words = splitWords(line.slice(0, cursor));
  const last = words.at(-1);
  const isInWord = last !== undefined && (last.isOpen || !/\s$/.test(line.slice(0, cursor)));
  const before = (isInWord ? words.slice(0, -1) : words).map((word) => word.text);
  const beginning = isInWord ? last.text : '';
  return { candidates: completeWords(before, beginning, known), from: isInWord ? last.from : cursor };
}

/** What may follow the words and begins so; needs no quotes in any shell. */
export function completeWords(words: readonly string[], beginning: string, known: Known): string[] {
  const candidates = candidatesAfter(words, beginning, known).filter((candidate) => /^[\w.:@/+-]+$/.test(candidate));
  const matching = candidates.filter((candidate) => candidate.startsWith(beginning));
  // An id may be begun without its `task-`.
  const byShort = candidates.filter(
    (candidate) => beginning !== '' && candidate.split('-').slice(1).join('-').startsWith(beginning),
  );
  return [...new Set([...matching, ...byShort, ...byTitle(candidates, beginning, known)])];
}

/** Those candidates that are tasks with a word of their title that begins so; a person remembers the title, not the id. One letter would offer nearly all. */
function byTitle(candidates: readonly string[], beginning: string, known: Known): string[] {
  const wanted = beginning.toLowerCase();
  if ([...wanted].length < 2) return [];
  const titled = [...known.tasks].filter((task) =>
    task.title
      .toLowerCase()
      .split(/[^\p{L}\p{M}\p{N}]+/u)
      .some((word) => word.startsWith(wanted)),
  );
  const ids = new Set(titled.map((task) => task.id));
  return candidates.filter((candidate) => ids.has(candidate));
}

function candidatesAfter(words: readonly string[], beginning: string, known: Known): string[] {
  const found = findVerb(words);
  if (!found) return words.length === 0 ? firstWords() : secondWords(words);
  const { verb, taken } = found;
  if (words.includes('--')) return [];
  const pending = optionOf(verb, words.at(-1) ?? '');
  if (pending && takesValue(pending) && words.length > taken) {
    return pending.choices ? [...pending.choices] : valuesOf(pending.completes, known);
  }
  if (beginning.startsWith('-')) return [...(verb.options ?? []).flatMap(longFlag), '--help', '--json', '--as'];
  // A verb may be the first word of others: `pool`, and `pool warm`.
  const further = words.length === taken ? secondWords(words) : [];
  // One argument is offered once; `help` takes up to two words.
  const isTaken = words.slice(taken).some((word) => !word.startsWith('-'));
  return isTaken ? [] : [...further, ...valuesOf(verb.completes, known)];
}

const visible = (): Verb[] => VERBS.filter((verb) => !verb.isHidden);
const firstWords = (): string[] => [...new Set(visible().map((verb) => verb.name.split(' ')[0] ?? ''))];

function secondWords(words: readonly string[]): string[] {
  if (words.length !== 1) return [];
  return visible()
    .map((verb) => verb.name.split(' '))
    .filter(([first, second]) => first === words[0] && second)
    .map(([, second]) => second ?? '');
}

function valuesOf(kind: Completes | undefined, known: Known): string[] {
  if (kind === 'task') return taskIds(known);
  if (kind === 'epic') return [...known.epics].flatMap((epic) => [epic.id, epic.title]);
  if (kind === 'verb') return firstWords();
  if (kind === 'shell') return [...SHELLS];
  if (kind === 'layout' || kind === 'theme') return [...(known.looks?.[kind] ?? [])];
  return [];
}

/** Open tasks first, then by what changed last: what a person most likely means. */
function taskIds(known: Known): string[] {
  const tasks = [...known.tasks];
  tasks.sort((a, b) => Number(isFinished(a.status)) - Number(isFinished(b.status)) || b.updatedAt - a.updatedAt);
  return tasks.map((task) => task.id);
}

function optionOf(verb: Verb, word: string): VerbOption | undefined {
  return (verb.options ?? []).find((option) => option.flags.split(/[ ,]+/).includes(word));
}

const takesValue = (option: VerbOption): boolean => /[<[]/.test(option.flags);
const longFlag = (option: VerbOption): string[] => /--[\w-]+/.exec(option.flags) ?? [];
