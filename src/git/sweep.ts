// Owns the sweep: what a killed server left half-made is taken away by files alone, before the first git command.
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import {
  asideEntries,
  clearRetired,
  discard,
  dropAside,
  entriesOf,
  retiredFrom,
  worktreeOf,
} from './worktree-entry.ts';

export interface SweepPlaces {
  readonly gitDir: string;
  readonly root: string;
  /** With symbolic links resolved. */
  readonly worktreesFolder: string;
}

/** Written before a `git worktree add` (where refs are no files) and removed after it: as long as it stands, the slot that it names is half-made and nobody has worked in it. */
export interface AddIntent {
  readonly id: string;
  /** The entries of `.git/worktrees` before it; whatever else is broken there is not ours. */
  readonly before: readonly string[];
}

/** The journal of a `git worktree add` that is under way. */
export function addIntentPath(worktreesFolder: string): string {
  return join(worktreesFolder, '.adding.json');
}

/**
 * Removes worktrees that were being made or taken away, the one that the journal names (a killed `worktree add` leaves an entry that `prune`
 * keeps and that, when it died in its first instant, makes fetch, gc and every `worktree` command fail in all worktrees), and the
 * stale locks of our slots, of our refs and of refs/heads. Says in words what it did. Runs no git.
 */
export function sweep(places: SweepPlaces): string[] {
  const done: string[] = [];
  sweepHalves(places, done);
  sweepAdd(places, done);
  for (const admin of ourEntries(places)) {
    const slot = worktreeOf(admin);
    removeLocks(admin, slot ?? admin, done);
  }
  for (const lock of refLocks(places.gitDir)) sweepSharedLock(lock, places, done);
  sweepPacks(places.gitDir, done);
  return done;
}

/** Locks of refs. Moving a ref that HEAD stands on locks HEAD too, a fast-forward writes ORIG_HEAD; deleting a ref locks the packed refs; a fetch into a shallow repository locks what says so. */
function refLocks(gitDir: string): string[] {
  const loose = ['heads', 'drover'].map((name) => join(gitDir, 'refs', name)).filter((folder) => existsSync(folder));
  const within = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const shared = ['HEAD.lock', 'ORIG_HEAD.lock', 'packed-refs.lock', 'shallow.lock'].map((name) => join(gitDir, name));
  return [
    ...loose.flatMap(within).filter((path) => path.endsWith('.lock')),
    ...shared.filter((path) => existsSync(path)),
  ];
}

/** ms. A fetch writes its pack all the time, and none of ours takes so long. */
const OLD_PACK = 3_600_000;

/** What a killed fetch had received so far: git leaves it for two weeks, and it may be gigabytes. */
function sweepPacks(gitDir: string, done: string[]): void {
  const folder = join(gitDir, 'objects', 'pack');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^tmp_(?:pack|idx|rev)_/.test(name)) : [];
  for (const path of names.map((name) => join(folder, name))) {
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs < OLD_PACK) continue;
    rmSync(path, { force: true });
    done.push(`removed the half-received pack ${path}`);
  }
}

/** ms after which a lock of a ref is not just being held for a moment: git itself waits 100 ms for one. */
const MOMENT = 250;

/** A lock that a git in any working tree of the repository may hold, `git gc` for seconds. */
function sweepSharedLock(lock: string, places: SweepPlaces, done: string[]): void {
  const age = () => Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  // The clock may have been set back; a server that starts has nothing else to do meanwhile.
  if (age() < MOMENT) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MOMENT);
  const folders = entriesOf(places.gitDir).flatMap((name) => worktreeOf(join(places.gitDir, 'worktrees', name)) ?? []);
  if (![places.gitDir, ...folders].some((folder) => hasLiveGit(folder, Date.now() - age())))
    removeLock(lock, places.root, done);
}

