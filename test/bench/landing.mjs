// Owns the benchmark of one landing: a task without tests, against four spawned git commands of the same run.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LandingLane } from '../../dist/git/landing.js';
import { openRepository } from '../../dist/git/repository.js';

const ROUNDS = 40;
const WHO = { name: 'Ann', email: 'ann@example.invalid' };

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Time in ms that a started and awaited `git --version` takes, with nothing of ours in between. */
async function spawnGit(cwd) {
  const start = performance.now();
  const child = spawn('git', ['--version'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  await new Promise((resolve) => child.once('close', resolve));
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

async function measure(root, dataHome, rounds) {
  const repository = await openRepository({ root, gitDir: join(root, '.git'), dataHome });
  const lane = new LandingLane(repository, 'main');
  const floors = [];
  const landings = [];
  for (const round of rounds) {
    floors.push(await spawnGit(root));
    const start = performance.now();
    const branch = `drover/task-${round}`;
    const words = { branch, message: `Land ${branch}`, author: WHO, committer: WHO, test: null };
    const result = await lane.land(words);
    landings.push(performance.now() - start);
    if (result.kind !== 'landed' || result.onto !== 'main') throw new Error(JSON.stringify(result));
  }
  return { floor: median(floors), landing: median(landings) };
}

/** Rows of {name, ms, floor, ratio, goal}; the ratio is to the time of four spawned git commands. */
export async function run() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-bench-landing-')));
  try {
    const root = join(folder, 'repo');
    mkdirSync(root);
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
    const numbers = Array.from({ length: ROUNDS }, (_, at) => at);
    const row = (name, { floor, landing }) => ({
      name,
      ms: landing,
      floor: 4 * floor,
      ratio: landing / (4 * floor),
      goal: '<= 1.00',
    });
    git('checkout', '-q', '--detach');
    const unseen = await measure(root, join(folder, 'data'), numbers);
    git('checkout', '-q', 'main');
    const seen = await measure(
      root,
      join(folder, 'data'),
      numbers.map((at) => at + ROUNDS),
    );
    return [row('land, base not checked out', unseen), row('land and fast-forward the clean checkout', seen)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.table(await run());
