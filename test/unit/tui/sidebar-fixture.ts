// Owns the session that the tests of the sidebars look at: three hours of work with landed, failed, waiting and asking tasks.
import type { Envelope } from '../../../src/domain/event.ts';
import type { Model } from '../../../src/tui/model.ts';
import { busyHistory, History, modelOf, NOW } from './model-fixture.ts';

/** Seconds that each landed task took, in the order of landing; seven minutes lie between two landings. */
const TOOK = [240, 310, 180, 620, 95, 400, 260, 330, 150, 510, 290, 205];

/** busyHistory with a session of three hours before it, and tasks that landed in it. */
export function measuredHistory(times: readonly number[] = TOOK): History {
  const history = new History();
  history.add({ type: 'session.started', workers: 4, agent: 'rehearsal', epicId: null }, 10_800);
  for (let worker = 1; worker <= 4; worker++)
    history.add({ type: 'worktree.added', worktreeId: `worktree-${worker}`, path: `/w/${worker}` }, 10_800);
  history.add({ type: 'worktree.added', worktreeId: 'worktree-5', path: '/w/5' }, 10_800);
  for (const id of ['worktree-4', 'worktree-5']) history.warm(id, 10_800);
  times.forEach((took, index) => {
    const short = `dn${String.fromCharCode(97 + index)}2k`;
    const ended = 5400 - index * 420;
    history.task(short, `piece ${index + 1} of the groundwork`, { createdAt: NOW - 10_800_000 });
    const runId = `run-${short}`;
    const worker = (index % 3) + 1;
    history.add(
      {
        type: 'task.claimed',
        taskId: `task-${short}`,
        runId,
        worker,
        worktreeId: `worktree-${worker}`,
        branch: `drover/task-${short}`,
        baseCommit: 'abc',
        attempt: 1,
        agent: 'rehearsal',
        conversationId: 'c',
      },
      ended + took,
    );
    history.add({ type: 'run.started', runId, pid: 1 }, ended + took);
    history.add({ type: 'run.ended', runId, exitCode: 0, signal: null, reason: '' }, ended);
    history.add({ type: 'task.completed', taskId: `task-${short}`, commit: 'abc', by: 'agent', checkout: '' }, ended);
    history.add({ type: 'worktree.released', worktreeId: `worktree-${worker}` }, ended);
    history.warm(`worktree-${worker}`, ended);
  });
  return busyHistory(history);
}

/** The model of that session, with its last events in the feed. */
export function measuredModel(size: { columns: number; rows: number }): Model {
  const model = modelOf(measuredHistory(), size);
  return { ...model, activity: { events: FEED, scroll: 0 } };
}

const at = (seq: number, secondsAgo: number, event: Envelope['event']): Envelope => ({
  seq,
  at: NOW - secondsAgo * 1000,
  by: 'ada',
  event,
});

const FEED: readonly Envelope[] = [
  at(1, 400, { type: 'session.started', workers: 4, agent: 'rehearsal', epicId: null }),
  at(2, 390, { type: 'client.attached', operator: 'Ada <ada@example.org>', kind: 'tui', isReadOnly: false }),
  at(3, 300, { type: 'task.edited', taskId: 'task-h5j6k', changes: { priority: 5 } }),
  at(4, 130, { type: 'task.failed', taskId: 'task-m8n9p', error: 'the tests still fail after 3 attempts' }),
  at(5, 100, {
    type: 'run.state-changed',
    runId: 'run-p4q8r',
    state: 'working',
    source: 'hook',
    detail: '',
  }),
  at(6, 75, {
    type: 'run.state-changed',
    runId: 'run-p4q8r',
    state: 'needs-input',
    source: 'hook',
    detail: 'May I delete the folder\u001b[2J build?',
  }),
  at(7, 60, {
    type: 'pane.typed',
    operator: 'Ada <ada@example.org>',
    pane: 1,
    runId: 'run-x7k2m',
    taskId: 'task-x7k2m',
  }),
  at(8, 40, { type: 'landing.changed', taskId: 'task-dnl2k', phase: 'testing' }),
  at(9, 30, { type: 'task.completed', taskId: 'task-dnl2k', commit: 'abc', by: 'agent', checkout: '' }),
  at(10, 3, {
    type: 'task.claimed',
    taskId: 'task-b9n3c',
    runId: 'run-b9n3c',
    worker: 3,
    worktreeId: 'worktree-3',
    branch: 'drover/task-b9n3c',
    baseCommit: 'abc',
    attempt: 2,
    agent: 'rehearsal',
    conversationId: 'c',
  }),
];
