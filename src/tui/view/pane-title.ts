// Owns the title of a pane: worker, task, the agent's state and its age, in the room there is.
import { formatAge } from '../../domain/duration.ts';
import { openGuidance } from '../../domain/guidance.ts';
import { shortName } from '../../domain/operator-name.ts';
import { printable } from '../../domain/text.ts';
import { textWidth, truncateText } from '../../domain/text-width.ts';
import { type AgentState, needsSomeone, type Run, stateWord } from '../../domain/worker.ts';
import { markSign } from '../attention/marks.ts';
import { matchCount } from '../copy-mode/paint.ts';
import { askedWords, isPaneStranded, type Model, runOfWorker } from '../model.ts';
import type { StyleName } from '../theme/theme.ts';
import { cutLine, type Line, lineWidth, span } from './line.ts';

const STATE_STYLES: Readonly<Record<AgentState, StyleName>> = {
  starting: 'quiet',
  working: 'working',
  gated: 'quiet',
  'needs-input': 'attention',
  'turn-ended': 'quiet',
  'api-error': 'trouble',
  interrupted: 'attention',
  paused: 'quiet',
  exited: 'quiet',
};

/** The style of an agent's state, wherever it is shown. */
export function stateStyle(state: AgentState): StyleName {
  return STATE_STYLES[state];
}

/** An id without its `task-`, for narrow places. */
export function shortId(id: string): string {
  return id.replace(/^task-/, '');
}

/** An agent's state, for narrow places: what waits for sub-tasks says only for which. */
export function shortStateWord(run: Run): string {
  const waits = run.state === 'gated' && run.stateDetail.startsWith('waits for ');
  return waits ? run.stateDetail.replaceAll('task-', '') : stateWord(run);
}

/** Fewer cells of a task's title tell little. */
const ENOUGH_TITLE = 8;
/** Fewer tell nothing. */
const LEAST_TITLE = 5;

/**
 * At most `width` cells. What has no room beside enough of the task's title goes in this order: the question, that the pane is zoomed, the age, the
 * number of hints, the id, the point before the state, the end of the state's word.
 */
export function paneTitle(model: Model, pane: number, width: number): Line {
  const isFocused = model.focused === pane;
  const style: StyleName = isFocused ? 'titleFocused' : 'title';
  const run = runOfWorker(model, pane);
  const task = run ? model.state.tasks.get(run.taskId) : undefined;
  // The character marks the focus where colours do not show.
  const mark = isFocused ? span(style, '▶') : span('border', '─');
  const head = ` ${pane}${markSign(model, pane)}${lockMark(model, pane)}`;
  const copying = copyMark(model, pane);
  const [state, age] = copying === '' ? stateSpans(model, pane, run, style) : [[span('attention', copying)], []];
  const zoomed = model.isZoomed ? [span('dim', ' · zoomed')] : [];
  const hints = hintMark(model, run);
  // Work that lands or pauses asks for nobody any more, whatever its agent shows.
  const asked = copying === '' && state.at(-1)?.style === 'attention' ? askedSpans(run, width) : [];
  const title = task ? printable(task.title) : '';
  const titleWidth = textWidth(title);
  const enough = task ? shortId(task.id).length + 2 + Math.min(titleWidth, ENOUGH_TITLE) : 0;
  // Who reads in a pane knows what it is.
  const needs = (cells: number): number => (task && copying === '' ? 1 + Math.min(titleWidth, cells) : 0);
  const least = needs(LEAST_TITLE);
  const wide = width - 2 - textWidth(head);
  // Without the point before it.
  const compact = state.length > 1 ? [span(style, ' '), ...state.slice(1)] : state;
  const tails: [tail: Line, room: number][] = [
    ...(asked.length > 0 ? [[[...state, ...age, ...asked, ...hints, ...zoomed], enough] as [Line, number]] : []),
    [[...state, ...age, ...hints, ...zoomed], enough],
    [[...state, ...age, ...hints], enough],
    [[...state, ...hints], enough],
    [state, needs(ENOUGH_TITLE)],
    [compact, least],
    [narrowState(run, compact, wide - least), 0],
    [[], 0],
  ];
  for (const [tail, needed] of tails) {
    const room = wide - lineWidth(tail);
    if (room < needed) continue;
    const name = task ? taskName(task.id, title, room) : programName(model, pane, room);
    return [mark, span(style, head + name), ...tail, span(style, ' ')];
  }
  return cutLine([mark, span(style, head)], width);
}

/** Cells below which the beginning of a state's word tells nothing. */
const LEAST_STATE = 6;

