// Owns the words that need no parser: one verb and nothing else, such as `attach`, whose first picture somebody waits for.
import type { Verb } from '../client/verb.ts';
import { findVerb } from '../client/verbs.ts';
import type { Parsed } from './program.ts';

/** What parseWords would give for the words; null where it has to be asked, since there is more or less to them than the name of a verb. */
export function parseBareVerb(words: readonly string[]): Extract<Parsed, { kind: 'verb' }> | null {
  const found = words.length === 1 ? findVerb(words) : null;
  if (!found || !isBare(found.verb)) return null;
  return { kind: 'verb', verb: found.verb, input: { args: [], options: {} }, globals: { isJson: false } };
}

/** True when a verb takes no argument that must be there, and has no option that is there without being said. */
function isBare(verb: Verb): boolean {
  return !verb.args?.includes('<') && !verb.options?.some((option) => option.default !== undefined);
}
