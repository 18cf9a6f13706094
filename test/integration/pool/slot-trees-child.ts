// Owns the program that the kill test kills: it opens the slots' trees and places slots, and ends itself by SIGKILL before the step that it was told.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const [root = '', gitDir = '', dataHome = '', kind = '', commits = '', last = ''] = process.argv.slice(2);

/** What changes a disk, and what starts another program. */
const STEPS = ['mkdirSync', 'writeFileSync', 'openSync', 'renameSync', 'copyFileSync', 'rmSync', 'utimesSync'] as const;
let steps = 0;
let isCounting = false;

function step(): void {
  if (!isCounting) return;
  steps += 1;
  if (steps === Number(last)) process.kill(process.pid, 'SIGKILL');
}

function count(owner: object, name: string): void {
  const real = (owner as Record<string, (...args: unknown[]) => unknown>)[name];
  if (real === undefined) throw new Error(`no function ${name}`);
  Object.assign(owner, {
    [name]: (...args: unknown[]) => {
      step();
      return real(...args);
    },
  });
}

for (const name of STEPS) count(fs, name);
count(childProcess, 'spawn');
syncBuiltinESMExports();

const { openRepository } = await import('../../../src/git/repository.ts');
const { NO_PROVISIONS } = await import('../../../src/pool/provisioner.ts');
const { unmountHalfMade } = await import('../../../src/pool/backend/layers.ts');
const { SlotTrees } = await import('../../../src/pool/backend/slot-trees.ts');
await unmountHalfMade(dataHome);
const repository = await openRepository({ root, gitDir, dataHome });
isCounting = true;
const trees = await SlotTrees.open({
  repository,
  wanted: kind as 'overlay',
  provisioner: {
    ...NO_PROVISIONS,
    provision: async (path) => {
      fs.mkdirSync(join(path, 'modules'), { recursive: true });
      fs.writeFileSync(join(path, 'modules', 'index.js'), 'one\n');
      return { generation: 'gen-1', method: '', bytes: 0, saved: 0, problems: [] };
    },
  },
});
const [base = '', next = '', relocked = ''] = commits.split(',');
await trees.place('worktree-1', base, { isBackground: true });
// The next slot is made from a golden tree that has to be built.
trees.provisioned('worktree-1', next, 'gen-2');
await trees.place('worktree-3', base, { isBackground: true });
await trees.place('worktree-1', next, { isBackground: true });
// To another lock file and back.
await trees.place('worktree-3', relocked, { isBackground: true });
await trees.place('worktree-3', base, { isBackground: true });
await trees.remove('worktree-3');
isCounting = false;
process.stdout.write(`${steps}\n`);
await trees.close(() => true);
