// Owns the checks of the machine and of the repository.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { NoServerError } from '../../client/client.ts';
import { editCommand, operatorConfigPath } from '../../config/config-files.ts';
import { firstCommitCommand } from '../../config/first-commit.ts';
import { type RepositoryPaths, secureSocketFolder } from '../../config/paths.ts';
import { RefusalError } from '../../domain/refusal.ts';
import type { Shell, VerbScope } from '../shell.ts';
import { looksHomes } from './attach.ts';

export interface Row {
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do; empty when nothing is wrong. */
  readonly fix: string;
}

export const ok = (id: string, message: string): Row => ({ id, status: 'ok', message, fix: '' });
export const warn = (id: string, message: string, fix: string): Row => ({ id, status: 'warn', message, fix });
export const fail = (id: string, message: string, fix: string): Row => ({ id, status: 'fail', message, fix });

export interface Ran {
  /** Null when the program could not be started or was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
}

/** Runs a program without a shell, for at most 15 s; never throws. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { env: Shell['env']; cwd: string },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { ...options, env: { ...options.env }, timeout: 15_000, maxBuffer: 1024 * 1024 },
      (error, stdout) => {
        resolve({ code: error ? (typeof error.code === 'number' ? error.code : null) : 0, stdout });
      },
    );
    child.stdin?.end();
  });
}

/** Checks of what is installed: node, git, flock, inotify, the socket's folder. */
export async function machineChecks(shell: Shell): Promise<Row[]> {
  return [
    checkNode(process.versions.node),
    await checkGit(shell),
    await checkFlock(shell),
    checkInotify(),
    checkSocketFolder(),
  ];
}

/** package.json's `engines`. */
function checkNode(version: string): Row {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('node', `Node ${version}`);
  return fail('node', `Node ${version} is too old`, 'install Node 20.19 or newer');
}

/** merge-tree --write-tree, with which branches land, came with git 2.38. */
async function checkGit({ env, folder }: Shell): Promise<Row> {
  const { stdout } = await runProgram('git', ['--version'], { env, cwd: folder });
  const found = /(\d+)\.(\d+)[.\d]*/.exec(stdout);
  if (!found) return fail('git', 'git is not found', 'install git 2.38 or newer');
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major > 2 || (major === 2 && minor >= 38)) return ok('git', `git ${found[0]}`);
  return fail('git', `git ${found[0]} is too old`, 'install git 2.38 or newer');
}

async function checkFlock({ env, folder }: Shell): Promise<Row> {
  const { code, stdout } = await runProgram('flock', ['--version'], { env, cwd: folder });
  if (code === 0) return ok('flock', stdout.trim());
  return fail(
    'flock',
    'the program flock is not found; the server locks its store with it',
    'install util-linux (apt install util-linux, brew install flock)',
  );
}

/** Fewer watches than this, and an editor beside Drover is enough to use them up. */
const ENOUGH_WATCHES = 8192;

function checkInotify(): Row {
  const watches = readNumber('/proc/sys/fs/inotify/max_user_watches');
  const instances = readNumber('/proc/sys/fs/inotify/max_user_instances');
  if (watches === null || instances === null) return ok('inotify', 'not on this system');
  const message = `${watches} watches, ${instances} instances`;
  if (watches >= ENOUGH_WATCHES && instances >= 128) return ok('inotify', message);
  return warn(
    'inotify',
    `${message}: few`,
    'sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=256',
  );
}

function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function checkSocketFolder(): Row {
  return guarded('socket', 'export DROVER_SOCKET_DIR=/tmp/drover', () =>
    ok('socket', `${secureSocketFolder()} is yours alone`),
  );
}

/** An error becomes a failing row; `otherwise` is what to do when it names no command itself. */
function guarded(id: string, otherwise: string, check: () => Row): Row {
  try {
    return check();
  } catch (error) {
    const next = error instanceof RefusalError ? error.refusal.next : '';
    return fail(id, error instanceof Error ? error.message : String(error), next || otherwise);
  }
}

/** Checks of where we are: the repository, its configuration, the operator, the disk. */
export async function repositoryChecks({ session, shell }: VerbScope): Promise<Row[]> {
  const repository = guarded('repository', 'git init && drover init', () => ok('repository', session.paths().root));
  if (repository.status === 'fail') return [repository];
  return [
    repository,
    await checkCommits(shell, session.paths()),
    ...(await checkConfig(session, shell)),
    ...(await checkServer(session)),
    await checkOperator(session),
    checkDisk(session.paths().dataHome),
  ];
}

async function checkCommits({ env }: Shell, paths: RepositoryPaths): Promise<Row> {
  const asked = ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'];
  const { code } = await runProgram('git', asked, { env, cwd: paths.root });
  if (code === 0) return ok('commits', 'there is a commit to start from');
  return fail('commits', 'the repository has no commit yet; worktrees need one', firstCommitCommand(paths));
}

async function checkConfig(session: VerbScope['session'], shell: Shell): Promise<Row[]> {
  try {
    const config = await session.config();
    const own = operatorConfigPath(shell.env);
    const files = `${session.paths().config}${existsSync(own) ? ` and ${own}` : ''}`;
    // The one program that a repository may name: it is worth being seen.
    const test = `the test before landing is ${config.test === null ? 'none' : `"${config.test}"`}`;
    const mistakes = await shell.roles.settingsMistakes(config, looksHomes({ shell, session }));
    return [
      ok('config', `${files}; ${test}`),
      ...mistakes.map(({ message, path }) => warn('settings', message, editCommand(path ?? own))),
    ];
  } catch (error) {
    return [
      guarded('config', 'drover init', () => {
        throw error;
      }),
    ];
  }
}

/** Whether the server, where one runs, goes by the configuration that was just checked. */
async function checkServer(session: VerbScope['session']): Promise<Row[]> {
  try {
    const client = await session.connect('cli', { startServer: false });
    const server = await client.call('server.status', {}).finally(() => client.close());
    const [changed] = server.changedConfig ?? [];
    if (changed === undefined) return [ok('server', `${server.pid} goes by this configuration`)];
    return [warn('server', `${server.pid} has read ${changed} before it was changed`, 'drover server restart')];
  } catch (error) {
    // What is refused is the socket folder, and has its own row.
    if (error instanceof NoServerError || error instanceof RefusalError) return [];
    return [
      guarded('server', 'drover server restart', () => {
        throw error;
      }),
    ];
  }
}

async function checkOperator(session: VerbScope['session']): Promise<Row> {
  try {
    const { label, email } = await session.operator();
    if (email !== '') return ok('operator', label);
    return warn(
      'operator',
      `${label}, without an address for the commits`,
      'git config --global user.email you@example.org',
    );
  } catch (error) {
    return guarded('operator', 'git config --global user.name "Your Name"', () => {
      throw error;
    });
  }
}

/** Bytes: a few worktrees with their packages. */
const ENOUGH_DISK = 2 * 1024 ** 3;

function checkDisk(dataHome: string): Row {
  return guarded('disk', 'set XDG_STATE_HOME to a folder that you may write to', () => {
    let folder = dataHome;
    while (!existsSync(folder)) folder = dirname(folder);
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const message = `${(free / 1024 ** 3).toFixed(1)} GB free for ${dataHome}`;
    if (free >= ENOUGH_DISK) return ok('disk', message);
    return warn('disk', message, 'free some space, or set XDG_STATE_HOME to a larger disk');
  });
}
