// Owns the stage of the server's tests: a repository, the real server in this process, clients on its socket, and agents that are one line of shell.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findProcesses } from '../../../src/agent/leftovers.ts';
import { type Client, connectToServer } from '../../../src/client/client.ts';
import { readConfigTexts } from '../../../src/config/config-files.ts';
import { type SessionPaths, sessionPaths } from '../../../src/config/paths.ts';
import { type Config, DEFAULT_CONFIG } from '../../../src/config/schema.ts';
import type { DroverEvent, Envelope, EventType } from '../../../src/domain/event.ts';
import type { Task } from '../../../src/domain/task.ts';
import { encodeFrame, FRAME, FrameReader } from '../../../src/protocol/frame.ts';
import { type Params, PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';
import { Server } from '../../../src/server/server.ts';

type Of<T extends EventType> = Extract<DroverEvent, { type: T }>;

/** A client that has heard every event since it came. */
export interface Watcher extends Client {
  readonly events: Envelope[];
  /** The first event of a type, of those heard already too, that fits. */
  until<T extends EventType>(type: T, fits?: (event: Of<T>) => boolean): Promise<Of<T>>;
}

export class Scene {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-srv-')));
  readonly repository = join(this.folder, 'repository');
  readonly paths: SessionPaths;
  readonly logged: string[] = [];
  readonly fatal: Error[] = [];
  config: Config;
  server: Server | null = null;
  readonly #clients: Client[] = [];
  readonly #before = { ...process.env };

  constructor(config: Partial<Config> = {}) {
    for (const name of ['repository', 'home', 'state']) mkdirSync(join(this.folder, name));
    mkdirSync(join(this.folder, 's'), { mode: 0o700 });
    process.env['HOME'] = join(this.folder, 'home');
    process.env['XDG_STATE_HOME'] = join(this.folder, 'state');
    process.env['DROVER_SOCKET_DIR'] = join(this.folder, 's');
    this.git('init', '-q', '-b', 'main');
    this.write('base.txt', 'base\n');
    this.git('add', '-A');
    this.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '-qm', 'first');
    this.paths = sessionPaths(this.repository, { create: true });
    this.config = {
      ...DEFAULT_CONFIG,
      agent: 'command',
      workers: 1,
      // The title of a task is the program.
      command: { argv: ['sh', '-c', 'eval "$1"', 'sh', '{title}'] },
      retry: { maxAttempts: 2, baseDelay: 1, maxDelay: 2 },
      ...config,
    };
  }

  git(...words: string[]): string {
    return execFileSync('git', words, { cwd: this.repository, encoding: 'utf8', stdio: 'pipe' }).replace(/\n$/, '');
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.repository, name), text);
  }

  /** A server in this process; the one before must have been stopped. */
  async start(config: Partial<Config> = {}): Promise<Server> {
    this.config = { ...this.config, ...config };
    const server = new Server({
      paths: this.paths,
      config: this.config,
      configTexts: readConfigTexts(this.paths, process.env),
      log: {
        info: (message) => void this.logged.push(message),
        error: (message, error) => void this.logged.push(`${message}: ${error instanceof Error ? error.stack : error}`),
      },
      onFatal: (error) => void this.fatal.push(error),
    });
    this.server = server;
    await server.start();
    return server;
  }

  async stop(reason = 'the test is over'): Promise<void> {
    await this.server?.stop(reason);
    this.server = null;
  }

  async connect(
    options: { operator?: string; kind?: 'tui' | 'linear' | 'test'; token?: string; isReadOnly?: boolean } = {},
  ): Promise<Client> {
    const { operator = 'ann@example.invalid', kind = 'test', token, isReadOnly = false } = options;
    const client = await connectToServer({
      paths: this.paths,
      kind,
      operator,
      isReadOnly,
      startServer: false,
      ...(token === undefined ? {} : { token }),
    });
    this.#clients.push(client);
    return client;
  }

  async watch(since?: number): Promise<Watcher> {
    const client = await this.connect();
    const events: Envelope[] = [];
    const waiting = new Set<() => void>();
    client.onNotice((notice) => {
      if (notice.notice !== 'event') return;
      events.push(notice.envelope);
      for (const look of [...waiting]) look();
    });
    await client.call('events.subscribe', since === undefined ? {} : { since });
    const until = <T extends EventType>(type: T, fits: (event: Of<T>) => boolean = () => true): Promise<Of<T>> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(({ event }) => event.type === type && fits(event as Of<T>));
          if (!found) return;
          waiting.delete(look);
          resolve(found.event as Of<T>);
        };
        waiting.add(look);
        look();
      });
    return Object.assign(Object.create(client) as Client, {
      events,
      until,
      call: client.call.bind(client),
      close: client.close.bind(client),
    }) as Watcher;
  }

  /** A pipe by which an agent and the test wait for each other. */
  gate(name: string): Gate {
    execFileSync('mkfifo', [join(this.folder, name)]);
    return this.gateAgain(name);
  }

  /** The same pipe, for an agent that comes to it once more. */
  gateAgain(name: string): Gate {
    const path = join(this.folder, name);
    return {
      path,
      pass: () => writeFile(path, 'go\n'),
      heard: async () => (await readFile(path, 'utf8')).trim(),
    };
  }

  /** Bytes on the socket with nothing of ours between. */
  async raw(): Promise<Raw> {
    const socket = createConnection(this.paths.socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Raw(socket);
  }

  tagged(): Promise<number[]> {
    return findProcesses({ name: 'DROVER_SESSION', value: this.paths.id });
  }

  /** Closes, and expects that all went soundly: no fatal error, no fault with its stack in the log. */
  async closeSoundly(): Promise<void> {
    await this.close();
    expect(this.fatal).toEqual([]);
    expect(this.logged.filter((line) => line.includes('    at '))).toEqual([]);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.stop();
    for (const name of Object.keys(process.env)) if (!(name in this.#before)) delete process.env[name];
    Object.assign(process.env, this.#before);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Gate {
  readonly path: string;
  /** Resolves when the agent has come to `cat <path>`, and lets it go on. */
  pass(): Promise<void>;
  /** What the agent wrote with `echo … > <path>`. */
  heard(): Promise<string>;
}

/** A peer that may say anything. */
export class Raw {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #reader = new FrameReader();
  readonly #messages: Record<string, unknown>[] = [];
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) {
        if (frame.kind === FRAME.control) this.#messages.push(JSON.parse(frame.payload.toString('utf8')));
      }
      this.#wake();
    });
  }

  say(message: unknown): void {
    this.bytes(typeof message === 'string' ? message : JSON.stringify(message));
  }

  bytes(payload: string): void {
    this.socket.write(encodeFrame(FRAME.control, Buffer.from(payload)));
  }

  hello(more: object = {}): void {
    const hello: Params<'session.hello'> = { protocol: PROTOCOL_VERSION, kind: 'test', operator: 'raw', pid: 1 };
    this.say({ id: 1, method: 'session.hello', params: { ...hello, ...more } });
  }

  /** Resolves when it has heard a notice of this kind. */
  async noticed(kind: string): Promise<void> {
    while (!this.#messages.some((message) => message['notice'] === kind)) await this.#more();
  }

  /** The answer to a request. */
  async answer(id: number): Promise<{ result?: unknown; error?: { code: string; message: string } }> {
    for (;;) {
      const found = this.#messages.find((message) => message['id'] === id);
      if (found) return found;
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A new task whose agent runs this line of shell. */
export async function addTask(client: Client, line: string, more: Partial<Params<'task.create'>> = {}): Promise<Task> {
  return (await client.call('task.create', { title: line, ...more })).task;
}
