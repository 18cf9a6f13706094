// Owns where the agents' conversations lie: what their hooks told of it, else what their ids say; and the conversations read last.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConversationEntry, readConversation } from '../agent/conversation.ts';
import { findTranscript, hasConversation } from '../agent/transcript.ts';
import type { Run } from '../domain/worker.ts';

/** Conversations that stay in memory; a person reads one page after another of the same. */
const KEPT = 4;
/** Paths that hooks told; more runs than this do not come back in one life of a server. */
const MOST_PATHS = 10_000;

type Environment = Readonly<Record<string, string | undefined>>;

export class Transcripts {
  readonly #env: Environment;
  /** By conversation id: a resumed run goes on in the same file. */
  readonly #paths = new Map<string, string>();
  readonly #read = new Map<
    string,
    { readonly size: number; readonly at: number; readonly entries: ConversationEntry[] }
  >();

  constructor(env: Environment) {
    this.#env = env;
  }

  /** A run's agent has said where its transcript is. */
  tell(conversationId: string, path: string): void {
    if (!path.endsWith('.jsonl') || this.#paths.size >= MOST_PATHS) return;
    this.#paths.set(conversationId, path);
  }

  /** The conversation of a run; null when it has none (yet), as a command has none. Never throws for a file that is gone. */
  async read(run: Pick<Run, 'agent' | 'conversationId'>, worktree: string): Promise<ConversationEntry[] | null> {
    const path = await this.pathOf(run, worktree);
    if (path === null) return null;
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) return null;
    const known = this.#read.get(path);
    if (known && known.size === found.size && known.at === found.mtimeMs) return known.entries;
    const entries = await readConversation(path).catch(() => null);
    if (entries === null) return null;
    this.#read.delete(path);
    this.#read.set(path, { size: found.size, at: found.mtimeMs, entries });
    for (const oldest of [...this.#read.keys()].slice(0, -KEPT)) this.#read.delete(oldest);
    return entries;
  }

  /** True when a run's conversation is there to be continued in a new process. */
  async has(run: Pick<Run, 'agent' | 'conversationId'>, worktree: string): Promise<boolean> {
    if (run.agent === 'claude') return hasConversation(run.conversationId, { worktree, env: this.#env });
    return ((await this.read(run, worktree)) ?? []).length > 0;
  }

  /** Where a run's transcript lies, or would lie; null for an agent that keeps none. */
  async pathOf(
    { agent, conversationId }: Pick<Run, 'agent' | 'conversationId'>,
    worktree: string,
  ): Promise<string | null> {
    const told = this.#paths.get(conversationId);
    if (told !== undefined) return told;
    if (agent === 'claude') return findTranscript(conversationId, { worktree, env: this.#env });
    if (agent !== 'rehearsal' || !/^[A-Za-z0-9-]{1,64}$/.test(conversationId)) return null;
    return join(rehearsalsFolder(this.#env), `${conversationId}.jsonl`);
  }
}

/** Where the rehearsal agent keeps its conversations; it is a program of its own and says so in its hooks, as long as the server lives. */
function rehearsalsFolder(env: Environment): string {
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  return env['DROVER_REHEARSAL_HOME'] || join(state, 'drover-rehearsal');
}
