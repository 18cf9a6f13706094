// Owns the methods of the session: greeting, status, start and stop of the work, events, panes, and what an agent may call.
import { adapterFor } from '../../agent/adapters.ts';
import { resolveEpic } from '../../domain/ids.ts';
import { countWorktrees } from '../../domain/pool.ts';
import { questionWords } from '../../domain/question.ts';
import { refuse } from '../../domain/refusal.ts';
import { isStranded, stuckFinder } from '../../domain/schedule.ts';
import { countStatus, formatOneline, standings } from '../../domain/status.ts';
import { isActive, type Task } from '../../domain/task.ts';
import { needsSomeone } from '../../domain/worker.ts';
import type { ClientInfo, ServerStatus } from '../../protocol/methods.ts';
import type { ClientSession } from '../client-session.ts';
import type { Core } from '../core.ts';
import type { Handlers } from '../dispatcher.ts';
import type { LandingLane } from '../landing-lane.ts';
import type { PaneSet } from '../pane-set.ts';
import type { Presence } from '../presence.ts';
import type { Workforce } from '../workforce.ts';
import type { answerHandlers } from './answer.ts';
import type { conversationHandlers } from './conversation.ts';
import type { delegationHandlers } from './delegation.ts';
import type { guidanceHandlers } from './guidance.ts';
import type { paneHistoryHandlers } from './pane-history.ts';
import type { paneHandlers } from './panes.ts';
import type { pauseHandlers } from './pause.ts';
import type { PoolMethods } from './pool.ts';
import type { queueHandlers } from './queue.ts';

export interface SessionParts {
  readonly core: Core;
  readonly panes: PaneSet;
  readonly workforce: Workforce;
  readonly lane: Pick<LandingLane, 'tip'>;
  readonly clients: ReadonlySet<ClientSession>;
  readonly presence: Presence;
  readonly serverStatus: () => ServerStatus;
  /** Stops the server soon, after the answer is on its way. */
  readonly stopSoon: () => void;
}

type Elsewhere =
  | keyof ReturnType<typeof answerHandlers>
  | keyof ReturnType<typeof conversationHandlers>
  | keyof ReturnType<typeof delegationHandlers>
  | keyof ReturnType<typeof guidanceHandlers>
  | keyof ReturnType<typeof queueHandlers>
  | keyof ReturnType<typeof paneHandlers>
  | keyof ReturnType<typeof paneHistoryHandlers>
  | keyof ReturnType<typeof pauseHandlers>
  | PoolMethods;

