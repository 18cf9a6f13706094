// Owns the promise that kill -9 of the server, of git or of the package manager at any step leaves nothing that the next start does not mend.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import type { State } from '../../../src/domain/state.ts';
import { isFinished, type Task } from '../../../src/domain/task.ts';
import { adminFolder } from '../../../src/git/worktree.ts';
import { retiredFrom } from '../../../src/git/worktree-entry.ts';
import { builtProgram } from '../cli/scene.ts';
import { type Plan, TortureStage } from './torture-stage.ts';

/** Kills of each kind; with more, the steps are chosen by chance. */
const ROUNDS = Number(process.env['DROVER_TORTURE_ROUNDS'] ?? 6);
const IS_RANDOM = process.env['DROVER_TORTURE_ROUNDS'] !== undefined;
const LONGEST = ROUNDS * 60_000;

let main: string;
beforeAll(() => {
  main = builtProgram();
}, 240_000);
let stage: TortureStage;
/** Rounds in which somebody was killed; the programs run beside each other, so a step may not come. */
let deaths = 0;
beforeEach(() => {
  deaths = 0;
  stage = new TortureStage(main);
});
afterEach(() => stage.close());

/** Work that nobody may lose: of a task that lands, and of one that fails with its change uncommitted. */
const landed = (round: number) =>
  `echo landed > landed-${round}.txt; echo x >> files/0/0.txt; git add -A; git commit -qm landed-${round}`;
const lost = (round: number) => `echo kept > kept-${round}.txt; : > ${written(round)}; exit 1`;
/** Says that there is something to be kept: an attempt that was cut off before its agent ran has failed too. */
const written = (round: number) => join(stage.folder, `written-${round}`);

/** Two tasks, a base that moves while they are at work, and then `isOver`; false when the server died on the way. */
async function work(round: number, isOver: () => Promise<boolean>): Promise<boolean> {
  try {
    await stage.call('session.start', {});
    await stage.call('task.create', { title: landed(round) });
    await stage.call('task.create', { title: lost(round), maxAttempts: 1 });
    return await isOver();
  } catch (error) {
    // The connection broke in the middle of a call.
    if (await stage.until(() => false)) throw error;
    return false;
  }
}

const areTasksOver = ({ tasks }: State) =>
  [...tasks.values()].every(({ status }) => isFinished(status) || status === 'blocked');

/** Every task is over, and three worktrees are ready at the base branch. A further one, made while another was damaged, stays cold until its time has come. */
const settled = (): Promise<boolean> =>
  stage.until((state) => {
    const all = [...state.worktrees.values()];
    const main = stage.git('rev-parse', 'main');
    const ready = all.filter(({ state: now, baseCommit }) => now === 'warm' && baseCommit === main);
    const isSurplus = all.every((each) => ready.includes(each) || each.state === 'cold');
    return areTasksOver(state) && ready.length >= 3 && isSurplus;
  });

/** What is wrong with the disk, a sentence each. */
function checkDisk(round: number): string[] {
  const wrong: string[] = [];
  const gitDir = join(stage.root, '.git');
  const folder = join(stage.paths.dataHome, 'worktrees');
  const locks = readdirSync(gitDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));
  wrong.push(...locks.map((name) => `the lock ${name} is left`));
  const known = new Map([...stage.state.worktrees.values()].map((each) => [each.path, each]));
  for (const { id, path, baseCommit, state } of known.values()) {
    if (state === 'cold') continue;
    if (adminFolder(path) === null) wrong.push(`${id} is no worktree`);
    else if (stage.git('-C', path, 'symbolic-ref', 'HEAD') !== `refs/heads/drover/${id}`)
      wrong.push(`${id} is on another branch`);
    else if (stage.git('-C', path, 'rev-parse', 'HEAD') !== baseCommit) wrong.push(`${id} is not at its base`);
    else if (stage.git('-C', path, 'status', '--porcelain') !== '') wrong.push(`${id} is not clean`);
    if (!existsSync(join(path, 'node_modules/a/19.js'))) wrong.push(`${id} has not its dependencies`);
  }
  const strange = readdirSync(folder).filter(
    (name) => !known.has(join(folder, name)) && !name.includes('.lost-') && name !== 'landing',
  );
  wrong.push(...strange.map((name) => `${name} is left among the worktrees`));
  const entries = readdirSync(join(gitDir, 'worktrees')).map((name) => join(gitDir, 'worktrees', name));
  for (const entry of entries.filter((each) => retiredFrom(each) === null)) {
    const path = readFileSync(join(entry, 'gitdir'), 'utf8')
      .trim()
      .replace(/\/\.git$/, '');
    if (!known.has(path) && basename(path) !== 'landing') wrong.push(`the entry ${entry} is of no worktree`);
  }
  const aside = join(gitDir, 'drover-worktrees');
  if (existsSync(aside)) wrong.push(...readdirSync(aside).map((name) => `the entry ${name} is half made`));
  const generations = join(stage.paths.dataHome, 'dependencies', 'generations');
  wrong.push(
    ...readdirSync(generations)
      .filter((name) => name.startsWith('.'))
      .map((name) => `the generation ${name} is half made`),
  );
  for (let each = 1; each <= round; each += 1) {
    if (!stage.git('ls-tree', '--name-only', 'main').includes(`landed-${each}.txt`))
      wrong.push(`landed-${each}.txt has not landed`);
    const kept = stage.git('log', '--all', '--format=%H', '--', `kept-${each}.txt`);
    // A surplus worktree that nobody has come to yet is kept before it is used or removed.
    const isThere = [...known.values()].some(
      ({ path, state }) => state === 'cold' && existsSync(join(path, `kept-${each}.txt`)),
    );
    if (kept === '' && !isThere) wrong.push(`kept-${each}.txt is on no ref`);
  }
  return wrong;
}

