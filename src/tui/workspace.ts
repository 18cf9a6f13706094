// Owns the workspace's shell: it puts terminal, server and screen around the pure update, and runs until the person leaves.
import { basename } from 'node:path';
import type { Client } from '../client/client.ts';
import type { CommandRunner } from '../client/command-line.ts';
import { optimizeAfterStart } from '../config/engine.ts';
import type { Config } from '../config/schema.ts';
import { printable } from '../domain/text.ts';
import { decodePaneFrame } from '../protocol/pane-frame.ts';
import { RowRoom } from '../protocol/row-room.ts';
import { Announcer, canTitle } from './attention/announcer.ts';
import { type HistoryFile, historyPath, openHistory } from './command-bar/history-file.ts';
import { type CopyScope, runCopyEffect } from './copy-mode/effects.ts';
import { EffectRunner } from './effect-runner.ts';
import type { InputEvent } from './input/input-event.ts';
import { buildKeyMap } from './keys/key-map.ts';
import { loadCatalogue } from './layout/catalogue.ts';
import { watchHomes } from './layout/watch.ts';
import { LookKeeper, lookPath } from './look/look-keeper.ts';
import type { Message } from './message.ts';
import { initialModel, type Model } from './model.ts';
import { type Capabilities, capabilitiesFrom } from './outer/capabilities.ts';
import { ColorTeller } from './outer/color-teller.ts';
import { outerFacts } from './outer/facts.ts';
import { askTmux, terminalName } from './outer/tmux-facts.ts';
import { OuterTerminal, type OuterTerminalOptions, type Size } from './outer-terminal.ts';
import { nextTick, shownTime } from './ticking.ts';
import { update } from './update.ts';
import { Screen } from './view/screen.ts';
import { endOf, type WorkspaceEnd } from './workspace-end.ts';

export interface WorkspaceOptions {
  readonly config: Config;
  readonly operator: string;
  /** Streams and environment in the place of the process's own. */
  readonly terminal?: Pick<OuterTerminalOptions, 'input' | 'output' | 'env'>;
  /** Shows everything, types nothing into panes. */
  readonly readOnly?: boolean;
  readonly commandRunner: CommandRunner;
  /** Folders with `layouts/` and `themes/` of one's own; the later one wins. */
  readonly homes?: readonly string[];
  /** Where the look of the operator's windows is kept from one attachment to the next; nothing is kept without it. */
  readonly dataHome?: string;
  /** Connects and says hello again. After an orderly close it must not start a server that somebody has just stopped. */
  /** A client that it gave is closed here. */
  readonly reconnect?: (lost: { isOrderly: boolean }) => Promise<Client>;
}

export interface PreparedWorkspace {
  /**
   * Shows it, once, until the operator leaves, the server closes for good or the terminal goes away. The terminal is given back in any case; throws
   * what broke the workspace. `client` has said hello; its closing is the caller's.
   */
  show(client: Client): Promise<WorkspaceEnd>;
}

/** Makes a workspace, which takes as long as a server's start; nothing is written, and the terminal is not taken, until it is shown. */
export function prepareWorkspace(options: WorkspaceOptions): PreparedWorkspace {
  optimizeAfterStart();
  const workspace = new Workspace(options);
  return {
    show: async (client) => {
      try {
        return await workspace.run(client);
      } finally {
        await workspace.close();
      }
    },
  };
}

