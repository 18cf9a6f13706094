// Owns the doing of effects: calls to the server, input to panes, waits; what comes of them goes back as messages.
import type { Client } from '../client/client.ts';
import type { CommandRunner } from '../client/command-line.ts';
import type { State } from '../domain/state.ts';
import { printable } from '../domain/text.ts';
import type { Params } from '../protocol/methods.ts';
import type { Call } from './attention/calls.ts';
import type { HistoryFile } from './command-bar/history-file.ts';
import { type OwnNames, ownCandidates } from './command-bar/own-candidates.ts';
import { titleCandidates, titleLabels } from './command-bar/title-candidates.ts';
import type { CopyEffect } from './copy-mode/state.ts';
import type { Effect } from './effect.ts';
import { focusToBytes, keyEventToBytes, mouseToBytes, pasteToBytes } from './input/pane-input.ts';
import type { Message, Outcome } from './message.ts';
import { refusedOutcome } from './outcome.ts';
import { openShellFor, toggleLockOf } from './pane-effects.ts';
import { callForPanel } from './panel/panel-effects.ts';
import { textColumns } from './view/popup.ts';

export interface EffectScope {
  /** The client of the moment; null while the server is lost. */
  client(): Client | null;
  state(): State;
  /** What the workspace's own commands may name. */
  names(): OwnNames;
  /** Of the screen. */
  columns(): number;
  readonly commandRunner: CommandRunner;
  readonly history: Pick<HistoryFile, 'add'>;
  /** PANE_MODE bits of the program in a pane. */
  modes(pane: number): number;
  /** The row of the pty at the top of the pane's box. */
  offset(pane: number): number;
  send(message: Message): void;
  redraw(): void;
  call(call: Call): void;
  ring(): void;
  suspend(): void;
  /** Documents, clipboard, editor and search. */
  copy(effect: CopyEffect): void;
  /** Connects again; its outcome comes as a message. */
  reconnect(isOrderly: boolean): void;
  end(reason: 'detached' | 'server-closed', message: string): void;
}

export class EffectRunner {
  readonly #scope: EffectScope;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isSubscribing = false;

  constructor(scope: EffectScope) {
    this.#scope = scope;
  }

  /** Does one effect. Never throws: what goes wrong becomes a message. */
  run(effect: Effect): void {
    switch (effect.type) {
      case 'input':
      case 'paste':
      case 'mouse':
        this.#type(effect);
        break;
      case 'focus-report': {
        const bytes = focusToBytes(effect.isFocused, this.#scope.modes(effect.pane));
        if (bytes) this.#scope.client()?.sendInput(effect.pane, bytes);
        break;
      }
      case 'call':
        this.#scope.call(effect.call);
        break;
      case 'ring':
        this.#scope.ring();
        break;
      case 'suspend':
        this.#scope.suspend();
        break;
      case 'copy-load':
      case 'copy-text':
      case 'edit-history':
      case 'search':
        this.#scope.copy(effect);
        break;
      case 'view':
        this.#look(effect);
        break;
      case 'subscribe':
        void this.#subscribe();
        break;
      case 'complete':
        this.#complete(effect.line, effect.cursor);
        break;
      case 'run':
        void this.#runLine(effect.line);
        break;
      case 'capture':
        void this.#capture(effect.title, effect.more ?? {});
        break;
      case 'remember':
        this.#scope.history.add(effect.line);
        break;
      case 'recall-events':
        void this.#recall();
        break;
      case 'lock':
        this.#answer((client) => toggleLockOf(client, effect.pane, effect.isLocked));
        break;
      case 'open-shell':
        this.#answer((client) => openShellFor(client, effect.task, process.env));
        break;
      case 'watch-files':
      case 'load-diff':
      case 'send-hint':
      case 'answer':
        this.#answer((client) => callForPanel(client, effect));
        break;
      case 'wait-for-hints':
        this.#after(effect.ms, () => this.#scope.send({ type: 'prefix-waited', token: effect.token }));
        break;
      case 'reconnect':
        this.#after(effect.ms, () => this.#scope.reconnect(effect.isOrderly));
        break;
      case 'redraw':
        this.#scope.redraw();
        break;
      case 'end':
        this.#scope.end(effect.reason, effect.message);
        break;
    }
  }

  /** A call whose answer is a message, or that has none. */
  #answer(call: (client: Client) => Promise<Message | null>): void {
    const client = this.#scope.client();
    if (!client) return;
    call(client).then(
      (message) => message && this.#scope.send(message),
      (error) => this.#fail(client, error),
    );
  }