/** Starts the server with the plan, lets it work until somebody dies, starts it again, and looks at everything. */
async function torture(plan: Plan, round: number): Promise<void> {
  stage.relock(round);
  // Where only a program dies, a worktree that it damaged is left alone until the next start.
  const isAlone = plan.who !== 'server' && plan.how === 'alone';
  if (await stage.start(plan)) await work(round, isAlone ? () => stage.until(areTasksOver) : settled);
  const words = `round ${round}: ${JSON.stringify(plan)}: ${stage.notes()}`;
  if (process.env['DROVER_TORTURE_TELL']) console.log(words);
  if (stage.notes() !== '') deaths += 1;
  await stage.kill();
  expect(await stage.start(null), words).toBe(true);
  await finish(round);
  expect(await settled(), words).toBe(true);
  expect(checkInvariants(stage.state), words).toEqual([]);
  await stage.stop();
  expect(checkDisk(round), words).toEqual([]);
  stage.git('fsck', '--strict', '--no-dangling');
  expect(stage.git('status', '--porcelain'), words).toBe('');
}

const isOf = (round: number, { title }: Task) => title === landed(round) || title === lost(round);

/** What a person does after it: the tasks that the dead server did not come to, and another try for one whose landing was cut off. */
async function finish(round: number): Promise<void> {
  await stage.call('session.start', {});
  for (const task of stage.state.tasks.values()) {
    const isDone = task.title === lost(round) && existsSync(written(round));
    const isCutOff = task.status === 'blocked' || (task.status === 'failed' && !isDone && isOf(round, task));
    if (isCutOff) await stage.call('task.retry', { task: task.id });
  }
  const titles = [...stage.state.tasks.values()].map(({ title }) => title);
  if (!titles.includes(landed(round))) await stage.call('task.create', { title: landed(round) });
  if (!titles.includes(lost(round))) await stage.call('task.create', { title: lost(round), maxAttempts: 1 });
}

/** So many steps, spread over all that a round without a kill takes. */
function* spread(total: number): Generator<number> {
  for (let round = 0; round < ROUNDS; round += 1) {
    yield IS_RANDOM ? 1 + Math.floor(Math.random() * total) : 1 + Math.floor(((round + 0.5) * total) / ROUNDS);
  }
}

/** A round in which nobody dies tells how many steps there are. */
async function rehearse(): Promise<number> {
  expect(await stage.start(null)).toBe(true);
  expect(await work(1, settled)).toBe(true);
  await stage.stop();
  expect(checkDisk(1)).toEqual([]);
  return Number.parseInt(stage.notes(), 10);
}

test(`the server is killed at ${ROUNDS} of its steps`, { timeout: LONGEST }, async () => {
  let round = 1;
  for (const at of spread(await rehearse())) {
    round += 1;
    await torture({ who: 'server', at }, round);
  }
  expect(deaths).toBeGreaterThan(ROUNDS / 2);
});

test.each(['git', 'npm'] as const)(
  `%s is killed at ${ROUNDS} of its calls, alone or with the server`,
  { timeout: LONGEST },
  async (who) => {
    await rehearse();
    const total = stage.calls(who);
    let round = 1;
    for (const at of spread(total)) {
      round += 1;
      const how = (['both', 'alone', 'after', 'before'] as const)[round % 4] ?? 'both';
      await torture({ who, at, how }, round);
    }
    expect(deaths).toBeGreaterThan(ROUNDS / 2);
  },
);
