// Owns the promise to the agents' own git: worktrees come, change and go beside them, and not one of their commands fails.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Repository } from '../../../src/git/repository.ts';
import { addSlot, attachBranch, removeSlot, resetSlot } from '../../../src/git/worktree.ts';
import { entriesOf, worktreeOf } from '../../../src/git/worktree-entry.ts';
import { makeScene, type Scene } from '../git/scene.ts';

const AGENTS = 16;
/** Of adding, refreshing and removing a worktree, in each of the lanes. The naive way makes 0.3 to 1.2 % of the agents' commands fail. */
const TURNS = Number(process.env['DROVER_CONTENTION_TURNS'] ?? 25);
const LANES = 2;

let scene: Scene;
beforeEach(() => {
  scene = makeScene({
    'work.txt': '',
    ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`f${at}`, `${at}\n`])),
  });
  scene.git(scene.root, 'config', 'gc.auto', '0');
  scene.git(scene.root, 'init', '-q', '--bare', join(scene.folder, 'origin'));
  scene.git(scene.root, 'remote', 'add', 'origin', join(scene.folder, 'origin'));
  scene.git(scene.root, 'push', '-q', 'origin', 'main');
});
afterEach(() => scene.close());

/** Starts the agents; what it gives ends them, and says what they ran and what failed. */
async function startAgents(folders: readonly string[]): Promise<() => Promise<{ ran: number; failures: string[] }>> {
  const program = resolve(import.meta.dirname, '../../bench/pool-agents.mjs');
  const child = spawn(process.execPath, [program, ...folders], { stdio: ['pipe', 'pipe', 'inherit'], env: scene.env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return async () => {
    child.stdin.end();
    return JSON.parse((await lines.next()).value);
  };
}

async function churn(repository: Repository, lane: number, commits: readonly [string, string]): Promise<void> {
  const id = `worktree-${100 + lane}`;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const path = await addSlot(repository, id, commits[0]);
    const branch = `drover/${id}-${turn}`;
    await attachBranch(repository, { path, branch, from: null, commit: commits[0] });
    await resetSlot(repository, path, commits[1]);
    await removeSlot(repository, path);
  }
}

test(
  `${AGENTS} agents run git in a loop while worktrees are added, refreshed and removed: no command of theirs fails`,
  async () => {
    const first = scene.git(scene.root, 'rev-parse', 'main');
    scene.write(scene.root, { f0: 'changed\n', new: 'new\n' });
    scene.git(scene.root, 'add', '-A');
    scene.git(scene.root, 'commit', '-qm', 'second');
    const second = scene.git(scene.root, 'rev-parse', 'main');
    const repository = await scene.open();
    const folders: string[] = [];
    for (let agent = 1; agent <= AGENTS; agent += 1)
      folders.push(await addSlot(repository, `worktree-${agent}`, first));
    const stop = await startAgents(folders);
    await Promise.all(Array.from({ length: LANES }, (_, lane) => churn(repository, lane, [first, second])));
    const { ran, failures } = await stop();
    expect(failures).toEqual([]);
    expect(ran).toBeGreaterThan(AGENTS);
    expect(entriesOf(scene.gitDir).filter((name) => worktreeOf(join(scene.gitDir, 'worktrees', name)))).toHaveLength(
      AGENTS,
    );
    expect(existsSync(join(repository.worktreesFolder, 'worktree-100'))).toBe(false);
    scene.git(scene.root, 'fsck', '--no-dangling');
  },
  TURNS * 5000,
);
