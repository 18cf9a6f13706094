// Owns the part of the pool's benchmark about the agents' own git: 16 of them beside worktrees that come, change and go, by the product and by plain `git worktree`, in turns.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openRepository } from '../../dist/git/repository.js';
import { addSlot, removeSlot, resetSlot } from '../../dist/git/worktree.js';
import { timed } from './pool-rig.mjs';
import { openStage } from './pool-scenes.mjs';
import { row, share } from './pool-table.mjs';

const AGENTS = 16;
const LANES = 2;
const ROUNDS = Math.min(6, Number(process.env.DROVER_BENCH_ROUNDS ?? 4));
/** s of one slice. */
const SLICE = 12;

function prepare(folder) {
  const root = join(folder, 'repository');
  mkdirSync(root);
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ann');
  git('config', 'user.email', 'ann@example.invalid');
  git('config', 'gc.auto', '0');
  for (let at = 0; at < 200; at += 1) writeFileSync(join(root, `file-${at}`), `${at}\n`.repeat(50));
  writeFileSync(join(root, 'work.txt'), '');
  git('add', '-A');
  git('commit', '-qm', 'first');
  writeFileSync(join(root, 'file-0'), 'changed\n');
  git('commit', '-qam', 'second');
  git('init', '-q', '--bare', join(folder, 'origin'));
  git('remote', 'add', 'origin', join(folder, 'origin'));
  git('push', '-q', 'origin', 'main');
  return { root, commits: [git('rev-parse', 'HEAD~1'), git('rev-parse', 'HEAD')] };
}

/** The product's way, and what a script does. */
const WAYS = {
  pool: async ({ repository, commits }, id) => {
    const path = await addSlot(repository, id, commits[0]);
    await resetSlot(repository, path, commits[1]);
    await removeSlot(repository, path);
  },
  naive: async ({ repository, root, commits }, id) => {
    const path = join(repository.worktreesFolder, id);
    await timed('git', ['worktree', 'add', '--quiet', '--detach', path, commits[0]], root);
    await timed('git', ['reset', '--quiet', '--hard', commits[1]], path);
    await timed('git', ['worktree', 'remove', '--force', path], root);
  },
};

/** One slice of a way: what the agents ran and what failed, and how many worktrees came and went. */
async function slice(scene, way) {
  const program = join(import.meta.dirname, 'pool-agents.mjs');
  const child = spawn(process.execPath, [program, ...scene.folders], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const end = performance.now() + SLICE * 1000;
  let turns = 0;
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      while (performance.now() < end) {
        // A lane of the naive way may itself lose a race; that is no agent's failure.
        await WAYS[way](scene, `${way}-${lane}-${turns}`).catch(() => undefined);
        turns += 1;
      }
    }),
  );
  child.stdin.end();
  return { ...JSON.parse((await lines.next()).value), turns };
}

export async function agents() {
  const stage = openStage();
  const totals = { pool: { ran: 0, failures: [], turns: 0 }, naive: { ran: 0, failures: [], turns: 0 } };
  try {
    const { root, commits } = prepare(stage.folder);
    const repository = await openRepository({ root, gitDir: join(root, '.git'), dataHome: join(stage.folder, 'data') });
    const folders = [];
    for (let agent = 0; agent < AGENTS; agent += 1)
      folders.push(await addSlot(repository, `agent-${agent}`, commits[0]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of round % 2 === 0 ? ['pool', 'naive'] : ['naive', 'pool']) {
        const { ran, failures, turns } = await slice({ repository, root, commits, folders }, way);
        totals[way].ran += ran;
        totals[way].turns += turns;
        totals[way].failures.push(...failures);
      }
    }
  } finally {
    stage.close();
  }
  const { pool, naive } = totals;
  const versus = `git worktree add/remove: ${naive.failures.length} of ${naive.ran}, ${share(naive.failures.length / naive.ran)}`;
  row(`git of ${AGENTS} agents that failed, of ${pool.ran}`, `${pool.failures.length}`, versus, [
    pool.failures.length,
    0,
    '0',
  ]);
  row('  worktrees that came and went meanwhile', `${pool.turns}`, `${naive.turns}`);
  for (const failure of pool.failures.slice(0, 5)) console.log(`    ${failure}`);
}
