// Owns the status line: the repository, the counts, whether the session runs, what was just said, and the way to help.
import { shortName } from '../../domain/operator-name.ts';
import { tellsExhaustion } from '../../domain/pool.ts';
import { countStatus } from '../../domain/status.ts';
import { printable } from '../../domain/text.ts';
import { textWidth, truncateText } from '../../domain/text-width.ts';
import { needsSomeone } from '../../domain/worker.ts';
import { keyOf } from '../keys/key-map.ts';
import { askedWords, type Model, paneNumbers, runOfWorker, tilingOf, windowPanes } from '../model.ts';
import { fitLine, type Line, lineWidth, type Span, span, spreadLine } from './line.ts';

/** One line of `width` cells. */
export function statusLine(model: Model, width: number): Line {
  const name = [span('barName', ` ${printable(model.repository)} `), span('bar', ' ')];
  const windows = windowSpans(model, width);
  const said = saidSpans(model, width - 1);
  if (said) {
    // What is said is worth more than where: the name goes first, then the windows.
    const places = windows.length > 0 ? [[...name, ...windows], windows] : [name];
    const place = places.find((spans) => lineWidth([...spans, ...said]) <= width) ?? [span('bar', ' ')];
    const left = [...place, ...said];
    if (model.connection.kind === 'lost') return fitLine(left, width, 'barAlert');
    return spreadLine(left, hintSpans(model, width, lineWidth(left)), width, 'bar');
  }
  const counts = countSpans(model, width - lineWidth([...name, ...windows, ...sessionSpans(model, 0)]));
  const session = sessionSpans(model, width - lineWidth([...name, ...windows, ...counts]));
  const before = [...name, ...windows, ...session, ...counts];
  const room = width - lineWidth(before) - ROOM_FOR_HINT;
  // Where the keys go to a sidebar, that is said in its place.
  const left = model.queue.on !== null ? before : [...before, ...askedSpans(model, room)];
  return spreadLine(left, hintSpans(model, width, lineWidth(left)), width, 'bar');
}

/** What takes the place of the session and its counts: that the server is gone, or what was just said; null when there is nothing. */
function saidSpans(model: Model, width: number): Span[] | null {
  if (model.connection.kind === 'lost') return lossSpans(model);
  return model.note ? noteSpans(model.note, width) : null;
}

/** Cells that the way to help keeps. */
const ROOM_FOR_HINT = 14;
/** The shortest one, and the blanks before it. */
const LEAST_HINT = 8;
/** Fewer say nothing of a question. */
const LEAST_ASKED = 24;

/** What the pane asks that has waited the longest, and the key that goes there. */
function askedSpans(model: Model, room: number): Span[] {
  const waiting = paneNumbers(model).flatMap((pane) => {
    const run = runOfWorker(model, pane);
    return run && needsSomeone(run) && askedWords(run) !== '' ? [{ pane, run }] : [];
  });
  const [first] = waiting.sort((a, b) => a.run.stateSince - b.run.stateSince);
  if (!first || room < LEAST_ASKED) return [];
  const text = `${first.pane} asks ${printable(askedWords(first.run))}`;
  return [span('barDim', ' │ '), span('attention', ` ${truncateText(text, room - 6)} `)];
}

/** What there is to type stands before what is good to know. */
function lossSpans({ connection, keys }: Model): Span[] {
  if (connection.kind !== 'lost') return [];
  const { reason, attempts, isOrderly } = connection;
  const tries =
    attempts === 0
      ? 'trying to reach it again'
      : `tried ${attempts} ${attempts === 1 ? 'time' : 'times'} to reach it again`;
  const what = isOrderly ? 'the server has closed' : 'the server is gone';
  return [span('barAlert', ` ${what} · ${keys.prefix} d leaves · ${tries} · ${printable(reason)} `)];
}

/** What was just said. Where a refusal is longer than the line, its end goes first, as long as half of the line is left to it: what to type next is worth more. */
function noteSpans({ kind, text, next }: NonNullable<Model['note']>, width: number): Span[] {
  if (kind === 'info') return [span('bar', printable(text))];
  const tail = next === '' ? [] : [span('bar', ' '), span('barDim', printable(next))];
  const most = Math.max(Math.ceil(width / 2), width - lineWidth(tail)) - 2;
  return [span('barAlert', ` ${truncateText(printable(text), most)} `), ...tail];
}

/** Cells that a window's name takes in the list. */
const MOST_NAME = 14;

/** The windows, when there are several: all where half of the line is enough for them, else the shown one. */
function windowSpans({ windows, shownWindow }: Model, width: number): Span[] {
  if (windows.length < 2) return [];
  const entries = windows.map(({ name }, index) => {
    const text = ` ${index + 1}:${truncateText(printable(name), MOST_NAME)} `;
    return span(index === shownWindow ? 'barName' : 'bar', text);
  });
  const shown = entries.slice(shownWindow, shownWindow + 1);
  const fitting = lineWidth(entries) <= width / 2 ? entries : [...shown, span('barDim', ` of ${windows.length}`)];
  return [...fitting, span('barDim', ' │ ')];
}

