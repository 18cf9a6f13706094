// Owns `drover attach`, and the opening of the workspace for the verbs that end in it.
import { dirname } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Client } from '../../client/client.ts';
import type { VerbInput } from '../../client/verb.ts';
import { operatorConfigPath } from '../../config/config-files.ts';
import { refuse } from '../../domain/refusal.ts';
import { sanitise } from '../../domain/text.ts';
import { EXIT } from '../complaint.ts';
import { renderJson } from '../render.ts';
import type { PreparedWorkspace, VerbScope, WorkspaceEnd } from '../shell.ts';

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
  if (isInOwnPane(scope))
    refuse(
      'not-allowed',
      'this is a pane of the very workspace, which cannot show itself within itself',
      'drover attach --linear',
    );
  return openWorkspace(scope, { isReadOnly });
}

/** True in what runs in a pane of this repository's server: a workspace there would shrink the pane that it is shown in, without end. */
export function isInOwnPane({ shell, session }: Pick<VerbScope, 'shell' | 'session'>): boolean {
  return shell.env['DROVER_SESSION'] === session.paths().id;
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

/** What the workspace is opened with. */
export interface Opening {
  /** It said hello for the workspace. */
  readonly client: Client;
  /** Made while the connection was waited for. */
  readonly workspace: Promise<PreparedWorkspace>;
}

/** Connects for the workspace, which is loaded and made while the server answers or is started. */
export async function beginOpening(scope: VerbScope, isReadOnly = false): Promise<Opening> {
  // Before the connection is asked for, so that its first words go out before the loading, which holds this process up.
  await scope.session.operator();
  const connecting = scope.session.connect('tui', { isReadOnly });
  const workspace = immediate().then(() => prepare(scope, isReadOnly));
  // What goes wrong is told by who shows it.
  workspace.catch(() => undefined);
  return { client: await connecting, workspace };
}

async function prepare({ shell, session, commandRunner }: VerbScope, isReadOnly: boolean): Promise<PreparedWorkspace> {
  return shell.roles.prepareWorkspace({
    config: await session.config(),
    operator: (await session.operator()).label,
    dataHome: session.paths().dataHome,
    readOnly: isReadOnly,
    homes: looksHomes({ shell, session }),
    commandRunner: commandRunner(shell.folder, { isReadOnly }),
    // After a crash the server is started again; one that was stopped on purpose stays stopped.
    reconnect: ({ isOrderly }) => session.connect('tui', { startServer: !isOrderly, isReadOnly }),
  });
}

/** Shows the workspace until the operator detaches or it ends otherwise, and gives the exit code. */
export async function openWorkspace(
  scope: VerbScope,
  { isReadOnly = false, opening }: { isReadOnly?: boolean; opening?: Opening } = {},
): Promise<number> {
  const { client, workspace } = opening ?? (await beginOpening(scope, isReadOnly));
  try {
    const end = await (await workspace).show(client);
    if (end.message !== '') scope.shell.write(`${sanitise(end.message)}\n`);
    return ENDS[end.reason];
  } finally {
    client.close();
  }
}
