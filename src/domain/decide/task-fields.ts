// Owns the rules for what a person may write into a task or an epic.
import { isPrintable, quote } from '../quote.ts';
import { refuse } from '../refusal.ts';
import { type Finding, TASK_TYPES, type TaskType } from '../task.ts';

/** One line of a list; longer text belongs in the description. */
const LONGEST_TITLE = 200;

/** Bytes of UTF-8. Text is given to an agent on its command line, where Linux takes 128 KiB in one argument. */
const LARGEST_DESCRIPTION = 64 * 1024;

const LONGEST_LABEL = 50;
const MOST_LABELS = 32;
const LONGEST_COMMAND = 4096;
const MOST_ATTEMPTS = 100;

/** The title, trimmed. Refuses bad-title: empty, longer than 200 characters, or with a control character. */
export function checkTitle(raw: string): string {
  const title = raw.trim();
  if (title === '') refuse('bad-title', 'The title is empty.', 'drover add "<what is to be done>"');
  if (/[\n\r]/.test(title)) {
    refuse(
      'bad-title',
      `The title ${quote(title)} has more than one line; put the rest into the description.`,
      'drover add "<title>" --description "<text>"',
    );
  }
  if (!isPrintable(title)) refuse('bad-title', `The title ${quote(title)} holds a control character.`);
  if (title.length > 2 * LONGEST_TITLE || [...title].length > LONGEST_TITLE) {
    refuse(
      'bad-title',
      `The title ${quote(title)} is longer than ${LONGEST_TITLE} characters; put the rest into the description.`,
      'drover add "<title>" --description "<text>"',
    );
  }
  return title;
}

/** The description as it is. Refuses too-large over 64 KiB of UTF-8, and bad-params with a NUL, which no command line carries. */
export function checkDescription(text: string): string {
  const bytes = utf8Length(text);
  if (bytes > LARGEST_DESCRIPTION) {
    refuse('too-large', `The description has ${bytes} bytes; ${LARGEST_DESCRIPTION} is the limit.`);
  }
  if (text.includes('\0')) refuse('bad-params', 'The description holds a NUL character.');
  return text;
}

/** A known type of task. Refuses bad-params. */
export function checkType(type: TaskType): TaskType {
  if (!TASK_TYPES.includes(type)) {
    refuse('bad-params', `The type ${quote(String(type))} is not known; known are ${TASK_TYPES.join(', ')}.`);
  }
  return type;
}

/** A whole number from -100 to 100. Refuses bad-params. */
export function checkPriority(priority: number): number {
  // `+ 0` turns -0 into 0, which JSON would do to the journal's copy.
  return checkInteger('priority', priority, { least: -100, most: 100 }) + 0;
}

/** A whole number from 1 to 100. Refuses bad-params. */
export function checkMaxAttempts(attempts: number): number {
  return checkInteger('limit of attempts', attempts, { least: 1, most: MOST_ATTEMPTS });
}

/** A whole number within its limits. Refuses bad-params. */
export function checkInteger(name: string, value: number, range: { least: number; most: number }): number {
  if (!Number.isInteger(value) || value < range.least || value > range.most) {
    refuse('bad-params', `The ${name} is ${value}; it must be a whole number from ${range.least} to ${range.most}.`);
  }
  return value;
}

/** The labels, trimmed and each once. Refuses bad-params: empty, longer than 50 characters, with a blank, a comma or a control character, or more than 32. */
export function checkLabels(raw: readonly string[]): string[] {
  const labels = [...new Set(raw.map((label) => label.trim()))];
  if (labels.length > MOST_LABELS) refuse('bad-params', `A task has at most ${MOST_LABELS} labels.`);
  for (const label of labels) {
    if (label === '') refuse('bad-params', 'A label is empty.');
    if (label.length > LONGEST_LABEL) {
      refuse('bad-params', `The label ${quote(label)} is longer than ${LONGEST_LABEL} characters.`);
    }
    if (!isPrintable(label) || /[\s,]/.test(label)) {
      refuse('bad-params', `The label ${quote(label)} holds a blank, a comma or a control character.`);
    }
  }
  return labels;
}

/** A shell command, trimmed; null or empty is null. Refuses bad-params over 4096 characters or with a control character other than tab and newline. */
export function checkTestCommand(raw: string | null): string | null {
  const command = raw?.trim() ?? '';
  if (command === '') return null;
  if (command.length > LONGEST_COMMAND) {
    refuse('bad-params', `The test command is longer than ${LONGEST_COMMAND} characters; put it into a script.`);
  }
  if (!isPrintable(command.replaceAll(/[\t\n]/g, ' '))) {
    refuse('bad-params', `The test command ${quote(command)} holds a control character.`);
  }
  return command;
}

/** Absolute paths of folders, each once. Refuses bad-params: a relative one, a control character, or more than 20. */
export function checkRepos(raw: readonly string[]): string[] {
  const repos = [...new Set(raw)];
  if (repos.length > 20) refuse('bad-params', 'A task reads at most 20 other repositories.');
  for (const path of repos) {
    if (!path.startsWith('/') || !isPrintable(path))
      refuse('bad-params', `The repository ${quote(path)} is no absolute path of a folder.`);
  }
  return repos;
}

/** What a research task found. Refuses bad-params: none, more than 50, an empty summary, a relevance outside of 0 to 1. */
export function checkFindings(raw: readonly Finding[]): Finding[] {
  if (raw.length === 0 || raw.length > 50) refuse('bad-params', 'A research result has 1 to 50 findings.');
  return raw.map(({ summary, relevance, sourceRef }) => {
    if (summary.trim() === '') refuse('bad-params', 'A finding has an empty summary.');
    if (!(relevance >= 0 && relevance <= 1)) refuse('bad-params', `The relevance ${relevance} is not from 0 to 1.`);
    return { summary: summary.trim(), relevance, sourceRef: sourceRef.trim() };
  });
}

/** One line of text, trimmed, such as a reason. Refuses bad-params over 1000 characters or with a control character. */
export function checkLine(name: string, raw: string): string {
  const line = raw.trim();
  if (line.length > 1000 || !isPrintable(line)) {
    refuse('bad-params', `The ${name} ${quote(line)} is longer than 1000 characters or holds a control character.`);
  }
  return line;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
