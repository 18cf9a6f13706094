// Owns what the pool asks of whoever puts dependencies into a worktree.

export interface Provisioned {
  /** Of the dependency cache; null when the project needs none. */
  readonly generation: string | null;
}

/** Puts into a worktree what an agent needs beside the tracked files: dependencies, environment files, what setup commands make. */
export interface Provisioner {
  /** Untracked folders of the worktree that cleaning leaves as they are, because `provision` brings them in order itself; relative. */
  spared(path: string): Promise<readonly string[]>;
  /** Does nothing where all is as it should be; may take minutes. Rejects when it was called off, or could not. */
  provision(
    path: string,
    options: { readonly commit: string; readonly signal?: AbortSignal | undefined },
  ): Promise<Provisioned>;
}

/** For a project whose worktrees need nothing but their files. */
export const NO_PROVISIONS: Provisioner = {
  spared: async () => [],
  provision: async () => ({ generation: null }),
};
