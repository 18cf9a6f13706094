// Owns which files of a dependency tree are never shared, because tools write them in place.

/** Folders in `node_modules` that begin with a dot and hold packages or programs, no tool's state. */
const PACKAGES = new Set(['.bin', '.pnpm', '.store']);

/**
 * In `node_modules`: what begins with a dot there (`.package-lock.json`, which npm rewrites in place; `.prisma`, which is
 * generated; `.cache`). In any other root, such as an output of a setup command: everything, nobody knows how it is used.
 */
export function isOwnFile(root: string, inRoot: string): boolean {
  if (root !== 'node_modules' && !root.endsWith('/node_modules')) return true;
  const [first = ''] = inRoot.split('/');
  return first.startsWith('.') && !PACKAGES.has(first);
}
