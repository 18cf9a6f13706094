// Owns the whole server: it puts the parts together in their order, and takes them apart in the reverse.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HookServer } from '../agent/hook-server.ts';
import { endTagged } from '../agent/leftovers.ts';
import { type ConfigTexts, changedConfigFiles } from '../config/config-files.ts';
import { MAIN } from '../config/installation.ts';
import { type SessionPaths, secureSocketFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { droverVersion } from '../config/version.ts';
import { openRepository } from '../git/repository.ts';
import { RepositoryViews } from '../git/views.ts';
import { unmountHalfMade } from '../pool/backend/layers.ts';
import { DependencyCache } from '../pool/dependencies/dependency-cache.ts';
import { WorktreePool } from '../pool/pool-manager.ts';
import { type PaneInfo, PROTOCOL_VERSION, type ServerStatus } from '../protocol/methods.ts';
import type { Log } from '../telemetry/log.ts';
import { loadEmulator } from '../terminal/emulator.ts';
import { ParseScheduler } from '../terminal/parse-scheduler.ts';
import { loadPty } from '../terminal/pty.ts';
import { LEFTOVER_GRACE } from './agent-process.ts';
import { ClientSession } from './client-session.ts';
import { Core, openSessionStore } from './core.ts';
import { Delegation } from './delegation.ts';
import { Dispatcher } from './dispatcher.ts';
import { FileWatches } from './file-watch.ts';
import { answerHandlers } from './handlers/answer.ts';
import { conversationHandlers } from './handlers/conversation.ts';
import { delegationHandlers } from './handlers/delegation.ts';
import { guidanceHandlers } from './handlers/guidance.ts';
import { paneHistoryHandlers } from './handlers/pane-history.ts';
import { paneHandlers } from './handlers/panes.ts';
import { pauseHandlers } from './handlers/pause.ts';
import { poolHandlers } from './handlers/pool.ts';
import { queueHandlers } from './handlers/queue.ts';
import { sessionHandlers } from './handlers/session.ts';
import { InputGate } from './input-gate.ts';
import { LandingLane } from './landing-lane.ts';
import { Listener } from './listener.ts';
import { PaneLocks } from './pane-locks.ts';
import { PaneSet } from './pane-set.ts';
import { PoolKeeper } from './pool-keeper.ts';
import { Presence } from './presence.ts';
import { settleGuidance } from './run-guidance.ts';
import { Scheduler } from './scheduler.ts';
import { ShellPanes } from './shell-panes.ts';
import { Transcripts } from './transcripts.ts';
import { TypingLog } from './typing-log.ts';
import { Workforce } from './workforce.ts';
import { WorktreeSync } from './worktree-sync.ts';

export interface ServerParts {
  readonly paths: SessionPaths;
  readonly config: Config;
  /** What `config` was made of. */
  readonly configTexts: ConfigTexts;
  readonly log: Log;
  /** The disk failed: nothing can be promised any more, the process must end. */
  readonly onFatal: (error: Error) => void;
}

export class Server {
  readonly #parts: ServerParts;
  readonly #clients = new Set<ClientSession>();
  readonly #startedAt = Date.now();
  #core: Core | null = null;
  #panes: PaneSet | null = null;
  #shells: ShellPanes | null = null;
  #presence: Presence | null = null;
  #locks: PaneLocks | null = null;
  #workforce: Workforce | null = null;
  #scheduler: Scheduler | null = null;
  #lane: LandingLane | null = null;
  #keeper: PoolKeeper | null = null;
  #cache: DependencyCache | null = null;
  #pool: WorktreePool | null = null;
  #hooks: HookServer | null = null;
  #watches: FileWatches | null = null;
  #listener: Listener | null = null;
  #stopping: Promise<void> | null = null;
  #stopped: () => void = () => {};
  /** Resolves when the server has been asked to stop and has taken everything down. */
  readonly stopped = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Recovers what an earlier server left, then listens. The caller holds the lock. */
  async start(): Promise<void> {
    const { paths, config, log, onFatal } = this.#parts;
    // Refused before anything is touched.
    secureSocketFolder(dirname(paths.socket));
    await mkdir(paths.dataHome, { recursive: true, mode: 0o700 });
    const store = await openSessionStore(paths.dataHome, onFatal);
    const core = new Core({ paths, config, log, store });
    this.#core = core;
    await this.#endLeftovers(log);
    // Its git commands run while the panes are made, which takes as long.
    await unmountHalfMade(paths.dataHome);
    const opening = openRepository(paths);
    loadEmulator();
    loadPty();
    const locks = new PaneLocks({
      isPresent: (operator) => [...this.#clients].some((client) => !client.isAgent && client.operator === operator),
      onChange: (pane) => panes.announce(pane),
    });
    this.#locks = locks;
    const panes: PaneSet = new PaneSet({
      scheduler: new ParseScheduler(),
      scrollback: config.scrollback,
      now: () => performance.now(),
      onChange: (pane) => {
        for (const client of this.#clients) if (client.isAttached) client.notify({ notice: 'pane', pane });
      },
      onSignal: (pane, signal) => {
        for (const client of this.#clients) client.signal(pane, signal);
      },
      onFault: (pane, error) => log.error(`the screen of pane ${pane}`, error),
      describe: (info) => withHolder(shells.describe(info), locks.holder(info.pane)),
    });
    const typing = new TypingLog({
      now: () => performance.now(),
      record: (event) => core.background('typing', store.commit([event], event.operator)),
    });
    const shells = new ShellPanes({
      core,
      panes,
      sessionTag: paths.id,
      onGone: (pane) => {
        locks.forget(pane);
        typing.forget(pane);
      },
    });
    this.#shells = shells;
    const presence = new Presence({ core, clients: this.#clients, locks });
    this.#presence = presence;
    const gate = new InputGate(locks, typing);
    panes.ensure(store.state.session.workers);
    this.#panes = panes;
    const hooks = new HookServer({ onFault: (error, runId) => log.error(`hook of run ${runId}`, error) });
    const [repository] = await Promise.all([opening, hooks.listen()]);
    this.#hooks = hooks;
    const cacheFolder = join(paths.dataHome, 'dependencies');
    const cache = DependencyCache.open({
      folder: cacheFolder,
      logs: dirname(paths.log),
      repository,
      config,
      sessionTag: paths.id,
      treeCommand: [process.execPath, MAIN, '__tree'],
      onDamage: (worktrees, words) => {
        log.info(words);
        this.#pool?.trees.doubt(worktrees);
        this.#keeper?.doubt(worktrees);
      },
    });
    this.#cache = cache;
    const known = [...store.state.worktrees.values()];
    const { backend } = config.pool;
    const pool = await WorktreePool.open({ repository, known, provisioner: cache, backend });
    this.#pool = pool;
    const lane = new LandingLane(core, repository, cache);
    this.#lane = lane;
    const sync = new WorktreeSync(core, repository);
    const work = { core, repository, views: new RepositoryViews(paths.root) };
    const watches = new FileWatches(work);
    this.#watches = watches;
    const transcripts = new Transcripts(process.env);
    const workforce = new Workforce({
      core,
      hooks,
      lane,
      pool,
      sync,
      repository,
      paneOf: (worker) => panes.pane(worker),
      commands: { mcp: [process.execPath, MAIN, 'mcp'], rehearsal: [process.execPath, MAIN, '__rehearsal'] },
      sessionTag: paths.id,
      onTranscript: (conversationId, path) => transcripts.tell(conversationId, path),
      onToolDone: (taskId) => watches.touch(taskId),
      hasConversation: (run, worktree) => transcripts.has(run, worktree),
    });
    this.#workforce = workforce;
    await core.record({
      type: 'server.started',
      pid: process.pid,
      version: droverVersion(),
      recovered: store.state.seq > 0,
    });
    await sync.recordFinished();
    await settleGuidance(core, (run) => transcripts.pathOf(run, store.state.worktrees.get(run.worktreeId)?.path ?? ''));
    await workforce.settlePauses();
    await workforce.releaseForgotten();
    const keeper = new PoolKeeper({ core, pool, lane });
    this.#keeper = keeper;
    const dispatcher = new Dispatcher(core, {
      ...queueHandlers({ ...work, watches }),
      ...guidanceHandlers(core),
      ...answerHandlers(core, workforce),
      ...pauseHandlers(core),
      ...poolHandlers({ core, pool, keeper, lane, cache: { folder: cacheFolder, usage: () => cache.usage() } }),
      ...delegationHandlers({ core, delegation: new Delegation(core, repository), workforce }),
      ...paneHistoryHandlers(panes),
      ...conversationHandlers({ core, panes, transcripts }),
      ...paneHandlers({ panes, locks, gate, shells, presence }),
      ...sessionHandlers({
        core,
        panes,
        workforce,
        lane,
        clients: this.#clients,
        presence,
        serverStatus: () => this.#status(core),
        stopSoon: () => setImmediate(() => core.background('stop', this.stop('the operator stopped the server'))),
      }),
    });
    await writeFile(paths.listening, `${paths.socket}\n`, { mode: 0o600 });
    const onGone = (client: ClientSession): void => void this.#clients.delete(client);
    const parts = { core, dispatcher, panes, presence, gate, onGone };
    this.#listener = await Listener.open(
      paths.socket,
      (to) => void this.#clients.add(new ClientSession(to, parts)),
      log,
    );
    await writeFile(paths.pid, `${process.pid}\n`, { mode: 0o600 });
    // Last: no agent is started by a server that cannot be reached, or has been told to stop already.
    if (this.#stopping) return;
    this.#scheduler = new Scheduler(core, workforce);
    this.#scheduler.kick();
    keeper.start();
    core.background('landed work that waits', lane.settle());
    log.info(`listening on ${paths.socket} for ${paths.root}`);
  }

  /** Ends the agents, leaves their tasks for the next start, closes the store. Never rejects: what fails on the way is fatal. */
  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stop(reason).catch((error: unknown) => {
      this.#parts.onFatal(error instanceof Error ? error : new Error(String(error)));
    });
    return this.#stopping;
  }

  async #stop(reason: string): Promise<void> {
    this.#parts.log.info(`stopping: ${reason}`);
    this.#scheduler?.stop();
    await this.#keeper?.stop();
    await this.#workforce?.stop();
    await this.#lane?.close();
    await this.#cache?.close();
    await this.#shells?.stop();
    await this.#watches?.close();
    await this.#pool?.close();
    await this.#presence?.close();
    this.#locks?.close();
    await this.#core?.intend({ type: 'session.stop', reason }, 'drover');
    for (const client of this.#clients) client.dismiss(reason, 'server-ends');
    this.#listener?.close();
    await this.#hooks?.close();
    this.#panes?.dispose();
    await this.#core?.store.close();
    await rm(this.#parts.paths.pid, { force: true });
    await rm(this.#parts.paths.listening, { force: true });
    await rm(this.#parts.paths.socket, { force: true });
    this.#parts.log.info('stopped');
    this.#stopped();
  }

  /** Agents and their children that outlived a killed server would go on writing into worktrees that are handed out anew. */
  async #endLeftovers(log: Log): Promise<void> {
    const tag = { name: 'DROVER_SESSION', value: this.#parts.paths.id } as const;
    const { ended, left } = await endTagged(tag, { graceMs: LEFTOVER_GRACE });
    if (ended > 0) log.info(`ended ${ended} processes of an earlier server`);
    if (left.length > 0) throw new Error(`processes of an earlier server cannot be ended: ${left.join(' ')}`);
  }

  #status(core: Core): ServerStatus {
    const { paths, configTexts } = this.#parts;
    return {
      pid: process.pid,
      version: droverVersion(),
      protocol: PROTOCOL_VERSION,
      startedAt: this.#startedAt,
      repository: paths.root,
      dataHome: paths.dataHome,
      socket: paths.socket,
      log: paths.log,
      clients: this.#clients.size,
      seq: core.state.seq,
      isRunning: core.state.session.isRunning,
      workers: core.state.session.workers,
      changedConfig: changedConfigFiles(configTexts, paths, process.env),
    };
  }
}

function withHolder(info: PaneInfo, lockedBy: string | undefined): PaneInfo {
  return lockedBy === undefined ? info : { ...info, lockedBy };
}
