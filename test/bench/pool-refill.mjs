// Owns the part of the pool's benchmark about worktrees with dependencies: what a used one costs to be made ready again, against `git worktree add` and `npm ci`, and what a further one takes on the disk.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSession, timed } from './pool-rig.mjs';
import { cloneOf, openStage, SIZES } from './pool-scenes.mjs';
import { row, share, time, times } from './pool-table.mjs';
import { median } from './sandbox.mjs';

const ROUNDS = Math.min(5, Number(process.env.DROVER_BENCH_ROUNDS ?? 3));
const NAMES = (process.env.DROVER_BENCH_SIZES ?? Object.keys(SIZES).join(',')).split(',');
const CONFIG = 'agent: command\nworkers: 1\npool: { size: 2, min: 1 }\n';

/** What people do today, in ms: a worktree, and in the small repository the install in it, which is the same in all. */
async function cold(session, withInstall) {
  const path = join(session.root, '..', `${session.name}-by-hand`);
  const add = await timed('git', ['worktree', 'add', '--quiet', '--detach', path, 'main'], session.root);
  const install = withInstall ? await timed('npm', ['ci', '--no-audit', '--no-fund'], path) : null;
  execFileSync('rm', ['-rf', path]);
  session.git('worktree', 'prune');
  return { add, install };
}

/** An agent that changes and adds files, says so by the file that it is given, and waits. */
const DIRTY = `for file in $(git ls-files source | head -20); do echo changed >> "$file"; done
mkdir -p made/deep
for name in 1 2 3 4 5 6 7 8 9; do echo "$name" > "made/deep/$name"; done
echo x > .env
echo x > node_modules/mine.js
touch "$1"
sleep 1000
`;

/** Uses the worktree, moves the base to `ref` meanwhile, and gives the ms from its release until it is warm there. */
async function use(session, ref, turn) {
  const mark = join(session.root, '..', `${session.name}-${turn}`);
  const from = session.position();
  const task = await session.add(`sh ${session.script} ${mark}`);
  while (!existsSync(mark)) await sleep(20);
  session.git('update-ref', 'refs/heads/main', session.commits[ref]);
  await session.call('task.cancel', { task });
  const released = await session.event('worktree.released', () => true, from);
  const warmed = await session.event('worktree.warmed', ({ baseCommit }) => baseCommit === session.commits[ref], from);
  return warmed.at - released.at;
}

/** Bytes of each of the paths on the disk, blocks that an earlier one has not counted again. */
function diskOf(paths) {
  const lines = execFileSync('du', ['-s', '--block-size=1', '--', ...paths], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return lines.map((line) => Number.parseInt(line, 10));
}

/** The folder in which the overlay of a worktree keeps what differs from its lower layer; null for one that is none. */
function upperOf(path) {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === path && line.split(' ')[2] === 'overlay');
  return mount === undefined ? null : join(dirname(path), '.copy-on-write', /upperdir=([^, ]*)/.exec(mount)[1]);
}

/** Bytes that the second of two worktrees adds, in a folder of it or as a whole: of an overlay what is in its own layer, else the blocks that it shares with nobody. */
function addedBy(one, two, { generations, folder = '' }) {
  const upper = upperOf(two);
  if (upper === null) return diskOf([...generations, join(one, folder), join(two, folder)]).at(-1);
  const own = folder === '' ? dirname(upper) : join(upper, folder);
  return existsSync(own) ? diskOf([own])[0] : 0;
}

/** What the second worktree adds, as a share of one that shares nothing: its dependencies, and the whole of it. */
async function diskShares(session) {
  await session.call('pool.warm', { count: 2 });
  await session.allWarm(2);
  const [one, two] = session.worktrees().map(({ path }) => path);
  const folder = join(session.paths.dataHome, 'dependencies', 'generations');
  // What is on its way out is no generation.
  const generations = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name));
  const [full] = diskOf([join(two, 'node_modules')]);
  const [whole] = diskOf([two]);
  return {
    full,
    dependencies: addedBy(one, two, { generations, folder: 'node_modules' }) / full,
    whole: addedBy(one, two, { generations }) / whole,
    backend: session.worktrees()[1].backend ?? 'checkout',
  };
}

async function open(stage, name) {
  const clone = await cloneOf(name, stage);
  const commits = Object.fromEntries(['main', 'ahead', 'relocked'].map((ref) => [ref, clone.commit(ref)]));
  const session = await openSession(stage, clone, CONFIG);
  await session.call('session.start', {});
  await session.allWarm(1);
  const first = session.find('worktree.warmed').event.ms;
  const script = join(stage.folder, 'dirty.sh');
  writeFileSync(script, DIRTY);
  return { ...session, commits, first, script };
}

export async function refill() {
  const stage = openStage();
  const sessions = [];
  const results = {};
  try {
    for (const name of NAMES) {
      sessions.push(await open(stage, name));
      results[name] = { adds: [], installs: [], same: [], changed: [], built: 0 };
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const session of round % 2 === 0 ? sessions : sessions.toReversed()) {
        const result = results[session.name];
        const { add, install } = await cold(session, session === sessions[0]);
        result.adds.push(add);
        if (install !== null) result.installs.push(install);
        result.same.push(await use(session, 'ahead', `${round}-a`));
        const changed = await use(session, 'relocked', `${round}-b`);
        if (round === 0) result.built = changed;
        else result.changed.push(changed);
        result.changed.push(await use(session, 'main', `${round}-c`));
      }
    }
    for (const session of sessions) results[session.name].disk = await diskShares(session);
  } finally {
    for (const session of sessions) await session.stop();
    stage.close();
  }
  const install = median(results[NAMES[0]].installs);
  for (const session of sessions) tell(session, results[session.name], install);
}

function tell({ name, first }, { adds, same, changed, built, disk }, install) {
  const start = median(adds) + install;
  const versus = (ms) => `${times(ms / start)} of worktree add + npm ci, ${time(start)}`;
  const label = `${SIZES[name][0]} files`;
  const [again, other] = [median(same), median(changed)];
  row(`refill, ${label}, same lock file, 100 commits on`, time(again), versus(again), [again / start, 1 / 50, '1/50']);
  row('  the first at that base, which writes the files for all', time(same[0]), versus(same[0]));
  row(`refill, ${label}, another lock file`, time(other), versus(other), [other / start, 1 / 10, '1/10']);
  row('  the first of that lock file, with its install', time(built), versus(built));
  row('  the first worktree of all, with the install', time(first), versus(first));
  const size = `of ${(disk.full / 2 ** 20).toFixed(0)} MB`;
  row(`disk of a further one's dependencies, ${label}`, share(disk.dependencies), size, [
    disk.dependencies,
    0.04,
    '4 %',
  ]);
  const bar = disk.backend === 'checkout' ? undefined : [disk.whole, 0.01, '1 %'];
  row(`disk of a further one, whole, ${label}`, share(disk.whole), `made by ${disk.backend}`, bar);
}
