// Owns the methods by which an agent hands work to others and hears what became of it; each is about the task of its own token.
import { resolveTask } from '../../domain/ids.ts';
import type { NewSubtask } from '../../domain/intent.ts';
import { refuse } from '../../domain/refusal.ts';
import { ancestorsOf, descendantsOf, type SubtaskResult } from '../../domain/subtask.ts';
import { isFinished, type Task } from '../../domain/task.ts';
import type { Params, TaskLine } from '../../protocol/methods.ts';
import type { ClientSession } from '../client-session.ts';
import type { Core } from '../core.ts';
import type { Delegation } from '../delegation.ts';
import type { Handlers } from '../dispatcher.ts';
import type { Workforce } from '../workforce.ts';

type DelegationMethods =
  | 'agent.create-subtask'
  | 'agent.subtask-status'
  | 'agent.subtask-news'
  | 'agent.stop-waiting'
  | 'agent.decompose'
  | 'agent.record-findings'
  | 'agent.tasks';

export interface DelegationParts {
  readonly core: Core;
  readonly delegation: Delegation;
  readonly workforce: Workforce;
}

/** The handlers of `agent.` methods about sub-tasks and findings. */
export function delegationHandlers({
  core,
  delegation,
  workforce,
}: DelegationParts): Pick<Handlers, DelegationMethods> {
  const resultsOf = (client: ClientSession, tasks: readonly Task[], isWaiting: boolean): Promise<SubtaskResult[]> => {
    const run = workforce.runOf(client.token);
    if (!isWaiting) return Promise.resolve(delegation.resultsOf(tasks));
    // An agent that is gone waits for nothing.
    client.onGone(() => delegation.stop(run.taskId));
    return delegation.resultsAfter(run, tasks);
  };
  return {
    'agent.create-subtask': async ({ waitForCompletion = false, ...wish }, client) => {
      const run = workforce.runOf(client.token);
      const task = await delegation.create(run, wish);
      const [result] = await resultsOf(client, [task], waitForCompletion);
      if (result === undefined) throw new Error(`${task.id} has no result`);
      return { result };
    },
    'agent.subtask-status': async ({ task, waitForCompletion = false }, client) => {
      const run = workforce.runOf(client.token);
      const tasks = delegation.subtasks(run, task);
      if (waitForCompletion && tasks.some(({ parentId }) => parentId !== run.taskId))
        refuse('not-allowed', 'Only your own sub-tasks can be waited for, not those below them.');
      return { results: await resultsOf(client, tasks, waitForCompletion) };
    },
    'agent.subtask-news': async ({ seen }, client) => {
      const gone = new AbortController();
      client.onGone(() => gone.abort());
      return { words: await delegation.news(workforce.runOf(client.token), { seen, signal: gone.signal }) };
    },
    'agent.stop-waiting': (_params, client) => {
      delegation.stop(workforce.runOf(client.token).taskId);
      return {};
    },
    'agent.decompose': async ({ reason, subtasks }, client) => {
      const parts = await delegation.decompose(workforce.runOf(client.token), reason, wishesOf(subtasks));
      return { parts: parts.map(lineOf) };
    },
    'agent.record-findings': async ({ findings, sources }, client) => {
      const { taskId } = workforce.runOf(client.token);
      await core.intend({ type: 'task.record-findings', taskId, findings, sources }, `agent:${taskId}`);
      return { count: findings.length };
    },
    'agent.tasks': (_params, client) => {
      const task = resolveTask(core.state, workforce.runOf(client.token).taskId);
      const above = ancestorsOf(core.state, task).reverse();
      return { above: above.map(lineOf), own: lineOf(task), below: descendantsOf(core.state, task.id).map(lineOf) };
    },
  };
}

function lineOf({ id, title, type, status, parentId, blockedBy }: Task): TaskLine {
  return { id, title, type, status, parentId, blockedBy: [...blockedBy], isOver: isFinished(status) };
}

/** Names of others in the list, by their titles, become their places in it. */
function wishesOf(subtasks: Params<'agent.decompose'>['subtasks']): NewSubtask[] {
  return subtasks.map(({ title, description, type, dependsOn = [] }) => {
    const after = dependsOn.map((name) => {
      const at = subtasks.findIndex((other) => other.title.trim() === name.trim());
      if (at < 0) refuse('bad-params', `"${title}" depends on "${name}", which is no title in this list.`);
      return at;
    });
    return { title, description, after, ...(type === undefined ? {} : { type }) };
  });
}
