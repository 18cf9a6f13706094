// Owns the test of everything at once: 16 workers, agents that delegate, and random hints, pauses, resumes and cancels at random moments; whatever the order, the state is sound and no hint is lost.
import { afterEach, expect, test, vi } from 'vitest';
import { apply } from '../../../src/domain/apply.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { claimable, isStuck } from '../../../src/domain/schedule.ts';
import { fromRecord } from '../../../src/domain/snapshot.ts';
import type { State } from '../../../src/domain/state.ts';
import { isAwaiting } from '../../../src/domain/subtask.ts';
import { isActive, isFinished, type Task } from '../../../src/domain/task.ts';
import { needsSomeone } from '../../../src/domain/worker.ts';
import { addTask, Scene } from './scene.ts';

// The rehearsal agent and the MCP server are programs: those that were built.
vi.mock('../../../src/config/installation.ts', async (original) => ({
  ...(await original<object>()),
  MAIN: new URL('../../../dist/main.cjs', import.meta.url).pathname,
}));

let scene: Scene;
afterEach(() => scene.closeSoundly());

/** Of one seed always the same numbers; mulberry32. */
function seeded(seed: number): (below: number) => number {
  let a = seed;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const script = (...steps: unknown[]): string => `\`\`\`rehearsal\n${JSON.stringify(steps)}\n\`\`\``;
const edit = (file: string): unknown => ({ edit: { file, content: `${file}\n` } });
const think = { think: '2s' };
const done = { complete: 'done' };
const delegates = (title: string, steps: unknown[], waitForCompletion: boolean): unknown => ({
  call: { tool: 'create_subtask', title, description: script(...steps), waitForCompletion },
});
const collects = { call: { tool: 'check_subtask_status', waitForCompletion: true } };
const divides = (name: string): unknown => ({
  call: {
    tool: 'signal_decomposition',
    reason: 'two halves',
    suggestedSubtasks: [1, 2].map((half) => ({
      title: `Half ${half} of ${name}`,
      description: script(think, edit(`${name}-half-${half}.txt`), done),
      ...(half === 2 ? { dependsOn: [`Half 1 of ${name}`] } : {}),
    })),
  },
});

/** Steps of the four kinds of tasks. */
const KINDS: readonly ((name: string) => unknown[])[] = [
  (name) => [think, edit(`${name}.txt`), think, done],
  (name) => [
    edit(`${name}.txt`),
    delegates(`Part of ${name}`, [think, edit(`${name}-part.txt`), done], true),
    collects,
    done,
  ],
  (name) => [delegates(`Aside of ${name}`, [edit(`${name}-aside.txt`), think, done], false), think, collects, done],
  (name) => [think, divides(name)],
];

/** Nobody works, and nobody will without a person: no event comes by itself. A parent whose sub-task is paused may wait for a word, too. */
const isAtRest = (state: State): boolean =>
  claimable(state, Date.now()).length === 0 &&
  ![...state.tasks.values()].some(
    (task) => isActive(task.status) && !isAwaiting(task) && !needsSomeone(state.runs.get(task.runId ?? '') ?? null),
  );

const TASKS = 16;
const ACTIONS = 60;

test('whatever is done in whatever order, the state is sound and each hint arrives or is taken back', async ({
  onTestFailed,
}) => {
  const pick = seeded(Number(process.env['DROVER_FUZZ_SEED'] ?? 1));
  scene = new Scene({ agent: 'rehearsal', workers: 16, pauseGrace: 500 });
  process.env['DROVER_REHEARSAL_SPEED'] = '20';
  await scene.start();
  const client = await scene.connect();
  const begun = await client.call('events.subscribe', {});
  if (begun.state === null) throw new Error('a subscription without a state');
  const state = fromRecord(begun.state);
  let waitsFor = 'the start';
  onTestFailed(() => {
    const open = [...state.tasks.values()].filter(({ status }) => !isFinished(status));
    const runs = [...state.runs.values()].filter(({ endedAt }) => endedAt === null);
    const hints = [...state.guidance.values()].filter(
      ({ state: now }) => now !== 'acknowledged' && now !== 'retracted',
    );
    for (const one of [`waited for ${waitsFor} at event ${state.seq}`, ...open, ...runs, ...hints])
      console.error(JSON.stringify(one));
  });
  const broken: string[] = [];
  const waiting = new Set<() => void>();
  client.onNotice((notice) => {
    if (notice.notice !== 'event' || notice.envelope.seq <= state.seq) return;
    apply(state, notice.envelope);
    for (const look of [...waiting]) look();
  });
  const until = (what: string, isSo: () => boolean): Promise<void> => {
    waitsFor = what;
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  };
  for (let index = 0; index < TASKS; index++) {
    const kind = KINDS[index % KINDS.length] ?? (() => [done]);
    await addTask(client, `Task ${index}`, { description: script(...kind(`t${index}`)) });
  }
  await client.call('session.start', {});

  // Between two commits: within one the events stand for each other.
  const check = async (when: string): Promise<void> => {
    const now = await client.call('events.subscribe', {});
    if (now.state !== null) broken.push(...checkInvariants(fromRecord(now.state)).map((rule) => `${when}: ${rule}`));
  };
  const refusals: string[] = [];
  for (let count = 0; count < ACTIONS; count++) {
    // Some events later, at another moment of everybody's life.
    const seq = state.seq + pick(8);
    await until(`action ${count}`, () => state.seq >= seq || isAtRest(state));
    const open = [...state.tasks.values()].filter(({ status }) => !isFinished(status));
    const task = open[pick(Math.max(1, open.length))]?.id;
    if (task === undefined) break;
    const action = pick(10);
    const asked =
      action < 4
        ? client.call('guidance.send', { task, text: `Hint ${count}` })
        : action < 7
          ? client.call('task.pause', { task, isNow: action === 6 })
          : action < 9
            ? client.call('task.resume', { task })
            : client.call('task.cancel', { task });
    await asked.catch((error: unknown) => {
      if (!(error instanceof RefusalError)) throw error;
      refusals.push(error.message);
    });
  }
  // A refusal says whom it is about, and why.
  for (const words of refusals) expect(words).toMatch(/task-\w{5}.*\S/);

  // Everybody goes on; who is on its way to a pause is let go on, too.
  // What waits for a task that was cancelled or has failed waits for a person.
  const isGivenUp = (task: Task): boolean =>
    task.status === 'blocked' || (task.status === 'ready' && isStuck(state, task));
  const isQuiet = (): boolean => [...state.tasks.values()].every((task) => isFinished(task.status) || isGivenUp(task));
  const isPaused = (): boolean =>
    [...state.tasks.values()].some(({ pause, status }) => status === 'paused' || pause?.phase === 'asked');
  while (!isQuiet()) {
    if (isPaused()) await client.call('task.resume', { isAll: true });
    await until('the end of all tasks', () => isQuiet() || isPaused());
  }
  await until('the end of all runs', () => [...state.runs.values()].every(({ endedAt }) => endedAt !== null));
  const isLost = ({ state: now, taskId }: { state: string; taskId: string }): boolean =>
    now === 'shown' || (now === 'queued' && state.tasks.get(taskId)?.status === 'completed');
  await until('the last hints', () => ![...state.guidance.values()].some(isLost));
  await check('at the end');
  expect(broken).toEqual([]);
  // What waits yet is for those who were given up, and would hear it if they were tried again.
  for (const { state: now, taskId } of state.guidance.values()) {
    if (now === 'acknowledged' || now === 'retracted') continue;
    const task = state.tasks.get(taskId);
    const isOver = task !== undefined && (/cancelled|failed/.test(task.status) || isGivenUp(task));
    expect([now, isOver, task?.status]).toEqual(['queued', true, expect.anything()]);
  }
});
