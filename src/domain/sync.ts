// Owns what an agent may do in its worktree while that is brought up to date beside it. Pure; the names are those of the design document.

/** What a worktree that was claimed allows its agent. */
export interface WorktreeState {
  readonly syncComplete: boolean;
  /** Why the sync failed, in words; null while it has not. */
  readonly syncError: string | null;
  readonly readAllowed: boolean;
  readonly writeAllowed: boolean;
}

/** What came of a sync. */
export interface Sync {
  /** The commits where the agent's work began and begins now. */
  readonly from: string;
  readonly to: string;
  /** `current`: that is the newest base; `moved`: it was brought there; `stayed`: it goes on at its own, and landing merges. */
  readonly how: 'current' | 'moved' | 'stayed';
  /** How many files moved. */
  readonly files: number;
  /** `to` is a commit of the upstream that the base branch here does not have. */
  readonly isAhead: boolean;
  /** Why it does not begin at the newest commit, for a person; empty when there is nothing to say. */
  readonly note: string;
  /** From the claim; 0 when an earlier server had begun it. */
  readonly ms: number;
}

export type SyncStep =
  /** The newest base is looked for; also after a failure, once more. */
  | { readonly type: 'begun' }
  /** The files are about to move: for a moment old and new ones lie side by side. */
  | { readonly type: 'moving' }
  /** They are whole again, and what goes with them, such as dependencies, is on its way. */
  | { readonly type: 'moved' }
  /** The worktree stands where the agent's work begins, moved or not. */
  | { readonly type: 'completed' }
  /** `isMixed`: the files may be half moved. */
  | { readonly type: 'failed'; readonly reason: string; readonly isMixed: boolean };

/** A worktree with nothing to wait for. */
export const SYNCED: WorktreeState = {
  syncComplete: true,
  syncError: null,
  readAllowed: true,
  writeAllowed: true,
};

/** Before the first step. Nothing is promised of it yet, but what can be read there is whole. */
export const UNSYNCED: WorktreeState = {
  syncComplete: false,
  syncError: null,
  readAllowed: true,
  writeAllowed: false,
};

/** Folds a step. What is complete stays so; a failure allows no write, and no read of files that are half moved. */
export function foldSync(state: WorktreeState, step: SyncStep): WorktreeState {
  if (state.syncComplete) return state;
  switch (step.type) {
    case 'begun':
      return { ...UNSYNCED, readAllowed: state.readAllowed };
    case 'moving':
      return { ...UNSYNCED, readAllowed: false };
    case 'moved':
      return UNSYNCED;
    case 'completed':
      return SYNCED;
    case 'failed':
      return { ...UNSYNCED, syncError: step.reason, readAllowed: !step.isMixed };
  }
}
