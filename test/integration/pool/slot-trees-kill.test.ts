// Owns the promise that a server killed at any step of making or removing a slot leaves nothing that the next start doesn't put right.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { asideEntries } from '../../../src/git/worktree-entry.ts';
import { unmountHalfMade } from '../../../src/pool/backend/layers.ts';
import { COPY_ON_WRITE, probe } from '../../../src/pool/backend/probe.ts';
import { SlotTrees } from '../../../src/pool/backend/slot-trees.ts';
import { NO_PROVISIONS } from '../../../src/pool/provisioner.ts';
import { makeScene, type Scene } from '../git/scene.ts';
import { buildProgram } from '../store/build.ts';
import { GROUNDS, type Ground, makeGround, mountPoints } from './machine.ts';

const TMPDIR = process.env['TMPDIR'];
let ground: Ground | null = null;
let scene: Scene;

afterEach(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  ground?.close();
  ground = null;
  scene?.close();
});

/** Between two kills that are tried; all of them, some 200, take minutes. Each backend begins at another one. */
const STRIDE = 29;

describe.each(COPY_ON_WRITE)('%s', (kind) => {
  test('killed before each step: the work in another slot is there, no mount and no half-made thing stays, git is sound', async (context) => {
    const made = makeGround(GROUNDS[kind]);
    if (typeof made === 'string') return context.skip(made);
    ground = made;
    const reason = (await probe(ground.folder))[kind];
    if (reason !== null) return context.skip(reason);
    const build = buildProgram('test/integration/pool/slot-trees-child.ts');
    process.env['TMPDIR'] = ground.folder;
    scene = makeScene({ 'a.txt': 'a\n', 'folder/b.txt': 'b\n', '.gitignore': 'modules\n' });
    const base = scene.git(scene.root, 'rev-parse', 'HEAD');
    const many = Array.from({ length: 60 }, (_, at) => [`many/${at}`, `${at}\n`]);
    scene.write(scene.root, { 'a.txt': 'next\n', ...Object.fromEntries(many) });
    scene.git(scene.root, 'add', '-A');
    scene.git(scene.root, 'commit', '-qm', 'next');
    const next = scene.git(scene.root, 'rev-parse', 'HEAD');
    scene.write(scene.root, { 'package-lock.json': '{}' });
    scene.git(scene.root, 'add', '-A');
    scene.git(scene.root, 'commit', '-qm', 'relocked');
    const relocked = scene.git(scene.root, 'rev-parse', 'HEAD');
    const program = join(build, 'test/integration/pool/slot-trees-child.js');
    const worktrees = join(scene.dataHome, 'worktrees');
    const path = (id: string) => join(worktrees, id);
    const run = (last: number) =>
      spawnSync(
        process.execPath,
        [program, scene.root, scene.gitDir, scene.dataHome, kind, `${base},${next},${relocked}`, String(last)],
        {
          encoding: 'utf8',
          env: { ...process.env },
        },
      );
    const provisioner = {
      ...NO_PROVISIONS,
      provision: async () => ({ generation: 'gen-1', method: '', bytes: 0, saved: 0, problems: [] }),
    };
    const open = async () => {
      await unmountHalfMade(scene.dataHome);
      const repository = await scene.open();
      expect(repository.problems.filter((each) => each.includes('cannot'))).toEqual([]);
      return SlotTrees.open({ repository, wanted: kind, provisioner });
    };

    const total = Number(run(0).stdout);
    expect(total).toBeGreaterThan(40);
    let trees = await open();
    await trees.place('worktree-2', base, { isBackground: true });
    writeFileSync(join(path('worktree-2'), 'a.txt'), 'work\n');
    for (let last = 1 + COPY_ON_WRITE.indexOf(kind) * 3; last <= total; last += STRIDE) {
      const { signal, stderr } = run(last);
      expect([last, signal, stderr]).toEqual([last, signal === null ? null : 'SIGKILL', '']);
      trees = await open();
      expect(trees.problems).toEqual([]);
      expect(readFileSync(join(path('worktree-2'), 'a.txt'), 'utf8')).toBe('work\n');
      expect(scene.git(path('worktree-2'), 'status', '--porcelain')).toBe(' M a.txt');
      if (existsSync(path('worktree-3'))) await trees.remove('worktree-3');
      await trees.place('worktree-1', next, { isBackground: true });
      expect(scene.git(path('worktree-1'), 'status', '--porcelain')).toBe('');
      expect(readFileSync(join(path('worktree-1'), 'a.txt'), 'utf8')).toBe('next\n');
      // A copy is not made anew, and git's reset cleans it.
      expect(kind === 'reflink' || existsSync(join(path('worktree-1'), 'modules/index.js'))).toBe(true);
      expect(
        scene
          .git(scene.root, 'worktree', 'list', '--porcelain')
          .match(/^worktree .*/gm)
          ?.sort(),
      ).toEqual([scene.root, path('worktree-1'), path('worktree-2')].map((each) => `worktree ${each}`).sort());
      await trees.remove('worktree-1');
      await trees.close(() => false);
      const isOverlay = kind === 'overlay';
      expect(mountPoints(scene.dataHome)).toEqual(isOverlay ? [path('worktree-2')] : []);
      expect(readdirSync(worktrees).sort()).toEqual(['.copy-on-write', 'worktree-2']);
      expect(readdirSync(join(worktrees, '.copy-on-write')).filter((name) => name.startsWith('.'))).toEqual([]);
      if (isOverlay) expect(readdirSync(join(worktrees, '.copy-on-write', 'layers'))).toHaveLength(1);
      // One that was cut off before it had a name is left alone for ten seconds: it may be another server's.
      expect(asideEntries(scene.gitDir).filter((entry) => existsSync(join(entry, 'gitdir')))).toEqual([]);
    }
    expect(scene.git(scene.root, 'fsck', '--no-dangling')).toBe('');
    for (const point of mountPoints(scene.dataHome)) execFileSync('umount', [point]);
  });
});
