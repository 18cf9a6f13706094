// Owns one connected client: who it is, its subscription to events, the panes that it looks at, what it types.
import type { Socket } from 'node:net';
import { refuse } from '../domain/refusal.ts';
import { Connection } from '../protocol/connection.ts';
import { FRAME, type RawFrame } from '../protocol/frame.ts';
import type { Failure, Notice, Success } from '../protocol/message.ts';
import type { ClientInfo, Hello } from '../protocol/methods.ts';
import type { Core } from './core.ts';
import type { Dispatcher } from './dispatcher.ts';
import { EventStream } from './event-stream.ts';
import type { InputGate } from './input-gate.ts';
import { PaneNews } from './pane-news.ts';
import type { PaneSet } from './pane-set.ts';
import type { PaneSignal } from './pane-signals.ts';
import type { PaneView } from './pane-stream.ts';
import type { Presence } from './presence.ts';

export interface ClientParts {
  readonly core: Core;
  readonly dispatcher: Dispatcher;
  readonly panes: PaneSet;
  readonly presence: Presence;
  readonly gate: InputGate;
  /** Called once when the client is gone. */
  readonly onGone: (client: ClientSession) => void;
}

/** Bytes of answers that may wait for a client: more than the largest one, and than the events that may wait beside it. */
const MOST_PENDING = 32 * 1024 * 1024;
/** ms that a client has for the last words to it. */
const FAREWELL = 1_000;

export class ClientSession {
  readonly #parts: ClientParts;
  readonly #connection: Connection;
  readonly #events: EventStream;
  readonly #news = new PaneNews();
  #view: PaneView | null = null;
  #hello: Hello | null = null;
  #greetedAt = 0;
  #focused: { pane: number; cols: number; rows: number } | null = null;
  /** The pane that was typed into last. */
  #typesInto: number | null = null;
  #isGone = false;
  readonly #goneListeners: (() => void)[] = [];

