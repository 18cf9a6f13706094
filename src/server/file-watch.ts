// Owns the lists of files that somebody looks at: each is made anew when files change, and told to its viewers when it is another one. Where nobody looks, nothing is computed and nothing is watched.
import type { Envelope } from '../domain/event.ts';
import type { TaskId } from '../domain/task.ts';
import type { TaskFiles } from '../protocol/task-files.ts';
import type { ClientSession } from './client-session.ts';
import { FolderWatchers } from './folder-watchers.ts';
import { filesOf } from './task-files.ts';
import type { WorkParts } from './task-work.ts';

/** ms in which changes are looked at as one. */
const DEBOUNCE = 250;
/** A look that takes long makes the next one wait so many times as long, and at most so many ms: on a busy machine it is its low priority that takes long. */
const REST = 4;
const MOST_REST = 3_000;
/** ms between looks at what no watcher and no hook has told of. */
const POLL = 10_000;

/** All lists that are looked at. A client looks at one at a time. */
export class FileWatches {
  readonly #parts: WorkParts;
  readonly #watches = new Map<TaskId, FileWatch>();
  readonly #looking = new Map<ClientSession, FileWatch>();
  readonly #known = new WeakSet<ClientSession>();
  #unsubscribe: (() => void) | null = null;

  constructor(parts: WorkParts) {
    this.#parts = parts;
  }

  /** The files of the task now; the client hears of every change until it looks at another task, at none (null), or is gone. */
  async watch(client: ClientSession, taskId: TaskId | null): Promise<TaskFiles | null> {
    this.#leave(client);
    if (taskId === null) return null;
    const watch = this.#watches.get(taskId) ?? new FileWatch(this.#parts, taskId);
    this.#watches.set(taskId, watch);
    this.#looking.set(client, watch);
    watch.viewers.add(client);
    if (!this.#known.has(client)) client.onGone(() => this.#leave(client));
    this.#known.add(client);
    this.#unsubscribe ??= this.#parts.core.store.subscribe((envelopes) => this.#hear(envelopes));
    const files = await watch.look();
    // Whoever has left meanwhile is told nothing: a look that was called off has found nothing.
    return this.#looking.get(client) === watch ? files : null;
  }

  /** The agent of a task has used a tool: its files may be others. */
  touch(taskId: TaskId): void {
    this.#watches.get(taskId)?.touch();
  }

  /** Resolves when no git of ours looks any more. */
  async close(): Promise<void> {
    const watches = [...this.#watches.values()];
    for (const client of [...this.#looking.keys()]) this.#leave(client);
    await Promise.all(watches.map((watch) => watch.ended()));
  }

  #leave(client: ClientSession): void {
    const watch = this.#looking.get(client);
    this.#looking.delete(client);
    watch?.viewers.delete(client);
    if (!watch || watch.viewers.size > 0) return;
    watch.close();
    this.#watches.delete(watch.taskId);
    if (this.#watches.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  /** A task that is claimed, paused or landed has its work somewhere else. */
  #hear(envelopes: readonly Envelope[]): void {
    for (const { event } of envelopes) {
      if ('taskId' in event && event.taskId !== null) this.touch(event.taskId);
      // Whose it was is not told any more; what was in it is kept now.
      if (event.type === 'worktree.released') for (const watch of this.#watches.values()) watch.touch();
    }
  }
}

/** The list of one task, while it has viewers. */
class FileWatch {
  readonly taskId: TaskId;
  readonly viewers = new Set<ClientSession>();
  readonly #parts: WorkParts;
  readonly #poll: NodeJS.Timeout;
  #folders: { readonly path: string; readonly watchers: FolderWatchers } | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The look that is under way. */
  #looking: Promise<TaskFiles> | null = null;
  #isTouched = false;
  #told = '';
  readonly #closing = new AbortController();

  constructor(parts: WorkParts, taskId: TaskId) {
    this.#parts = parts;
    this.taskId = taskId;
    this.#poll = setInterval(() => this.touch(), POLL).unref();
  }

  /** What there is now. */
  look(): Promise<TaskFiles> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Something may have changed: the list is made anew, soon. */
  touch(): void {
    this.#isTouched = true;
    if (this.#looking === null) this.#schedule(DEBOUNCE);
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#poll);
    if (this.#timer) clearTimeout(this.#timer);
    this.#folders?.watchers.close();
  }

  /** Resolves when the look that was under way is over. */
  async ended(): Promise<void> {
    await this.#looking?.catch(() => undefined);
  }

  #schedule(ms: number): void {
    if (this.#timer || this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#parts.core.background(`files of ${this.taskId}`, this.look());
    }, ms).unref();
  }

  async #look(): Promise<TaskFiles> {
    const began = performance.now();
    this.#isTouched = false;
    try {
      const task = this.#parts.core.state.tasks.get(this.taskId);
      if (!task) throw new Error(`the task ${this.taskId} is gone`);
      const [files, hasMore] = await Promise.all([filesOf(this.#parts, task, this.#closing.signal), this.#follow()]);
      // A folder that was not watched during the look may have changed meanwhile.
      if (hasMore) this.#isTouched = true;
      this.#tell(files);
      return files;
    } finally {
      if (this.#isTouched) this.#schedule(Math.max(DEBOUNCE, Math.min(MOST_REST, REST * (performance.now() - began))));
    }
  }

  /** Watches the worktree that the task holds now. True when a folder of it was not watched before. */
  async #follow(): Promise<boolean> {
    const held = [...this.#parts.core.state.worktrees.values()].find(({ taskId }) => taskId === this.taskId);
    if (this.#folders !== null && this.#folders.path !== held?.path) {
      this.#folders.watchers.close();
      this.#folders = null;
    }
    if (held === undefined || this.#closing.signal.aborted) return false;
    const { path } = held;
    this.#folders ??= { path, watchers: new FolderWatchers(path, () => this.touch()) };
    return this.#folders.watchers.follow();
  }

  #tell(files: TaskFiles): void {
    const now = JSON.stringify(files);
    if (this.#closing.signal.aborted || now === this.#told) return;
    const isFirst = this.#told === '';
    this.#told = now;
    // The first one is the answer to who asked.
    if (!isFirst) for (const client of this.viewers) client.notify({ notice: 'files', files });
  }
}
