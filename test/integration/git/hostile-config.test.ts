// Owns the promise that configuration planted from a worktree runs nothing when Drover acts.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkpoint, commitLeftovers } from '../../../src/git/commit.ts';
import { LandingLane } from '../../../src/git/landing.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { RepositoryViews } from '../../../src/git/views.ts';
import { type Lease, WorktreePool } from '../../../src/pool/pool-manager.ts';
import { ANN, DROVER, makeScene, type Scene } from './scene.ts';

let scene: Scene;
let repository: Repository;
let pool: WorktreePool;
let lease: Lease;
let trap: string;
let proof: string;
beforeEach(async () => {
  scene = makeScene();
  proof = join(scene.folder, 'it-ran');
  trap = join(scene.folder, 'trap');
  scene.write(scene.folder, { trap: `#!/bin/sh\necho "$0 $*" >> ${proof}\ncat\n` });
  chmodSync(trap, 0o755);
  repository = await scene.open();
  pool = await WorktreePool.open({ repository, known: [] });
  lease = await takeSlot('task-one');
});
afterEach(() => scene.close());

const takeSlot = (taskId: string) =>
  pool.acquire({ taskId, attempt: 1, commit: scene.git(scene.root, 'rev-parse', 'main'), branch: `drover/${taskId}` });

/** All that Drover does with a worktree, one after the other. */
async function everything(): Promise<void> {
  const words = { worktree: lease.path, message: 'work', author: ANN };
  await checkpoint(repository, words);
  await commitLeftovers(repository, { ...words, branch: 'drover/task-one' });
  const lane = new LandingLane(repository, 'main');
  const test = { command: 'true', timeout: 20_000 };
  await lane.land({ branch: 'drover/task-one', message: 'Land', author: ANN, committer: DROVER, test });
  await new RepositoryViews(repository.root).commitsSince([lease.baseCommit], 'refs/heads/drover/task-one');
  await new RepositoryViews(repository.root).diffstat(lease.baseCommit, 'drover/task-one');
  await pool.release(lease.id);
  await takeSlot('task-two');
}

const HOOKS = [
  'pre-commit',
  'commit-msg',
  'prepare-commit-msg',
  'post-commit',
  'post-checkout',
  'post-merge',
  'post-index-change',
  'reference-transaction',
  'pre-auto-gc',
];

