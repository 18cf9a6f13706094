// Owns finishing a move of a working tree that a kill or a power cut left half-way: git's files only, never the user's or an agent's.
import { constants, copyFileSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dropIntent, type ForwardIntent, readIntent } from './forward-intent.ts';
import { readBranch, updateRefs } from './refs.ts';
import type { Repository } from './repository.ts';
import { git } from './runner.ts';
import { hasLiveGit, removeLock } from './sweep.ts';
import { adminOf } from './worktree.ts';

/** ms that a git which outlived its server has to finish what it began. */
const PATIENCE = 5_000;

/** Finishes what the note of the user's checkout says. Gives a sentence for each thing that a person should know; none when nothing was cut off. */
export async function finishForward(repository: Repository): Promise<string[]> {
  const intent = readIntent(repository);
  const said =
    intent === null ? null : await finishMove(repository, intent, { what: 'a fast-forward', log: 'drover: land' });
  dropIntent(repository);
  return said === null ? [] : [said];
}

/** How a move is called in a sentence, and in the reflog. */
export interface MoveWords {
  readonly what: string;
  readonly log: string;
}

/**
 * Finishes a move that was cut off, when every file that it concerns is as it was before or as it shall be (or missing,
 * or the cut-off beginning of the new one: git removes a file before it writes the new one). Else nothing is touched.
 * Says what a person should know; null when nothing was cut off, or git had changed nothing yet. Its locks are removed
 * in any case, once the git that held them is gone.
 */
export async function finishMove(
  repository: Repository,
  intent: ForwardIntent,
  words: MoveWords,
): Promise<string | null> {
  const admin = adminOf(repository, intent.path);
  if (admin === null) return null;
  for (let waited = 0; hasLiveGit(intent.path, Date.now()) && waited < PATIENCE; waited += 50) await delay(50);
  for (const name of ['HEAD.lock', 'ORIG_HEAD.lock', 'index.lock.lock', 'index.lock'])
    removeLock(join(admin, name), intent.path);
  const now = await readBranch(repository, intent.branch);
  return now === intent.from ? finish(repository, intent, { admin, ...words }) : null;
}

async function finish(
  repository: Repository,
  intent: ForwardIntent,
  { admin, what, log }: MoveWords & { admin: string },
): Promise<string | null> {
  const { path, branch, from, to } = intent;
  const where = `${what} of ${path} to ${to.slice(0, 12)} was cut off`;
  const head = readFileSync(join(admin, 'HEAD'), 'utf8').trim();
  if (head !== `ref: refs/heads/${branch}`) return `${where}; it is no longer on ${branch} and was left alone`;
  const lock = join(admin, 'index.lock');
  try {
    await repository.guard.check(path);
    if (await isIndexAt(path, to)) {
      const isMoved = await updateRefs(repository, [{ ref: `refs/heads/${branch}`, from, to }], log);
      return isMoved ? `${where} and is finished now` : null;
    }
    // Held as git holds it, so that nobody else writes the index meanwhile.
    copyFileSync(join(admin, 'index'), lock, constants.COPYFILE_EXCL);
    const tree = new HalfMovedTree(path, lock, intent);
    if (!(await tree.look())) return null;
    if (tree.foreign.length > 0) {
      const files = tree.foreign.slice(0, 5).map((file) => JSON.stringify(file));
      return `${where}; ${files.join(', ')} is neither the old file nor the new one, so it was left alone: git -C ${path} status`;
    }
    await tree.write();
    renameSync(lock, join(admin, 'index'));
    const isMoved = await updateRefs(repository, [{ ref: `refs/heads/${branch}`, from, to }], log);
    return isMoved ? `${where} and is finished now` : `${where}; ${branch} was moved meanwhile: git -C ${path} status`;
  } catch (error) {
    const why = (error as Error).message.trim().split('\n', 1)[0];
    return `${where} and could not be finished (${why}): git -C ${path} status`;
  } finally {
    rmSync(lock, { force: true });
  }
}

async function isIndexAt(path: string, commit: string): Promise<boolean> {
  const args = ['diff-index', '--cached', '--quiet', commit, '--'];
  return (await git(args, { cwd: path, isRead: true, okCodes: [1] })).exitCode === 0;
}

interface Move {
  readonly path: string;
  readonly isRemoved: boolean;
}

/** The files between two commits in a working tree of which git has moved some. All work is done on a copy of the index. */
class HalfMovedTree {
  readonly #root: string;
  readonly #index: string;
  readonly #intent: ForwardIntent;
  #moves: Move[] = [];
  /** Paths of the moves that the old commit has. */
  readonly #old = new Set<string>();
  /** Paths that differ from the new commit. */
  #notNew = new Set<string>();
  /** Files that are neither what they were nor what they shall be. */
  readonly foreign: string[] = [];

