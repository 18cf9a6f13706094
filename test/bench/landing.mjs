// Owns the benchmark of one landing: a task without tests, against four spawned git commands of the same run.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LandingLane } from '../../dist/git/landing.js';
import { openRepository } from '../../dist/git/repository.js';
import { median } from './sandbox.mjs';

const ROUNDS = 40;
const BAR = 1;
const WHO = { name: 'Ann', email: 'ann@example.invalid' };

/** Starts git by plain spawn with nothing of ours around it, and reads its output. */
async function spawnGit({ root, env }, ...args) {
  const child = spawn('git', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}`);
  return text.trim();
}

/**
 * Four git commands one after the other. `git rev-parse HEAD` is the cheapest that opens the repository, as any command
 * of a landing must; a merge or a checkout takes longer, so a landing within this time has done its work in less than
 * four starts of git.
 */
async function fourCheapest(scene) {
  for (let at = 0; at < 4; at += 1) await spawnGit(scene, 'rev-parse', 'HEAD');
}

/** The four git commands that land a branch on a clean checkout when a script does it: the least that git offers for it. */
async function fourByHand(scene, branch) {
  const dirt = await spawnGit(scene, 'status', '--porcelain');
  if (dirt !== '') throw new Error(`the checkout is dirty: ${dirt}`);
  const tree = await spawnGit(scene, 'merge-tree', '--write-tree', 'main', branch);
  const commit = await spawnGit(scene, 'commit-tree', '-p', 'main', '-p', branch, '-m', `Land ${branch}`, tree);
  await spawnGit(scene, 'merge', '--ff-only', '--quiet', commit);
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
  for (let round = 0; round < 3 * ROUNDS; round += 1) {
    git('checkout', '-q', '--detach', base);
    for (let commit = 0; commit < 3; commit += 1) {
      writeFileSync(join(root, `folder-${round % 20}`, `new-${round}-${commit}.txt`), 'new\n');
      git('add', '-A');
      git('commit', '-qm', `work ${commit}`);
    }
    git('branch', `drover/task-${round}`);
  }
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Peers and landing in turns, so that the load of the machine falls on all: the medians in ms. */
async function measure({ root, env, dataHome }, { branches, byHand = [] }) {
  const repository = await openRepository({ root, gitDir: join(root, '.git'), dataHome });
  const lane = new LandingLane(repository, 'main');
  const times = { cheapest: [], byHand: [], landing: [] };
  for (const [at, branch] of branches.entries()) {
    times.cheapest.push(await timed(() => fourCheapest({ root, env })));
    if (byHand[at]) times.byHand.push(await timed(() => fourByHand({ root, env }, byHand[at])));
    let result;
    const words = { branch, message: `Land ${branch}`, author: WHO, committer: WHO, test: null };
    times.landing.push(
      await timed(async () => {
        result = await lane.land(words);
      }),
    );
    if (result.kind !== 'landed' || result.onto !== 'main') throw new Error(JSON.stringify(result));
  }
  return { cheapest: median(times.cheapest), byHand: median(times.byHand), landing: median(times.landing) };
}

/** The name of a row and its time, and the ratio to a peer. True when it is within the bar, or when it has none. */
function print(name, ms, peer, [peerMs, bar]) {
  const ratio = ms / peerMs;
  const end = bar === null ? '' : ` (at most ${bar}x)`;
  console.log(
    `  ${name.padEnd(42)} ${ms.toFixed(1)} ms   ${ratio.toFixed(2)}x of ${peer}, ${peerMs.toFixed(1)} ms${end}`,
  );
  return bar === null || ratio <= bar;
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
    const branches = Array.from({ length: 3 * ROUNDS }, (_, at) => `drover/task-${at}`);
    git('checkout', '-q', '--detach');
    const unseen = await measure(scene, { branches: branches.slice(0, ROUNDS) });
    git('checkout', '-q', 'main');
    const seen = await measure(scene, {
      branches: branches.slice(ROUNDS, 2 * ROUNDS),
      byHand: branches.slice(2 * ROUNDS),
    });
    const cheapest = 'four git rev-parse';
    const isUnseenMet = print('land, base not checked out', unseen.landing, cheapest, [unseen.cheapest, BAR]);
    const isSeenMet = print('land and fast-forward the clean checkout', seen.landing, 'the four gits of a script', [
      seen.byHand,
      BAR,
    ]);
    print('', seen.landing, cheapest, [seen.cheapest, null]);
    return isUnseenMet && isSeenMet;
  } finally {
    process.env.HOME = home;
    rmSync(folder, { recursive: true, force: true });
  }
}
