// Owns the choice of how files are shared, by trying it with a real file at the real place.
import { constants, copyFileSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Method } from './share-tree.ts';

/**
 * The best way from `from` into `worktree`: a reflink where the file system has it (what is changed is nobody else's, and
 * it costs next to nothing), else a hard link, else a copy. `share` 'link' prefers hard links, 'copy' never makes one.
 */
export function probeMethod(from: string, worktree: string, share: 'auto' | 'link' | 'copy'): Method {
  const source = join(from, `.probe-${process.pid}`);
  const target = join(worktree, `.drover-probe-${process.pid}`);
  const tries: [Method, () => void][] = [
    ['reflink', () => copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE)],
    ['link', () => linkSync(source, target)],
  ];
  if (share === 'link') tries.reverse();
  if (share === 'copy') tries.pop();
  writeFileSync(source, 'probe');
  try {
    return tries.find(([, attempt]) => works(attempt, target))?.[0] ?? 'copy';
  } finally {
    rmSync(source, { force: true });
  }
}

function works(attempt: () => void, target: string): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(target, { force: true });
  }
}
