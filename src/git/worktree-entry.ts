// Owns a worktree's entry in `.git/worktrees`: it appears there whole, by one rename, and goes by another.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { objectId } from './names.ts';

/** The names in `.git/worktrees`. */
export function entriesOf(gitDir: string): string[] {
  return namesIn(join(gitDir, 'worktrees'));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The working tree of an entry; null when its file is missing or empty. */
export function worktreeOf(entry: string): string | null {
  return folderIn(join(entry, 'gitdir'));
}

function folderIn(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? null : dirname(text);
  } catch {
    return null;
  }
}

/** Where entries are made. As deep as `worktrees`, so that `commondir` means the same in both. */
const ASIDE = 'drover-worktrees';

/** Entries that are not yet known to git; with each of them its working tree is to go. */
export function asideEntries(gitDir: string): string[] {
  const folder = join(gitDir, ASIDE);
  return namesIn(folder).map((name) => join(folder, name));
}

/**
 * Makes an entry aside, detached at the commit and locked against `prune`, for a working tree that does not exist yet. git can work with it
 * (GIT_DIR) before anybody sees it. Gives its folder.
 */
export function makeEntry(gitDir: string, worktree: string, commit: string): string {
  mkdirSync(join(gitDir, ASIDE), { recursive: true });
  const entry = mkdtempSync(join(gitDir, ASIDE, `${basename(worktree)}-`));
  // First: from here on the sweep knows whose it is.
  writeFileSync(join(entry, 'gitdir'), `${join(worktree, '.git')}\n`);
  writeFileSync(join(entry, 'commondir'), '../..\n');
  writeFileSync(join(entry, 'HEAD'), `${objectId(commit)}\n`);
  writeFileSync(join(entry, 'locked'), `drover ${basename(worktree)}\n`);
  return entry;
}

/**
 * Joins an entry that was made aside and its working tree. `git worktree add` writes its entry file by file in the place where every other
 * git of the repository reads them: while one ran, 0.3 to 1.2 % of their calls failed (`failed to read .../commondir`, `bad object
 * worktrees/.../HEAD`), and killed in its first instant it made all of them fail for good.
 */
export function publishEntry(gitDir: string, entry: string, worktree: string): void {
  const folder = join(gitDir, 'worktrees');
  for (let turn = 1; ; turn += 1) {
    const name = basename(worktree) + (turn === 1 ? '' : `-${turn}`);
    if (existsSync(join(folder, name))) continue;
    rmSync(join(worktree, '.git'), { recursive: true, force: true });
    writeFileSync(join(worktree, '.git'), `gitdir: ${join(folder, name)}\n`);
    // git removes the folder with the last worktree in it.
    mkdirSync(folder, { recursive: true });
    try {
      renameSync(entry, join(folder, name));
      return;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code) || !existsSync(entry)) throw error;
    }
  }
}

/** What the file `gitdir` is called in an entry that is no worktree any more. */
const RETIRED = 'drover-removed';

/** ms that a retired entry stays, for a git that had read its `gitdir` before; each reads all it needs of an entry at once. */
const STAY = 60_000;

/**
 * Makes an entry a worktree no more; its working tree goes into the trash. What must not be lost has been kept before. git passes over an
 * entry without `gitdir`, but one that has seen that file dies when the folder is gone a moment later: once in 8,000 calls beside a loop of
 * removals. So the folder stays for a while.
 */
export function retireEntry(gitDir: string, entry: string, worktree: string): void {
  renameSync(join(entry, 'gitdir'), join(entry, RETIRED));
  discard(gitDir, worktree);
}

/** The working tree that a retired entry had; null for any other entry. */
export function retiredFrom(entry: string): string | null {
  return folderIn(join(entry, RETIRED));
}

/** Removes the retired entries whose time is over. */
export function clearRetired(gitDir: string): void {
  for (const entry of entriesOf(gitDir).map((name) => join(gitDir, 'worktrees', name))) {
    const since = statSync(join(entry, RETIRED), { throwIfNoEntry: false })?.ctimeMs;
    if (since !== undefined && Date.now() - since > STAY) rmSync(entry, { recursive: true, force: true });
  }
}

/** Removes an entry that was made aside; its working tree goes into the trash. True, as something has gone in any case. */
export function dropAside(gitDir: string, aside: string, worktree: string): true {
  discard(gitDir, worktree);
  rmSync(aside, { recursive: true, force: true });
  return true;
}

function isKnown(gitDir: string, worktree: string): boolean {
  return entriesOf(gitDir).some((name) => worktreeOf(join(gitDir, 'worktrees', name)) === worktree);
}

/** What was discarded lies in folders that are called so. */
export const TRASH = '.trash-';

/** Moves a working tree out of the way at once, whatever its size; `emptyTrash` removes it. One that a known entry has by now stays: false. */
export function discard(gitDir: string, worktree: string): boolean {
  if (isKnown(gitDir, worktree) || !existsSync(worktree)) return false;
  renameSync(worktree, join(mkdtempSync(join(dirname(worktree), TRASH)), basename(worktree)));
  return true;
}

/** Removes what was discarded. In a process of low priority: a working tree with its dependencies has 100,000 files. */
export async function emptyTrash(folder: string): Promise<void> {
  const trash = namesIn(folder).filter((name) => name.startsWith(TRASH));
  if (trash.length === 0) return;
  const { execa } = await import('execa');
  for (const path of trash.map((name) => join(folder, name))) {
    const { failed } = await execa('nice', ['rm', '-rf', '--', path], { reject: false, stdio: 'ignore' });
    if (!failed) continue;
    // A folder without write permission (Go's module cache is one) can't be emptied.
    await execa('chmod', ['-R', 'u+rwX', '--', path], { reject: false, stdio: 'ignore' });
    await execa('nice', ['rm', '-rf', '--', path], { stdio: 'ignore' });
  }
}
