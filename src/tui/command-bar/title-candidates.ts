// Owns completion of task ids by their titles: `cancel fix login` and Tab. Pure.
import type { Verb } from '../../client/verb.ts';
import { findVerb } from '../../client/verbs.ts';
import type { State } from '../../domain/state.ts';
import { isFinished } from '../../domain/task.ts';
import { printable } from '../../domain/text.ts';
import { truncateText } from '../../domain/text-width.ts';
import { fuzzyFilter } from './fuzzy.ts';

/** A list that is longer than a few pages is not read. */
const MOST_FOUND = 30;
/** One letter would fit nearly every title. */
const LEAST_LETTERS = 2;
/** Cells of a title beside its id. */
const LABEL = 28;

/** The ids of the tasks whose titles fit all the words between a verb that takes a task and the cursor, best first, open ones before finished ones; null where that makes no sense. */
export function titleCandidates(
  line: string,
  cursor: number,
  state: State,
): { candidates: string[]; from: number } | null {
  const written = line.slice(0, cursor);
  const words = written.trim().split(/\s+/);
  const found = findVerb(words);
  if (!found || !takesTask(found.verb)) return null;
  const before = new RegExp(`^\\s*(?:\\S+\\s+){${found.taken}}`).exec(written)?.[0] ?? '';
  const query = written.slice(before.length);
  // Behind a flag something else than the task is written.
  if (before === '' || query.trim().length < LEAST_LETTERS || /(?:^|\s)-|["'\\]/.test(query)) return null;
  const fitting = fuzzyFilter(state.tasks.values(), query, ({ title }) => title);
  const open = fitting.filter(({ status }) => !isFinished(status));
  const over = fitting.filter(({ status }) => isFinished(status));
  const candidates = [...open, ...over].slice(0, MOST_FOUND).map(({ id }) => id);
  return candidates.length === 0 ? null : { candidates, from: before.length };
}

function takesTask(verb: Verb): boolean {
  return verb.completes === 'task';
}

/** What stands beside each candidate that is the id of a task or an epic: its title, sanitised and cut; nothing where the title is a candidate itself. */
export function titleLabels(candidates: readonly string[], state: State): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const candidate of candidates) {
    const { title } = state.tasks.get(candidate) ?? state.epics.get(candidate) ?? {};
    if (title !== undefined && !candidates.includes(title))
      labels.set(candidate, truncateText(printable(title), LABEL));
  }
  return labels;
}
