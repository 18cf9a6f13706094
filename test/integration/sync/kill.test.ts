// Owns the promise that a server killed with its gits while a worktree moves is followed by one that has it whole, with all that was an agent's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetMove } from '../../../src/git/move-tree.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';
import { makeScene, type Scene } from '../git/scene.ts';
import { buildProgram } from '../store/build.ts';

const BRANCH = 'drover/task-one';
const KILLS = 12;
const FILES = 400;
const content = (word: string, step: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: FILES }, (_, at) => [`d${at % 20}/f${at}`, `${word}${at}\n`.repeat(at * 5)] as const).filter(
      (_, at) => at % step !== 0,
    ),
  );

let scene: Scene;
beforeEach(() => {
  scene = makeScene(content('one', FILES));
});
afterEach(() => scene.close());

/** Stopped first, so that it cannot act on the death of its gits. */
function killWithGits(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  const gits = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  for (const target of gits.flatMap((git) => [git, -git])) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended by itself, or leads no group yet.
    }
  }
  process.kill(pid, 'SIGKILL');
}

test.skipIf(!existsSync('/proc/self/task'))(`${KILLS} kills at any moment`, async () => {
  const one = scene.git(scene.root, 'rev-parse', 'main');
  scene.git(scene.root, 'rm', '-rq', '.');
  scene.write(scene.root, content('other', 5));
  scene.git(scene.root, 'add', '-A');
  scene.git(scene.root, 'commit', '-qm', 'other');
  const other = scene.git(scene.root, 'rev-parse', 'main');
  let repository = await scene.open();
  const pool = await WorktreePool.open({ repository, known: [] });
  const { id, path } = await pool.acquire({ taskId: 'task-one', attempt: 1, commit: one, branch: BRANCH });
  await pool.name(id, BRANCH);
  scene.write(path, { 'mine.txt': 'mine\n' });
  const build = buildProgram('test/integration/sync/child.ts');
  const program = join(build, 'test/integration/sync/child.js');
  let mixed = 0;
  try {
    for (let round = 0; round < KILLS; round += 1) {
      const words = [program, scene.root, scene.gitDir, scene.dataHome, path, BRANCH, one, other];
      const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env } });
      const closed = once(child, 'close');
      await once(child.stdout, 'data');
      await delay(round * 17);
      expect(child.exitCode).toBeNull();
      killWithGits(child.pid ?? 0);
      await closed;
      const isCutOff = readdirSync(scene.dataHome).some((name) => name.startsWith('moving-'));
      if (isCutOff && scene.git(path, '--no-optional-locks', 'status', '--porcelain', '-uno') !== '') mixed += 1;
      repository = await scene.open();
      const head = scene.git(path, 'rev-parse', 'HEAD');
      expect([one, other]).toContain(head);
      expect(scene.git(path, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${BRANCH}`);
      expect(scene.git(path, 'status', '--porcelain'), `round ${round}`).toBe('?? mine.txt');
      for (const move of repository.moved) {
        expect(move.to).toBe(head);
        forgetMove(repository, move.path);
      }
    }
    scene.git(scene.root, 'fsck', '--strict', '--no-dangling');
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
  // The moments were not all harmless ones.
  expect(mixed).toBeGreaterThan(0);
});
