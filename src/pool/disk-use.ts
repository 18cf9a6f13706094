// Owns how much room worktrees take on the disk, with what they share counted once.
import { stat } from 'node:fs/promises';

/** ms; a walk of 100,000 files whose metadata are not in memory takes some seconds. */
const LIMIT = 20_000;

/**
 * Bytes on the disk of each folder that is there. A file that several of them share is counted in the first one. null for all when it takes too long, or
 * the machine has no `du`. At low priority.
 */
export async function diskUse(folders: readonly string[]): Promise<ReadonlyMap<string, number> | null> {
  const there: string[] = [];
  for (const folder of folders) if (await stat(folder).catch(() => null)) there.push(folder);
  if (there.length === 0) return new Map();
  const { execa } = await import('execa');
  // A file that goes away meanwhile is exit code 1, and no reason to say nothing.
  const { stdout, timedOut } = await execa('nice', ['du', '-sk', '--', ...there], { timeout: LIMIT, reject: false });
  const sizes = stdout.split('\n').flatMap((line) => {
    const [, size, path] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [[path, Number(size) * 1024] as const];
  });
  return timedOut || sizes.length === 0 ? null : new Map(sizes);
}
