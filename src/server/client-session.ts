// Owns one connected client: who it is, its subscription to events, the panes that it looks at, what it types.
import type { Socket } from 'node:net';
import { refuse } from '../domain/refusal.ts';
import { Connection } from '../protocol/connection.ts';
import { FRAME, type RawFrame } from '../protocol/frame.ts';
import type { Notice } from '../protocol/message.ts';
import { type Hello, PROTOCOL_VERSION } from '../protocol/methods.ts';
import type { Core } from './core.ts';
import type { Dispatcher } from './dispatcher.ts';
import { EventStream } from './event-stream.ts';
import type { PaneSet } from './pane-set.ts';
import type { PaneView } from './pane-stream.ts';

export interface ClientParts {
  readonly core: Core;
  readonly dispatcher: Dispatcher;
  readonly panes: PaneSet;
  /** Called once when the client is gone. */
  readonly onGone: (client: ClientSession) => void;
}

export class ClientSession {
  readonly #parts: ClientParts;
  readonly #connection: Connection;
  readonly #events: EventStream;
  #view: PaneView | null = null;
  #hello: Hello | null = null;
  #isGone = false;
  readonly #goneListeners: (() => void)[] = [];

  constructor(socket: Socket, parts: ClientParts) {
    this.#parts = parts;
    this.#connection = new Connection(socket, {
      onFrame: (frame) => this.#receive(frame),
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

  get isWorkspace(): boolean {
    return this.#hello?.kind === 'tui';
  }

  /** The name under which its changes are recorded. */
  get operator(): string {
    return this.#hello?.operator ?? 'unknown';
  }

  /** The token of an agent's run; refuses for a person. */
  get token(): string {
    return this.#hello?.token ?? refuse('not-allowed', 'only an agent may call this');
  }

  /** Takes the greeting. Refuses another protocol. */
  greet(hello: Hello): void {
    if (hello.protocol !== PROTOCOL_VERSION) {
      refuse(
        'protocol-version',
        `the server speaks protocol ${PROTOCOL_VERSION}, this program ${hello.protocol}: they are of different versions of Drover`,
        'drover server restart',
      );
    }
    this.#hello = hello;
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
    this.#parts.panes.look(this.#view, panes, focused);
  }

  notify(notice: Notice): void {
    if (!this.#isGone) this.#connection.sendControl(notice);
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
  }

  #receive(frame: RawFrame): void {
    if (frame.kind === FRAME.control) {
      const message = JSON.parse(frame.payload.toString('utf8')) as unknown;
      this.#parts.core.background('answer', this.#answer(message));
    } else if (frame.kind === FRAME.input && this.#view && frame.payload.length >= 2) {
      this.#parts.panes.type(this.#view, frame.payload.readUInt16LE(0), frame.payload.subarray(2));
    } else if (frame.kind === FRAME.ack && this.#view && frame.payload.length === 4) {
      this.#view.ack(frame.payload.readUInt32LE(0));
    }
  }

  async #answer(message: unknown): Promise<void> {
    const answer = await this.#parts.dispatcher.answer(message, this);
    if (!this.#isGone) this.#connection.sendControl(answer);
  }

  #close(): void {
    this.#isGone = true;
    this.#events.close();
    if (this.#view) this.#parts.panes.removeViewer(this.#view);
    for (const listener of this.#goneListeners) listener();
    this.#parts.onGone(this);
  }
}
