// Owns `drover server stop` and `drover server restart`: both wait until the old server is really gone.

import { NoServerError } from '../../client/client.ts';
import type { VerbInput } from '../../client/verb.ts';
import { renderJson } from '../render.ts';
import type { ShellSession, VerbScope } from '../shell.ts';

/** ms: agents get time to end before the server does. */
const PATIENCE = 30_000;

/** Ends the server. Exit 3 when there is none. */
export async function runServerStop(_input: VerbInput, { shell, session, isJson }: VerbScope): Promise<number> {
  const { pid } = await stopServer(session);
  shell.write(isJson ? renderJson({ pid }) : `Stopped the server ${pid}.\n`);
  return 0;
}

/** Ends the server if there is one, and starts another. Refuses, and ends none, when the configuration has a mistake. */
export async function runServerRestart(_input: VerbInput, { shell, session, isJson }: VerbScope): Promise<number> {
  // A mistake in it would keep the next server from starting: this one goes on then.
  await session.config();
  const before = await stopServer(session).catch((error: unknown) => {
    if (error instanceof NoServerError) return null;
    throw error;
  });
  const client = await session.connect('cli');
  try {
    const server = await client.call('server.status', {});
    shell.write(
      isJson
        ? renderJson(server)
        : `Started the server ${server.pid}${before === null ? '' : ` in place of ${before.pid}`}.\n${
            before?.wasRunning ? 'No tasks are taken until the next session: drover run\n' : ''
          }`,
    );
    return 0;
  } finally {
    client.close();
  }
}

/** Asks the server to stop and waits for its process to end. `wasRunning`: it ended a session with that. */
export async function stopServer(session: ShellSession): Promise<{ pid: number; wasRunning: boolean }> {
  const client = await session.connect('cli', { startServer: false, ofAnyVersion: true });
  const closed = new Promise<void>((resolve) => client.onClose(() => resolve()));
  const { isRunning: wasRunning } = await client.call('server.status', {});
  const { pid } = await client.call('server.stop', {});
  await closed;
  await waitForEnd(pid);
  return { pid, wasRunning };
}

/** Another process's end has no event: it is asked for ten times a second. */
async function waitForEnd(pid: number): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (isAlive(pid)) {
    if (Date.now() > end)
      throw new Error(`the server ${pid} said that it stops, but has not ended after ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
