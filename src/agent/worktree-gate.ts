// Owns the gate of one claimed worktree: which calls of its agent's tools wait until it is synced, and what they are told then.
import { foldSync, type SyncStep, UNSYNCED, type WorktreeState } from '../domain/sync.ts';
import { notRun, syncedNews, syncRefusal } from './prompts.ts';
import { SeenFiles } from './seen-files.ts';
import { type ToolKind, toolKind } from './tool-kinds.ts';

export interface GatedCall {
  /** `tool_use_id` */
  readonly id: string;
  /** The thread that calls: a subagent's id, or null for the main thread. */
  readonly agentId: string | null;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface GateParts {
  readonly worktree: string;
  /** ms that a call is held at most, whatever becomes of the sync. */
  readonly patience: number;
  /** Begins another try after a failure, if it is time for one; its first step comes at once. */
  readonly retry: () => void;
}

/** What a sync that is still under way after the patience is called in a refusal. */
const STILL = 'it is still under way';
const COMPLETE = 'mcp__drover__complete_task';

/** Reads pass and writes wait, until the files move: then reads wait too, and the move waits for those that were let through before. */
export class WorktreeGate {
  readonly #parts: GateParts;
  #state: WorktreeState = UNSYNCED;
  /** Calls that read and have not ended, with their threads. */
  readonly #reading = new Map<string, string | null>();
  readonly #seen: SeenFiles;
  readonly #waiting = new Set<() => void>();
  /** What the agent has to know of the sync; null once it was told. */
  #news: string | null = null;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#seen = new SeenFiles(parts.worktree);
  }

  get state(): WorktreeState {
    return this.#state;
  }

  /** Folds a step of the sync and lets go whoever it lets go. */
  step(step: SyncStep): void {
    this.#state = foldSync(this.#state, step);
    this.#wake();
  }

  /** The sync is complete, and these files (beneath the worktree) are others than they were. `news` is told to the agent in any case. */
  complete(moved: readonly string[], news: string | null = null): void {
    const seen = this.#seen.among(moved);
    this.#news = seen.length > 0 ? syncedNews(seen) : news;
    this.step({ type: 'completed' });
  }

  /** Before the files move: nothing is read any more, and what is being read is waited for, `ms` at most. False when it did not end. */
  async hold(ms: number): Promise<boolean> {
    this.step({ type: 'moving' });
    const late = AbortSignal.timeout(ms);
    while (this.#reading.size > 0 && !late.aborted) await this.#change(late);
    return this.#reading.size === 0;
  }

  /**
   * A tool is about to be called. Resolves with null when it may be, as far as the sync is concerned, else with the reason
   * why it is not run, for the agent. `onHeld` is called when it has to wait; `gone` is raised when the caller has left.
   */
  async enter(call: GatedCall, { gone, onHeld }: { gone: AbortSignal; onHeld: () => void }): Promise<string | null> {
    const kind = toolKind(call.tool, call.input);
    if (kind === 'aside' || this.#state.syncComplete) return null;
    const isOver = (): boolean => this.#isOpen(kind) || this.#state.syncError !== null;
    if (this.#state.syncError !== null && call.tool === COMPLETE) return null;
    if (this.#state.syncError !== null && !this.#isOpen(kind)) this.#parts.retry();
    if (!isOver()) {
      onHeld();
      const until = AbortSignal.any([gone, AbortSignal.timeout(this.#parts.patience)]);
      while (!isOver() && !until.aborted) await this.#change(until);
      if (!this.#isOpen(kind)) return syncRefusal(this.#state.syncError ?? STILL);
      // It was thought of before the files changed.
      if (kind === 'writes' && this.#news !== null) return notRun(this.#told());
    }
    if (!this.#isOpen(kind)) return syncRefusal(this.#state.syncError ?? STILL);
    if (this.#state.syncComplete) return null;
    this.#reading.set(call.id, call.agentId);
    this.#seen.add(call.input);
    return null;
  }

  /** A call has ended; `answer` is what the agent learnt from it. */
  leave(id: string, answer: unknown): void {
    if (this.#state.syncComplete) return;
    if (this.#reading.has(id)) this.#seen.add(answer);
    this.#reading.delete(id);
    this.#wake();
  }

  /** Nothing of the thread runs any more: a call that a person interrupted ends without a word. */
  rest(agentId: string | null): void {
    if (this.#state.syncComplete) return;
    for (const [id, thread] of this.#reading) if (thread === agentId) this.#reading.delete(id);
    this.#wake();
  }

  /** What the agent has to know and was not told yet; null when there is nothing. */
  takeNews(): string | null {
    return this.#news === null ? null : this.#told();
  }

  /** Calls that were held together are all told, because each of them is answered apart; nobody else is after them. */
  #told(): string {
    const news = this.#news ?? '';
    setImmediate(() => {
      this.#news = null;
    });
    return news;
  }

  #isOpen(kind: ToolKind): boolean {
    return kind === 'reads' ? this.#state.readAllowed : this.#state.writeAllowed;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next change, or when the signal is raised. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}
