// Owns who is attached: the list of people with what they look at, told to those who look, and the history of their coming and going.
import type { DroverEvent } from '../domain/event.ts';
import type { ClientInfo } from '../protocol/methods.ts';
import type { ClientSession } from './client-session.ts';
import type { Core } from './core.ts';
import type { PaneLocks } from './pane-locks.ts';

/** ms in which changes are told as one: a pane that is dragged larger says so at each step. */
const GATHER = 50;

export class Presence {
  readonly #core: Core;
  readonly #clients: ReadonlySet<ClientSession>;
  readonly #locks: PaneLocks;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(parts: { core: Core; clients: ReadonlySet<ClientSession>; locks: PaneLocks }) {
    this.#core = parts.core;
    this.#clients = parts.clients;
    this.#locks = parts.locks;
  }

  /** Who is attached, the longest first. */
  list(): ClientInfo[] {
    const infos = [...this.#clients].flatMap((client) => client.info() ?? []);
    return infos.sort((a, b) => a.since - b.since);
  }

  /** A client has said hello. */
  arrived(client: ClientSession): void {
    if (client.isAgent) return;
    this.#locks.arrived(client.operator);
    this.#record('client.attached', client);
  }

  /** A client that had said hello is gone, and is not in the set of clients any more. */
  left(client: ClientSession): void {
    if (client.isAgent) return;
    this.#locks.left(client.operator);
    this.#record('client.detached', client);
  }

  /** An attached client looks at something else. */
  changed(): void {
    if (this.#isClosed || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const clients = this.list();
      for (const client of this.#clients) if (client.isAttached) client.notify({ notice: 'clients', clients });
    }, GATHER).unref();
  }

  /** The server stops: everybody who is attached is told as detached, and nothing after that. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    const events = [...this.#clients].flatMap((client) => eventOf('client.detached', client));
    if (events.length > 0) await this.#core.store.commit(events, 'drover');
  }

  #record(type: 'client.attached' | 'client.detached', client: ClientSession): void {
    const events = eventOf(type, client);
    if (this.#isClosed || events.length === 0) return;
    this.#core.background(type, this.#core.store.commit(events, client.operator));
    this.changed();
  }
}

function eventOf(type: 'client.attached' | 'client.detached', client: ClientSession): DroverEvent[] {
  const info = client.info();
  if (info === null) return [];
  const { operator, kind, isReadOnly } = info;
  return [{ type, operator, kind, isReadOnly }];
}
