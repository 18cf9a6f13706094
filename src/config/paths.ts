// Owns where things live: the repository, its id, the data home, the socket. Only node:fs; it spawns nothing, because a prompt waits for it.
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
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
  /** A file in which the server says where it listens. */
  readonly listening: string;
}

/** Finds the repository that holds `folder`, from any folder or linked worktree of it. Refuses outside of one. */
function findRepository(folder: string): RepositoryPaths {
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

/** Gives the repository an id. Of several programs that do so in the same moment all get the id of the first; `instead` is the id that it replaces. */
function writeId(gitDir: string, instead: string | null): string {
  const id = process.getBuiltinModule('node:crypto').randomBytes(5).toString('hex').slice(0, 8);
  mkdirSync(join(gitDir, 'drover'), { recursive: true });
  const file = join(gitDir, ID_FILE);
  const mine = `${file}.${process.pid}-${id}`;
  writeFileSync(mine, `${id}\n`);
  try {
    linkSync(mine, file);
    return id;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const winner = readId(gitDir);
    if (winner !== null && winner !== instead) return winner;
    renameSync(mine, file);
    return id;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Where the data home of an id lies: `$XDG_STATE_HOME/drover/<name>-<id>`, or `.drover/` of a repository set up with `init --local`. */
function homeOf(repository: RepositoryPaths, id: string): string {
  if (isLocal(repository.gitDir)) return join(repository.root, '.drover');
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  const name =
    basename(repository.root)
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^\.+/, '') || 'repository';
  const home = join(state, 'drover', `${name}-${id}`);
  return id === '' || existsSync(home) ? home : (findHome(join(state, 'drover'), id) ?? home);
}

function isLocal(gitDir: string): boolean {
  return existsSync(join(gitDir, 'drover', 'local'));
}

/** The home of a repository whose folder had another name when it was made; null when there is none. */
function findHome(folder: string, id: string): string | null {
  try {
    const name = readdirSync(folder).find((each) => each.endsWith(`-${id}`));
    return name === undefined ? null : join(folder, name);
  } catch {
    return null;
  }
}

/** In the data home: the git folder that it belongs to, by which a copied repository is told from a moved one. */
const OWNER_FILE = 'repository';

/** True when the home belongs to another git folder that is still there with the same id: this one is a copy of it. */
function isCopy(gitDir: string, id: string, dataHome: string): boolean {
  const owner = readOwner(dataHome);
  if (owner === null || owner === gitDir || readId(owner) !== id) return false;
  // The same folder by another name, such as a symbolic link or a second mount, is no copy.
  return !isSameFolder(owner, gitDir);
}

function readOwner(dataHome: string): string | null {
  try {
    return readFileSync(join(dataHome, OWNER_FILE), 'utf8').replace(/\n$/, '') || null;
  } catch {
    return null;
  }
}

function isSameFolder(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }));
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** Makes the data home, or finds it writable. Refuses with what to set where the home folder is read-only or missing. */
export function makeDataHome(dataHome: string): void {
  try {
    mkdirSync(dataHome, { recursive: true, mode: 0o700 });
    accessSync(dataHome, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    // Node reports ENOENT for a folder that cannot be made on a read-only file system.
    refuse(
      'not-allowed',
      `the data home ${dataHome} cannot be written (${code}); ${dirname(dirname(dataHome))} must be a folder that you can write to`,
      'export XDG_STATE_HOME=<a folder that you can write to>',
    );
  }
}

function writeOwner(dataHome: string, gitDir: string): void {
  if (readOwner(dataHome) === gitDir) return;
  makeDataHome(dataHome);
  const mine = join(dataHome, `${OWNER_FILE}.${process.pid}`);
  writeFileSync(mine, `${gitDir}\n`, { mode: 0o600 });
  renameSync(mine, join(dataHome, OWNER_FILE));
}

/** What a copied local home keeps in its place: it was written by people, the rest belongs to the original. */
const SHARED = new Set(['config.yaml', 'layouts', 'themes', '.gitignore']);

/** Puts the original's tasks, worktrees and logs aside, inside of the copied home; nothing is deleted. */
function setAside(dataHome: string, id: string): void {
  const aside = join(dataHome, `copied-from-${id}`);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(dataHome)) {
    if (!SHARED.has(name) && !name.startsWith('copied-from-')) renameSync(join(dataHome, name), join(aside, name));
  }
}

