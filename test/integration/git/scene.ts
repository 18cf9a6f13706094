// Owns the stage of the git tests: a real repository with its own HOME in a temporary folder, taken down afterwards.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openRepository, type Repository } from '../../../src/git/repository.ts';
import { resetSlot } from '../../../src/git/worktree.ts';
import { WorktreePool } from '../../../src/pool/pool-manager.ts';

export const ANN = { name: 'Ann Author', email: 'ann@example.invalid' };
export const DROVER = { name: 'Drover', email: 'drover@localhost' };

export interface Scene {
  readonly folder: string;
  readonly root: string;
  readonly gitDir: string;
  readonly dataHome: string;
  /** Plain git as a person or an agent runs it; gives stdout without the last newline. */
  git(cwd: string, ...args: string[]): string;
  write(cwd: string, files: Record<string, string | Buffer>): void;
  /** The environment of the person's own git. */
  readonly env: Record<string, string>;
  open(): Promise<Repository>;
  /** Takes the folder away and puts HOME back. */
  close(): void;
}

/** A repository with one commit on `main`, checked out, and HOME set to an empty folder. */
export function makeScene(files: Record<string, string | Buffer> = { 'a.txt': 'a\n', 'b.txt': 'b\n' }): Scene {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-git-')));
  const root = join(folder, 'repo');
  const gitDir = join(root, '.git');
  const dataHome = join(folder, 'data');
  const home = join(folder, 'home');
  const before = process.env['HOME'];
  for (const path of [root, dataHome, home]) mkdirSync(path);
  process.env['HOME'] = home;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_AUTHOR_NAME: 'Uma User',
    GIT_AUTHOR_EMAIL: 'uma@example.invalid',
    GIT_COMMITTER_NAME: 'Uma User',
    GIT_COMMITTER_EMAIL: 'uma@example.invalid',
  };
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '');
  const write = (cwd: string, content: Record<string, string | Buffer>) => {
    for (const [name, text] of Object.entries(content)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
  };
  git(root, 'init', '-q', '-b', 'main');
  write(root, files);
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  const close = () => {
    if (before === undefined) delete process.env['HOME'];
    else process.env['HOME'] = before;
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  };
  const open = () => openRepository({ root, gitDir, dataHome });
  return { folder, root, gitDir, dataHome, git, write, env, open, close };
}

/** A task's branch with one commit of these files, made in a slot of its own; null deletes a file. */
export async function makeBranch(
  scene: Scene,
  repository: Repository,
  task: string,
  files: Record<string, string | Buffer>,
): Promise<{ path: string; branch: string; tip: string }> {
  const pool = await WorktreePool.open({ repository, known: [] });
  const branch = `drover/${task}`;
  const commit = scene.git(scene.root, 'rev-parse', 'main');
  const slot = await pool.acquire({ taskId: task, attempt: 1, commit, branch });
  await pool.name(slot.id, branch);
  scene.write(slot.path, files);
  scene.git(slot.path, 'add', '-A');
  scene.git(slot.path, 'commit', '-qm', `work of ${task}`);
  const tip = scene.git(slot.path, 'rev-parse', 'HEAD');
  await resetSlot(repository, slot.path, tip);
  return { path: slot.path, branch, tip };
}

/** False for a process that is gone, or dead and not yet collected by its parent. */
export function isRunning(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}
