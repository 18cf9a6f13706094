// Owns the socket on disk: 0600 from its birth, in a folder of ours alone, a stale one removed, one that vanishes made again.
import { existsSync, type FSWatcher, unlinkSync, watch } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { secureSocketFolder } from '../config/paths.ts';
import type { Log } from '../telemetry/log.ts';

/** ms until the next try, when a socket that has vanished could not be made again. */
const RETRY = 2000;

/** Listens on a path until it is closed, also after somebody has emptied the temporary folder that the socket lies in. Clients that are connected notice nothing. */
export class Listener {
  readonly #path: string;
  readonly #onConnection: (socket: Socket) => void;
  readonly #log: Log;
  #server: Server | null = null;
  #watcher: FSWatcher | null = null;
  #retry: NodeJS.Timeout | undefined;
  #isOpening = false;
  #isClosed = false;

  private constructor(path: string, onConnection: (socket: Socket) => void, log: Log) {
    this.#path = path;
    this.#onConnection = onConnection;
    this.#log = log;
  }

  /** The caller holds the store's lock, so a socket that lies there already has no server. Refuses a folder that is not ours alone. */
  static async open(path: string, onConnection: (socket: Socket) => void, log: Log): Promise<Listener> {
    const listener = new Listener(path, onConnection, log);
    await listener.#open();
    return listener;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#watcher?.close();
    this.#server?.close();
  }

  async #open(): Promise<void> {
    this.#server = await listenOn(this.#path, this.#onConnection);
    if (this.#isClosed) return this.close();
    this.#watcher = watch(dirname(this.#path), { persistent: false }, () => this.#look());
    this.#watcher.on('error', (error) => this.#log.error(`the folder of the socket ${this.#path}`, error));
    // It may have gone before it was watched.
    setImmediate(() => this.#look());
  }

  #look(): void {
    if (this.#isClosed || this.#isOpening || existsSync(this.#path)) return;
    this.#isOpening = true;
    clearTimeout(this.#retry);
    this.#watcher?.close();
    // First: to close a listener removes whatever lies at its path.
    this.#server?.close();
    this.#open()
      .then(() => this.#log.info(`the socket had vanished; listening on ${this.#path} again`))
      .catch((error: unknown) => {
        this.#log.error(`the socket ${this.#path} has vanished and cannot be made again`, error);
        if (!this.#isClosed) this.#retry = setTimeout(() => this.#look(), RETRY).unref();
      })
      .finally(() => {
        this.#isOpening = false;
      });
  }
}

async function listenOn(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  secureSocketFolder(dirname(path));
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const server = createServer(onConnection);
  // The socket is made within the call, and is never open to others, not even for an instant; what is started meanwhile keeps the umask that it should have.
  const before = process.umask(0o177);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  process.umask(before);
  await listening;
  return server;
}
