// Owns which files a piece of work changes, with the lines of each, and the patch of one of them. A worktree is looked at as it lies there: committed, uncommitted and untracked (not ignored) files are told alike.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileChange } from '../protocol/task-files.ts';
import { type DiffText, NO_PROGRAMS, wholeLines } from './diff.ts';
import { objectId } from './names.ts';
import { withOwnIndex } from './own-index.ts';
import type { Repository } from './repository.ts';
import { type GitOptions, git } from './runner.ts';

/** Work that is compared with a commit. */
export interface Work {
  /** Full id. */
  readonly from: string;
  /** A worktree as it lies there, or a commit (full id). */
  readonly to: { readonly worktree: string } | { readonly commit: string };
}

/** Files of one list: more is read by nobody, and is sent again with each change. */
const MOST_FILES = 2_000;
/** Bytes of git's list: enough for some thousand files; more come from a build folder that nobody ignores. */
const MOST_LIST = 1024 * 1024;
/** ms. Nobody waits so long for a list. */
const PATIENCE = 20_000;
/** A file beyond this is binary to git: it would be read whole for each look. */
const SETTINGS = ['-c', 'core.bigFileThreshold=8m'];
/** Renames with changes are found among so many pairs of new and deleted files at most; those without are always found. */
const RENAMES = ['-M', '-l200'];
const FLAGS = [...NO_PROGRAMS, ...RENAMES, '--ignore-submodules=dirty', '--submodule=short'];

/** The files in the order of their paths; `isCut` when there are more than 2,000. Runs at low priority and takes no lock that another git waits for. */
export async function listChanges(
  repository: Repository,
  work: Work,
  signal?: AbortSignal,
): Promise<{ readonly files: FileChange[]; readonly isCut: boolean }> {
  const args = ['diff', '--raw', '--numstat', '-z', '--abbrev=7', ...FLAGS];
  const { stdout } = await look(repository, work, { args, paths: [], limit: MOST_LIST, signal });
  const all = readChanges(stdout);
  const files = all.slice(0, MOST_FILES);
  if ('worktree' in work.to) {
    const { worktree } = work.to;
    await Promise.all(files.map(async (file) => Object.assign(file, { changedAt: await writtenAt(worktree, file) })));
  }
  return { files, isCut: all.length > files.length || Buffer.byteLength(stdout) >= MOST_LIST };
}

/** The patch of one file, `from` being what it was called before; as git prints it, not sanitised, at most `limit` bytes. Empty when it is not changed. */
export async function patchOf(
  repository: Repository,
  work: Work,
  { path, from, limit }: { readonly path: string; readonly from: string | null; readonly limit: number },
): Promise<DiffText> {
  const paths = from === null ? [path] : [path, from];
  const args = ['diff', '--patch', '--no-color', ...FLAGS];
  return wholeLines((await look(repository, work, { args, paths, limit })).stdout, limit);
}

interface Looking {
  readonly args: readonly string[];
  /** None for all; the one that is there now first. Names, never patterns. */
  readonly paths: readonly string[];
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

async function look(repository: Repository, { from, to }: Work, { args, paths, limit, signal }: Looking) {
  const pace = { isRead: true, isBackground: true, timeout: PATIENCE, cutAt: limit, signal } as const;
  const diff = (range: readonly string[], options: GitOptions) =>
    git([...SETTINGS, ...args, ...range, '--', ...paths], options);
  if ('commit' in to) return diff([objectId(from), objectId(to.commit)], { cwd: repository.root, ...pace });
  const { worktree: cwd } = to;
  await repository.guard.check(cwd);
  return withOwnIndex(cwd, async (env) => {
    // With untracked files in the index, as names without content, git itself compares, counts and finds what was renamed.
    const add = ['add', '--all', '--intent-to-add', '--ignore-errors', '--', ...paths.slice(0, 1)];
    // 1: what git cannot add, such as a repository without commits; 128: a path that is nowhere any more.
    await git(add, { cwd, env, isBackground: true, timeout: PATIENCE, okCodes: [1, 128], signal });
    return diff([objectId(from)], { cwd, env, ...pace });
  });
}

const KINDS: Readonly<Record<string, FileChange['change']>> = { A: 'new', D: 'deleted', R: 'renamed' };

/** Reads `--raw --numstat -z`: first `:mode mode id id STATUS NUL path NUL [path NUL]` for each file, then `added TAB removed TAB path NUL`, or with no path and two of them behind. A list that was cut off is read as far as it goes. */
export function readChanges(text: string): FileChange[] {
  const fields = text.split('\0').slice(0, -1);
  const files = new Map<string, FileChange>();
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    const status = /^:\d{6} \d{6} \S+ \S+ ([A-Z])/.exec(field)?.[1];
    if (status !== undefined) {
      const from = status === 'R' ? (fields[++at] ?? '') : null;
      const path = fields[++at] ?? '';
      const change = KINDS[status] ?? 'modified';
      if (path !== '') files.set(path, { path, change, from, added: null, removed: null, changedAt: null });
      continue;
    }
    const [, added, removed, name] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(field) ?? [];
    if (added === undefined || removed === undefined) continue;
    if (name === '') at += 2;
    const file = files.get(name || (fields[at] ?? ''));
    if (file && added !== '-') Object.assign(file, { added: Number(added), removed: Number(removed) });
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function writtenAt(worktree: string, { path, change }: FileChange): Promise<number | null> {
  if (change === 'deleted') return null;
  return lstat(join(worktree, path)).then(
    ({ mtimeMs }) => Math.floor(mtimeMs),
    () => null,
  );
}
