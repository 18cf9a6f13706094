// Owns the start of a detached server from a client: one child, waited for until it answers or says why it can't.
import { spawn } from 'node:child_process';
import { MAIN } from '../config/installation.ts';
import type { SessionPaths } from '../config/paths.ts';
import { type Refusal, RefusalError } from '../domain/refusal.ts';

/** The first line that a starting server writes to its standard output. */
export type ServerGreeting =
  | { ready: true; pid: number }
  | { ready: false; refusal: Refusal }
  | { ready: false; fault: string };

/** A server that was started from inside of an agent is not of that agent's run: it would be ended with it. */
function withoutRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DROVER_RUN: _run, DROVER_SESSION: _session, DROVER_TASK: _task, ...rest } = env;
  return rest;
}

/** A server lives for days and is mostly at rest: a young generation of 2 MiB, where Node's own is 16, saved 28 MB with 8 full panes and cost no throughput that could be told from noise. */
const SMALL_HEAP = ['--max-semi-space-size=2'];

/** Starts a server and resolves when it listens; `raced` when another one was faster and may not listen yet. Throws the server's own refusal. */
export async function launchServer(paths: Pick<SessionPaths, 'root' | 'log'>): Promise<'started' | 'raced'> {
  const child = spawn(process.execPath, [...SMALL_HEAP, MAIN, '__server', paths.root], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: withoutRun(process.env),
  });
  const greeting = await new Promise<ServerGreeting>((resolve) => {
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)) as ServerGreeting);
    });
    child.once('error', (error) => resolve({ ready: false, fault: error.message }));
    // Not `exit`, which may come before the last words have been read.
    child.once('close', (code, signal) =>
      resolve({ ready: false, fault: `it ended at once (${signal ?? `exit code ${code}`}); its log is ${paths.log}` }),
    );
  });
  child.stdout.destroy();
  child.unref();
  if (greeting.ready) return 'started';
  if ('fault' in greeting) throw new Error(`the server could not start: ${greeting.fault}`);
  if (greeting.refusal.code === 'store-locked') return 'raced';
  throw new RefusalError(greeting.refusal);
}
