// Owns `drover attach`, and the opening of the workspace for the verbs that end in it.
import { dirname } from 'node:path';
import type { Client } from '../../client/client.ts';
import type { VerbInput } from '../../client/verb.ts';
import { operatorConfigPath } from '../../config/config-files.ts';
import { refuse } from '../../domain/refusal.ts';
import { sanitise } from '../../domain/text.ts';
import { EXIT } from '../complaint.ts';
import { renderJson } from '../render.ts';
import type { VerbScope, WorkspaceEnd } from '../shell.ts';

/** Opens the workspace, or the linear stream. Refuses without a terminal; with `--json` it prints the panes instead of drawing them. */
export async function runAttach({ options }: VerbInput, scope: VerbScope): Promise<number> {
  if (scope.isJson) {
    const client = await scope.session.connect('cli');
    try {
      scope.shell.write(renderJson(await client.call('pane.list', {})));
      return 0;
    } finally {
      client.close();
    }
  }
  const isReadOnly = options['readOnly'] === true;
  if (options['linear'] === true) return (await import('./linear.ts')).runLinear(scope, isReadOnly);
  if (!scope.shell.isInteractive)
    refuse(
      'not-a-terminal',
      'the workspace needs a terminal on standard input and output, and a TERM other than dumb',
      'drover attach --linear',
    );
  return openWorkspace(scope, { isReadOnly });
}

/** The folders with layouts and themes of one's own, the later one wins. */
export function looksHomes({ shell, session }: Pick<VerbScope, 'shell' | 'session'>): string[] {
  return [dirname(session.paths().config), dirname(operatorConfigPath(shell.env))];
}

/** Exit codes of the ways in which a workspace ends; 128 + the number for a signal. */
const ENDS: Readonly<Record<WorkspaceEnd['reason'], number>> = {
  detached: EXIT.ok,
  'server-closed': EXIT.noServer,
  hangup: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
};

/** A connection for the workspace, whose modules are loaded while the server answers or is started. */
export async function connectForWorkspace(
  { shell, session }: Pick<VerbScope, 'shell' | 'session'>,
  isReadOnly = false,
): Promise<Client> {
  // Before the connection is asked for, so that nothing is between that and the loading.
  await session.operator();
  const connecting = session.connect('tui', { isReadOnly });
  shell.roles.loadWorkspace();
  return connecting;
}

/** Shows the workspace until the operator detaches or it ends otherwise, and gives the exit code. `client` said hello for it already. */
export async function openWorkspace(
  { shell, session, commandRunner }: VerbScope,
  { isReadOnly = false, client: known }: { isReadOnly?: boolean; client?: Client } = {},
): Promise<number> {
  const client = known ?? (await connectForWorkspace({ shell, session }, isReadOnly));
  try {
    const config = await session.config();
    const { label } = await session.operator();
    const end = await shell.roles.runWorkspace({
      client,
      config,
      operator: label,
      dataHome: session.paths().dataHome,
      readOnly: isReadOnly,
      homes: looksHomes({ shell, session }),
      commandRunner: commandRunner(shell.folder, { isReadOnly }),
      // After a crash the server is started again; one that was stopped on purpose stays stopped.
      reconnect: ({ isOrderly }) => session.connect('tui', { startServer: !isOrderly, isReadOnly }),
    });
    if (end.message !== '') shell.write(`${sanitise(end.message)}\n`);
    return ENDS[end.reason];
  } finally {
    client.close();
  }
}
