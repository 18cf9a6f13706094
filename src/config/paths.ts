// Owns where things live: the repository, its id, the data home, the socket. Only node:fs; it spawns nothing, because a prompt waits for it.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { refuse } from '../domain/refusal.ts';

export interface RepositoryPaths {
  /** The main working tree; the git folder itself when the repository is bare. */
  readonly root: string;
  /** The git folder that all worktrees share. */
  readonly gitDir: string;
}

export interface SessionPaths extends RepositoryPaths {
  /** Kept in the git folder, so that a moved repository finds its home again. */
  readonly id: string;
  readonly dataHome: string;
  readonly socket: string;
  readonly config: string;
  readonly lock: string;
  readonly log: string;
  readonly pid: string;
}

/** Finds the repository that holds `folder`, from any folder or linked worktree of it. Refuses outside of one. */
export function findRepository(folder: string): RepositoryPaths {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const dotGit = join(at, '.git');
    const stat = statSync(dotGit, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return { root: realpathSync(at), gitDir: realpathSync(dotGit) };
    if (stat?.isFile()) return followGitFile(at, dotGit);
    if (existsSync(join(at, 'HEAD')) && existsSync(join(at, 'objects')) && existsSync(join(at, 'refs'))) {
      return { root: realpathSync(at), gitDir: realpathSync(at) };
    }
    if (dirname(at) === at) refuse('no-repository', `${resolve(folder)} is not inside a git repository`, 'git init');
  }
}

/** A linked worktree (or a submodule) has a `.git` file: `gitdir: <admin folder>`, and that holds `commondir`. */
function followGitFile(at: string, dotGit: string): RepositoryPaths {
  const admin = resolve(
    at,
    readFileSync(dotGit, 'utf8')
      .replace(/^gitdir: /, '')
      .trim(),
  );
  const commonFile = join(admin, 'commondir');
  const gitDir = realpathSync(existsSync(commonFile) ? resolve(admin, readFileSync(commonFile, 'utf8').trim()) : admin);
  const root = basename(gitDir) === '.git' ? dirname(gitDir) : realpathSync(at);
  return { root, gitDir };
}

const ID_FILE = join('drover', 'id');

/** The id of a repository; null when Drover has never been here. */
function readId(gitDir: string): string | null {
  try {
    const id = readFileSync(join(gitDir, ID_FILE), 'utf8').trim();
    return /^[a-z0-9]{8}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

function writeId(gitDir: string): string {
  const id = randomBytes(5).toString('hex').slice(0, 8);
  mkdirSync(join(gitDir, 'drover'), { recursive: true });
  writeFileSync(join(gitDir, ID_FILE), `${id}\n`);
  return id;
}

/** Where the data home of an id lies: `$XDG_STATE_HOME/drover/<name>-<id>`, or `.drover/` of a repository set up with `init --local`. */
function homeOf(repository: RepositoryPaths, id: string): string {
  if (existsSync(join(repository.gitDir, 'drover', 'local'))) return join(repository.root, '.drover');
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  const name =
    basename(repository.root)
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^\.+/, '') || 'repository';
  return join(state, 'drover', `${name}-${id}`);
}

/** 0700, owned by this user; DROVER_SOCKET_DIR is for tests. */
export function socketFolder(): string {
  return process.env['DROVER_SOCKET_DIR'] || join(tmpdir(), `drover-${process.getuid?.() ?? userInfo().username}`);
}

/** Makes the socket's folder, and refuses one that another user could have planted. */
export function secureSocketFolder(): string {
  const folder = socketFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  const uid = process.getuid?.() ?? stat.uid;
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    refuse(
      'unsafe-socket',
      `the socket folder ${folder} is not a folder of yours alone (owner ${stat.uid}, mode ${(stat.mode & 0o777).toString(8)})`,
      `chmod 700 ${folder}`,
    );
  }
  return folder;
}

/** The paths of a session. A repository without an id gets one only when `create` is set; otherwise the id is empty and nothing exists yet. */
export function sessionPaths(folder: string, options: { create: boolean }): SessionPaths {
  const repository = findRepository(folder);
  const id = readId(repository.gitDir) ?? (options.create ? writeId(repository.gitDir) : '');
  const dataHome = homeOf(repository, id);
  // The socket path must fit in 107 bytes (sun_path), so it carries a short hash, never the repository's path.
  const short = createHash('sha256').update(`${repository.gitDir}\0${id}`).digest('hex').slice(0, 16);
  const socket = join(socketFolder(), `${short}.sock`);
  if (Buffer.byteLength(socket) > 107) {
    refuse(
      'unsafe-socket',
      `the socket path ${socket} is longer than the 107 bytes that the system takes`,
      'export DROVER_SOCKET_DIR=/tmp/drover',
    );
  }
  return {
    ...repository,
    id,
    dataHome,
    socket,
    config: join(repository.root, '.drover', 'config.yaml'),
    lock: join(dataHome, 'server.lock'),
    log: join(dataHome, 'logs', 'server.log'),
    pid: join(dataHome, 'server.pid'),
  };
}
