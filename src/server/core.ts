// Owns the one way in which anything changes: an intent is decided against the state, and its events are committed.
import { randomInt } from 'node:crypto';
import type { SessionPaths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { apply } from '../domain/apply.ts';
import { decide, decideFact } from '../domain/decide.ts';
import type { DroverEvent, Envelope } from '../domain/event.ts';
import { makeId } from '../domain/ids.ts';
import type { Context, Intent } from '../domain/intent.ts';
import { NO_HISTORY } from '../domain/pool.ts';
import { fromRecord, type StateRecord, toRecord } from '../domain/snapshot.ts';
import { emptyState, type State } from '../domain/state.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** Raised when a record changes its form; add a migration from the number before it. */
const STATE_VERSION = 3;

/** By the version that is left: 1 knew of no guidance, 2 of no warm pool (what its worktrees lack is added when a record is read). */
const MIGRATIONS: Record<number, (record: unknown) => unknown> = {
  1: (record) => ({ ...(record as StateRecord), guidance: [] }),
  2: (record) => ({ ...(record as StateRecord), pool: NO_HISTORY }),
};

export type DroverStore = Store<State, DroverEvent, StateRecord>;

/** Opens the session's store. `onFatal` is called when the disk failed: the server must then end, and recovers at its next start. */
export function openSessionStore(directory: string, onFatal: (error: Error) => void): Promise<DroverStore> {
  return openStore<State, DroverEvent, StateRecord>({
    directory,
    now: Date.now,
    initial: emptyState,
    apply,
    toRecord,
    fromRecord,
    version: STATE_VERSION,
    migrations: MIGRATIONS,
    onFatal,
  });
}

/** 0 ≤ x < 1, from the system's generator, so that ids of two servers never agree by their seed. */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

/** What every part of the server shares. */
export class Core {
  readonly paths: SessionPaths;
  readonly config: Config;
  readonly log: Log;
  readonly store: DroverStore;

  constructor(parts: { paths: SessionPaths; config: Config; log: Log; store: DroverStore }) {
    this.paths = parts.paths;
    this.config = parts.config;
    this.log = parts.log;
    this.store = parts.store;
  }

  get state(): State {
    return this.store.state;
  }

  now(): number {
    return Date.now();
  }

  /** Decides and commits; resolves when it is durable. Throws a RefusalError, and then nothing has changed. */
  async intend(intent: Intent, by: string): Promise<readonly Envelope[]> {
    const events = decide(this.state, intent, this.#context(by));
    return events.length === 0 ? [] : this.store.commit(events, by);
  }

  /** Commits a fact that nobody can refuse, with what follows from it for others. */
  record(fact: DroverEvent): Promise<readonly Envelope[]> {
    const by = 'drover';
    return this.store.commit(decideFact(this.state, fact, this.#context(by)), by);
  }

  #context(by: string): Context {
    const { retry, subtasks } = this.config;
    return { now: this.now(), by, newId: () => makeId(random), random, retry, subtasks };
  }

  /** Runs work that nobody waits for; a failure is logged under the name. */
  background(name: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.log.error(name, error));
  }
}