class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #terminal: OuterTerminal;
  readonly #screen: Screen;
  readonly #announcer: Announcer;
  readonly #effects: EffectRunner;
  readonly #history: HistoryFile;
  readonly #colors = new ColorTeller();
  /** Null where nothing is kept. */
  readonly #keeper: LookKeeper | null;
  #model: Model;
  /** Where the rows of a frame are until they have been copied: 1 MB is the frames of all panes but the first. */
  readonly #room = new RowRoom(256 * 1024);
  /** The connection of the moment; null while there is none. */
  #client: Client | null = null;
  /** Connections that were made here. */
  readonly #ownClients = new Set<Client>();
  #ticker: NodeJS.Timeout | undefined;
  #tickAt = Number.POSITIVE_INFINITY;
  #endWatch: () => void = () => {};
  #isEnded = false;
  #resolveEnd: (end: WorkspaceEnd) => void = () => {};
  readonly #ended: Promise<WorkspaceEnd>;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
    const env = options.terminal?.env ?? process.env;
    const capabilities = capabilitiesFrom(env);
    const title = canTitle(options.config, capabilities);
    this.#terminal = new OuterTerminal({ ...options.terminal, mouse: true, title });
    const { cols, rows } = this.#terminal.size;
    this.#model = initialModel({
      isReadOnly: options.readOnly ?? false,
      keys: buildKeyMap(options.config.keys, options.config.copyMode),
      catalogue: loadCatalogue(options.homes ?? [], null),
      layout: options.config.layout,
      theme: options.config.theme,
      size: { columns: cols, rows },
      now: Date.now(),
      copy: { keys: options.config.copyMode, onSelect: options.config.copyOnSelect },
    });
    this.#history = openHistory(historyPath(options.terminal?.env ?? process.env));
    this.#model = { ...this.#model, history: this.#history.lines };
    const { dataHome, operator, config } = options;
    this.#keeper = dataHome === undefined ? null : new LookKeeper(lookPath(dataHome, operator), config);
    this.#model = this.#keeper?.restore(this.#model) ?? this.#model;
    this.#screen = new Screen({
      terminal: this.#terminal,
      capabilities,
      model: this.#model,
      onPainted: (frame) => this.#client?.sendAck(frame),
    });
    this.#announcer = new Announcer({
      config: options.config,
      env,
      capabilities,
      write: (bytes) => this.#terminal.write(bytes),
      now: () => performance.now(),
    });
    this.#effects = new EffectRunner(this.#scope());
  }

  #scope(): ConstructorParameters<typeof EffectRunner>[0] {
    return {
      client: () => this.#client,
      state: () => this.#model.state,
      names: () => this.#model,
      columns: () => this.#model.size.columns,
      commandRunner: this.#options.commandRunner,
      history: this.#history,
      modes: (pane) => this.#screen.modes(pane),
      offset: (pane) => this.#screen.offset(pane),
      send: (message) => this.#send(message),
      redraw: () => this.#screen.redraw(),
      call: (call) => this.#announcer.call(call),
      ring: () => this.#announcer.ring(),
      suspend: () => this.#suspend(),
      copy: (effect) => runCopyEffect(effect, this.#copyScope()),
      reconnect: (isOrderly) => void this.#reconnect(isOrderly),
      end: (reason, message) => this.#end({ reason, message }),
    };
  }

  #copyScope(): CopyScope {
    const { config, terminal } = this.#options;
    return {
      client: () => this.#client,
      modes: (pane) => this.#screen.modes(pane),
      offset: (pane) => this.#screen.offset(pane),
      copyCommand: config.copyCommand,
      env: terminal?.env ?? process.env,
      write: (bytes) => this.#terminal.write(bytes),
      lend: () => this.#terminal.lend(),
      reclaim: () => this.#terminal.reclaim(),
      send: (message) => this.#send(message),
    };
  }

  async run(client: Client): Promise<WorkspaceEnd> {
    this.#terminal.onInput((event) => this.#receive(event));
    const onResize = ({ cols, rows }: Size): void => this.#send({ type: 'resized', size: { columns: cols, rows } });
    this.#terminal.onResize(onResize);
    this.#terminal.enter();
    this.#screen.show(this.#model);
    // It may be another since the workspace was made.
    onResize(this.#terminal.size);
    this.#adopt(client);
    this.#watchFiles();
    this.#terminal.onRepaint(() => this.#announcer.forgetTitle());
    void this.#terminal.probe().then((capabilities) => {
      this.#screen.setCapabilities(capabilities);
      this.#terminal.setMouse(!capabilities.isScreen);
      this.#terminal.setKeys(capabilities.keys);
      this.#tellColors();
      return this.#learn(capabilities);
    });
    const closed = this.#terminal.closed.then(endOf);
    return Promise.race([this.#ended, closed]);
  }

  /** A layout or a theme that is saved is on the screen at once. */
  #watchFiles(): void {
    const homes = this.#options.homes ?? [];
    this.#endWatch = watchHomes(homes, () => {
      this.#send({ type: 'catalogue-loaded', catalogue: loadCatalogue(homes, this.#model.catalogue) });
    });
  }

  /** Gives everything back; safe to call again. */
  async close(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#ticker);
    this.#endWatch();
    this.#keeper?.flush();
    this.#effects.close();
    this.#screen.close();
    this.#terminal.leave();
    for (const client of this.#ownClients) client.close();
    await this.#terminal.closed;
  }

  /** What a person is told of the terminal, and how they are called, follows from what it has answered. */
  async #learn(capabilities: Capabilities): Promise<void> {
    const env = this.#options.terminal?.env ?? process.env;
    const tmux = capabilities.isTmux ? await askTmux(env) : null;
    this.#announcer.learn(capabilities, tmux);
    const name = terminalName(capabilities, env, tmux);
    const facts = outerFacts({ capabilities, name, tmux, notifier: this.#announcer.notifier });
    this.#send({ type: 'outer-known', facts });
  }

  #suspend(): void {
    this.#terminal.suspend(() => {
      this.#send({ type: 'failed', text: 'there is no shell to go back to: nothing was suspended', next: '' });
    });
  }

  #end(end: WorkspaceEnd): void {
    this.#isEnded = true;
    this.#resolveEnd(end);
  }

  #send(message: Message): void {
    if (this.#isEnded) return;
    const before = { ...this.#model, now: Date.now() };
    const [next, effects] = update(before, message);
    this.#model = next;
    for (const effect of effects) this.#effects.run(effect);
    const isTick = message.type === 'ticked';
    // The clock alone changes ages; anything else that changes nothing is not worth a look.
    if (next !== before || isTick) {
      this.#screen.show({ ...this.#model, now: shownTime(this.#model.now, this.#options.config.motion) }, isTick);
      this.#setTicker(isTick ? this.#screen.stillPaintings : 0);
    }
    // Who looks on only leaves no trace.
    if (!next.isReadOnly) {
      this.#keeper?.look(next);
      this.#colors.tell(this.#client, next.theme.colors);
    }
    // A key changes nothing that the title tells.
    if (message.type !== 'key' && message.type !== 'mouse') this.#announcer.show(this.#model);
  }

  /** Sets the next look at the clock, unless an earlier one is set. */
  #setTicker(still: number): void {
    const wait = this.#isEnded ? null : nextTick(this.#model, this.#options.config.motion, still);
    const at = wait === null ? Number.POSITIVE_INFINITY : performance.now() + wait;
    if (wait !== null && this.#tickAt <= at) return;
    clearTimeout(this.#ticker);
    this.#tickAt = at;
    if (wait === null) return;
    this.#ticker = setTimeout(() => {
      this.#tickAt = Number.POSITIVE_INFINITY;
      this.#send({ type: 'ticked' });
    }, wait);
  }

  #receive(event: InputEvent): void {
    if (event.type === 'key' || event.type === 'paste') this.#send(event);
    else if (event.type === 'mouse') this.#send({ type: 'mouse', event });
    else if (event.type === 'focus') this.#send({ type: 'terminal-focus', isFocused: event.isFocused });
    else if (this.#colors.hear(event)) this.#terminal.askColors();
    else if (event.kind === 'attributes') this.#tellColors();
  }

  /** The terminal has told its colours, or does not. */
  #tellColors(): void {
    this.#colors.settle();
    if (!this.#model.isReadOnly) this.#colors.tell(this.#client, this.#model.theme.colors);
  }

  /** Listens to a connection and asks for all there is. */
  #adopt(client: Client): void {
    this.#client = client;
    this.#screen.forgetPanes();
    let farewell: string | null = null;
    client.onNotice((notice) => {
      if (this.#client !== client) return;
      if (notice.notice === 'event') this.#send({ type: 'event', envelope: notice.envelope });
      else if (notice.notice === 'pane') this.#send({ type: 'pane-changed', pane: notice.pane });
      else if (notice.notice === 'resync') this.#send({ type: 'must-resync' });
      else if (notice.notice === 'clients') this.#send({ type: 'people', people: notice.clients });
      else if (notice.notice === 'signal')
        this.#send({ type: 'pane-signal', pane: notice.pane, signal: notice.signal });
      else if (notice.notice === 'chosen') this.#send({ type: 'chosen', what: notice.what, name: notice.name });
      else if (notice.notice === 'files') this.#send({ type: 'files-told', files: notice.files });
      else if (notice.notice === 'refused')
        this.#send({ type: 'failed', text: notice.refusal.message, next: notice.refusal.next });
      else if (notice.isDetach) this.#end({ reason: 'detached', message: printable(notice.reason) });
      else farewell = notice.reason;
    });
    client.onFrame((payload) => {
      if (this.#client === client) this.#screen.receive(decodePaneFrame(payload, this.#room));
    });
    client.onClose((reason) => this.#lose(client, farewell ?? reason, farewell !== null));
    client.call('server.status', {}).then(
      (server) => this.#send({ type: 'server-known', repository: basename(server.repository) }),
      // The loss of the connection tells of itself.
      () => undefined,
    );
    this.#send({ type: 'connected' });
  }

  #lose(client: Client, reason: string, isOrderly: boolean): void {
    if (this.#client !== client) return;
    this.#client = null;
    if (this.#options.reconnect) this.#send({ type: 'server-lost', reason, isOrderly });
    else this.#end({ reason: 'server-closed', message: `the server has closed: ${printable(reason)}` });
  }

  async #reconnect(isOrderly: boolean): Promise<void> {
    try {
      const client = await this.#options.reconnect?.({ isOrderly });
      if (!client) return;
      this.#ownClients.add(client);
      if (this.#isEnded) client.close();
      else this.#adopt(client);
    } catch (error) {
      this.#send({ type: 'reconnect-failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }
}
