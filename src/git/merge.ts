// Owns merging two commits into a third without any checkout.
import { join } from 'node:path';
import { refuse } from '../domain/refusal.ts';
import { type CommitWords, writeCommit } from './commit-object.ts';
import { readLoose } from './loose-object.ts';
import { objectId } from './names.ts';
import type { Repository } from './repository.ts';
import { GitError, git } from './runner.ts';

export type MergeResult =
  | { readonly kind: 'merged'; readonly commit: string }
  /** `detail` is git's account of each conflict, a line each. */
  | { readonly kind: 'conflict'; readonly files: readonly string[]; readonly detail: string }
  /** The branch brings no change. */
  | { readonly kind: 'nothing' };

/**
 * Merges `theirs` into `ours` as a merge commit that no ref knows yet; no index, no file and no ref is touched.
 * Refuses `landing-refused` when the two have no history in common, or hold something git cannot merge.
 */
export async function mergeCandidate(
  repository: Repository,
  request: CommitWords & { ours: string; theirs: string },
): Promise<MergeResult> {
  const { ours, theirs } = request;
  if (ours === theirs) return { kind: 'nothing' };
  await repository.guard.check(repository.root);
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', objectId(ours), objectId(theirs)];
  const [{ exitCode, stdout }, before] = await Promise.all([runMerge(repository, args), treeOf(repository, ours)]);
  const fields = stdout.split('\0');
  if (exitCode === 1) return { kind: 'conflict', ...readConflict(fields) };
  const tree = objectId((fields[0] ?? '').trim());
  if (tree === before) return { kind: 'nothing' };
  return { kind: 'merged', commit: writeCommit(repository, { ...request, tree, parents: [ours, theirs] }) };
}

async function runMerge(
  repository: Repository,
  args: readonly string[],
): Promise<{ exitCode: number; stdout: string }> {
  try {
    return await git(args, { cwd: repository.root, okCodes: [1] });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const why = error.stderr.trim().split('\n').at(-1) ?? '';
    return refuse('landing-refused', `git cannot merge the branch: ${why}`, 'git log --oneline --graph --all');
  }
}

/** `tree NUL (file NUL)* NUL (count NUL path NUL… type NUL message NUL)*` */
function readConflict(fields: readonly string[]): { files: string[]; detail: string } {
  const end = fields.indexOf('', 1);
  const files = [...new Set(fields.slice(1, end === -1 ? undefined : end))];
  const lines: string[] = [];
  for (let at = end + 1; end !== -1 && at < fields.length; ) {
    const count = Number(fields[at]);
    if (!Number.isInteger(count) || fields[at] === '') break;
    const type = fields[at + count + 1] ?? '';
    const message = fields[at + count + 2] ?? '';
    if (type !== 'Auto-merging') lines.push(message.trim());
    at += count + 3;
  }
  return { files, detail: lines.join('\n') };
}

async function askForTree(repository: Repository, commit: string): Promise<string> {
  const { stdout } = await git(['rev-parse', `${objectId(commit)}^{tree}`], { cwd: repository.root, isRead: true });
  return stdout;
}

/** The tree of a commit; after the first landing it is known from the one before. */
export async function treeOf(repository: Repository, commit: string): Promise<string> {
  const known = repository.trees.get(commit);
  if (known !== undefined) return known;
  // `commit SP length NUL tree SP id LF…`
  const loose = readLoose(join(repository.gitDir, 'objects'), objectId(commit))?.toString('latin1') ?? '';
  const tree = /^commit \d+\0tree ([0-9a-f]+)\n/.exec(loose)?.[1] ?? (await askForTree(repository, commit));
  repository.trees.set(commit, tree);
  return tree;
}
