// Owns the start of a detached server from a client: one child, waited for until it answers or says why it can't.
import type { SessionPaths } from '../config/paths.ts';
import { RefusalError } from '../domain/refusal.ts';
import { takeServer } from './server-process.ts';

/** Starts a server and resolves when it listens; `holder` says who was faster and may not listen yet. Throws the server's own refusal. */
export async function launchServer(
  paths: Pick<SessionPaths, 'root' | 'log'>,
): Promise<{ readonly holder: string | null }> {
  const greeting = await takeServer(paths.root).begin();
  if (greeting.ready) return { holder: null };
  if ('fault' in greeting) throw new Error(`the server could not start: ${greeting.fault}; its log is ${paths.log}`);
  if (greeting.refusal.code === 'store-locked') return { holder: greeting.refusal.message };
  throw new RefusalError(greeting.refusal);
}
