// Owns the cache in repositories out of the ordinary: node_modules that git would commit or does commit, other outputs, setup commands, environment files.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type SetupStep } from '../../../src/config/schema.ts';
import { checkpoint } from '../../../src/git/commit.ts';
import { startOf } from '../../../src/store/process-identity.ts';
import { makeStage, npm, type Stage } from './project.ts';

let stage: Stage;
afterEach(() => stage.close());

const setup = (step: Partial<SetupStep> & { run: string }): SetupStep => ({
  keyFiles: [],
  outputs: [],
  check: null,
  timeout: 60_000,
  ...step,
});
const status = (slot: string) => stage.scene.git(slot, 'status', '--porcelain');

test('a repository that does not ignore node_modules never sees them: not in its status, nor in a checkpoint', async () => {
  stage = await makeStage({ ignore: '*.log\n' });
  const one = await stage.slot('worktree-1');
  const two = await stage.slot('worktree-2');
  for (const slot of [one, two]) {
    expect((await stage.cache.provision(slot)).problems).toEqual([]);
    expect(existsSync(join(slot, 'packages/app/node_modules/left/index.js'))).toBe(true);
    expect(status(slot)).toBe('');
  }
  npm(one, 'ci');
  expect(status(one)).not.toBe('');
  await stage.cache.hide(one);
  expect(status(one)).toBe('');
  writeFileSync(join(one, 'work.txt'), 'work\n');
  const words = { message: 'kept', author: { name: 'D', email: 'd@localhost' } };
  const { commit } = await checkpoint(stage.repository, { ...words, worktree: one });
  expect(stage.scene.git(one, 'diff', '--name-only', 'HEAD', commit)).toBe('work.txt');
  expect((await stage.cache.provision(one)).problems).toEqual([]);
  expect(readFileSync(join(stage.scene.gitDir, 'info/exclude'), 'utf8')).not.toContain('node_modules');
});

test('node_modules that are under version control are left to git', async () => {
  stage = await makeStage({ ignore: '\n', files: { 'node_modules/mine/index.js': 'tracked\n' } });
  const slot = await stage.slot('worktree-1');
  const got = await stage.cache.provision(slot);
  expect([got.generation, got.problems]).toEqual([null, []]);
  expect(existsSync(join(slot, 'node_modules/left'))).toBe(false);
  expect(status(slot)).toBe('');
});

