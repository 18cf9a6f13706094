// Owns the search from the shell: what its words ask for, and how the places that were found are shown.
import { refuse } from '../domain/refusal.ts';
import { sanitise } from '../domain/text.ts';
import { padText, truncateText } from '../domain/text-width.ts';
import type { Params, Result } from '../protocol/methods.ts';
import type { RenderContext, VerbInput } from './verb.ts';
import { numberOption } from './verb-params.ts';

/** What the server gives at the most. */
const LIMITS = { least: 1, most: 500 };

/** The words as one text, and how many places are wanted. Refuses no words. */
export function searchParams(input: VerbInput): Params<'search.run'> {
  const query = input.args.join(' ').trim();
  if (query === '') refuse('bad-params', 'there is nothing to search for', 'drover help search');
  const limit = numberOption(input, 'limit', LIMITS);
  return limit === undefined ? { query } : { query, limit };
}

/** One line for each place: its pane, its task, where it stands, and the text cut to the terminal's width. */
export function renderFound({ results, isComplete }: Result<'search.run'>, context: RenderContext): string {
  const { paint, width } = context;
  if (results.length === 0) return isComplete ? 'Nothing was found.' : 'Nothing was found in the time there was.';
  const lines = results.map(({ pane, task, source, text }) => {
    const where = padText(pane === null ? '-' : String(pane), 3);
    const of = padText(task === null ? '-' : sanitise(task), 12);
    const head = `${where} ${of} ${padText(source, 13)}`;
    return `${paint('dim', head)}${truncateText(sanitise(text), Math.max(20, width - head.length))}`;
  });
  if (!isComplete) lines.push(paint('dim', 'There is more: say more words, or raise --limit.'));
  return lines.join('\n');
}
