// Owns a client's end of the socket: calls, notices, pane frames. Starts the server when asked to.
import { existsSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type SessionPaths, secureSocketFolder, socketOf } from '../config/paths.ts';
import { RefusalError } from '../domain/refusal.ts';
import { Connection } from '../protocol/connection.ts';
import { FRAME, type RawFrame } from '../protocol/frame.ts';
import type { Notice, ServerMessage } from '../protocol/message.ts';
import { type Hello, type MethodName, type Params, PROTOCOL_VERSION, type Result } from '../protocol/methods.ts';
import { launchServer } from './launch-server.ts';
import { dismissServer } from './server-process.ts';

export interface Client {
  /** Throws a RefusalError when the server refuses, a FaultError when the server failed, a NoServerError when it is gone. */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>>;
  /** Types bytes into a pane. */
  sendInput(pane: number, bytes: Uint8Array): void;
  /** Says that the frame of this number has been painted. */
  sendAck(frame: number): void;
  onNotice(listener: (notice: Notice) => void): void;
  /** Payloads for decodePaneFrame. */
  onFrame(listener: (payload: Buffer) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(): void;
}

/** There is no server to talk to; exit code 3. */
export class NoServerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoServerError';
  }
}

/** The server failed; its log tells why. */
export class FaultError extends Error {
  readonly log: string;
  constructor(message: string, log: string) {
    super(message);
    this.name = 'FaultError';
    this.log = log;
  }
}

export interface ConnectOptions {
  paths: Pick<SessionPaths, 'socket' | 'listening' | 'root' | 'log'>;
  kind: Hello['kind'];
  operator: string;
  token?: string;
  /** It looks on: the server refuses what would change anything. */
  isReadOnly?: boolean;
  /** Starts the server when there is none; otherwise a NoServerError is thrown. */
  startServer: boolean;
  /** Speaks the server's protocol where that is another one: enough to ask how it is and to stop it, which mean the same in all of them. */
  ofAnyVersion?: boolean;
  /** Called with what this program threw at something that the server sent, which ends the connection. */
  onFault?: (error: unknown) => void;
}

/** Connects and says hello. */
export async function connectToServer(options: ConnectOptions): Promise<Client> {
  const socket = await openSocket(options);
  const client = new SocketClient(socket, options.paths.log, options.onFault);
  const hello: Hello = { protocol: PROTOCOL_VERSION, kind: options.kind, operator: options.operator, pid: process.pid };
  if (options.token !== undefined) hello.token = options.token;
  if (options.isReadOnly) hello.isReadOnly = true;
  try {
    await client.call('session.hello', hello).catch((error: unknown) => {
      const protocol = options.ofAnyVersion ? protocolToldBy(error) : null;
      if (protocol === null) throw error;
      return client.call('session.hello', { ...hello, protocol });
    });
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

/** The protocol of a server that has refused ours. Every version so far says it in these words. */
function protocolToldBy(error: unknown): number | null {
  if (!(error instanceof RefusalError) || error.refusal.code !== 'protocol-version') return null;
  const [, protocol] = /the server speaks protocol (\d+)/.exec(error.refusal.message) ?? [];
  return protocol === undefined ? null : Number(protocol);
}

async function openSocket({ paths, startServer }: ConnectOptions): Promise<Socket> {
  const path = socketOf(paths);
  secureSocketFolder(dirname(path));
  // Looked at first: to try takes a turn of the event loop, which a workspace that is being loaded holds up.
  if (!startServer || existsSync(path)) {
    try {
      const socket = await connectSocket(path);
      dismissServer();
      return socket;
    } catch (error) {
      if (!isAbsent(error)) throw new Error(`cannot connect to ${path}`, { cause: error });
      if (!startServer) throw new NoServerError(`no server runs for ${paths.root}`, { cause: error });
    }
  }
  const { holder } = await launchServer(paths);
  return connectPatiently(paths, holder);
}

/** ms: a server that won the race recovers its store before it listens. */
const RACE_PATIENCE = 30_000;

async function connectPatiently(paths: ConnectOptions['paths'], holder: string | null): Promise<Socket> {
  const end = Date.now() + (holder === null ? 0 : RACE_PATIENCE);
  for (;;) {
    try {
      return await connectSocket(socketOf(paths));
    } catch (error) {
      if (Date.now() >= end) {
        const who = holder ?? 'the server that was just started holds this store';
        const message = `${who}, but does not answer at ${socketOf(paths)}; end it to start another; its log is ${paths.log}`;
        throw new NoServerError(message, { cause: error });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

/** Bytes of one read. A process has one server, so that its reads share one buffer: of its own, each would be 64 kB from the system. */
const READ_BYTES = 64 * 1024;

function connectSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const callback = (count: number, bytes: Uint8Array): boolean => socket.emit('data', bytes.subarray(0, count));
    const socket = createConnection({ path, onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback } });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

class SocketClient implements Client {
  readonly #connection: Connection;
  readonly #log: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #noticeListeners: ((notice: Notice) => void)[] = [];
  readonly #frameListeners: ((payload: Buffer) => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #nextId = 1;
  #closed: string | null = null;
  /** What the server said before it closed, if it did. */
  #farewell = '';

  constructor(socket: Socket, log: string, onFault: (error: unknown) => void = () => {}) {
    this.#log = log;
    this.#connection = new Connection(socket, {
      onFrame: (frame) => this.#receive(frame),
      onFault,
      onClose: (reason) => this.#onClosed(this.#farewell || reason),
    });
  }

  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#closed !== null) return Promise.reject(new NoServerError(`the server is gone: ${this.#closed}`));
    const id = this.#nextId++;
    return new Promise<Result<M>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Result<M>), reject });
      this.#connection.sendControl({ id, method, params });
    });
  }

  sendInput(pane: number, bytes: Uint8Array): void {
    const payload = Buffer.allocUnsafe(2 + bytes.length);
    payload.writeUInt16LE(pane, 0);
    payload.set(bytes, 2);
    this.#connection.send(FRAME.input, payload);
  }

  sendAck(frame: number): void {
    const payload = Buffer.allocUnsafe(4);
    payload.writeUInt32LE(frame >>> 0, 0);
    this.#connection.send(FRAME.ack, payload);
  }

  onNotice(listener: (notice: Notice) => void): void {
    this.#noticeListeners.push(listener);
  }

  onFrame(listener: (payload: Buffer) => void): void {
    this.#frameListeners.push(listener);
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#closed !== null) listener(this.#closed);
    else this.#closeListeners.push(listener);
  }

  close(): void {
    this.#connection.end();
  }

  #receive(frame: RawFrame): void {
    if (frame.kind === FRAME.pane) {
      for (const listener of this.#frameListeners) listener(frame.payload);
      return;
    }
    if (frame.kind !== FRAME.control) return;
    const message = JSON.parse(frame.payload.toString('utf8')) as ServerMessage;
    if ('notice' in message) {
      if (message.notice === 'closing') this.#farewell = message.reason;
      for (const listener of this.#noticeListeners) listener(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (!waiting) return;
    if ('result' in message) waiting.resolve(message.result);
    else if (message.error.fault) waiting.reject(new FaultError(message.error.message, this.#log));
    else waiting.reject(new RefusalError(message.error));
  }

  #onClosed(reason: string): void {
    this.#closed = reason;
    const error = new NoServerError(`the server is gone: ${reason}`);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    for (const listener of this.#closeListeners) listener(reason);
  }
}
