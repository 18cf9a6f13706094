// Owns THE verb table: every verb of the shell and of the command bar is one row here.
import { ANSWER_VERBS } from './answer-verbs.ts';
import { GUIDANCE_VERBS } from './guidance-verbs.ts';
import { PAUSE_VERBS } from './pause-verbs.ts';
import { POOL_VERBS } from './pool-verbs.ts';
import { RUN_VERBS } from './run-verbs.ts';
import { SETUP_VERBS } from './setup-verbs.ts';
import { TASK_VERBS } from './task-verbs.ts';
import type { Verb } from './verb.ts';

/** All rows, in the order in which the help lists them. */
export const VERBS: readonly Verb[] = [
  ...TASK_VERBS,
  ...PAUSE_VERBS,
  ...RUN_VERBS,
  ...POOL_VERBS,
  ...GUIDANCE_VERBS,
  ...ANSWER_VERBS,
  ...SETUP_VERBS,
];

/** The row that the first words name, by name or alias, and how many words that took. Null when they name none. */
export function findVerb(words: readonly string[]): { verb: Verb; taken: number } | null {
  for (const taken of [2, 1]) {
    const name = words.slice(0, taken).join(' ');
    const verb = VERBS.find((row) => row.name === name || row.aliases?.includes(name));
    if (verb && words.length >= taken) return { verb, taken };
  }
  return null;
}