/** The id and the home of a repository; a copy of another one gets its own when `create` is set, and has none until then. */
function identify(repository: RepositoryPaths, create: boolean): { id: string; dataHome: string } {
  const { gitDir } = repository;
  const known = readId(gitDir);
  const home = homeOf(repository, known ?? '');
  const isNew = known === null || isCopy(gitDir, known, home);
  if (isNew && !create) return { id: '', dataHome: homeOf(repository, '') };
  if (known !== null && isNew && isLocal(gitDir)) setAside(home, known);
  const id = isNew ? writeId(gitDir, known) : known;
  const dataHome = homeOf(repository, id);
  if (create) writeOwner(dataHome, gitDir);
  return { id, dataHome };
}

/** 0700, owned by this user; DROVER_SOCKET_DIR is for tests. */
function socketFolder(): string {
  return process.env['DROVER_SOCKET_DIR'] || join(tmpdir(), `drover-${process.getuid?.() ?? userInfo().username}`);
}

/** Where the server of a session is to be reached: where it says that it listens, as it may have been started with another TMPDIR; else where one would. */
export function socketOf({ socket, listening }: Pick<SessionPaths, 'socket' | 'listening'>): string {
  try {
    const said = readFileSync(listening, 'utf8').trim();
    return existsSync(said) ? said : socket;
  } catch {
    return socket;
  }
}

/** Not Node's own recursive way, which never comes back from beneath /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

const OTHER_SOCKETS = 'export DROVER_SOCKET_DIR=/tmp/drover';

/** Makes the socket's folder, and refuses one that cannot be made or that another user could have planted. A client must ask too: what it types would go to whoever listens there. */
export function secureSocketFolder(folder = socketFolder()): string {
  // The server works in another folder than its client.
  if (!isAbsolute(folder)) refuse('unsafe-socket', `the socket folder ${folder} is no absolute path`, OTHER_SOCKETS);
  try {
    makeFolder(folder);
  } catch (error) {
    refuse('unsafe-socket', `the socket folder ${folder} cannot be made: ${(error as Error).message}`, OTHER_SOCKETS);
  }
  const stat = lstatSync(folder);
  const uid = process.getuid?.() ?? stat.uid;
  if (stat.isFile()) refuse('unsafe-socket', `the socket folder ${folder} is a file`, OTHER_SOCKETS);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    refuse(
      'unsafe-socket',
      `the socket folder ${folder} is not a folder of yours alone (owner ${stat.uid}, mode ${(stat.mode & 0o777).toString(8)})`,
      stat.isDirectory() ? `chmod 700 ${folder}` : OTHER_SOCKETS,
    );
  }
  return folder;
}

/**
 * The paths of a session. A repository without an id, or with the id of the one that it was copied from, gets its own
 * only when `create` is set; otherwise the id is empty and nothing exists yet.
 */
export function sessionPaths(folder: string, options: { create: boolean }): SessionPaths {
  const repository = findRepository(folder);
  const { id, dataHome } = identify(repository, options.create);
  // The socket path must fit in 107 bytes (sun_path), so it carries a short hash, never the repository's path.
  const short = shortHash(`${repository.gitDir}\0${id}`);
  const socket = join(socketFolder(), `${short}.sock`);
  if (Buffer.byteLength(socket) > 107) {
    refuse(
      'unsafe-socket',
      `the socket path ${socket} is longer than the 107 bytes that the system takes`,
      OTHER_SOCKETS,
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
    listening: id === '' ? '' : join(dataHome, 'server.socket'),
  };
}

/** FNV-1a of 64 bits, as 16 hexadecimal digits: it only has to tell paths apart, and node:crypto costs a prompt 5 ms to load. */
export function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
