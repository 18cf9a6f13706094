// Owns completion in the command bar: what Tab makes of the candidates. Pure.
import type { LineEdit } from './line-edit.ts';

export interface Completion {
  readonly candidates: readonly string[];
  /** Where the word being completed begins in the text. */
  readonly from: number;
  /** Which candidate stands in the line; -1 while it is only their common beginning. */
  readonly selected: number;
  /** What is shown beside a candidate, and not written into the line. */
  readonly labels?: ReadonlyMap<string, string>;
}

/** The line after the first Tab: the only candidate whole with a blank after it, else the common beginning of all, once a letter is written; the completion is null when nothing is left to choose. */
export function startCompletion(
  line: LineEdit,
  found: Pick<Completion, 'candidates' | 'from' | 'labels'>,
): { line: LineEdit; completion: Completion | null } {
  const { candidates, from } = found;
  const [only] = candidates;
  if (only === undefined) return { line, completion: null };
  if (candidates.length === 1) return { line: replaceWord(line, from, `${only} `), completion: null };
  const common = commonBeginning(candidates);
  const written = line.text.slice(from, line.cursor);
  // Before the first letter it is only what all ids begin with, and would stand in the way of words of a title.
  const adds = written !== '' && common.length > written.length && common.startsWith(written);
  const next = adds ? replaceWord(line, from, common) : line;
  return { line: next, completion: { ...found, selected: -1 } };
}

/** The line after a further Tab (step 1) or S-tab (step -1): the next candidate, round and round. */
export function stepCompletion(
  line: LineEdit,
  completion: Completion,
  step: 1 | -1,
): { line: LineEdit; completion: Completion } {
  const count = completion.candidates.length;
  const selected = completion.selected < 0 && step < 0 ? count - 1 : (completion.selected + step + count) % count;
  const candidate = completion.candidates[selected] ?? '';
  return { line: replaceWord(line, completion.from, candidate), completion: { ...completion, selected } };
}

function replaceWord(line: LineEdit, from: number, word: string): LineEdit {
  return { text: line.text.slice(0, from) + word + line.text.slice(line.cursor), cursor: from + word.length };
}

function commonBeginning(words: readonly string[]): string {
  let common = words[0] ?? '';
  for (const word of words) {
    while (!word.startsWith(common)) common = common.slice(0, -1);
  }
  return common;
}