  constructor(socket: Socket, parts: ClientParts) {
    this.#parts = parts;
    this.#connection = new Connection(socket, {
      onFrame: (frame) => this.#receive(frame),
      onFault: (error) => parts.core.log.error(`what ${this.operator} sent`, error),
      onClose: () => this.#close(),
    });
    this.#events = new EventStream(parts.core.store, this.#connection);
  }

  get hasGreeted(): boolean {
    return this.#hello !== null;
  }

  get isAgent(): boolean {
    return this.#hello?.token !== undefined;
  }

  /** True for a person who stays: with the workspace, or with the linear stream. */
  get isAttached(): boolean {
    return this.info() !== null;
  }

  get isReadOnly(): boolean {
    return this.#hello?.isReadOnly === true;
  }

  /** For the list of people; null for a client that is not attached. */
  info(): ClientInfo | null {
    const kind = this.#hello?.kind;
    if (kind !== 'tui' && kind !== 'linear') return null;
    const { pane = null, cols = null, rows = null } = this.#focused ?? {};
    const { operator, isReadOnly } = this;
    const info = { operator, kind, since: this.#greetedAt, isReadOnly, focused: pane, cols, rows } as const;
    return this.#typesInto === null ? info : { ...info, typesInto: this.#typesInto };
  }

  /** The name under which its changes are recorded. */
  get operator(): string {
    return this.#hello?.operator ?? 'unknown';
  }

  /** The token of an agent's run; refuses for a person. */
  get token(): string {
    return this.#hello?.token ?? refuse('not-allowed', 'only an agent may call this');
  }

  /** Takes the greeting. Refuses a second one: an agent must not become an operator. */
  greet(hello: Hello): void {
    if (this.#hello !== null) refuse('not-allowed', 'session.hello was said already');
    this.#hello = hello;
    this.#greetedAt = this.#parts.core.now();
    this.#parts.presence.arrived(this);
  }

  subscribe(since: number | undefined): ReturnType<EventStream['subscribe']> {
    return this.#events.subscribe(since);
  }

  /** Sets which panes it sees, and in which sizes it draws them. */
  look(panes: readonly { pane: number; cols: number; rows: number }[], focused: number | null): void {
    this.#view ??= this.#parts.panes.addViewer({
      send: (payload) => this.#connection.send(FRAME.pane, payload),
      pending: () => this.#connection.pending,
    });
    this.#parts.panes.look(this.#view, panes, focused, this.isReadOnly);
    this.#focused = panes.find(({ pane }) => pane === focused) ?? null;
    this.#news.turn(focused);
    this.#parts.presence.changed();
  }

  notify(notice: Notice): void {
    if (!this.#isGone) this.#send(notice);
  }

  /** Tells a workspace that a pane's program has rung, or has printed where its person does not look. */
  signal(pane: number, signal: PaneSignal): void {
    if (this.#hello?.kind !== 'tui') return;
    if (signal === 'bell' || this.#news.isNews(pane)) this.notify({ notice: 'signal', pane, signal });
  }

  /** A client that asks and never reads is cut off, before its answers fill the memory. */
  #send(message: Notice | Success | Failure): void {
    if (this.#connection.pending > MOST_PENDING) this.#connection.destroy();
    else this.#connection.sendControl(message);
  }

  /** Calls back when the client is gone; at once if it is gone already. */
  onGone(listener: () => void): void {
    if (this.#isGone) listener();
    else this.#goneListeners.push(listener);
  }

  /** Says why, and closes: because the server ends, or because this client is sent away. */
  dismiss(reason: string, why: 'server-ends' | 'detach'): void {
    this.notify(why === 'detach' ? { notice: 'closing', reason, isDetach: true } : { notice: 'closing', reason });
    this.#connection.end();
    // One that doesn't read would hold the socket, and with it the server, for ever.
    setTimeout(() => this.#connection.destroy(), FAREWELL).unref();
  }

  #receive(frame: RawFrame): void {
    if (frame.kind === FRAME.control) {
      const message = JSON.parse(frame.payload.toString('utf8')) as unknown;
      this.#parts.core.background('answer', this.#answer(message));
    } else if (frame.kind === FRAME.input && this.#view && frame.payload.length >= 2) {
      this.#type(this.#view, frame.payload.readUInt16LE(0), frame.payload.subarray(2));
    } else if (frame.kind === FRAME.ack && this.#view && frame.payload.length === 4) {
      this.#view.ack(frame.payload.readUInt32LE(0));
    }
  }

  #type(view: PaneView, pane: number, bytes: Buffer): void {
    const { panes, gate, presence } = this.#parts;
    // The terminal says so, nobody types: it changes no size, is no news, and is dropped without a word where it is not wanted.
    if (bytes.length === 3 && /^\x1b\[[IO]$/.test(bytes.toString('latin1'))) {
      if (gate.isOpen(this, pane)) panes.tell(pane, bytes);
      return;
    }
    // A pane may be gone when its last keys come.
    if (!panes.has(pane)) return;
    const refusal = gate.enter(this, panes.info(pane));
    if (refusal) {
      this.notify({ notice: 'refused', refusal });
      return;
    }
    panes.type(view, pane, bytes);
    if (this.#typesInto === pane) return;
    this.#typesInto = pane;
    presence.changed();
  }

  async #answer(message: unknown): Promise<void> {
    const answer = await this.#parts.dispatcher.answer(message, this);
    if (this.#isGone) return;
    try {
      this.#send(answer);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#send({ id: answer.id, error: { code: 'too-large', message, next: '', fault: true } });
      throw error;
    }
  }

  #close(): void {
    this.#isGone = true;
    this.#events.close();
    if (this.#view) this.#parts.panes.removeViewer(this.#view);
    for (const listener of this.#goneListeners) listener();
    this.#parts.onGone(this);
    if (this.#hello !== null) this.#parts.presence.left(this);
  }
}
