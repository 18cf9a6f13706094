// Owns what a session that is followed without a screen says of agents that wait for a person: each wait once.
import { formatClock } from '../../client/format.ts';
import type { Paint } from '../../client/verb.ts';
import type { Envelope } from '../../domain/event.ts';
import { isPausing } from '../../domain/pause.ts';
import type { State } from '../../domain/state.ts';
import type { RunId, TaskId } from '../../domain/task.ts';
import { sanitise } from '../../domain/text.ts';
import { padText } from '../../domain/text-width.ts';
import { needsSomeone, type Run } from '../../domain/worker.ts';

/** A task whose agent goes on only when a person has answered. */
export interface Wait {
  /** ms since epoch */
  readonly at: number;
  readonly taskId: TaskId;
  readonly title: string;
  readonly worker: number;
  /** What it asks, or why it waits. */
  readonly waitsFor: string;
  /** The command that shows the answers there are. */
  readonly next: string;
}

/** `12:03:41 task-x7k2m waits for you           worker 2   fix login: may it push?; to answer: drover needs` */
export function formatWait(wait: Wait, paint: Paint): string {
  const head = `${paint('dim', formatClock(wait.at))} ${paint('strong', sanitise(wait.taskId))}`;
  const words = wait.waitsFor === '' ? '' : `: ${sanitise(wait.waitsFor)}`;
  return `${head} ${paint('warn', padText('waits for you', 23))}  ${padText(`worker ${wait.worker}`, 9)}  ${sanitise(wait.title)}${words}; to answer: ${wait.next}`;
}

/** Tells of each wait once, however many events it has: a dialog is told as a state of its agent and as a question, in either order. */
export class WaitTeller {
  readonly #tell: (wait: Wait) => void;
  /** What was told of the runs that wait now. */
  readonly #told = new Map<RunId, Set<string>>();

  constructor(tell: (wait: Wait) => void) {
    this.#tell = tell;
  }

  /** What an event has changed; `state` is after it. */
  take({ at, event }: Envelope, state: State): void {
    if (event.type !== 'run.state-changed' && event.type !== 'run.asked' && event.type !== 'run.ended') return;
    const run = state.runs.get(event.runId);
    if (run) this.#look(run, at, state);
  }

  /** All that wait now, as one finds them who comes later. */
  takeAll(at: number, state: State): void {
    for (const run of state.runs.values()) this.#look(run, at, state);
  }

  #look(run: Run, at: number, state: State): void {
    const task = state.tasks.get(run.taskId);
    // An agent that is interrupted to be paused waits for nobody.
    const isWaiting = needsSomeone(run) && !(run.state === 'interrupted' && task && isPausing(task));
    const reasons = [...run.questions.map(({ about }) => about), ...(isWaiting ? [run.stateDetail] : [])];
    if (run.endedAt !== null || reasons.length === 0) {
      this.#told.delete(run.id);
      return;
    }
    const told = this.#told.get(run.id) ?? new Set();
    this.#told.set(run.id, told);
    for (const waitsFor of reasons) {
      if (told.has(waitsFor)) continue;
      told.add(waitsFor);
      this.#tell({
        at,
        taskId: run.taskId,
        title: task?.title ?? '',
        worker: run.worker,
        waitsFor,
        next: 'drover needs',
      });
    }
  }
}