  constructor(root: string, index: string, intent: ForwardIntent) {
    this.#root = root;
    this.#index = index;
    this.#intent = intent;
  }

  /** Finds out what each file is. False when git had changed nothing yet. */
  async look(): Promise<boolean> {
    const { from, to } = this.#intent;
    this.#moves = await this.#listMoves();
    const notOld = await this.#differing();
    const isBegun = this.#moves.some(({ path }) =>
      this.#old.has(path) ? notOld.has(path) : this.#kindOf(path) !== 'absent',
    );
    if (!isBegun) return false;
    // In the index only: it fails when the user has staged something else in a file that is moved.
    await this.#run(['read-tree', '-i', '-m', from, to]);
    this.#notNew = await this.#differing();
    const doubtful: string[] = [];
    for (const { path, isRemoved } of this.#moves) {
      const kind = this.#kindOf(path);
      if (kind === 'absent') continue;
      const isOld = this.#old.has(path) && !notOld.has(path);
      const isNew = !isRemoved && !this.#notNew.has(path);
      if (kind === 'file' && (isOld || isNew)) continue;
      if (kind === 'file' && !isRemoved) doubtful.push(path);
      else this.foreign.push(path);
    }
    if (doubtful.length > 0) this.foreign.push(...(await this.#notCutOff(doubtful)));
    return true;
  }

  /** Brings every file to what it shall be. */
  async write(): Promise<void> {
    for (const { path, isRemoved } of this.#moves) {
      if (!isRemoved || this.#kindOf(path) !== 'file') continue;
      rmSync(join(this.#root, path));
      this.#removeEmptyFolders(dirname(path));
    }
    const files = this.#moves.filter(({ path, isRemoved }) => !isRemoved && this.#notNew.has(path));
    await this.#feed(
      ['checkout-index', '--force', '--index', '-z', '--stdin'],
      files.map(({ path }) => path),
    );
  }

  async #listMoves(): Promise<Move[]> {
    const { from, to } = this.#intent;
    const fields = (await this.#run(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to])).split('\0');
    const moves: Move[] = [];
    // `:mode mode id id status` NUL path NUL
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [before = '', after = '', , , status = ''] = (fields[at] ?? '').slice(1).split(' ');
      const path = fields[at + 1] ?? '';
      // git does not go into a submodule for a fast-forward, so neither is it here.
      if (before === '160000' || after === '160000') continue;
      if (status !== 'A') this.#old.add(path);
      moves.push({ path, isRemoved: status === 'D' });
    }
    return moves;
  }

  /** Files that differ in content from the copy of the index. */
  async #differing(): Promise<Set<string>> {
    await this.#run(['update-index', '-q', '--refresh'], [1]);
    return new Set((await this.#run(['diff-files', '--name-only', '-z'])).split('\0').filter(Boolean));
  }

  /** `other`: a folder, or something whose way leads through a file or link that is not part of the move. */
  #kindOf(path: string): 'absent' | 'file' | 'other' {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/');
      const stat = lstatSync(join(this.#root, parent), { throwIfNoEntry: false });
      if (stat === undefined) return 'absent';
      if (stat.isDirectory()) continue;
      return this.#moves.some((move) => move.path === parent) ? 'absent' : 'other';
    }
    const stat = lstatSync(join(this.#root, path), { throwIfNoEntry: false });
    if (stat === undefined) return 'absent';
    return stat.isFile() || stat.isSymbolicLink() ? 'file' : 'other';
  }

  /** Those of the files that are not just the beginning of the new file, as git writes it with all filters. */
  async #notCutOff(paths: readonly string[]): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), 'drover-forward-'));
    try {
      await this.#feed(['checkout-index', `--prefix=${folder}/`, '-z', '--stdin'], paths);
      return paths.filter((path) => {
        const [is, shall] = [join(this.#root, path), join(folder, path)];
        if (!lstatSync(is).isFile() || !lstatSync(shall).isFile()) return true;
        const content = readFileSync(is);
        return !content.equals(readFileSync(shall).subarray(0, content.length));
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #removeEmptyFolders(folder: string): void {
    if (folder === '.') return;
    try {
      rmdirSync(join(this.#root, folder));
    } catch {
      // Not empty: somebody else's files are in it.
      return;
    }
    this.#removeEmptyFolders(dirname(folder));
  }

  async #run(args: readonly string[], okCodes: readonly number[] = []): Promise<string> {
    return (await git(args, { cwd: this.#root, env: { GIT_INDEX_FILE: this.#index }, okCodes })).stdout;
  }

  async #feed(args: readonly string[], paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await git(args, { cwd: this.#root, env: { GIT_INDEX_FILE: this.#index }, input: `${paths.join('\0')}\0` });
  }
}
