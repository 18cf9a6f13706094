// Owns two parts of the benchmark of the pool: the claim of a warm worktree, and the time from there to the process of the agent.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { floor, openSession, percentile } from './pool-rig.mjs';
import { cloneOf, openStage, SIZES } from './pool-scenes.mjs';
import { row, time, times } from './pool-table.mjs';
import { median } from './sandbox.mjs';

const ROUNDS = Number(process.env.DROVER_BENCH_ROUNDS ?? 40);
const NAMES = (process.env.DROVER_BENCH_SIZES ?? Object.keys(SIZES).join(',')).split(',');

const config = (workers, agent) =>
  `agent: ${agent}\nworkers: ${workers}\ndependencies: none\npool: { size: ${workers}, min: ${workers} }\n`;

/** The least that a durable event can take: a line appended and synced, in ms. */
async function appendDurably(folder) {
  const file = await open(join(folder, '.durable'), 'a');
  const start = performance.now();
  await file.write('x'.repeat(300));
  await file.datasync();
  const ms = performance.now() - start;
  await file.close();
  return ms;
}

/** Claims of one worktree, round by round in each repository: the claim in ms as the server records it, and the floor. */
export async function claim() {
  const stage = openStage();
  const sessions = [];
  const results = {};
  try {
    for (const name of NAMES) {
      const session = await openSession(stage, await cloneOf(name, stage), config(1, 'command'));
      await session.call('session.start', {});
      await session.allWarm(1);
      sessions.push(session);
      results[name] = { claims: [], floors: [], syncs: [] };
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const session of round % 2 === 0 ? sessions : sessions.toReversed()) {
        const { claims, floors, syncs } = results[session.name];
        floors.push(await floor(session, session.commit('main'), round));
        syncs.push(await appendDurably(session.root));
        await session.allWarm(1);
        const from = session.position();
        await session.add('true');
        const { event } = await session.event('pool.claimed', () => true, from);
        if (event.from !== 'warm') throw new Error(`the worktree of ${session.name} was ${event.from}`);
        claims.push(event.ms);
        await session.event('worktree.warmed', () => true, from);
      }
    }
  } finally {
    for (const session of sessions) await session.stop();
    stage.close();
  }
  const middles = Object.values(results).map(({ claims }) => median(claims));
  for (const [name, { claims, floors, syncs }] of Object.entries(results)) {
    const [middle, base] = [median(claims), median(floors)];
    const versus = `${times(middle / base)} of update-ref + rename, ${time(base)}`;
    row(`claim, ${SIZES[name][0]} files, p50 of ${ROUNDS}`, time(middle), versus, [middle, 2, '2 ms']);
    const sync = median(syncs);
    row('  of which a durable line of 300 bytes takes', time(sync), `the claim is ${times(middle / sync)} of it`);
    const worst = percentile(claims, 0.99);
    const floorWorst = percentile(floors, 0.99);
    row('  p99', time(worst), `${times(worst / floorWorst)} of its p99, ${time(floorWorst)}`, [worst, 25, '25 ms']);
  }
  const spread = Math.max(...middles) / Math.min(...middles);
  row('  the slowest size against the fastest', times(spread), '', [spread, 1.2, '1.2x']);
}

const REHEARSAL = '```rehearsal\nsteps:\n  - think: 1000s\n```\n';

/** From the beginning of a claim to the process of its agent, in ms by the server's own clock. */
async function begin(session, tasks, from) {
  const starts = [];
  for (const task of tasks) {
    const claimed = await session.event('task.claimed', (event) => event.taskId === task, from);
    const { event } = await session.event('pool.claimed', ({ taskId }) => taskId === task, from);
    if (event.from !== 'warm') throw new Error(`the worktree of ${task} was ${event.from}`);
    const started = await session.event('run.started', ({ runId }) => runId === claimed.event.runId, from);
    starts.push(started.at - claimed.at + event.ms);
  }
  return starts;
}

async function cancelAll(session, tasks, count) {
  for (const task of tasks) await session.call('task.cancel', { task });
  await session.until(({ state }) => [...state.workers.values()].every(({ runId }) => runId === null));
  await session.allWarm(count);
}

const BESIDE = 8;

/** The rehearsal agent, one at a time and eight at once. */
export async function start() {
  const stage = openStage();
  const sessions = [];
  const results = {};
  const rounds = Math.max(5, Math.round(ROUNDS / 2));
  try {
    for (const name of ['small', 'medium']) {
      const session = await openSession(stage, await cloneOf(name, stage), config(BESIDE, 'rehearsal'));
      await session.call('session.start', {});
      await session.allWarm(BESIDE);
      sessions.push(session);
      results[name] = { one: [], eight: [], spawn: [] };
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const session of sessions) {
        const { one, eight } = results[session.name];
        for (const [count, list] of round % 4 === 0
          ? [
              [1, one],
              [BESIDE, eight],
            ]
          : [[1, one]]) {
          const from = session.position();
          await session.call('session.hold', {});
          const tasks = [];
          for (let at = 0; at < count; at += 1)
            tasks.push(await session.add(`Rehearse ${round}.${at}`, { description: REHEARSAL }));
          await session.call('session.unhold', {});
          list.push(...(await begin(session, tasks, from)));
          await cancelAll(session, tasks, BESIDE);
        }
      }
    }
  } finally {
    for (const session of sessions) await session.stop();
    stage.close();
  }
  for (const [name, { one, eight }] of Object.entries(results)) {
    const label = `claim to process, ${SIZES[name][0]} files`;
    const say = (list) => `p50 ${time(median(list))}`;
    const [worst, worstOfEight] = [percentile(one, 0.99), percentile(eight, 0.99)];
    row(`${label}, p99 of ${one.length}`, time(worst), say(one), [worst, 150, '150 ms']);
    row(`${label}, ${BESIDE} at once, p99 of ${eight.length}`, time(worstOfEight), say(eight), [
      worstOfEight,
      500,
      '500 ms',
    ]);
  }
}
