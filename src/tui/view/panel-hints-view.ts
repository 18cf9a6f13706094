// Owns how the hints of a task are drawn in the intervention panel: each with its receipt, and the line in which the next one is written.
import { formatAge } from '../../domain/duration.ts';
import { type GuidanceMessage, type GuidanceState, guidanceOf, isOpenGuidance } from '../../domain/guidance.ts';
import { isAtWork } from '../../domain/status.ts';
import { printable } from '../../domain/text.ts';
import { wrap } from '../../domain/text-width.ts';
import { keyOf } from '../keys/key-map.ts';
import type { Model } from '../model.ts';
import type { PanelMode } from '../panel/panel-mode.ts';
import { whyNoHint } from '../panel/panel-update.ts';
import type { StyleName } from '../theme/theme.ts';
import { fitLine, type Line, span, spreadLine } from './line.ts';
import type { PanelBlock } from './panel-view.ts';
import { visibleEdit } from './visible-edit.ts';

const STYLES: Readonly<Record<GuidanceState, StyleName>> = {
  queued: 'quiet',
  shown: 'working',
  acknowledged: 'done',
  retracted: 'dim',
};
/** Cells of the longest of them. */
const STATE_WIDTH = 'acknowledged'.length;
const PROMPT = '❯ ';

/** At most `most` hints, and the line of input. */
export function hintBlock(model: Model, mode: PanelMode, width: number, most: number): PanelBlock {
  const all = guidanceOf(model.state, mode.taskId);
  const rows: Line[] = newest(all, most).map((message) => messageLine(model, message, width));
  const waiting = all.filter(isOpenGuidance).length;
  const isActive = mode.part === 'hint';
  const { text, cursor } = visibleEdit(mode.hint, Math.max(1, width - PROMPT.length - 1));
  const isBlank = mode.hint.text === '' && !isActive;
  const field: Line = isBlank
    ? [span('dim', invitation(model, mode))]
    : fitLine([span('input', text)], width - PROMPT.length, 'input');
  const box: Line = [span(isActive ? 'titleFocused' : 'dim', PROMPT), ...field];
  const refused = mode.refusal === null ? [] : wrap(printable(mode.refusal), width);
  return {
    title: 'hints',
    right: waiting === 0 ? [] : [span('quiet', `${waiting} not heard yet`)],
    isActive,
    rows: [...rows, box, ...refused.map((row): Line => [span('trouble', row)])],
    cursor: isActive ? { x: PROMPT.length + cursor, y: rows.length } : null,
  };
}

/** Those that have not arrived, then the newest of the others, in the order in which they were given. */
function newest(all: readonly GuidanceMessage[], most: number): GuidanceMessage[] {
  const others = all.filter((message) => !isOpenGuidance(message));
  const open = all.filter(isOpenGuidance).slice(0, most);
  const rest = most > open.length ? others.slice(open.length - most) : [];
  return [...rest, ...open].sort((a, b) => a.createdAt - b.createdAt);
}

function messageLine({ now }: Model, { state, text, note, createdAt }: GuidanceMessage, width: number): Line {
  const more = note === '' ? '' : ` (${printable(note)})`;
  const left = [span(STYLES[state], state.padEnd(STATE_WIDTH)), span('text', ` ${printable(text)}${more}`)];
  return spreadLine(left, [span('dim', formatAge(now - createdAt))], width, 'text');
}

/** What stands in the empty line: how to write, and when it is heard. */
function invitation(model: Model, mode: PanelMode): string {
  const why = whyNoHint(model, mode);
  if (why !== null) return why;
  const task = model.state.tasks.get(mode.taskId);
  const key = keyOf(model.keys, 'panel', 'panel-go hint');
  const how = key === null ? 'a hint' : `${key} writes a hint`;
  return task && isAtWork(model.state, task)
    ? `${how}; its agent hears it at the next boundary`
    : `${how}; it waits for its next agent`;
}