/** What waits for a person is never cut off: a sign is enough for it. */
function narrowState(run: Run | null, state: Line, room: number): Line {
  if (needsSomeone(run)) return [span('text', ' '), span('attention', ' ? ')];
  return room < LEAST_STATE ? [] : cutLine(state, room);
}

/** The state and, apart from it, its age. */
function stateSpans(model: Model, pane: number, run: Run | null, style: StyleName): [state: Line, age: Line] {
  const dot = span(style, ' · ');
  if (!run && model.infos.get(pane)?.shell) return [[], []];
  if (!run) {
    const since = model.state.workers.get(pane)?.since;
    return [[dot, span('quiet', 'idle')], since === undefined ? [] : [span('dim', ` ${formatAge(model.now - since)}`)]];
  }
  const landing = landingWord(model, run);
  const age = formatAge(model.now - run.stateSince);
  if (landing !== null) return [[dot, span('done', landing)], [span('dim', ` ${age}`)]];
  const pause = model.state.tasks.get(run.taskId)?.pause;
  if (pause?.phase === 'asked')
    return [[dot, span('quiet', 'pausing')], [span('dim', ` ${formatAge(model.now - pause.at)}`)]];
  if (isPaneStranded(model, pane)) return [[dot, span('quiet', 'interrupted')], [span('dim', ` ${age}`)]];
  if (needsSomeone(run)) return [[dot, span('attention', ` ${run.state} `)], [span('attention', `${age} `)]];
  return [[dot, span(stateStyle(run.state), printable(shortStateWord(run)))], [span('dim', ` ${age}`)]];
}

/** Narrower, the question would take the room of the task's name. */
const ROOM_FOR_QUESTION = 60;

/** What a person is asked, in a half of the title. */
function askedSpans(run: Run | null, width: number): Line {
  if (width < ROOM_FOR_QUESTION || run === null || !needsSomeone(run)) return [];
  const words = printable(askedWords(run));
  return words === '' ? [] : [span('attention', `${truncateText(words, Math.floor(width / 2))} `)];
}

/** How many hints have not arrived yet. */
function hintMark(model: Model, run: Run | null): Line {
  const count = run ? openGuidance(model.state, run.taskId).length : 0;
  return count === 0 ? [] : [span('attention', ` ✎${count}`)];
}

/** What happens to the work once the agent has handed it in. */
function landingWord(model: Model, run: Run): string | null {
  const phase = model.state.tasks.get(run.taskId)?.landing ?? null;
  if (phase === 'merging' || phase === 'testing') return `landing, ${phase}`;
  return phase === 'queued' ? 'waits to land' : null;
}

/** As much of a task as `room` cells take: id and title, the id without its `task-`, the title alone. */
function taskName(id: string, title: string, room: number): string {
  const titleWidth = textWidth(title);
  const full = ` ${id} `;
  if (room >= full.length + titleWidth) return full + title;
  const short = ` ${shortId(id)} `;
  if (room >= short.length + Math.min(titleWidth, ENOUGH_TITLE))
    return short + truncateText(title, room - short.length);
  if (room > Math.min(titleWidth, LEAST_TITLE)) return ` ${truncateText(title, room - 1)}`;
  return room >= short.length - 1 ? short.trimEnd() : '';
}

/** Where copy mode stands in its document, and how many places its search has found; empty outside of it. */
function copyMark(model: Model, pane: number): string {
  const mode = model.copy.panes.get(pane);
  if (!mode) return '';
  if (mode.kind === 'opening') return ' [copy mode …] ';
  const what = mode.source === 'conversation' ? 'transcript ' : '';
  const count = matchCount(mode);
  return ` ${what}[${mode.cursor.y + 1}/${mode.rows.length}]${count === '' ? '' : ` ${count}`} `;
}

/** Cells of a holder's name; the rest of the title tells more than its end. */
const MOST_HOLDER = 12;

/** Who has locked the pane, behind its number; empty when nobody has. */
function lockMark(model: Model, pane: number): string {
  const holder = model.infos.get(pane)?.lockedBy;
  return holder === undefined ? '' : ` [${truncateText(printable(shortName(holder)), MOST_HOLDER)}]`;
}

/** What runs in a pane that a person opened: the title that it gave itself, else its command. */
function programName(model: Model, pane: number, room: number): string {
  const info = model.infos.get(pane);
  if (!info?.shell || room < 2) return '';
  const words = printable(info.title) || printable(info.shell.argv.join(' '));
  const task = info.taskId === null ? '' : ` ${shortId(info.taskId)}`;
  return ` ${truncateText(words + task, room - 1)}`;
}
