// Owns how a difference is shown to a person: sanitised, each line coloured by what it says; and the list of the files that differ.
import { sanitise, sanitiseLines } from '../domain/text.ts';
import type { Result } from '../protocol/methods.ts';
import type { FileChange } from '../protocol/task-files.ts';
import { type Cell, formatTable } from './format.ts';
import type { RenderContext, Tone } from './verb.ts';

export type DiffLineKind = 'added' | 'removed' | 'place' | 'head' | 'plain';

/** What each line of a patch is: within a hunk by its first character, outside of one by its words. */
export function classifyDiff(lines: readonly string[]): DiffLineKind[] {
  let isInHunk = false;
  return lines.map((line): DiffLineKind => {
    if (/^diff --git /.test(line)) {
      isInHunk = false;
      return 'head';
    }
    if (/^@@ /.test(line)) {
      isInHunk = true;
      return 'place';
    }
    if (isInHunk) return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'plain';
    return /^(?:index|new|deleted|old|similarity|rename|copy|---|\+\+\+|Binary) /.test(line) ? 'head' : 'plain';
  });
}

const TONES: Readonly<Record<DiffLineKind, Tone | null>> = {
  added: 'good',
  removed: 'bad',
  place: 'busy',
  head: 'strong',
  plain: null,
};

/** The task in one line, the table of files, the patch. */
export function renderDiff(diff: Result<'task.diff'>, { paint }: RenderContext): string {
  const { task, from, to, hasUncommitted, text, isCut } = diff;
  const more = hasUncommitted ? ', not all of it committed' : '';
  const range = paint('dim', `${from.slice(0, 10)}..${to.slice(0, 10)}${more}`);
  const head = `${paint('strong', sanitise(task.id))} ${range}  ${sanitise(task.title)}`;
  if (text === '') return `${head}\nnothing is changed so far`;
  const lines = sanitiseLines(text).replace(/\n$/, '').split('\n');
  const kinds = classifyDiff(lines);
  const body = lines.map((line, index) => {
    const tone = TONES[kinds[index] ?? 'plain'];
    return tone === null ? line : paint(tone, line);
  });
  return [head, ...body, ...(isCut ? [paint('warn', 'more than 1 MB: the rest is left out')] : [])].join('\n');
}

const CHANGE_TONES: Readonly<Record<FileChange['change'], Tone>> = {
  new: 'good',
  modified: 'strong',
  deleted: 'bad',
  renamed: 'busy',
};

/** A line a file: what became of it, its lines, its name. */
export function renderFiles({ files: told }: Result<'task.files'>, { paint, width }: RenderContext): string {
  const { taskId, place, files, isCut, note } = told;
  if (place === null) return `${sanitise(taskId)} has no work to show: ${sanitise(note)}`;
  if (files.length === 0) return 'Nothing is changed so far.';
  const rows = files.map(({ path, change, from, added, removed }): (string | Cell)[] => [
    { text: change, paint: (text) => paint(CHANGE_TONES[change], text) },
    { text: added === null ? 'binary' : `+${added}`, paint: (text) => paint('good', text) },
    { text: removed === null ? '' : `-${removed}`, paint: (text) => paint('bad', text) },
    from === null ? sanitise(path) : `${sanitise(from)} -> ${sanitise(path)}`,
  ]);
  // A name is worth more whole than cut: it is there to be copied.
  const table = formatTable(rows, Math.max(width, 400));
  return isCut ? `${table}\n${paint('warn', 'there are more')}` : table;
}