/** The handlers of everything that is neither the queue nor what people do with panes. */
export function sessionHandlers(parts: SessionParts): Omit<Handlers, Elsewhere> {
  const { core, panes, workforce } = parts;
  return {
    'session.hello': (params, client) => {
      if (params.token !== undefined) workforce.runOf(params.token);
      client.greet(params);
      return { server: parts.serverStatus() };
    },
    'status.get': () => statusOf(core, parts.serverStatus(), parts.presence.list()),
    'status.oneline': () => ({ line: formatOneline(countStatus(core.state)) }),
    'session.start': async ({ workers, agent, epic, untilDone, poolSize, poolRefresh }, client) => {
      // A repository that nothing can start from is refused here, to the person, and not to the log at every claim.
      await parts.lane.tip();
      const { session } = core.state;
      // What is not said stays as it is while a session runs: a second client does not take the first one's wishes away.
      const before = session.isRunning ? session : { ...core.config, epicId: null, untilDone: false };
      const wanted = {
        workers: workers ?? before.workers,
        agent: agent ?? before.agent,
        epic: epic === undefined ? before.epicId : resolveEpic(core.state, epic).id,
        untilDone: untilDone ?? before.untilDone,
      };
      const pool = {
        ...(session.isRunning ? session.pool : null),
        ...(poolSize === undefined ? {} : { size: poolSize }),
        ...(poolRefresh === undefined ? {} : { refresh: poolRefresh }),
      };
      await adapterFor(wanted.agent).find({ config: core.config, root: core.paths.root });
      const wish = Object.keys(pool).length > 0 ? { pool } : {};
      await core.intend({ type: 'session.start', ...wanted, ...wish }, client.operator);
      panes.ensure(wanted.workers);
      return { workers: wanted.workers, agent: wanted.agent, epicId: wanted.epic };
    },
    'session.stop': async ({ reason = 'the operator stopped it' }, client) => {
      const wasRunning = core.state.session.isRunning;
      if (wasRunning) await core.intend({ type: 'session.stop', reason }, client.operator);
      return { wasRunning };
    },
    'server.status': () => parts.serverStatus(),
    'server.stop': () => {
      parts.stopSoon();
      return { pid: process.pid };
    },
    'events.subscribe': async ({ since }, client) => {
      const reply = { ...client.subscribe(since), isRunning: core.state.session.isRunning };
      await core.store.untilDurable(reply.seq);
      return { ...reply, panes: panes.list() };
    },
    'pane.view': (params, client) => {
      client.look(params.panes, params.focused);
      return { panes: panes.list() };
    },
    'pane.list': () => ({ panes: panes.list() }),
    'pane.capture': ({ pane }) => panes.capture(pane),
    'client.list': () => ({ clients: parts.presence.list() }),
    'client.detach': (_params, caller) => {
      const attached = [...parts.clients].filter((client) => client.isAttached && client !== caller);
      for (const client of attached) client.dismiss(`detached by ${caller.operator}`, 'detach');
      return { detached: attached.length };
    },
    'client.choose': ({ what, name }, caller) => {
      const own = [...parts.clients].filter(
        (client) => client.info()?.kind === 'tui' && client.operator === caller.operator,
      );
      if (own.length === 0)
        refuse('nothing-to-do', `no workspace of ${caller.operator} is open on this repository`, 'drover attach');
      for (const client of own) client.notify({ notice: 'chosen', what, name });
      return { workspaces: own.length };
    },
    'agent.mcp-ready': (_params, client) => {
      workforce.runOf(client.token).mcpReady();
      return {};
    },
    'agent.task': (_params, client) => ({ task: workforce.runOf(client.token).task }),
    'agent.complete': async ({ verdict, summary }, client) => {
      const run = workforce.runOf(client.token);
      let isGone = false;
      client.onGone(() => {
        isGone = true;
      });
      const answer = await run.complete(verdict, summary);
      if (isGone && !answer.accepted) run.undelivered(answer.message);
      return answer;
    },
  };
}

function statusOf(core: Core, server: ServerStatus, people: ClientInfo[]) {
  const { state } = core;
  const counts = countStatus(state);
  const tasks = [...state.tasks.values()];
  const isStuck = stuckFinder(state);
  const standingOf = standings(state);
  const runOf = (task: Task) => (task.runId === null ? null : (state.runs.get(task.runId) ?? null));
  return {
    counts,
    oneline: formatOneline(counts),
    running: tasks.filter((task) => standingOf(task) === 'running').map((task) => ({ task, run: runOf(task) })),
    attention: tasks.flatMap((task) => {
      const reason = attentionOf(core, task, isStuck);
      return reason === null ? [] : [{ task, reason }];
    }),
    paused: tasks.filter((task) => task.status === 'paused'),
    isHeld: state.session.isHeld,
    pool: countWorktrees(state),
    people,
    server,
  };
}

/** Why a task needs a person; null when it doesn't. */
function attentionOf(core: Core, task: Task, isStuck: (task: Task) => boolean): string | null {
  const { state } = core;
  if (task.status === 'blocked') return task.blockedReason?.message ?? 'blocked';
  if (task.status === 'failed') return task.lastError ?? 'failed';
  if (task.status === 'ready' && isStuck(task)) return 'a task that it depends on failed or was cancelled';
  if (isStranded(state, task)) return 'its agent ended with its server; to go on with it: drover run';
  const run = isActive(task.status) && task.runId !== null ? state.runs.get(task.runId) : undefined;
  if (run === undefined || !needsSomeone(run)) return null;
  const [question] = run.questions;
  return question ? `asks: ${questionWords(question)}; drover answer ${task.id}` : `waits for you: ${run.stateDetail}`;
}
