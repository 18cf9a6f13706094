// Owns the promise that a landing killed at any moment leaves the base branch untouched or landed, and the checkout whole.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildProgram } from '../store/build.ts';
import { makeScene, type Scene } from './scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});
afterEach(() => scene.close());

const KILLS = 16;
const BRANCHES = 45;
/** Enough for a fast-forward that takes many times as long as the pause between two looks. */
const FILES = 24;

/** A folder for each branch; each branch changes a third of its files, removes a third, and adds as many. */
function makeBranches(): void {
  const lines = [
    'commit refs/heads/main',
    'mark :1',
    'committer Uma <uma@example.invalid> 1700000000 +0000',
    'data 4',
    'base',
  ];
  const file = (path: string, text: string) => lines.push(`M 100644 inline ${path}`, `data ${text.length}`, text);
  for (let branch = 0; branch < BRANCHES; branch += 1) {
    for (let at = 0; at < FILES; at += 1) file(`folder-${branch}/old-${at}`, `${'old\n'.repeat(at)}`);
  }
  lines.push('');
  for (let branch = 0; branch < BRANCHES; branch += 1) {
    lines.push(`commit refs/heads/drover/task-${branch}`, 'committer Uma <uma@example.invalid> 1700000001 +0000');
    lines.push('data 4', 'work', 'from :1');
    for (let at = 0; at < FILES; at += 3) {
      file(`folder-${branch}/old-${at}`, 'changed\n'.repeat(at + 1));
      lines.push(`D folder-${branch}/old-${at + 1}`);
      file(`folder-${branch}/new/${at}`, 'new\n'.repeat(at));
    }
    lines.push('');
  }
  execFileSync('git', ['fast-import', '--quiet', '--force'], {
    cwd: scene.root,
    env: scene.env,
    input: lines.join('\n'),
  });
  scene.git(scene.root, 'reset', '-q', '--hard', 'main');
}

/** Starts a child that lands from branch `from` on, and kills it with its gits `pause` ms after it began, or after it locked the index. */
async function landAndKill(build: string, from: number, when: { pause: number; isLocked: boolean }): Promise<void> {
  const program = join(build, 'test/integration/git/landing-child.js');
  const args = [program, scene.root, scene.gitDir, scene.dataHome, String(from), String(BRANCHES)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env } });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  while (when.isLocked && child.exitCode === null && !existsSync(join(scene.gitDir, 'index.lock'))) await turn();
  if (when.pause > 0) await delay(when.pause);
  const pid = child.pid ?? 0;
  expect(child.exitCode).toBe(null);
  // Stopped first, so that it cannot act on the death of its gits.
  process.kill(pid, 'SIGSTOP');
  for (const git of childrenOf(pid)) {
    // One that was forked this instant leads no group yet.
    for (const target of [git, -git]) {
      try {
        process.kill(target, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
  child.kill('SIGKILL');
  await closed;
}

function childrenOf(pid: number): number[] {
  const fast = `/proc/${pid}/task/${pid}/children`;
  const text = existsSync(fast)
    ? readFileSync(fast, 'utf8')
    : execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, parent]) => Number(parent) === pid)
        .map(([child]) => child)
        .join(' ');
  return text.split(/\s+/).filter(Boolean).map(Number);
}

const landedCount = () => Number(scene.git(scene.root, 'rev-list', '--count', '--first-parent', 'main')) - 1;
const locks = () =>
  readdirSync(scene.gitDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));

