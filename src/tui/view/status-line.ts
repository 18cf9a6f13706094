// Owns the status line: the repository, the counts, whether the session runs, what was just said, and the way to help.
import { shortName } from '../../domain/operator-name.ts';
import { countStatus } from '../../domain/status.ts';
import { type Model, needsSomeone, paneNumbers, runOfWorker, tilingOf } from '../model.ts';
import { sanitise } from '../sanitise.ts';
import { textWidth, truncateText } from '../text-width.ts';
import { fitLine, type Line, lineWidth, type Span, span, spreadLine } from './line.ts';

/** One line of `width` cells. */
export function statusLine(model: Model, width: number): Line {
  const name = [span('barName', ` ${sanitise(model.repository)} `), span('bar', ' ')];
  if (model.connection.kind === 'lost') return fitLine([...name, ...lossSpans(model)], width, 'barAlert');
  const middle = model.note ? noteSpans(model) : [...sessionSpans(model), ...countSpans(model)];
  return spreadLine([...name, ...middle], hintSpans(model, width, lineWidth([...name, ...middle])), width, 'bar');
}

function lossSpans(model: Model): Span[] {
  if (model.connection.kind !== 'lost') return [];
  const { reason, attempts, isOrderly } = model.connection;
  const tries =
    attempts === 0
      ? 'trying to reach it again'
      : `tried ${attempts} ${attempts === 1 ? 'time' : 'times'} to reach it again`;
  const what = isOrderly ? 'the server has closed' : 'the server is gone';
  return [span('barAlert', ` ${what} · ${tries} · ${model.keys.prefix} d leaves · ${sanitise(reason)} `)];
}

function noteSpans(model: Model): Span[] {
  if (!model.note) return [];
  const { kind, text, next } = model.note;
  if (kind === 'info') return [span('bar', sanitise(text))];
  const tail = next === '' ? [] : [span('bar', ' '), span('barDim', sanitise(next))];
  return [span('barAlert', ` ${sanitise(text)} `), ...tail];
}

function sessionSpans(model: Model): Span[] {
  if (!model.hasState) return [span('barDim', 'connecting')];
  const { session } = model.state;
  const words = [session.isRunning ? 'session on' : 'session off'];
  if (model.isReadOnly) words.push('looking on');
  if (session.epicId !== null)
    words.push(`only ${sanitise(model.state.epics.get(session.epicId)?.title ?? session.epicId)}`);
  const { hiddenBefore, hiddenAfter, panes } = tilingOf(model);
  if (hiddenBefore + hiddenAfter > 0 && panes.length > 0) {
    const total = hiddenBefore + hiddenAfter + panes.length;
    words.push(
      panes.length === 1
        ? `pane ${hiddenBefore + 1} of ${total}`
        : `panes ${hiddenBefore + 1}–${hiddenBefore + panes.length} of ${total}`,
    );
  }
  return [span('bar', words.join(', ')), span('barDim', ' │ ')];
}

function countSpans(model: Model): Span[] {
  if (!model.hasState) return [];
  const counts = countStatus(model.state);
  const parts = [`${counts.running} running`, `${counts.queued} queued`, `${counts.done} done`];
  if (counts.blocked > 0) parts.push(`${counts.blocked} blocked`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (counts.paused > 0) parts.push(`${counts.paused} paused`);
  const needed = paneNumbers(model).filter((pane) => needsSomeone(runOfWorker(model, pane))).length;
  const call =
    needed > 0 ? [span('attention', ` ${needed === 1 ? '1 needs' : `${needed} need`} you `), span('bar', ' ')] : [];
  return [...call, span('bar', parts.join(' · '))];
}

/** Cells of one person's name. */
const MOST_PERSON = 14;

/** Names of everybody who is attached, those who look on marked, when there are several. */
function peopleWords({ people }: Model): string {
  if (people.length < 2) return '';
  const names = people.map((one) => `${sanitise(shortName(one.operator))}${one.isReadOnly ? '(ro)' : ''}`);
  return `${[...new Set(names)].map((name) => truncateText(name, MOST_PERSON)).join(' ')}  `;
}

/** The longest hint that leaves the left side whole. */
function hintSpans(model: Model, width: number, taken: number): Line {
  const { prefix } = model.keys;
  if (model.mode.kind === 'prefix') return [span('barName', ` ${prefix} `)];
  const choices = [`${prefix} ? keys  ${prefix} c task  ${prefix} d detach `, `${prefix} ? keys `, `${prefix} ? `];
  const people = peopleWords(model);
  // Who is there is worth more than a longer hint.
  for (const who of people === '' ? [''] : [people, '']) {
    const room = width - taken - 2 - textWidth(who);
    const fitting = choices.find((choice) => choice.length <= room);
    if (fitting !== undefined) return [...(who === '' ? [] : [span('bar', who)]), span('barDim', fitting)];
  }
  return [];
}
