// Owns the part of the pool's benchmark about the workers: how much of their time they work while there is work, over the queue of the demonstration.
import { createDemoRepository } from '../../dist/demo/create.js';
import { utilization } from '../../dist/domain/metrics.js';
import { claimable } from '../../dist/domain/schedule.js';
import { openSession } from './pool-rig.mjs';
import { openStage } from './pool-scenes.mjs';
import { row, share, time } from './pool-table.mjs';

const WORKERS = 4;

async function queue(session, tasks) {
  for (const title of new Set(tasks.map(({ epic }) => epic))) await session.call('epic.create', { title });
  const ids = new Map();
  for (const { key, blockedBy, hint, ...words } of tasks) {
    const { task } = await session.call('task.create', { ...words, blockedBy: blockedBy.map((each) => ids.get(each)) });
    ids.set(key, task.id);
    if (hint !== undefined) await session.call('guidance.send', { task: task.id, text: hint });
  }
}

/** One whose call waits for a sub-task takes no worker. */
const isAtWork = (state, { endedAt, taskId }) => endedAt === null && state.tasks.get(taskId).awaits.length === 0;

/** Between two events nothing changes: worker time that was used, and that could have been with what was claimable. */
function measureUse(session) {
  const sums = { used: 0, usable: 0 };
  let last = null;
  session.onEvent((state, { at }) => {
    if (last !== null) {
      sums.used += last.busy * (at - last.at);
      sums.usable += Math.min(WORKERS, last.busy + last.waiting) * (at - last.at);
    }
    const busy = [...state.runs.values()].filter((run) => isAtWork(state, run)).length;
    last = { at, busy, waiting: state.session.isRunning ? claimable(state, at).length : 0 };
  });
  return sums;
}

export async function workers() {
  const stage = openStage();
  let session;
  try {
    const { root, tasks } = await createDemoRepository(stage.folder);
    session = await openSession(stage, { name: 'demo', root }, null);
    const sums = measureUse(session);
    await queue(session, tasks);
    const from = session.position();
    await session.call('session.start', { workers: WORKERS, agent: 'rehearsal', untilDone: true });
    await session.event('session.stopped', () => true, from);
    const state = session.state();
    const failed = [...state.tasks.values()].filter(({ status }) => status !== 'completed');
    if (failed.length > 0) throw new Error(`${failed.length} tasks of the demonstration did not land`);
    const { overall, span } = utilization(state, Date.now());
    const use = sums.used / sums.usable;
    row(`workers at work while there is work, ${tasks.length} tasks, ${WORKERS} workers`, share(use), time(span), [
      use,
      0.95,
      '95 %',
      'least',
    ]);
    row('  of all their time, the last tasks of the queue included', share(overall), '');
  } finally {
    await session?.stop();
    stage.close();
  }
}