/** Whether the session runs, and what is seen of it; that it runs is said as long as the counts and the number of people have room beside it. */
function sessionSpans(model: Model, room: number): Span[] {
  if (!model.hasState) return [span('barDim', 'connecting')];
  const { session } = model.state;
  const aside: string[] = [];
  if (model.isReadOnly) aside.push('looking on');
  if (session.epicId !== null)
    aside.push(`only ${printable(model.state.epics.get(session.epicId)?.title ?? session.epicId)}`);
  const pages = pageWords(model);
  if (pages !== null) aside.push(pages);
  const spansOf = (words: readonly string[]): Span[] =>
    words.length === 0 ? [] : [span('bar', words.join(', ')), span('barDim', ' │ ')];
  if (!session.isRunning) return spansOf(['session off', ...aside]);
  const whole = spansOf(['session on', ...aside]);
  const people = peopleCount(model);
  const needed = lineWidth(whole) + (people === '' ? 0 : textWidth(people) + ROOM_FOR_HINT);
  return needed > room ? spansOf(aside) : whole;
}

/** Which panes of the window are seen when not all are; null when all are, or there are none. */
function pageWords(model: Model): string | null {
  const { hiddenBefore, hiddenAfter, panes } = tilingOf(model);
  if (hiddenBefore + hiddenAfter === 0 || panes.length === 0) return null;
  const members = windowPanes(model);
  const places = panes.map(({ pane }) => members.indexOf(pane) + 1);
  const first = Math.min(...places);
  const last = Math.max(...places);
  if (first === last) return `pane ${first} of ${members.length}`;
  const isUnbroken = last - first + 1 === panes.length;
  return isUnbroken ? `panes ${first}–${last} of ${members.length}` : `${panes.length} panes of ${members.length}`;
}

/** How many tasks stand where; where not all has room, what can wait goes first. */
function countSpans(model: Model, room: number): Span[] {
  if (!model.hasState) return [];
  const counts = countStatus(model.state);
  const [done, queued] = [`${counts.done} done`, `${counts.queued} queued`];
  const parts = [`${counts.running} running`, queued, done];
  if (counts.blocked > 0) parts.push(`${counts.blocked} blocked`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (counts.paused > 0) parts.push(`${counts.paused} paused`);
  const needed = paneNumbers(model).filter((pane) => needsSomeone(runOfWorker(model, pane))).length;
  const call =
    needed > 0 ? [span('attention', ` ${needed === 1 ? '1 needs' : `${needed} need`} you `), span('bar', ' ')] : [];
  // It waits for no person: what does has the colour.
  if (tellsExhaustion(model.state, model.now)) parts.unshift('pool exhausted');
  const lines = [[], [done], [done, queued]].map((left): Span[] => [
    ...call,
    span('bar', parts.filter((part) => !left.includes(part)).join(' · ')),
  ]);
  const [whole = [], ...shorter] = lines;
  // That others are here is worth more than how much is done.
  const people = peopleCount(model);
  const others = people === '' ? 0 : textWidth(people) + LEAST_HINT;
  if (lineWidth(whole) <= room - others) return whole;
  return shorter.find((line) => lineWidth(line) <= room) ?? lines[2] ?? [];
}

/** Cells of one person's name. */
const MOST_PERSON = 14;

/** Names of everybody who is attached when there are several: `Ann▸2 bob(ro)`, with the pane that they typed into last, or marked when they look on. */
function peopleWords({ people }: Model): string {
  if (people.length < 2) return '';
  const words = people.map(({ operator, isReadOnly, typesInto }) => {
    const mark = isReadOnly ? '(ro)' : typesInto === undefined ? '' : `▸${typesInto}`;
    return `${truncateText(printable(shortName(operator)), MOST_PERSON)}${mark}`;
  });
  return `${[...new Set(words)].join(' ')}  `;
}

/** How many people there are where their names have no room; empty for one. A person who is there twice is one. */
function peopleCount({ people }: Model): string {
  const count = new Set(people.map(({ operator }) => operator)).size;
  return count < 2 ? '' : `${count} people  `;
}

/** Where the keys go while no pane has them, and how they go back. */
function queueHints({ keys }: Model, on: 'queue' | 'activity'): string[] {
  const leave = keyOf(keys, on, on);
  const who = `keys go to the ${on}`;
  return [...(leave === null ? [] : [`${who}, ${leave}: to the panes `]), `${who} `, `${on} `];
}

/** The longest hint that leaves the left side whole. */
function hintSpans(model: Model, width: number, taken: number): Line {
  const { prefix } = model.keys;
  if (model.mode.kind === 'prefix') return [span('barName', ` ${prefix} `)];
  const choices =
    model.queue.on === null
      ? [`${prefix} ? keys  ${prefix} c task  ${prefix} d detach `, `${prefix} ? keys `, `${prefix} ? `]
      : queueHints(model, model.queue.on);
  // Who is there is worth more than a longer hint.
  for (const who of new Set([peopleWords(model), peopleCount(model), ''])) {
    const room = width - taken - 2 - textWidth(who);
    const fitting = choices.find((choice) => choice.length <= room);
    if (fitting !== undefined) return [...(who === '' ? [] : [span('bar', who)]), span('barDim', fitting)];
  }
  return [];
}
