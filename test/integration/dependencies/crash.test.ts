// Owns what a generation is to those who come at the same moment, after a kill, and when nobody wants it any more.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SetupStep } from '../../../src/config/schema.ts';
import { Generations } from '../../../src/pool/dependencies/generations.ts';
import { cacheChild, makeStage, type Stage, snapshot } from './project.ts';

let stage: Stage;
const children: ChildProcess[] = [];
beforeEach(async () => {
  stage = await makeStage({ isPlain: true, ignore: 'made/\n', files: { 'key.txt': '1\n' }, config: { setup: [step] } });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stage.close();
});

/** An install of many files, so that there is time to be killed in. */
const step: SetupStep = {
  run: 'mkdir -p $(seq -f made/d%g/e 200) && for i in $(seq 200); do echo $i > made/d$i/e/f; done',
  keyFiles: ['key.txt'],
  outputs: ['made'],
  check: null,
  timeout: 60_000,
};
const folder = () => join(stage.scene.dataHome, 'cache/generations');
const names = (start: string) => readdirSync(folder()).filter((name) => name.startsWith(start));
const asideOf = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

/** A server's cache in a process of its own, that provisions worktrees in turn. */
function provisionAside(...slots: string[]): { child: ChildProcess } {
  const { scene, sessionTag } = stage;
  const request = { root: scene.root, dataHome: scene.dataHome, sessionTag, setup: [step], slots };
  const [program = '', ...args] = cacheChild(request);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  children.push(child);
  return { child };
}

test('two processes that build the same key at once both go on, with one generation and nothing left over', async () => {
  const one = await stage.slot('worktree-1');
  const two = await stage.slot('worktree-2');
  const both = [provisionAside(one), provisionAside(two)];
  expect(await Promise.all(both.map(({ child }) => asideOf(child)))).toEqual([0, 0]);
  expect(names('setup-')).toHaveLength(1);
  expect(names('.')).toEqual([]);
  expect(snapshot(join(one, 'made'))).toEqual(snapshot(join(two, 'made')));
  expect(Object.keys(snapshot(join(one, 'made')))).toHaveLength(200);
});

/** What can be seen of a build on its way, in this order. */
const MOMENTS: [string, (slot: string) => boolean][] = [
  ['before anything', () => true],
  ['in the command', (slot) => existsSync(join(slot, 'made/d9'))],
  ['when the build is moved aside', () => names('.tmp-').length > 0],
  ['when it is sealed', () => names('.tmp-').some((name) => existsSync(join(folder(), name, 'manifest.json')))],
  ['when it is published', () => names('setup-').length > 0],
  ['while it is shared', (slot) => names('setup-').length > 0 && existsSync(join(slot, 'made/d1'))],
  ['when all is done', (slot) => names('setup-').length > 0 && existsSync(join(slot, 'made/d99/e/f'))],
];

test.each(MOMENTS)(
  'killed %s, what is left is swept by the next, which provides all the same',
  async (_name, isReached) => {
    const slot = await stage.slot('worktree-1');
    const { child } = provisionAside(slot, slot);
    const ended = asideOf(child);
    while (!isReached(slot) && child.exitCode === null) await turn();
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    await stage.endTagged();
    const next = stage.reopen();
    const { problems } = await next.provision(slot);
    expect(problems).toEqual([]);
    await next.close();
    expect(names('.')).toEqual([]);
    expect(names('setup-')).toHaveLength(1);
    const made = snapshot(join(slot, 'made'));
    expect(Object.keys(made)).toHaveLength(200);
    expect(made['d7/e/f']).toBe('7\n');
    expect(await next.verify()).toEqual([]);
    expect(stage.scene.git(slot, 'status', '--porcelain')).toBe('');
  },
);

test('a build of a process that lives is left alone, one of a dead process goes, and so does what was thrown away', async () => {
  const other = new Generations(folder());
  const alive = other.begin();
  const dead = join(folder(), '.tmp-1-000000000000-1-abcdef');
  other.discard(other.begin());
  writeFileSync(dead, '');
  await stage.reopen().close();
  expect(readdirSync(folder())).toEqual([alive.slice(folder().length + 1)]);
});

test('generations that no worktree has go, but for the last two in use', async () => {
  const slot = await stage.slot('worktree-1');
  for (let key = 1; key <= 5; key += 1) {
    stage.scene.write(slot, { 'key.txt': `${key}\n` });
    stage.scene.git(slot, 'commit', '-q', '--allow-empty', '-am', `${key}`);
    await stage.cache.provision(slot);
    // As if it had been a while ago.
    for (const name of names('setup-')) utimesSync(join(folder(), name), key * 1000, key * 1000);
  }
  await stage.cache.provision(slot);
  await stage.cache.close();
  expect(names('setup-')).toHaveLength(3);
  rmSync(slot, { recursive: true });
  expect(await stage.cache.collect()).toBe(1);
  expect(existsSync(slot)).toBe(false);
  expect(stage.cache.usage()).toMatchObject({ generations: 2, saved: 0 });
});
