// Owns the program that the kill test kills: it moves a worktree to and fro between two commits, saying when it begins.
import { forgetMove, moveTree } from '../../../src/git/move-tree.ts';
import { readBranch } from '../../../src/git/refs.ts';
import { openRepository } from '../../../src/git/repository.ts';

const [root = '', gitDir = '', dataHome = '', path = '', branch = '', one = '', other = ''] = process.argv.slice(2);
const repository = await openRepository({ root, gitDir, dataHome });
process.stdout.write('moving\n');
let from = (await readBranch(repository, branch)) ?? one;
for (;;) {
  const to = from === one ? other : one;
  const result = await moveTree(repository, { path, branch, from, to });
  if (result.kind !== 'moved') throw new Error(JSON.stringify(result));
  forgetMove(repository, path);
  from = to;
}