test(`${KILLS} kills at spread moments: the base is as it was or landed, the checkout is whole, nothing is broken`, async () => {
  makeBranches();
  const build = buildProgram('test/integration/git/landing-child.ts');
  let cutOff = 0;
  try {
    for (let round = 0; round < KILLS; round += 1) {
      const before = landedCount();
      const isLocked = round % 2 === 0;
      await landAndKill(build, before, { pause: isLocked ? (round / 2) % 5 : round * 3, isLocked });
      const after = landedCount();
      expect(after).toBeGreaterThanOrEqual(before);
      const { problems } = await scene.open();
      if (problems.some((problem) => problem.includes('is finished now'))) cutOff += 1;
      expect(problems.filter((problem) => /left alone|could not/.test(problem))).toEqual([]);
      expect(
        [
          landedCount() - after,
          scene.git(scene.root, 'status', '--porcelain'),
          existsSync(join(scene.dataHome, 'forwarding.json')),
        ],
        `round ${round}`,
      ).toEqual([expect.toBeOneOf([0, 1]), '', false]);
      expect(locks()).toEqual([]);
    }
    // Objects only ever come, so what a kill broke in any round is still broken.
    scene.git(scene.root, 'fsck', '--strict', '--no-dangling');
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
  // The moments were not all harmless ones.
  expect(cutOff).toBeGreaterThan(0);
});

describe('a fast-forward that was cut off', () => {
  let from: string;
  let to: string;

  beforeEach(() => {
    scene.write(scene.root, { 'gone.txt': 'gone\n', 'deep/gone.txt': 'gone\n', '.gitattributes': '*.crlf eol=crlf\n' });
    scene.git(scene.root, 'add', '-A');
    scene.git(scene.root, 'commit', '-qm', 'old');
    from = scene.git(scene.root, 'rev-parse', 'HEAD');
    scene.git(scene.root, 'rm', '-q', 'gone.txt', 'deep/gone.txt');
    scene.write(scene.root, {
      'a.txt': 'a\nnew\n',
      'b.txt': 'b\nnew\n',
      'new/c.crlf': 'one\ntwo\n',
      'd d\n.txt': 'new\n',
    });
    scene.git(scene.root, 'add', '-A');
    scene.git(scene.root, 'commit', '-qm', 'new');
    to = scene.git(scene.root, 'rev-parse', 'HEAD');
    scene.git(scene.root, 'reset', '-q', '--hard', from);
    scene.write(scene.dataHome, { 'forwarding.json': JSON.stringify({ path: scene.root, branch: 'main', from, to }) });
    writeFileSync(join(scene.gitDir, 'index.lock'), '');
  });

  const finished = [`a fast-forward of`, 'and is finished now'];

  test('is finished when files are old, new, missing, or the beginning of the new one', async () => {
    scene.write(scene.root, { 'b.txt': 'b\nnew\n', 'new/c.crlf': 'one\r\nt', 'mine.txt': 'mine\n' });
    rmSync(join(scene.root, 'a.txt'));
    rmSync(join(scene.root, 'gone.txt'));
    const { problems } = await scene.open();
    for (const words of finished) expect(problems.join('\n')).toContain(words);
    expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(to);
    expect(scene.git(scene.root, 'status', '--porcelain')).toBe('?? mine.txt');
    expect(readFileSync(join(scene.root, 'new/c.crlf'), 'utf8')).toBe('one\r\ntwo\r\n');
    expect(existsSync(join(scene.root, 'deep'))).toBe(false);
    expect(locks()).toEqual([]);
    expect((await scene.open()).problems).toEqual([]);
  });

  test('is finished when only the ref was still to move', async () => {
    rmSync(join(scene.gitDir, 'index.lock'));
    scene.git(scene.root, 'read-tree', '-m', '-u', from, to);
    expect((await scene.open()).problems.join('\n')).toContain('is finished now');
    expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(to);
    expect(scene.git(scene.root, 'status', '--porcelain')).toBe('');
  });

  test('that had changed nothing yet changes nothing', async () => {
    scene.write(scene.root, { 'mine.txt': 'mine\n' });
    expect((await scene.open()).problems.join('\n')).not.toContain('fast-forward');
    expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(from);
    expect(scene.git(scene.root, 'status', '--porcelain')).toBe('?? mine.txt');
    expect(locks()).toEqual([]);
  });

  test.each([
    ['an edit of the user', { 'a.txt': 'edited\n', 'b.txt': 'b\nnew\n' }],
    ['a file of the user where a new one goes', { 'd d\n.txt': 'mine\n', 'b.txt': 'b\nnew\n' }],
    ['a file that shall go but was edited', { 'gone.txt': 'edited\n', 'b.txt': 'b\nnew\n' }],
  ])('is left alone, and said, over %s', async (_, files) => {
    scene.write(scene.root, files);
    const { problems } = await scene.open();
    expect(problems.join('\n')).toContain(
      `${JSON.stringify(Object.keys(files)[0])} is neither the old file nor the new one`,
    );
    expect(scene.git(scene.root, 'rev-parse', 'main')).toBe(from);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(scene.root, name), 'utf8')).toBe(text);
    expect(readFileSync(join(scene.root, 'deep/gone.txt'), 'utf8')).toBe('gone\n');
    expect(locks()).toEqual([]);
  });
});
