// Owns the benchmark of one landing: a task without tests, against four spawned git commands of the same run.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LandingLane } from '../../dist/git/landing.js';
import { openRepository } from '../../dist/git/repository.js';
import { median } from './sandbox.mjs';

const ROUNDS = 40;
const BAR = 1;
const WHO = { name: 'Ann', email: 'ann@example.invalid' };

/**
 * The floor, in ms: four git commands one after the other, started by plain spawn with nothing of ours around them, and
 * their output read. `git rev-parse HEAD` is the cheapest that opens the repository, as any command of a landing must;
 * a merge or a status takes longer, so a landing within this time has done its work in less than four starts of git.
 */
async function fourGits(cwd, env) {
  const start = performance.now();
  for (let at = 0; at < 4; at += 1) {
    const child = spawn('git', ['rev-parse', 'HEAD'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    await new Promise((resolve) => child.once('close', resolve));
  }
  return performance.now() - start;
}

/** A repository of 200 files with a branch of 3 commits for each round, all of which can land one after the other. */
function prepare(root, git) {
  git('init', '-q', '-b', 'main');
  git('config', 'gc.auto', '0');
  for (let at = 0; at < 200; at += 1) {
    mkdirSync(join(root, `folder-${at % 20}`), { recursive: true });
    writeFileSync(join(root, `folder-${at % 20}`, `file-${at}.txt`), `line ${at}\n`.repeat(50));
  }
  git('add', '-A');
  git('commit', '-qm', 'first');
  const base = git('rev-parse', 'HEAD');
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    git('checkout', '-q', '--detach', base);
    for (let commit = 0; commit < 3; commit += 1) {
      writeFileSync(join(root, `folder-${round % 20}`, `new-${round}-${commit}.txt`), 'new\n');
      git('add', '-A');
      git('commit', '-qm', `work ${commit}`);
    }
    git('branch', `drover/task-${round}`);
  }
}

/** Floor and landing in turns, so that the load of the machine falls on both. */
async function measure({ root, env, dataHome }, rounds) {
  const repository = await openRepository({ root, gitDir: join(root, '.git'), dataHome });
  const lane = new LandingLane(repository, 'main');
  const floors = [];
  const landings = [];
  for (const round of rounds) {
    floors.push(await fourGits(root, env));
    const start = performance.now();
    const branch = `drover/task-${round}`;
    const words = { branch, message: `Land ${branch}`, author: WHO, committer: WHO, test: null };
    const result = await lane.land(words);
    landings.push(performance.now() - start);
    if (result.kind !== 'landed' || result.onto !== 'main') throw new Error(JSON.stringify(result));
  }
  return { floor: median(floors), landing: median(landings) };
}

function print(name, { floor, landing }) {
  const ratio = landing / floor;
  const words = `${landing.toFixed(1)} ms   ${ratio.toFixed(2)}x of four gits, ${floor.toFixed(1)} ms`;
  console.log(`  ${name.padEnd(42)} ${words} (at most ${BAR}x)`);
  return ratio <= BAR;
}

/** Prints the medians and the ratios; true when the bar is met by both. */
export async function run() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-bench-landing-')));
  const home = process.env.HOME;
  try {
    const root = join(folder, 'repo');
    mkdirSync(root);
    process.env.HOME = folder;
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'ann@example.invalid',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'ann@example.invalid',
    };
    const git = (...args) => execFileSync('git', args, { cwd: root, env, encoding: 'utf8' }).trim();
    prepare(root, git);
    const scene = { root, env, dataHome: join(folder, 'data') };
    const numbers = Array.from({ length: ROUNDS }, (_, at) => at);
    git('checkout', '-q', '--detach');
    const unseen = await measure(scene, numbers);
    git('checkout', '-q', 'main');
    const seen = await measure(
      scene,
      numbers.map((at) => at + ROUNDS),
    );
    const isUnseenMet = print('land, base not checked out', unseen);
    return print('land and fast-forward the clean checkout', seen) && isUnseenMet;
  } finally {
    process.env.HOME = home;
    rmSync(folder, { recursive: true, force: true });
  }
}
