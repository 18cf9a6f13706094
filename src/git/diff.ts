// Owns the text of a difference between two commits: what a branch or a landed commit brings, as git prints it, up to a limit.
import { objectId } from './names.ts';
import { git } from './runner.ts';

export interface DiffText {
  /** A table of the files, then the patch. Not sanitised. */
  readonly text: string;
  /** True when there was more than `limit` bytes; the last line is whole. */
  readonly isCut: boolean;
}

export interface DiffRequest {
  /** The repository. */
  readonly root: string;
  readonly from: string;
  readonly to: string;
  /** Bytes. */
  readonly limit: number;
}

/** Nothing that attributes or configuration name as a program is run. */
export const NO_PROGRAMS = ['--no-ext-diff', '--no-textconv'];

/** The change from one commit (full ids) to another. */
export async function diffText({ root, from, to, limit }: DiffRequest): Promise<DiffText> {
  const range = [objectId(from), objectId(to)];
  const flags = [...NO_PROGRAMS, '--no-color', '--submodule=short', '--stat=100', '--patch'];
  const { stdout } = await git(['diff', ...flags, ...range, '--'], { cwd: root, isRead: true, cutAt: limit });
  return wholeLines(stdout, limit);
}

/** What git printed before it was ended at `limit` bytes, without the part of a line at its end. */
export function wholeLines(stdout: string, limit: number): DiffText {
  if (Buffer.byteLength(stdout) < limit) return { text: stdout, isCut: false };
  return { text: stdout.slice(0, stdout.lastIndexOf('\n') + 1), isCut: true };
}

/** The files that differ between two commits (full ids), as git names them, not sanitised. */
export async function changedFiles(root: string, from: string, to: string): Promise<string[]> {
  const args = ['diff', '--no-ext-diff', '--name-only', '--no-renames', '-z', objectId(from), objectId(to), '--'];
  const { stdout } = await git(args, { cwd: root, isRead: true });
  return stdout.split('\0').filter(Boolean);
}

/** Full ids of a commit and of its parents; null when there is no such commit (any more). `name` is a full ref name or a full id. */
export async function commitWithParents(
  root: string,
  name: string,
): Promise<{ commit: string; parents: string[] } | null> {
  const args = ['rev-list', '--parents', '-n', '1', '--end-of-options', name, '--'];
  const { exitCode, stdout } = await git(args, { cwd: root, isRead: true, okCodes: [128] });
  const [commit, ...parents] = stdout.split(/\s+/).filter(Boolean);
  return exitCode !== 0 || commit === undefined ? null : { commit, parents };
}

/** The newest commit of `tip` that one of the others has too; the first of them when they have no history in common. */
export async function forkPoint(root: string, tip: string, others: readonly [string, ...string[]]): Promise<string> {
  // Of more than two, git takes all but the first for one history.
  const { exitCode, stdout } = await git(['merge-base', objectId(tip), ...others.map(objectId)], {
    cwd: root,
    isRead: true,
    okCodes: [1],
  });
  return exitCode === 0 ? stdout.trim() : others[0];
}
