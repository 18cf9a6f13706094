// Owns moving a checked-out branch under the locks that git takes for it: of the branch, and of the HEAD that stands on it.
import { appendFileSync, closeSync, existsSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeText } from './commit-object.ts';
import { branchName, type Identity, identityText, objectId } from './names.ts';
import { readBranch } from './refs.ts';
import type { Repository } from './repository.ts';

/** In the reflogs. */
const MOVER: Identity = { name: 'Drover', email: 'drover@localhost' };

/**
 * Holds a branch and the HEAD of its checkout: no git can commit there, switch, or move the branch. `update-ref` would cost
 * a process, a fifth of a landing, for two files and two lines whose form is part of git's on-disk format.
 */
export class BranchLock {
  readonly #ref: string;
  readonly #head: string;
  readonly #logs: readonly string[];
  readonly #from: string;
  #isHeld = true;

  private constructor(ref: string, head: string, logs: readonly string[], from: string) {
    this.#ref = ref;
    this.#head = head;
    this.#logs = logs;
    this.#from = from;
  }

  /**
   * Locks the branch, which must be at `from`, and the HEAD in `admin`, the git folder of its checkout. null when somebody
   * holds a lock, when the branch is elsewhere, and for what only git should do: another ref backend, a branch that is a
   * link, a repository without reflogs.
   */
  static async take(
    repository: Repository,
    request: { admin: string; branch: string; from: string },
  ): Promise<BranchLock | null> {
    const { admin, branch, from } = request;
    const name = join('refs', 'heads', branchName(branch));
    const [ref, head] = [join(repository.gitDir, name), join(admin, 'HEAD')];
    const logs = [join(repository.gitDir, 'logs', name), join(admin, 'logs', 'HEAD')];
    const isFile = lstatSync(ref, { throwIfNoEntry: false })?.isFile() ?? true;
    const isOrdinary = isFile && lstatSync(head).isFile() && logs.every((log) => existsSync(log));
    if (existsSync(join(repository.gitDir, 'reftable')) || !isOrdinary || !tryLock(ref)) return null;
    if (!tryLock(head)) {
      rmSync(`${ref}.lock`, { force: true });
      return null;
    }
    const lock = new BranchLock(ref, head, logs, from);
    const now = await readBranch(repository, branch).catch(() => null);
    if (now === from) return lock;
    lock.release();
    return null;
  }

  /** Moves the branch and releases both. */
  move(to: string): void {
    writeFileSync(`${this.#ref}.lock`, `${objectId(to)}\n`);
    const line = `${this.#from} ${to} ${identityText(MOVER)} ${timeText(new Date())}\tdrover: land\n`;
    for (const log of this.#logs) appendFileSync(log, line);
    renameSync(`${this.#ref}.lock`, this.#ref);
    this.#isHeld = false;
    rmSync(`${this.#head}.lock`, { force: true });
  }

  /** Lets go; nothing when the branch was moved. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    for (const path of [this.#ref, this.#head]) rmSync(`${path}.lock`, { force: true });
  }
}

/** As git does it: the file `<name>.lock` must be new. */
function tryLock(path: string): boolean {
  try {
    closeSync(openSync(`${path}.lock`, 'wx'));
    return true;
  } catch {
    return false;
  }
}
