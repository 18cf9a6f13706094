// Owns how the shell finds its session: the repository, who acts, the configuration, the server.
import { type Client, connectToServer } from '../client/client.ts';
import { hasConfig } from '../config/config-files.ts';
import { loadKeptConfig } from '../config/kept-config.ts';
import { type Operator, resolveOperator } from '../config/operator.ts';
import { makeDataHome, type SessionPaths, sessionPaths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { refuse } from '../domain/refusal.ts';
import { logFault } from './complaint.ts';
import type { Shell, ShellSession } from './shell.ts';

/** The session of the repository that holds `folder`, whose clients only look on when `isReadOnly` says so; each part is found when it is first asked for. */
export function createSession(
  shell: Pick<Shell, 'env'>,
  folder: string,
  as: string | undefined,
  isReadOnly = false,
): ShellSession {
  let paths: SessionPaths | undefined;
  let operator: Promise<Operator> | undefined;
  let config: Promise<Config> | undefined;
  const session: ShellSession = {
    paths: () => (paths ??= findSession(folder)),
    operator: () => (operator ??= resolveOperator({ as, env: shell.env, root: session.paths().root })),
    config: async () => (config ??= loadKeptConfig(session.paths(), shell.env)),
    connect: async (kind, options = {}): Promise<Client> => {
      const { startServer = true, ofAnyVersion = false } = options;
      const found = session.paths();
      if (startServer) makeDataHome(found.dataHome);
      const operator = (await session.operator()).label;
      const looksOn = options.isReadOnly ?? isReadOnly;
      const onFault = (error: unknown): void => void logFault(error, folder, Date.now());
      return connectToServer({ paths: found, kind, operator, startServer, isReadOnly: looksOn, ofAnyVersion, onFault });
    },
  };
  return session;
}

/** A clone of a repository that was set up has the configuration but no id yet: it gets one. */
function findSession(folder: string): SessionPaths {
  const paths = sessionPaths(folder, { create: false });
  if (paths.id !== '') return paths;
  if (hasConfig(paths)) return sessionPaths(folder, { create: true });
  return refuse('not-initialised', `Drover has not been set up in ${paths.root}`, 'drover init');
}
