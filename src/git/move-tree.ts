// Owns bringing a worktree of the pool to another commit while an agent is about to work in it: nothing of anybody's is ever lost.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropIntent, type ForwardIntent, moveNote, moveNotes, readIntent, writeIntent } from './forward-intent.ts';
import { finishMove } from './forward-recovery.ts';
import { objectId } from './names.ts';
import { isAncestor, readBranch } from './refs.ts';
import type { Repository } from './repository.ts';
import { GitError, git } from './runner.ts';
import { adminFolder, attachBranch } from './worktree.ts';

/** The branch is attached in the worktree and stands at `from`, as the files do. */
export type TreeMove = ForwardIntent;

export type MoveResult =
  | { readonly kind: 'moved' }
  /** git would have overwritten something, or could not begin: nothing was changed. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The files may be half moved. The note stays, so that it is finished by another try or the next start. */
  | { readonly kind: 'broken'; readonly reason: string };

/** ms. Moving 1000 commits with 5,000 files took 1.6 s; an agent waits for it. */
const MOVE_TIMEOUT = 60_000;
const WORDS = { what: 'a sync', log: 'drover: sync' };
/** git looks at every file before it touches one. */
const REFUSALS = /would be (?:overwritten|removed|lost)|would lose untracked files|not uptodate/;

/**
 * Moves the files, the index and the branch. Of nine ways only this checkout never lost a file of an agent's, also not
 * an ignored one (`.env`) in the place of a new file. The branch follows by compare-and-swap, and HEAD is put back on it.
 * A note says what is under way until `forgetMove`.
 */
export async function moveTree(repository: Repository, move: TreeMove): Promise<MoveResult> {
  const { path, to } = move;
  await repository.guard.check(path);
  writeIntent(repository, move, moveNote(path));
  let failure = '';
  try {
    const args = ['checkout', '--quiet', '--no-overwrite-ignore', '--detach', objectId(to), '--'];
    await git(args, { cwd: path, timeout: MOVE_TIMEOUT });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    failure = error.stderr.trim();
    if (REFUSALS.test(failure)) return refused(repository, move, failure);
  }
  const problem = await finishTreeMove(repository, move);
  if (problem === null) return { kind: 'moved' };
  return problem === '' ? refused(repository, move, failure) : { kind: 'broken', reason: problem };
}

/** The move that was begun in the worktree and is not over; null when there is none. */
export function unfinishedMove(repository: Repository, path: string): TreeMove | null {
  return readIntent(repository, moveNote(path));
}

/** Brings it to its end. */
export async function finishMoveAgain(repository: Repository, move: TreeMove): Promise<MoveResult> {
  const problem = await finishTreeMove(repository, move);
  if (problem === null) return { kind: 'moved' };
  return problem === '' ? refused(repository, move, 'it was cut off') : { kind: 'broken', reason: problem };
}

/** What is under way in the worktree is over. */
export function forgetMove(repository: Repository, path: string): void {
  dropIntent(repository, moveNote(path));
}

function refused(repository: Repository, { path }: TreeMove, failure: string): MoveResult {
  forgetMove(repository, path);
  const lines = failure.split('\n').map((line) => line.replace(/^(?:error|fatal): /, '').trim());
  return { kind: 'refused', reason: lines.filter(Boolean).slice(0, 2).join(' ') || 'git did not say why' };
}

/** Brings a move to its end from wherever it stopped. null: it is there; '': git had changed nothing; else what is wrong. */
async function finishTreeMove(repository: Repository, move: TreeMove): Promise<string | null> {
  const { path, branch, from, to } = move;
  const admin = adminFolder(path);
  if (admin === null) return `the worktree ${path} has lost its link to the repository`;
  if (readFileSync(join(admin, 'HEAD'), 'utf8').trim() === to) {
    const tip = await readBranch(repository, branch);
    const isOurs = tip === from || tip === to;
    if (isOurs && (await attachBranch(repository, { path, branch, from: tip, commit: to }))) return null;
    return `${branch} was moved while its worktree ${path} was brought to ${to.slice(0, 12)}`;
  }
  const said = await finishMove(repository, move, WORDS);
  const tip = await readBranch(repository, branch);
  if (tip !== null && tip !== from && (await isAncestor(repository, to, tip))) return null;
  return said ?? '';
}

/** Finishes what an earlier server had begun: the moves that are done and yet to be recorded, and a sentence for what a person should know. */
export async function finishTreeMoves(repository: Repository): Promise<{ moved: TreeMove[]; said: string[] }> {
  const moved: TreeMove[] = [];
  const said: string[] = [];
  for (const note of moveNotes(repository)) {
    const move = readIntent(repository, note);
    const problem = move === null ? '' : await finishTreeMove(repository, move);
    if (move !== null && problem === null) moved.push(move);
    else dropIntent(repository, note);
    if (problem !== null && problem !== '') said.push(problem);
  }
  return { moved, said };
}
