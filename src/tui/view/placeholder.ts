// Owns what stands in a pane in which nothing runs: what its worker waits for, and how its last task ended.
import { formatWait } from '../../domain/duration.ts';
import { claimable, nextWake } from '../../domain/schedule.ts';
import { countStatus } from '../../domain/status.ts';
import type { Task } from '../../domain/task.ts';
import { printable } from '../../domain/text.ts';
import { wrap } from '../../domain/text-width.ts';
import { isPaneStranded, type Model, paneNumbers } from '../model.ts';
import { centreLine, fitLine, type Line, lineWidth, span } from './line.ts';
import { shortId } from './pane-title.ts';

/** `height` rows of `width` cells, the words in the middle. */
export function placeholderLines(model: Model, pane: number, width: number, height: number): Line[] {
  return centreLines(idleWords(model, pane), width, height);
}

/** What stands where panes would be while there is no worker. */
export function welcomeLines(model: Model, width: number, height: number): Line[] {
  const { prefix } = model.keys;
  if (model.hasState && paneNumbers(model).length > 0) {
    const way = [span('titleFocused', `${prefix} )`), span('dim', '  next window')];
    return centreLines([[span('dim', 'all panes are in other windows')], [], way], width, height);
  }
  const words: Line[] = !model.hasState
    ? [[span('dim', 'connecting to the server')]]
    : [
        [span('strong', printable(model.repository))],
        [],
        [span('text', summary(model))],
        [],
        [span('titleFocused', `${prefix} c`), span('dim', '      write down a task ')],
        [span('titleFocused', `${prefix} : run`), span('dim', '  start the workers  ')],
        [span('titleFocused', `${prefix} ?`), span('dim', '      show all keys     ')],
      ];
  return centreLines(words, width, height);
}

function summary(model: Model): string {
  const { queued, total } = countStatus(model.state);
  if (total === 0) return 'no tasks yet';
  return `${tasks(queued)} queued, no worker yet`;
}

function centreLines(words: readonly Line[], width: number, height: number): Line[] {
  const shown = words.flatMap((line) => broken(line, width)).slice(0, height);
  const above = Math.floor((height - shown.length) / 2);
  return Array.from({ length: height }, (_, row) => {
    const line = shown[row - above];
    return line ? centreLine(line, width, 'text') : fitLine([], width, 'text');
  });
}

/** A line of one style in as many rows as it takes; a key and what it does stay in one. */
function broken(line: Line, width: number): Line[] {
  const [only, more] = line;
  if (only === undefined || more !== undefined || lineWidth(line) <= width) return [line];
  return wrap(only.text, width).map((text) => [span(only.style, text)]);
}

function idleWords(model: Model, pane: number): Line[] {
  if (isPaneStranded(model, pane)) {
    const way = [span('titleFocused', `${model.keys.prefix} : run`), span('dim', '  go on with it')];
    return [[span('dim', 'its agent ended with its server')], [], way];
  }
  const words: Line[] = [[span('dim', waitsFor(model))]];
  const next = whatToDo(model);
  if (next) words.push([], next);
  const last = lastTask(model, pane);
  if (last) words.push([], outcome(last));
  return words;
}

/** Why this worker has nothing to do, in one line. */
function waitsFor(model: Model): string {
  const { state, now } = model;
  const { queued, running, total } = countStatus(state);
  if (total === 0) return 'the queue is empty';
  if (queued === 0) return running > 0 ? 'nothing is queued any more' : 'all tasks are through';
  if (!state.session.isRunning) return `${tasks(queued)} queued, but the session is not running`;
  if (claimable(state, now).length > 0) return 'takes the next task in a moment';
  const wake = nextWake(state, now);
  if (wake !== null) return `the next attempt begins in ${formatWait(wake - now)}`;
  return queued === 1 ? 'the queued task waits for another one' : `${queued} queued tasks wait for others`;
}

function whatToDo(model: Model): Line | null {
  const { queued, total } = countStatus(model.state);
  const { prefix } = model.keys;
  if (total === 0) return [span('titleFocused', `${prefix} c`), span('dim', '  write down a task')];
  if (queued > 0 && !model.state.session.isRunning)
    return [span('titleFocused', `${prefix} : run`), span('dim', '  start it')];
  return null;
}

function tasks(count: number): string {
  return `${count} ${count === 1 ? 'task is' : 'tasks are'}`;
}

function lastTask(model: Model, pane: number): Task | null {
  let latest: { at: number; taskId: string } | null = null;
  for (const run of model.state.runs.values()) {
    if (run.worker === pane && (latest === null || run.startedAt >= latest.at))
      latest = { at: run.startedAt, taskId: run.taskId };
  }
  return latest === null ? null : (model.state.tasks.get(latest.taskId) ?? null);
}

/** How it ended stands before what a narrow pane may cut. */
function outcome(task: Task): Line {
  const left = task.status === 'ready' ? 'queued again' : task.status.replace('_', ' ');
  const how = task.landedCommit === null ? left : `landed ${task.landedCommit.slice(0, 7)}`;
  const style =
    task.status === 'completed' ? 'done' : task.status === 'failed' || task.status === 'blocked' ? 'trouble' : 'quiet';
  return [span('dim', 'last: '), span(style, how), span('dim', ` · ${shortId(task.id)} ${printable(task.title)}`)];
}