test('what an install makes and git ignores comes along as a copy that can be written; what else it did is taken back', async () => {
  const scripts = {
    prepare: 'mkdir -p dist && echo built > dist/out.js && echo changed > packages/core/index.js && echo x > stray',
  };
  stage = await makeStage({ ignore: 'node_modules/\ndist/\n' });
  const file = join(stage.scene.root, 'package.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), scripts }));
  stage.scene.git(stage.scene.root, 'commit', '-qam', 'scripts');
  const one = await stage.slot('worktree-1');
  const two = await stage.slot('worktree-2');
  for (const slot of [one, two]) {
    expect((await stage.cache.provision(slot)).problems).toEqual([]);
    expect(readFileSync(join(slot, 'dist/out.js'), 'utf8')).toBe('built\n');
    expect(existsSync(join(slot, 'stray'))).toBe(false);
    expect(status(slot)).toBe('');
  }
  writeFileSync(join(one, 'dist/out.js'), 'built by the agent\n');
  expect(readFileSync(join(two, 'dist/out.js'), 'utf8')).toBe('built\n');
  await stage.cache.provision(one);
  expect(readFileSync(join(one, 'dist/out.js'), 'utf8')).toBe('built\n');
});

test('an install that fails is a problem that names command and log, the worktree goes without, and is not tried again at once', async () => {
  stage = await makeStage({
    isPlain: true,
    files: {
      'package.json': '{"dependencies":{"x":"file:missing.tgz"}}',
      'package-lock.json': '{"lockfileVersion":3,"packages":{}}',
    },
  });
  const slot = await stage.slot('worktree-1');
  const got = await stage.cache.provision(slot);
  expect(got.generation).toBeNull();
  expect(got.problems).toHaveLength(1);
  const [, log = ''] =
    /^`npm install .*` failed in .*: exit code \d+.* \(see (.*)\)$/.exec(got.problems[0] ?? '') ?? [];
  expect(readFileSync(log, 'utf8')).toContain('npm');
  writeFileSync(log, 'untouched');
  expect((await stage.cache.provision(await stage.slot('worktree-2'))).problems).toEqual(got.problems);
  expect(readFileSync(log, 'utf8')).toBe('untouched');
});

test('a setup command with outputs runs once for each key, and its outputs are copied; one without runs unless its check succeeds', async () => {
  const config = {
    setup: [
      setup({
        run: 'mkdir -p .tools && echo "$(cat tools.lock)" > .tools/version && echo ran >> "$OUTSIDE/once"',
        keyFiles: ['tools.lock'],
        outputs: ['.tools'],
      }),
      setup({
        run: 'touch "$OUTSIDE/ready-$(basename "$PWD")"; echo ran >> "$OUTSIDE/always"',
        check: 'test -e "$OUTSIDE/ready-$(basename "$PWD")"',
      }),
    ],
  };
  stage = await makeStage({ isPlain: true, ignore: '.tools/\n', files: { 'tools.lock': 'one\n' }, config });
  process.env['OUTSIDE'] = stage.scene.folder;
  const runs = (name: string) => readFileSync(join(stage.scene.folder, name), 'utf8').split('\n').length - 1;
  const one = await stage.slot('worktree-1');
  const two = await stage.slot('worktree-2');
  for (const slot of [one, two, one]) {
    await stage.cache.provision(slot);
    expect(readFileSync(join(slot, '.tools/version'), 'utf8')).toBe('one\n');
  }
  expect([runs('once'), runs('always')]).toEqual([1, 2]);
  writeFileSync(join(one, '.tools/version'), 'changed by an agent\n');
  expect(readFileSync(join(two, '.tools/version'), 'utf8')).toBe('one\n');
  stage.scene.write(one, { 'tools.lock': 'two\n' });
  stage.scene.git(one, 'commit', '-qam', 'two');
  await stage.cache.provision(one);
  expect(readFileSync(join(one, '.tools/version'), 'utf8')).toBe('two\n');
  expect(runs('once')).toBe(2);
  delete process.env['OUTSIDE'];
});

test.each([
  [
    'one that fails',
    setup({ run: 'echo no such tool >&2; exit 3' }),
    /^`echo no such tool.*exit 3` failed in .*: exit code 3, no such tool \(see .*\.log\)$/,
  ],
  ['one that takes too long', setup({ run: 'sleep 600 & sleep 600', timeout: 1000 }), /took longer than 1 s/],
  ['one that reads what nobody types', setup({ run: 'read answer' }), /exit code 1/],
  ['one without its output', setup({ run: 'true', outputs: ['made'] }), /the output made of setup-1 was not made/],
  [
    'one whose output is tracked',
    setup({ run: 'true', outputs: ['.gitignore'] }),
    /the output .gitignore of setup-1 is tracked by git/,
  ],
])('a setup command that work needs fails the worktree: %s', async (_name, step, words) => {
  stage = await makeStage({ isPlain: true, config: { setup: [step] } });
  const slot = await stage.slot('worktree-1');
  await expect(stage.cache.provision(slot)).rejects.toThrow(words);
});

test('an install that is called off ends with all that it started', async () => {
  const run = 'sleep 600 & echo $$ $! > "$OUTSIDE/fifo"; wait';
  stage = await makeStage({ isPlain: true, config: { setup: [setup({ run })] } });
  process.env['OUTSIDE'] = stage.scene.folder;
  execFileSync('mkfifo', [join(stage.scene.folder, 'fifo')]);
  const slot = await stage.slot('worktree-1');
  const stop = new AbortController();
  const done = stage.cache.provision(slot, { signal: stop.signal });
  done.catch(() => {});
  const pids = (await readFile(join(stage.scene.folder, 'fifo'), 'utf8')).trim().split(' ').map(Number);
  delete process.env['OUTSIDE'];
  stop.abort();
  await expect(done).rejects.toThrow();
  // They are killed before it rejects; the system takes them away in its own time.
  await expect.poll(() => pids.map(startOf)).toEqual([null, null]);
});

test('environment files are copied from the checkout when git ignores them, never through a link, never over what is tracked', async () => {
  const copy = ['.env', 'config/.env.local', 'tracked.env', 'seen.env', 'linked.env', 'away/.env', 'missing.env'];
  stage = await makeStage({ isPlain: true, ignore: '*.env\n.env*\n!seen.env\naway\n', config: { copy } });
  const { scene } = stage;
  scene.write(scene.root, { 'tracked.env': 'of the commit\n' });
  scene.git(scene.root, 'add', '-f', 'tracked.env');
  scene.git(scene.root, 'commit', '-qm', 'tracked');
  scene.write(scene.folder, { 'outside/.env': 'secret\n' });
  scene.write(scene.root, {
    '.env': 'A=1\n',
    'config/.env.local': 'B=2\n',
    'tracked.env': 'of the user\n',
    'seen.env': 'C=3\n',
  });
  chmodSync(join(scene.root, '.env'), 0o600);
  symlinkSync('../outside/.env', join(scene.root, 'linked.env'));
  symlinkSync('../outside', join(scene.root, 'away'));
  const slot = await stage.slot('worktree-1');
  const { problems } = await stage.cache.provision(slot);
  expect(readFileSync(join(slot, '.env'), 'utf8')).toBe('A=1\n');
  expect(statSync(join(slot, '.env')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(slot, 'config/.env.local'), 'utf8')).toBe('B=2\n');
  expect(readFileSync(join(slot, 'tracked.env'), 'utf8')).toBe('of the commit\n');
  for (const name of ['seen.env', 'linked.env', 'away'])
    expect(lstatSync(join(slot, name), { throwIfNoEntry: false })).toBeUndefined();
  expect(problems.map((words) => words.replace(/^copy: (\S+) was not copied: /, '$1: '))).toEqual([
    'tracked.env: git tracks it',
    'seen.env: git does not ignore it, so it would be committed',
    'linked.env: it is no file',
    'away/.env: a link leads to it',
  ]);
  expect(status(slot)).toBe('');
});

test('a link in the worktree on the way to an output is not followed', async () => {
  const config = { setup: [setup({ run: 'mkdir -p deep && echo made > deep/out', outputs: ['deep/out'] })] };
  stage = await makeStage({ isPlain: true, ignore: 'out\n', files: { 'deep/a.txt': 'a\n' }, config });
  await stage.cache.provision(await stage.slot('worktree-1'));
  const two = await stage.slot('worktree-2');
  const outside = join(stage.scene.folder, 'outside');
  mkdirSync(outside);
  stage.scene.git(two, 'rm', '-rqf', 'deep');
  symlinkSync(outside, join(two, 'deep'));
  stage.scene.git(two, 'add', '-A');
  stage.scene.git(two, 'commit', '-qm', 'a link');
  await expect(stage.cache.provision(two)).rejects.toThrow('is no folder, so deep/out cannot be put there');
  expect(readdirSync(outside)).toEqual([]);
});

test('nothing is installed where nothing is asked for', async () => {
  stage = await makeStage({ config: { dependencies: { ...DEFAULT_CONFIG.dependencies, folders: [] } } });
  const slot = await stage.slot('worktree-1');
  expect(await stage.cache.provision(slot)).toEqual({ generation: null, method: '', bytes: 0, saved: 0, problems: [] });
  expect(existsSync(join(slot, 'node_modules'))).toBe(false);
});
