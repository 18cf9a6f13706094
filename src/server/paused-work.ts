// Owns the work of a paused attempt: how it is kept when the agent has ended, and whether it can go on when a worker is there for it.
import { unpausedPrompt } from '../agent/prompts.ts';
import type { PausedWork } from '../domain/pause.ts';
import type { BlockedReason, Task } from '../domain/task.ts';
import type { Run } from '../domain/worker.ts';
import { countCommits } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import type { WorktreePool } from '../pool/pool-manager.ts';
import type { Core } from './core.ts';
import type { LandingLane } from './landing-lane.ts';

export interface PausedWorkParts {
  readonly core: Core;
  readonly pool: WorktreePool;
  readonly lane: Pick<LandingLane, 'tip'>;
  readonly repository: Repository;
  /** True when the agent's conversation is there to be continued. */
  readonly hasConversation: (run: Run, worktree: string) => Promise<boolean>;
}

/** Keeps what an attempt has done so far; its agent must have ended. A checkpoint that git cannot make is logged: the worktree has the work all the same. */
export async function keepWork(parts: PausedWorkParts, task: Task, run: Run): Promise<PausedWork> {
  const { core, pool, lane } = parts;
  const worktree = core.state.worktrees.get(run.worktreeId)?.path ?? '';
  const kept = await pool.checkpoint(run.worktreeId, task.attempts).catch((error: unknown) => {
    core.log.error(`checkpoint of ${task.id}`, error);
    return null;
  });
  const { commit: base } = await lane.tip();
  return { kept, base, hasConversation: await parts.hasConversation(run, worktree) };
}

export type Outlook =
  /** The words with which the conversation goes on; null when the agent had said nothing, and begins with its first prompt. */
  | { readonly kind: 'goes-on'; readonly prompt: string | null }
  | { readonly kind: 'damaged'; readonly reason: BlockedReason };

/** Looks whether all is there that a paused attempt goes on with, and what has changed. Changes nothing. */
export async function lookAtWork(parts: PausedWorkParts, task: Task, run: Run, work: PausedWork): Promise<Outlook> {
  const { core, pool, lane, repository } = parts;
  const { kept } = work;
  const worktree = core.state.worktrees.get(run.worktreeId);
  const isHeld = pool.list().some((slot) => slot.id === run.worktreeId && slot.taskId === task.id);
  const gone = damaged(task, work, 'worktree-damaged', `its worktree ${worktree?.path ?? run.worktreeId} is gone`);
  if (worktree === undefined || !isHeld) return gone;
  let changed: readonly string[] = [];
  if (kept !== null) {
    const comparison = await pool.compare(run.worktreeId, kept);
    if (comparison.kind === 'gone') return gone;
    if (comparison.kind === 'moved') {
      const [now, before] = [comparison.head, kept.head].map((commit) => commit.slice(0, 10));
      const message = `its worktree ${worktree.path} stands on ${now}, which does not hold ${before} where it was paused`;
      return damaged(task, work, 'worktree-damaged', message);
    }
    changed = comparison.changed;
  }
  const hasConversation = await parts.hasConversation(run, worktree.path);
  if (work.hasConversation && !hasConversation) {
    return damaged(task, work, 'conversation-lost', `the conversation ${run.conversationId} of its agent is gone`);
  }
  if (!hasConversation) return { kind: 'goes-on', prompt: null };
  const { branch: baseBranch, commit } = await lane.tip();
  const newOnBase = await countCommits(repository, work.base, commit);
  return { kind: 'goes-on', prompt: unpausedPrompt({ task, baseBranch, newOnBase, changed }) };
}

function damaged(task: Task, { kept }: PausedWork, code: BlockedReason['code'], what: string): Outlook {
  const from = kept === null ? 'the base branch' : kept.ref;
  const message = `it cannot go on after its pause: ${what}; to begin again from ${from}: drover retry ${task.id}`;
  const detail = kept === null ? '' : `Its work is kept as ${kept.commit} under ${kept.ref}.`;
  return { kind: 'damaged', reason: { code, message, detail } };
}
