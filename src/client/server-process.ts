// Owns the process of a server that a client starts: held until it is known to be wanted, and its first words.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { HELD, MAIN } from '../config/installation.ts';
import { sessionPaths, socketOf } from '../config/paths.ts';
import type { Refusal } from '../domain/refusal.ts';

/** The first line that a starting server writes to its standard output. */
type ServerGreeting =
  | { ready: true; pid: number }
  | { ready: false; refusal: Refusal }
  | { ready: false; fault: string };

interface ServerProcess {
  readonly root: string;
  /** Lets it begin; resolves when it listens or has said why it can't. */
  begin(): Promise<ServerGreeting>;
  /** Ends it; it has touched nothing. */
  dismiss(): void;
}

/** A server that was started from inside of an agent is not of that agent's run: it would be ended with it. */
function withoutRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DROVER_RUN: _run, DROVER_SESSION: _session, DROVER_TASK: _task, ...rest } = env;
  return rest;
}

function startProcess(root: string): ServerProcess {
  const child = spawn(process.execPath, [MAIN, '__server', root, HELD], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: withoutRun(process.env),
  });
  child.unref();
  // It may have ended meanwhile; its greeting tells.
  child.stdin.on('error', () => {});
  const greeting = new Promise<ServerGreeting>((resolve) => {
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
      resolve({ ready: false, fault: `it ended at once (${signal ?? `exit code ${code}`})` }),
    );
  });
  return {
    root,
    begin: async () => {
      child.stdin.end('begin\n');
      const said = await greeting;
      child.stdout.destroy();
      return said;
    },
    dismiss: () => {
      child.stdin.destroy();
      child.stdout.destroy();
    },
  };
}

let held: ServerProcess | null = null;

/**
 * Starts a server's process when none seems to run for the repository of `folder`, for a verb that will need one. It loads its
 * modules while the client does, and touches nothing until it is told to begin. Never throws: what is wrong is told to who connects.
 */
export function holdServer(folder: string): void {
  try {
    const paths = sessionPaths(folder, { create: false });
    if (paths.id !== '' && !existsSync(socketOf(paths))) held = startProcess(paths.root);
  } catch {}
}

/** The held process, when it is of this repository; else a new one. */
export function takeServer(root: string): ServerProcess {
  const mine = held?.root === root ? held : null;
  if (mine) held = null;
  return mine ?? startProcess(root);
}

/** Ends a held process that is not wanted: another server is there. */
export function dismissServer(): void {
  held?.dismiss();
  held = null;
}