/** Worktrees that were being made, or taken away, when the server was killed: nobody has worked in them, or their work was kept. */
function sweepHalves({ gitDir, worktreesFolder }: SweepPlaces, done: string[]): void {
  const attempt = (slot: string, remove: () => boolean) => {
    try {
      if (remove()) done.push(`removed the half-made worktree ${slot}`);
    } catch (error) {
      done.push(`the half-made worktree ${slot} cannot be removed: ${(error as Error).message}`);
    }
  };
  for (const entry of asideEntries(gitDir)) {
    const slot = worktreeOf(entry);
    // Another data home may use the repository; an entry without a name was cut off in its first instant, or is being made by the other one.
    if (slot === null && isOld(entry)) rmSync(entry, { recursive: true, force: true });
    else if (slot !== null && isSlot(slot, worktreesFolder)) attempt(slot, () => dropAside(gitDir, entry, slot));
  }
  for (const name of entriesOf(gitDir)) {
    const slot = retiredFrom(join(gitDir, 'worktrees', name));
    if (slot !== null && isSlot(slot, worktreesFolder) && existsSync(slot)) attempt(slot, () => discard(gitDir, slot));
  }
  clearRetired(gitDir);
}

/** Exactly a folder in ours: what the file says may have been written by an agent. */
const isSlot = (path: string, worktreesFolder: string) =>
  resolve(path) === path && dirname(path) === worktreesFolder && !basename(path).startsWith('.');

const isOld = (path: string) => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 10_000;

function sweepAdd(places: SweepPlaces, done: string[]): void {
  const journal = addIntentPath(places.worktreesFolder);
  const intent = readIntent(journal);
  if (intent !== null) {
    const slot = join(places.worktreesFolder, basename(intent.id));
    for (const name of entriesOf(places.gitDir)) {
      const admin = join(places.gitDir, 'worktrees', name);
      const target = worktreeOf(admin);
      const isNew = !intent.before.includes(name) && name.startsWith(intent.id);
      if (target !== slot && !(target === null && isNew)) continue;
      rmSync(admin, { recursive: true, force: true });
      done.push(`removed the half-made worktree entry ${name}`);
    }
    if (existsSync(slot)) done.push(`removed the half-made worktree ${slot}`);
    rmSync(slot, { recursive: true, force: true });
  }
  rmSync(journal, { force: true });
}

/** A journal that cannot be read was itself cut off, before git was started. */
function readIntent(path: string): AddIntent | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as AddIntent;
    return typeof value.id === 'string' && value.id !== '' && Array.isArray(value.before) ? value : null;
  } catch {
    return null;
  }
}

function ourEntries(places: SweepPlaces): string[] {
  return entriesOf(places.gitDir)
    .map((name) => join(places.gitDir, 'worktrees', name))
    .filter((admin) => worktreeOf(admin)?.startsWith(places.worktreesFolder + sep));
}

/** Removes the locks that a killed git has left of a working tree's index and HEAD, as removeLock does. */
export function removeLocks(admin: string, folder: string, done: string[] = []): void {
  for (const name of ['index.lock', 'HEAD.lock']) removeLock(join(admin, name), folder, done);
}

/** Removes a lock unless a live git works in `folder`, or (where that can't be seen) it is younger than 10 s. */
export function removeLock(path: string, folder: string, done: string[] = []): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || hasLiveGit(folder, stat.mtimeMs)) return;
  rmSync(path, { force: true });
  done.push(`removed the stale lock ${path}`);
}

/** True when a git works in the folder (or, where that can't be seen, may still). git works in the top folder of its working tree, or in the git folder of a bare one; a lock is held for far less than 10 s by anything but a git that still runs. */
export function hasLiveGit(folder: string, lockedAt: number): boolean {
  if (!existsSync('/proc/self/cwd')) return Date.now() - lockedAt < 10_000;
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      if (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('git')) return false;
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      return cwd === folder || cwd.startsWith(folder + sep);
    } catch {
      return false;
    }
  });
}
