// Owns the server's process: lock, log, greeting to the one who started it, signals, exit code.
import { mkdirSync, readSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { readConfigTexts } from '../config/config-files.ts';
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
    if (mode === HELD && !(await isWanted())) return 0;
    const paths = sessionPaths(folder, { create: true });
    mkdirSync(paths.dataHome, { recursive: true, mode: 0o700 });
    log = openLog(paths.log, Date.now);
    // The lock is taken by a process; all that a server consists of is loaded meanwhile.
    const [lock, { Server }] = await Promise.all([lockStore(paths.lock, process.pid), import('./server.ts')]);
    // What is started from here on (git, a package manager) works on when this process is killed: the next server finds it by this tag, and ends it.
    process.env['DROVER_SESSION'] = paths.id;
    keepYoungGenerationSmall();
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

/**
 * A server lives for days and is mostly at rest: without a growing young generation, where Node's own becomes 16 MiB, it held 28 MB less with
 * 8 full panes, and lost no throughput that could be told from noise. Not on the command line: Node's own modules are compiled anew under
 * any flag of V8, which took 17 to 20 ms of a start, and so it is set when they are loaded.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Loads all that a server consists of, and waits for the client's word. */
async function isWanted(): Promise<boolean> {
  await import('./server.ts');
  // Blocking: there is nothing else to do.
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
