// Owns how an agent's prompt box is read from its screen: whether it is there, and whether something stands in it. Pure.

const RULE = /^\s*──/;
const PROMPT = /^\s*❯/;
/** The rehearsal's cursor. */
const CURSOR = '▏';

/** The box that an agent draws between two rules, its first row behind `❯`: `empty`, or with a `draft` (which may be a suggestion in grey); `none` when a dialog, or anything else, is in its place. */
export function readPromptBox(rows: readonly string[]): 'empty' | 'draft' | 'none' {
  const at = rows.findLastIndex((row, index) => PROMPT.test(row) && RULE.test(rows[index - 1] ?? ''));
  const height = at === -1 ? -1 : rows.slice(at).findIndex((row) => RULE.test(row));
  if (height === -1) return 'none';
  const text = rows
    .slice(at, at + height)
    .join('')
    .replace(PROMPT, '')
    .replace(CURSOR, '');
  return text.trim() === '' ? 'empty' : 'draft';
}