test('hooks, hooksPath, fsmonitor and programs that an override turns off run nothing, and the task lands', async () => {
  for (const hook of HOOKS) {
    scene.write(join(scene.gitDir, 'hooks'), { [hook]: `#!/bin/sh\nexec ${trap} ${hook} < /dev/null\n` });
    chmodSync(join(scene.gitDir, 'hooks', hook), 0o755);
  }
  const settings: [string, string][] = [
    ['core.hooksPath', join(scene.gitDir, 'hooks')],
    ['core.fsmonitor', trap],
    ['core.sshCommand', trap],
    ['core.editor', trap],
    ['core.pager', trap],
    ['core.askPass', trap],
    ['core.alternateRefsCommand', trap],
    ['credential.helper', trap],
    ['diff.external', trap],
    ['gpg.program', trap],
    ['commit.gpgSign', 'true'],
    ['log.showSignature', 'true'],
    ['trailer.x.command', trap],
    ['alias.status', `!${trap}`],
    ['sequence.editor', trap],
  ];
  scene.write(lease.path, { 'a.txt': 'changed\n', 'new.txt': 'new\n' });
  for (const [key, value] of settings) scene.git(lease.path, 'config', key, value);
  await everything();
  expect(existsSync(proof)).toBe(false);
  expect(
    scene.git(
      scene.root,
      '-c',
      'core.fsmonitor=false',
      '-c',
      'log.showSignature=false',
      '--no-pager',
      'show',
      'main:new.txt',
    ),
  ).toBe('new');
  // The trap is a trap: plain git falls into it.
  scene.git(lease.path, 'commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'plain');
  expect(existsSync(proof)).toBe(true);
});

const REFUSED: [name: string, key: string, attribute: string][] = [
  ['a clean filter', 'filter.evil.clean', '* filter=evil\n'],
  ['a smudge filter', 'filter.evil.smudge', '* filter=evil\n'],
  ['a process filter', 'filter.evil.process', '* filter=evil\n'],
  ['a merge driver', 'merge.evil.driver', '* merge=evil\n'],
  ['a textconv', 'diff.evil.textconv', '* diff=evil\n'],
  ['a diff command', 'diff.evil.command', '* diff=evil\n'],
];

test.each(REFUSED)(
  '%s is refused by its name, in the worktree and in the shared attributes',
  async (_, key, attribute) => {
    scene.write(lease.path, { 'a.txt': 'changed\n', '.gitattributes': attribute });
    scene.write(join(scene.gitDir, 'info'), { attributes: attribute });
    scene.git(lease.path, 'config', key, trap);
    await expect(everything()).rejects.toMatchObject({
      refusal: { code: 'landing-refused', message: expect.stringContaining(key), next: expect.stringContaining(key) },
    });
    expect(existsSync(proof)).toBe(false);
    // Once it is gone the work goes on.
    scene.git(lease.path, 'config', '--unset', key);
    await everything();
    expect(existsSync(proof)).toBe(false);
  },
);

test('a filter in an included file, in the home folder, and in the configuration of one worktree is found too', async () => {
  scene.write(scene.folder, { extra: `[filter "evil"]\n\tclean = ${trap}\n` });
  scene.write(lease.path, { '.gitattributes': '* filter=evil\n' });
  const refused = (key: string) =>
    expect(everything()).rejects.toMatchObject({ refusal: { message: expect.stringContaining(key) } });
  scene.git(lease.path, 'config', 'include.path', join(scene.folder, 'extra'));
  await refused('include.path');
  scene.git(lease.path, 'config', '--unset', 'include.path');
  scene.git(lease.path, 'config', '--global', 'filter.evil.clean', trap);
  await refused('filter.evil.clean');
  scene.git(lease.path, 'config', '--global', '--unset', 'filter.evil.clean');
  scene.git(lease.path, 'config', 'extensions.worktreeConfig', 'true');
  scene.git(lease.path, 'config', '--worktree', 'filter.evil.clean', trap);
  await refused('filter.evil.clean');
  expect(existsSync(proof)).toBe(false);
});

test('a missing object is not fetched with a command of the configuration', async () => {
  scene.write(scene.folder, { remote: `#!/bin/sh\necho ran > ${proof}\nexit 1\n` });
  chmodSync(join(scene.folder, 'remote'), 0o755);
  scene.git(scene.root, 'config', 'remote.evil.url', `ext::${join(scene.folder, 'remote')}`);
  scene.git(scene.root, 'config', 'protocol.ext.allow', 'always');
  scene.git(scene.root, 'config', 'remote.evil.promisor', 'true');
  repository = await scene.open();
  const missing = '1'.repeat(40);
  const made = spawnSync('git', ['mktree', '--missing'], {
    cwd: scene.root,
    env: scene.env,
    input: `100644 blob ${missing}\ta.txt\n`,
    encoding: 'utf8',
  });
  const commit = scene.git(scene.root, 'commit-tree', made.stdout.trim(), '-p', 'main', '-m', 'gap');
  scene.git(scene.root, 'branch', 'drover/task-gap', commit);
  scene.write(scene.root, { 'a.txt': 'changed on main too\n' });
  scene.git(scene.root, 'commit', '-qam', 'change');
  const lane = new LandingLane(repository, 'main');
  const lands = lane.land({ branch: 'drover/task-gap', message: 'Land', author: ANN, committer: DROVER, test: null });
  await expect(lands).rejects.toMatchObject({ refusal: { code: 'landing-refused' } });
  expect(existsSync(proof)).toBe(false);
  // The trap is a trap: plain git falls into it.
  expect(() => scene.git(scene.root, 'cat-file', '-p', missing)).toThrow();
  expect(existsSync(proof)).toBe(true);
});

test("the user's own filter, there before the session, goes on working", async () => {
  scene.git(scene.root, 'config', 'filter.upper.clean', 'tr a-z A-Z');
  scene.git(scene.root, 'config', 'filter.upper.smudge', 'tr A-Z a-z');
  repository = await scene.open();
  pool = await WorktreePool.open({ repository, known: [] });
  lease = await takeSlot('task-one');
  scene.write(lease.path, { '.gitattributes': '*.up filter=upper\n', 'x.up': 'low\n' });
  await everything();
  expect(scene.git(scene.root, 'show', 'main:x.up')).toBe('LOW');
  scene.git(scene.root, 'config', 'user.name', 'Changed Later');
  await repository.guard.check(scene.root);
});
