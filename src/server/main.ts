// Owns the server's process: lock, log, greeting to the one who started it, signals, exit code.
import { mkdirSync, readSync } from 'node:fs';
import { readConfigTexts } from '../config/config-files.ts';
import { keepYoungGenerationSmall, optimizeAfterStart } from '../config/engine.ts';
import { HELD } from '../config/installation.ts';
import { loadKeptConfig } from '../config/kept-config.ts';
import { sessionPaths } from '../config/paths.ts';
import { RefusalError } from '../domain/refusal.ts';
import { lockStore } from '../store/lock.ts';
import { type Log, openLog } from '../telemetry/log.ts';
import type { Server } from './server.ts';

/** The role `__server <folder>`: runs until it is stopped, and gives the exit code. The first line on standard output says whether it listens. */
export async function runServer([folder = process.cwd(), mode]: readonly string[]): Promise<number> {
  let log: Log | null = null;
  try {
    if (mode === HELD && !isWanted()) return 0;
    const paths = sessionPaths(folder, { create: true });
    mkdirSync(paths.dataHome, { recursive: true, mode: 0o700 });
    log = openLog(paths.log, Date.now);
    // The lock is taken by a process; all that a server consists of is loaded meanwhile.
    const [lock, { Server }] = await Promise.all([lockStore(paths.lock, process.pid), import('./server.ts')]);
    // What is started from here on (git, a package manager) works on when this process is killed: the next server finds it by this tag, and ends it.
    process.env['DROVER_SESSION'] = paths.id;
    keepYoungGenerationSmall();
    optimizeAfterStart();
    const code = await serve(Server, paths, log);
    lock.release();
    return code;
  } catch (error) {
    log?.error('start', error);
    if (error instanceof RefusalError) greet({ ready: false, refusal: error.refusal });
    else greet({ ready: false, fault: error instanceof Error ? error.message : String(error) });
    return error instanceof RefusalError ? 1 : 70;
  }
}

/** Waits for the client's word, which mostly came while this process was being started. Blocking: there is nothing else to do. */
function isWanted(): boolean {
  return readSync(0, Buffer.alloc(16)) > 0;
}

async function serve(Served: typeof Server, paths: ReturnType<typeof sessionPaths>, log: Log): Promise<number> {
  let onFatal: (error: Error) => void = () => {};
  const fatal = new Promise<Error>((resolve) => {
    onFatal = resolve;
  });
  // Before they are parsed: a change in between is told as one.
  const configTexts = readConfigTexts(paths, process.env);
  const config = await loadKeptConfig(paths, process.env);
  const server = new Served({ paths, config, configTexts, log, onFatal });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void server.stop(`signal ${signal}`));
  }
  // A terminal that goes away is no reason to stop.
  process.on('SIGHUP', () => {});
  process.on('uncaughtException', (error) => onFatal(error));
  process.on('unhandledRejection', (error) => onFatal(error instanceof Error ? error : new Error(String(error))));
  const served = server.start().then(() => {
    greet({ ready: true, pid: process.pid });
    return server.stopped;
  });
  const error = await Promise.race([fatal, served.then(() => null)]);
  if (error === null) return 0;
  log.error('fatal', error);
  return 70;
}

/** The reader closes its end after this line; that must not end the server. */
function greet(greeting: object): void {
  process.stdout.on('error', () => {});
  process.stdout.write(`${JSON.stringify(greeting)}\n`);
}
