// Owns how files are drawn in the intervention panel: the list with their lines, and the changes of the one that is looked into.
import { formatAge } from '../../domain/duration.ts';
import { printable } from '../../domain/text.ts';
import { graphemes, textWidth, wrap } from '../../domain/text-width.ts';
import { needsSomeone } from '../../domain/worker.ts';
import type { FileChange, TaskFiles } from '../../protocol/task-files.ts';
import { askedWords, type Model } from '../model.ts';
import { listedFiles, type PanelMode, selectedFile } from '../panel/panel-mode.ts';
import { runOfPanel } from '../panel/panel-question.ts';
import type { StyleName } from '../theme/theme.ts';
import { cutLine, type Line, plainText, span, spreadLine } from './line.ts';
import type { PanelBlock } from './panel-view.ts';
import { popupText } from './popup-text.ts';

const STYLES: Readonly<Record<FileChange['change'], StyleName>> = {
  new: 'working',
  modified: 'text',
  deleted: 'trouble',
  renamed: 'titleFocused',
};
/** Cells of the longest of them. */
const CHANGE_WIDTH = 'modified'.length;

/** The files in `room` rows, the selected one among them. */
export function filesBlock(model: Model, mode: PanelMode, width: number, room: number): PanelBlock {
  const isActive = mode.part === 'files';
  const { files } = mode;
  const all = listedFiles(mode);
  const at = selectedFile(mode);
  const start = Math.max(0, Math.min(at - Math.floor(room / 2), all.length - room));
  const rows = all
    .slice(start, start + room)
    .map((file, index) => fileLine(model, file, isActive && start + index === at, width));
  if (rows.length === 0) rows.push(...wrap(emptyWords(files), width).map((row): Line => [span('dim', row)]));
  const cursor = null;
  return { title: titleOf(files), right: files ? sumSpans(files) : [], isActive, rows: rows.slice(0, room), cursor };
}

function titleOf(files: TaskFiles | null): string {
  if (files === null || files.place === null) return 'files';
  const count = `${files.files.length}${files.isCut ? ' and more' : ''}`;
  return files.place === 'worktree' ? `files (${count})` : `files (${count}), as committed`;
}

function emptyWords(files: TaskFiles | null): string {
  if (files === null) return 'looking …';
  if (files.place === null) return `no work to show: ${printable(files.note)}`;
  return 'nothing is changed so far';
}

function sumSpans({ files }: TaskFiles): Line {
  const sum = (of: 'added' | 'removed'): number => files.reduce((total, file) => total + (file[of] ?? 0), 0);
  return files.length === 0 ? [] : countSpans(sum('added'), sum('removed'));
}

function countSpans(added: number | null, removed: number | null): Line {
  if (added === null || removed === null) return [span('dim', 'binary')];
  return [span('working', `+${added}`), span('text', ' '), span('trouble', `−${removed}`)];
}

/** `src/a.ts      modified  +10 −2  4s`: the end of a path says more than its beginning. */
function fileLine({ now }: Model, file: FileChange, isSelected: boolean, width: number): Line {
  const { change, added, removed, changedAt } = file;
  const counts = countSpans(added, removed);
  const right = [
    span(STYLES[change], change.padEnd(CHANGE_WIDTH)),
    span('text', ' '.repeat(Math.max(1, 14 - textWidth(plainText(counts))))),
    ...counts,
    span('dim', (changedAt === null ? '' : formatAge(now - changedAt)).padStart(7)),
  ];
  const room = Math.max(1, width - textWidth(plainText(right)) - 3);
  const line = spreadLine([span('text', `${isSelected ? '▸' : ' '} ${nameOf(file, room)}`)], right, width, 'text');
  return isSelected ? [span('candidateSelected', plainText(line))] : line;
}

function nameOf({ path, from }: FileChange, room: number): string {
  const name = from === null ? printable(path) : `${printable(from)} → ${printable(path)}`;
  let width = textWidth(name);
  if (width <= room) return name;
  let kept = '';
  for (const grapheme of graphemes(name)) {
    if (width < room) kept += grapheme.text;
    else width -= grapheme.width;
  }
  return `…${kept}`;
}

/** What is asked meanwhile, in one row at the end of the changes; none when nothing is. */
function asksRows(model: Model, mode: PanelMode): Line[] {
  const run = runOfPanel(model, mode);
  return run && needsSomeone(run) ? [[span('attention', ` ${printable(askedWords(run))} `)]] : [];
}

/** How many lines of the changes are seen in `room` rows, which their rule is one of. */
export function diffPageOf(model: Model, mode: PanelMode, room: number): number {
  return Math.max(1, room - 1 - asksRows(model, mode).length);
}

/** The changes of one file in `room` rows and its rule. */
export function diffBlock(model: Model, mode: PanelMode, width: number, room: number): PanelBlock {
  const { diff } = mode;
  const page = diffPageOf(model, mode, room);
  const head = { title: diff ? nameOf(diff.file, Math.max(1, width - 30)) : '', isActive: true, cursor: null };
  if (!diff || diff.lines === null || diff.refusal !== null) {
    const words = diff?.refusal ?? 'loading …';
    return { ...head, right: [], rows: wrap(printable(words), width).map((row): Line => [span('dim', row)]) };
  }
  const { lines } = popupText(diff.lines, true, width);
  const cut: Line[] = diff.isCut ? [[span('attention', ' more than 1 MB: the rest is left out ')]] : [];
  const all = [...lines, ...cut];
  const start = Math.max(0, Math.min(diff.scroll, all.length - page));
  const shown = all.slice(start, start + page).map((line) => cutLine(line, width));
  const place = all.length > page ? [span('dim', `${start + 1}–${start + shown.length} of ${all.length}  `)] : [];
  const right = [...place, ...countSpans(diff.file.added, diff.file.removed)];
  const blank = Array.from({ length: page - shown.length }, (): Line => []);
  return { ...head, right, rows: [...shown, ...blank, ...asksRows(model, mode)] };
}