  /** Ends all waits. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #type(effect: Extract<Effect, { type: 'input' | 'paste' | 'mouse' }>): void {
    const modes = this.#scope.modes(effect.pane);
    const bytes = bytesFor(effect, modes, this.#scope.offset(effect.pane));
    if (bytes && bytes.length > 0) this.#scope.client()?.sendInput(effect.pane, bytes);
    const { pane } = effect;
    if (bytes === null && effect.type === 'mouse' && effect.event.button === 0)
      this.#scope.send({ type: 'mouse-unused', pane, mouse: { kind: effect.event.kind, x: effect.x, y: effect.y } });
  }

  #look({ panes, focused }: Extract<Effect, { type: 'view' }>): void {
    const client = this.#scope.client();
    if (!client) return;
    client.call('pane.view', { panes: [...panes], focused }).then(
      (listed) => this.#scope.send({ type: 'panes-listed', panes: listed.panes }),
      (error) => this.#fail(client, error),
    );
  }

  async #subscribe(): Promise<void> {
    const client = this.#scope.client();
    // One at a time: every event of a gap asks for it.
    if (!client || this.#isSubscribing) return;
    this.#isSubscribing = true;
    try {
      const { seq } = this.#scope.state();
      const reply = await client.call('events.subscribe', seq > 0 ? { since: seq } : {});
      // What is done about the reply may be to subscribe again.
      this.#isSubscribing = false;
      this.#scope.send({ type: 'subscribed', reply });
    } catch (error) {
      this.#isSubscribing = false;
      this.#fail(client, error);
    }
  }

  #complete(line: string, cursor: number): void {
    const { candidates, from } = this.#scope.commandRunner.complete(line, cursor, this.#scope.state());
    const own = ownCandidates(line.slice(0, from), line.slice(from, cursor), this.#scope.names());
    const known = [...new Set([...candidates, ...own])];
    const state = this.#scope.state();
    const titled = known.length === 0 ? titleCandidates(line, cursor, state) : null;
    const found = titled ?? { candidates: known, from };
    this.#scope.send({ type: 'completions', line, ...found, labels: titleLabels(found.candidates, state) });
  }

  async #recall(): Promise<void> {
    const client = this.#scope.client();
    if (!client) return;
    try {
      this.#scope.send({ type: 'events-recalled', ...(await client.call('events.recent', {})) });
    } catch (error) {
      this.#fail(client, error);
    }
  }

  async #runLine(line: string): Promise<void> {
    let outcome: Outcome;
    try {
      const { ok, text } = await this.#scope.commandRunner.run(line, textColumns(this.#scope.columns()));
      outcome = ok ? { ok, text } : { ok, text, next: '' };
    } catch (error) {
      outcome = refusedOutcome(error);
    }
    this.#scope.send({ type: 'ran', line, outcome });
  }

  async #capture(title: string, more: Omit<Params<'task.create'>, 'title'>): Promise<void> {
    let outcome: Outcome;
    const client = this.#scope.client();
    try {
      if (!client) throw new Error('the server is gone; the title is kept here');
      const { task } = await client.call('task.create', { ...more, title });
      outcome = { ok: true, text: `${task.id} added: ${printable(task.title)}` };
    } catch (error) {
      outcome = refusedOutcome(error);
    }
    this.#scope.send({ type: 'captured', title, outcome });
  }

  /** A call that failed because its connection is gone is told by the loss of the server. */
  #fail(client: Client, error: unknown): void {
    if (this.#scope.client() !== client) return;
    const { text, next } = refusedOutcome(error);
    this.#scope.send({ type: 'failed', text, next });
  }
}

function bytesFor(
  effect: Extract<Effect, { type: 'input' | 'paste' | 'mouse' }>,
  modes: number,
  offset: number,
): Uint8Array | null {
  switch (effect.type) {
    case 'input':
      return keyEventToBytes({ type: 'key', key: effect.key, bytes: effect.bytes }, modes);
    case 'paste':
      return pasteToBytes(effect.bytes, modes);
    case 'mouse':
      return mouseToBytes(effect.event, { x: effect.x, y: effect.y + offset }, modes);
  }
}
