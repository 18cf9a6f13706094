// Owns the methods of guidance: what a person wants the agent of a task to know.
import { type GuidanceMessage, guidanceOf, resolveGuidance } from '../../domain/guidance.ts';
import { resolveTask } from '../../domain/ids.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';

type GuidanceMethods = 'guidance.send' | 'guidance.list' | 'guidance.retract';

/** The handlers of `guidance.*`; the delivery follows the events. */
export function guidanceHandlers(core: Core): Pick<Handlers, GuidanceMethods> {
  const known = (id: string): GuidanceMessage => resolveGuidance(core.state, id);
  return {
    'guidance.send': async ({ task, text }, { operator }) => {
      const { id: taskId } = resolveTask(core.state, task);
      const events = await core.intend({ type: 'guidance.send', taskId, text }, operator);
      for (const { event } of events) {
        if (event.type === 'guidance.queued')
          return { message: known(event.guidanceId), task: resolveTask(core.state, taskId) };
      }
      throw new Error('guidance.send queued nothing');
    },
    'guidance.list': ({ task }) => {
      const found = resolveTask(core.state, task);
      return { task: found, messages: guidanceOf(core.state, found.id) };
    },
    'guidance.retract': async ({ hint }, { operator }) => {
      const { id } = known(hint);
      await core.intend({ type: 'guidance.retract', guidanceId: id }, operator);
      return { message: known(id) };
    },
  };
}
