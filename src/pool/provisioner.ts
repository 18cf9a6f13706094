// Owns what the pool asks of whoever puts dependencies into a worktree.
import type { DependencyCache } from './dependencies/dependency-cache.ts';

/** Puts into a worktree what an agent needs beside the tracked files: dependencies, environment files, what setup commands make. */
export type Provisioner = Pick<DependencyCache, 'provision' | 'roots' | 'forget' | 'adopt'>;

/** For a repository whose worktrees need nothing but their files. */
export const NO_PROVISIONS: Provisioner = {
  provision: async () => ({ generation: null, method: '', bytes: 0, saved: 0, problems: [] }),
  roots: () => [],
  forget: () => {},
  adopt: () => {},
};
