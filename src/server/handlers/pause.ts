// Owns the methods of pausing: a task, all of them, the queue.
import { whyNotPausing } from '../../domain/decide/pause.ts';
import type { DroverEvent, Envelope } from '../../domain/event.ts';
import { resolveTask } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import { isActive, type Task } from '../../domain/task.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';

type PauseMethods = 'task.pause' | 'task.resume' | 'session.hold' | 'session.unhold';

/** The handlers of pausing and going on. */
export function pauseHandlers(core: Core): Pick<Handlers, PauseMethods> {
  const tasksOf = (events: readonly Envelope[], type: DroverEvent['type']): Task[] =>
    events.flatMap(({ event }) =>
      event.type === type && 'taskId' in event && event.taskId !== null ? [resolveTask(core.state, event.taskId)] : [],
    );
  return {
    'task.pause': async ({ task, isAll, isNow = false }, { operator }) => {
      const one = requireOne(task, isAll, 'pause');
      if (one !== null) {
        const { id } = resolveTask(core.state, one);
        await core.intend({ type: 'task.pause', taskId: id, isNow }, operator);
        return { tasks: [resolveTask(core.state, id)], others: [] };
      }
      const others = [...core.state.tasks.values()].flatMap((each) => {
        const refusal = isActive(each.status) ? whyNotPausing(core.state, each) : null;
        return refusal === null ? [] : [{ task: each, reason: refusal.message }];
      });
      const events = await core.intend({ type: 'session.pause', isNow }, operator);
      return { tasks: tasksOf(events, 'task.pause-asked'), others };
    },
    'task.resume': async ({ task, isAll, hint }, { operator }) => {
      const one = requireOne(task, isAll, 'resume');
      if (one === null && hint !== undefined)
        refuse('bad-params', 'a hint is for one task, not for all', 'drover resume <task> --hint "<words>"');
      if (one === null)
        return { tasks: tasksOf(await core.intend({ type: 'session.resume' }, operator), 'task.resumed') };
      const { id } = resolveTask(core.state, one);
      await core.intend({ type: 'task.resume', taskId: id, ...(hint === undefined ? {} : { hint }) }, operator);
      return { tasks: [resolveTask(core.state, id)] };
    },
    'session.hold': async (_params, { operator }) => ({
      wasHeld: (await core.intend({ type: 'session.hold' }, operator)).length === 0,
    }),
    'session.unhold': async (_params, { operator }) => ({
      wasHeld: (await core.intend({ type: 'session.unhold' }, operator)).length > 0,
    }),
  };
}

/** The task that is meant, null for all; refuses both and neither. */
function requireOne(task: string | undefined, isAll: true | undefined, verb: string): string | null {
  if ((task === undefined) === (isAll === undefined))
    refuse('bad-params', `${verb} takes either a task or --all`, `drover ${verb} --help`);
  return task ?? null;
}
